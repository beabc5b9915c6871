"""The sheet with the keys of a group, on one A4 page: as text, and as a page to print. Pure."""

from __future__ import annotations

import textwrap
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import segno
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from federation.setup.paper import PAPER_KEYS, write_lines
from federation.words.texts import later, texts

if TYPE_CHECKING:
    from schemas.texts.words import Language

WIDTH: Final = 76
TITLES: Final = {
    "A": later("Hoofdsleutel"),
    "B": later("Volgende hoofdsleutel"),
    "C": later("Herstelsleutel"),
}
USES: Final = {
    "A": later("Geeft de groep nieuwe sleutels als er een verloren of gestolen is."),
    "B": later("Komt in de plaats van de hoofdsleutel als die ooit vervangen wordt."),
    "C": later("Opent na een ramp wat de koepel van de boeken bewaart."),
}
ADVICE: Final = (
    later("Druk dit blad twee keer af en bewaar het op twee plaatsen, zoals een eigendomsakte."),
    later("Neem er geen foto van, zet het in geen mail en op geen andere computer."),
    later(
        "Wie A en B heeft, kan zich voor de groep uitgeven; wie C heeft, kan in haar boeken lezen."
    ),
    later("Niemand kan deze sleutels teruggeven, ook de koepel en de makers niet."),
)
TYPING: Final = later(
    "Hoofdletters, spaties en streepjes doen er niet toe; 0 en O zijn hetzelfde, en 1, I en L ook. "
    "Het einde van elke regel verraadt een tikfout."
)


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on the sheet."""

    name: str
    url: str
    node: str
    day: str
    folder: str
    """Where the keys are typed back."""
    keys: dict[str, bytes]
    """The private halves, by the names of `PAPER_KEYS`."""


class SheetKey(NamedTuple):
    """One key as the sheet shows it."""

    letter: str
    title: str
    use: str
    lines: list[str]
    code: Markup
    """The same lines as a QR code."""


def sheet_text(sheet: Sheet, language: Language) -> str:
    """Write the sheet as text of at most 76 characters a line."""
    say = texts(language).say
    out = [say("Sleutels op papier"), "", sheet.name, sheet.url, sheet.day, ""]
    for line in ADVICE:
        out += _wrapped(say(line), "- ", "  ")
    for key in sheet_keys(sheet, language):
        out += ["", f"{key.letter}  {key.title}", *_wrapped(key.use, "   ", "   "), ""]
        out += [f"   {line}" for line in key.lines]
    out += ["", *_wrapped(say(TYPING), "", ""), ""]
    out += [say("Terugtypen:"), f"  {typed_back(sheet)}", "", sheet.node]
    return "\n".join(out) + "\n"


def sheet_page(sheet: Sheet, language: Language) -> str:
    """Write the sheet as an HTML page of its own, one A4 page to print."""
    say = texts(language).say
    template = _templates().get_template("sheet.html")
    return template.render(
        _=say,
        language=language.value,
        sheet=sheet,
        advice=[say(line) for line in ADVICE],
        keys=sheet_keys(sheet, language),
        typing=say(TYPING),
        command=typed_back(sheet),
    )


def sheet_keys(sheet: Sheet, language: Language) -> list[SheetKey]:
    """Give the keys in the order of the sheet."""
    say = texts(language).say
    found = []
    for letter, name in PAPER_KEYS.items():
        if name in sheet.keys:
            lines = write_lines(letter, sheet.keys[name])
            drawn = _drawn("\n".join(lines))
            found.append(SheetKey(letter, say(TITLES[letter]), say(USES[letter]), lines, drawn))
    return found


def typed_back(sheet: Sheet) -> str:
    """Give the command by which the keys come back from the paper."""
    return f"ruilbrug --node {sheet.folder} paper type"


def _drawn(lines: str) -> Markup:
    code = segno.make(lines, error="m", micro=False)
    return Markup(code.svg_inline(omitsize=True, border=2, light="#fff"))  # noqa: S704 - drawn here


def _wrapped(text: str, first: str, following: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=following)


@cache
def _templates() -> Environment:
    loader = PackageLoader("federation.setup", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
