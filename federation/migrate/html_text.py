"""HTML to plain text, for posts that were written in eLAND's editor.

Invariant: no tag, script or style survives. What a link led to is kept only as its text.
The standard library's parser takes time in the square of the length for tags that never close
(75 s for 64 KiB of `<a `), so whatever is no plain tag is taken away or escaped before it.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

from federation.migrate.cells import free_text

HTML_LENGTH_MAX: Final = 64 * 1024
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_DECLARATION: Final = re.compile(r"<[!?][^>]*(?:>|\Z)")
_NO_TAG: Final = re.compile(r"<(?!/?[A-Za-z][^<>]*>)")
_PARAGRAPHS: Final = frozenset(
    {"p", "div", "ul", "ol", "table", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "pre"}
)
_LINES: Final = frozenset({"br", "tr", "hr"})
_SILENT: Final = frozenset({"script", "style", "head", "title", "template", "noscript"})


class _Text(HTMLParser):
    """Collects what a reader of the page would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag in _PARAGRAPHS:
            self.pieces.append("\n\n" if tag == "p" else "\n")
        elif tag in _LINES:
            self.pieces.append("\n")
        elif tag == "li":
            self.pieces.append("\n- ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent.pop() != tag:
                pass
        elif tag in _PARAGRAPHS:
            self.pieces.append("\n")
        elif tag in {"td", "th"}:
            self.pieces.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data)


def plain_text(html: str | None, length_max: int) -> str:
    """Give the text of a piece of HTML, in lines; plain text comes through as it is."""
    if not html:
        return ""
    html = html[:HTML_LENGTH_MAX]
    if "<" not in html and "&" not in html:
        return free_text(html, length_max)
    html = _NO_TAG.sub("&lt;", _DECLARATION.sub("", _COMMENT.sub("", html)))
    parser = _Text()
    parser.feed(html)
    parser.close()
    return free_text("".join(parser.pieces), length_max)
