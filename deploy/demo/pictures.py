"""Photographs the pages of a running demo for the docs: the best ten, on a phone and a desktop.

    python3 dev.py run -- python deploy/demo/pictures.py FOLDER

FOLDER is the demo's, as it prints it. Chromium is Debian's, or what RUILBRUG_CHROMIUM names. A page
that is not there is named and left out. Writes docs/pictures/members-*.png with a table of what is
seen, and puts each picture at its place in docs/members.nl.md and the README.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import asyncpg
from PIL import Image
from playwright.async_api import async_playwright

from deploy.demo import cast
from federation.mail.queries import SQL
from federation.node.settings import NodeFolder

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
PICTURES: Final = DOCS / "pictures"
PLACES: Final = (DOCS / "members.nl.md", DOCS.parent / "README.md")
"""Pages with places for pictures."""
BEST: Final = 10
SIZE_MAX: Final = 150_000
COLOURS: Final = (256, 128, 64, 32)
FINE: Final = 200
PHONE: Final = (390, 844)
TALL: Final = (390, 1280)
"""A phone and a half: what is scrolled to belongs to it."""
DESKTOP: Final = (1280, 844)
MAIL_TRIES: Final = 100
_LINK: Final = re.compile(r"https?://\S+/login/\S+")


class Shot(NamedTuple):
    """One picture: its name, what is seen, where, and on what screen."""

    name: str
    seen: str
    path: str
    screen: tuple[int, int] = PHONE
    follow: tuple[str, ...] = ()
    """Words of links that lead on from there to what is photographed, one after the other."""
    stranger: bool = False


SHOTS: Final = (
    Shot("home", "De eerste pagina van Marleen: haar saldo, en wat op haar wacht", "/home"),
    Shot("search", "Zoeken in alle groepen tegelijk", "/search?q=fiets+herstellen", TALL),
    Shot(
        "post",
        "Een aanbod van een andere groep",
        "/search?q=fiets+gentbrugge",
        TALL,
        ("Gentbrugge",),
    ),
    Shot("thread", "Een afspraak in wording, met een tegenvoorstel", "/threads", TALL, ("Zoë",)),
    Shot(
        *("give", "Vooraf zie je precies wat er geboekt wordt", "/threads"),
        follow=("Marc", "Ik kreeg deze hulp"),
    ),
    Shot("trade", "Geboekt, en nog niet bevestigd", "/trades", follow=("dakgoot nagekeken",)),
    Shot("trades", "Hoe elke ruil ervoor staat", "/trades", TALL),
    Shot("activity", "Samen iets doen", "/activities", TALL, ("Repaircafé",)),
    Shot("statement", "Het rekeningoverzicht op een groot scherm", "/statement", DESKTOP),
    Shot("member", "Bram: wat hij kan, en hoe je hem bereikt", "/members/008"),
    Shot("mailbox", "De postbus van de demo", "/mailbox", DESKTOP, stranger=True),
    Shot("home-wide", "De eerste pagina op een groot scherm", "/home", DESKTOP),
    Shot("members", "De ledenlijst", "/members"),
    Shot("login", "Aanmelden: een mailadres is genoeg", "/login", stranger=True),
    Shot("door", "De voordeur van een groep", "/", stranger=True),
    Shot("statement-phone", "Het rekeningoverzicht op een telefoon", "/statement"),
    Shot("me", "Mijn gegevens", "/me"),
    Shot("members-wide", "De ledenlijst op een groot scherm", "/members", DESKTOP),
)
"""The best first: the first ten of which the pages are there are kept."""


async def photograph(folder: Path) -> None:
    """Take the pictures, and write down what they show."""
    node = NodeFolder(folder / cast.HOME)
    address = node.settings().public_url
    me = next(one for one in cast.PEOPLE[cast.HOME] if one.code == cast.HEROINE)
    taken: list[Shot] = []
    PICTURES.mkdir(exist_ok=True)
    async with async_playwright() as playwright:
        named = os.environ.get("RUILBRUG_CHROMIUM")
        program = named or shutil.which("chromium") or shutil.which("chromium-headless-shell")
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        first = await _context(browser, address, PHONE)
        state = await sign_in(await first.new_page(), node, me.address)
        for shot in SHOTS:
            context = await _context(
                browser, address, shot.screen, None if shot.stranger else state
            )
            picture = await _take(await context.new_page(), shot)
            await context.close()
            if picture is None:
                print(f"left out, the page is not there: {shot.name} ({shot.path})")
            elif len(taken) < BEST:
                (PICTURES / f"members-{shot.name}.png").write_bytes(smaller(picture))
                taken.append(shot)
        await browser.close()
    _write_down(taken)


async def _context(
    browser: Browser, address: str, screen: tuple[int, int], state: Path | None = None
) -> BrowserContext:
    width, height = screen
    return await browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        device_scale_factor=1 if screen == DESKTOP else 2,
        locale="nl-BE",
        reduced_motion="reduce",
        storage_state=state,
    )


async def sign_in(page: Page, node: NodeFolder, address: str) -> Path:
    """Sign in by the mail that the demo kept, and give where the browser's cookies lie."""
    before = await _mails(node, address)
    await page.goto("/login")
    await page.fill("input[name=address]", address)
    await page.click("main form button")
    for _ in range(MAIL_TRIES):
        fresh = [text for mail, text in await _mails(node, address) if (mail, text) not in before]
        links = [link for text in fresh for link in _LINK.findall(text)]
        if links:
            break
        await asyncio.sleep(0.1)
    else:
        raise TimeoutError(f"no mail came for {address}")
    await page.goto(links[0])
    await page.click("main form button")
    kept = node.path / "browser.json"
    await page.context.storage_state(path=kept)
    return kept


