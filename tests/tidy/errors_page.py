"""The tables of docs/errors.md and its two translations, made from codes and texts.

    python3 dev.py run -- python tests/tidy/errors_page.py

writes them anew; what stands above a table and below it stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import dropwhile
from pathlib import Path
from typing import NamedTuple

from schemas.core_parts import FreezeReason, WireCode
from schemas.errors import TEXTS, Code, Language, words_of
from schemas.quarantine import QuarantineCode
from schemas.reasons import AGAIN, words_for
from schemas.texts.words import NOTHING_CHANGED, YES_NO, Words

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {
    Language.EN: DOCS / "errors.md",
    Language.NL: DOCS / "errors.nl.md",
    Language.FR: DOCS / "errors.fr.md",
}
COLUMNS = {
    Language.EN: ("code", "what happened", "what is kept", "what to do", "try again?"),
    Language.NL: ("code", "wat er gebeurde", "wat blijft", "wat te doen", "opnieuw proberen?"),
    Language.FR: ("code", "ce qui s'est passé", "ce qui reste", "que faire", "réessayer ?"),
}


class Section(NamedTuple):
    """One table: the list of its codes, and the mark under which it stands on each page."""

    mark: str
    codes: tuple[Code | WireCode | FreezeReason | QuarantineCode, ...]


SECTIONS = (
    Section("codes", tuple(Code)),
    Section("refusals", tuple(WireCode)),
    Section("pauses", tuple(FreezeReason)),
    Section("quarantine", tuple(QuarantineCode)),
)


def words(code: Code | WireCode | FreezeReason | QuarantineCode, language: Language) -> Words:
    """Give the words about any code, with what is kept."""
    if not isinstance(code, Code):
        return words_for(code, language)
    found = words_of(code, language)
    return found if found.kept else found._replace(kept=NOTHING_CHANGED[language])


def row(code: Code | WireCode | FreezeReason | QuarantineCode, language: Language) -> str:
    """Give the row of a code."""
    again = TEXTS[code].again if isinstance(code, Code) else code in AGAIN
    yes, no = YES_NO[language]
    what, next_step, kept = words(code, language)
    return f"| `{code}` | {what} | {kept} | {next_step} | {yes if again else no} |"


def table(section: Section, language: Language) -> str:
    """Give a table of today."""
    columns = COLUMNS[language]
    head = f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}\n"
    return head + "".join(f"{row(code, language)}\n" for code in section.codes)


def mark(section: Section) -> str:
    """Give the line above a table by which it is found."""
    return f"<!-- table: {section.mark} -->\n"


def written(page: str, language: Language) -> str:
    """Give a page with the tables of today."""
    for section in SECTIONS:
        above, found, rest = page.partition(mark(section))
        assert found, f"the page has no mark {mark(section)!r}"
        below = dropwhile(lambda line: line.startswith("|"), rest.splitlines(keepends=True))
        page = f"{above}{found}{table(section, language)}{''.join(below)}"
    return page


def stale() -> Iterator[Path]:
    """Give the pages whose tables are not those of today."""
    for language, path in PAGES.items():
        page = path.read_text("utf-8")
        if written(page, language) != page:
            yield path


if __name__ == "__main__":
    for language, path in PAGES.items():
        path.write_text(written(path.read_text("utf-8"), language), "utf-8")
