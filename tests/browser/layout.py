"""What is crowded on a page: text outside its box, in too narrow a column, over other text, close
to a button, so that a thumb hits the wrong one, or close under a table.

Measured on the page as the browser has laid it out, for this width and these letters.
"""

from __future__ import annotations

from typing import Final

from playwright.async_api import Page

COLUMN_CHARACTERS_MIN: Final = 12
APART_PX: Final = 8
"""Between a button and what stands over or under it, and under a table."""
_CROWDED: Final = """
([least, apart]) => {
  const wrong = [];
  const shown = e => e.checkVisibility() && !e.closest(".hidden, .skip, svg, thead");
  const style = e => getComputedStyle(e);
  const named = e => e.outerHTML.replace(/\\s+/g, " ").slice(0, 110);
  const scrolls = e => e && (["auto", "scroll"].includes(style(e).overflowX)
      || scrolls(e.parentElement));
  const block = e => style(e).display === "inline" ? block(e.parentElement) : e;
  const pen = document.createElement("canvas").getContext("2d");
  const character = e => { pen.font = style(e).font; return pen.measureText("0").width; };
  const inside = e => e.clientWidth - parseFloat(style(e).paddingLeft)
      - parseFloat(style(e).paddingRight);
  for (const e of document.body.querySelectorAll("*")) {
    if (!shown(e) || e.matches("input, textarea, select, option, br") || !e.clientWidth) continue;
    if (e.scrollWidth > e.clientWidth + 1 && !scrolls(e))
      wrong.push(`spills ${e.scrollWidth - e.clientWidth} px: ${named(e)}`);
  }
  const lines = [], columns = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, e = text.parentElement;
    if (!text.data.trim() || !shown(e) || e.closest("option, textarea")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const boxes = [...range.getClientRects()].filter(box => box.width > 1 && box.height > 1);
    const column = block(e);
    columns.set(column, [...(columns.get(column) || []), ...boxes.map(box => box.bottom)]);
    lines.push(...boxes.map(box => ({ text, box })));
  }
  const room = inside(document.querySelector("main") || document.body);
  for (const [column, bottoms] of columns) {
    const wide = inside(column), high = Math.max(...bottoms) - Math.min(...bottoms);
    const rows = 1 + Math.round(high / parseFloat(style(column).lineHeight));
    if (rows > 2 && wide < room / 2 && wide < least * character(column))
      wrong.push(`narrow, ${Math.round(wide / character(column))} characters: ${named(column)}`);
  }
  for (const button of document.querySelectorAll(".button")) {
    if (!shown(button)) continue;
    const box = button.getBoundingClientRect();
    const near = lines.filter(({ text, box: line }) => !button.contains(text)
        && Math.min(line.right, box.right) - Math.max(line.left, box.left) > 1
        && line.top - box.bottom < apart && box.top - line.bottom < apart);
    if (near.length)
      wrong.push(`close to a button: ${near[0].text.data.trim().slice(0, 40)} | `
          + button.innerText.trim().slice(0, 40));
  }
  const buttons = [...document.querySelectorAll(".button")].filter(shown)
      .map(button => ({ e: button, said: button.innerText, box: button.getBoundingClientRect() }));
  const texts = lines.map(({ text, box }) => ({ e: text, said: text.data, box }));
  for (const table of document.querySelectorAll("table")) {
    if (!shown(table)) continue;
    const end = table.getBoundingClientRect().bottom;
    const near = [...buttons, ...texts].filter(({ e, box }) => !table.contains(e)
        && box.top > end - 1 && box.top - end < apart);
    if (near.length)
      wrong.push(`close to a table: ${near[0].said.trim().slice(0, 40)}`);
  }
  for (let a = 0; a < lines.length; a++)
    for (let b = a + 1; b < lines.length; b++) {
      if (lines[a].text === lines[b].text) continue;
      const one = lines[a].box, other = lines[b].box;
      const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      const low = Math.min(one.height, other.height);
      if (wide > 1 && high > low / 3)
        wrong.push(`over each other: ${lines[a].text.data.trim().slice(0, 40)} | `
            + lines[b].text.data.trim().slice(0, 40));
    }
  return wrong;
}
"""


async def crowded(page: Page) -> list[str]:
    """Say what is crowded, one line each; needs a page on which scripts run."""
    found: list[str] = await page.evaluate(_CROWDED, [COLUMN_CHARACTERS_MIN, APART_PX])
    return found