async def _mails(node: NodeFolder, address: str) -> list[tuple[bytes, str]]:
    """Read the mails to an address, newest first."""
    connection = await asyncpg.connect(node.settings().database)
    try:
        rows = await connection.fetch(SQL["mailbox"], address, 50)
        whole = [await connection.fetchrow(SQL["message"], row["mail"]) for row in rows]
    finally:
        await connection.close()
    return [(row["mail"], row["text"]) for row in whole if row is not None]


async def _take(page: Page, shot: Shot) -> bytes | None:
    """Photograph what a shot names; nothing when its page is not there."""
    answer = await page.goto(shot.path)
    if answer is None or answer.status != FINE:
        return None
    for words in shot.follow:
        link = page.locator("main a", has_text=words).first
        answer = (
            await page.goto(await link.get_attribute("href") or "") if await link.count() else None
        )
        if answer is None or answer.status != FINE:
            return None
    for image in await page.locator("img").all():
        box = await image.bounding_box()
        if box is not None and box["y"] < shot.screen[1]:  # one of another group is on its way
            await image.evaluate("image => image.decode()")
    return await page.screenshot()


def smaller(picture: bytes) -> bytes:
    """Write a picture with as many colours as fit into its size.

    Raises:
        ValueError: it does not fit with few colours either.

    """
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in COLOURS:
        kept = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(kept, "PNG", optimize=True)
        if kept.tell() < SIZE_MAX:
            return kept.getvalue()
    raise ValueError(f"larger than {SIZE_MAX} bytes")


def _write_down(taken: list[Shot]) -> None:
    """Write the table of what is seen, and put the pictures into the page for members."""
    lines = [
        "# Pictures",
        "",
        "Made by `deploy/demo/pictures.py` from the demo; nobody exists.",
        "",
    ]
    lines += ["| picture | what is seen | page | pixels wide |", "|---|---|---|---|"]
    lines += [
        f"| [members-{shot.name}.png](members-{shot.name}.png) | {shot.seen} | `{shot.path}` "
        f"| {shot.screen[0]} |"
        for shot in taken
    ]
    (PICTURES / "README.md").write_text("\n".join(lines) + "\n", "utf-8")
    names = {f"members-{shot.name}.png" for shot in taken}
    for old in PICTURES.glob("members-*.png"):
        if old.name not in names:
            old.unlink()
    seen = {shot.name: shot.seen for shot in taken}
    for page in PLACES:
        folder = Path(os.path.relpath(PICTURES, page.parent)).as_posix()
        page.write_text(placed(page.read_text("utf-8"), seen, folder), "utf-8")


def placed(text: str, seen: dict[str, str], folder: str) -> str:
    """Put each picture behind its place, `<!-- picture NAME -->`, and take others away."""

    def put(match: re.Match[str]) -> str:
        name = match["name"]
        place = f"<!-- picture {name} -->"
        if name not in seen:
            return place
        return f"{place}\n![{seen[name]}]({folder}/members-{name}.png)"

    return re.sub(r"<!-- picture (?P<name>[a-z-]+) -->(\n!\[[^\n]*)?", put, text)


def main() -> None:
    """Read the argument and take the pictures."""
    parser = argparse.ArgumentParser(prog="pictures.py", description=__doc__)
    parser.add_argument("folder", type=Path, help="the demo's folder, as it prints it")
    asyncio.run(photograph(parser.parse_args().folder))


if __name__ == "__main__":
    main()
