"""How we speak to one reader: in French "tu", in Dutch "je" with "kunt", everywhere the same.

"Vous" is for two or more, and stands only where the Dutch sentence says so: "jullie", "elkaar",
"samen".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from federation.words.texts import catalogues
from schemas.texts.facts import FIELDS, REASONS
from schemas.texts.words import Language
from tests.tidy.errors_page import DOCS, PAGES, SECTIONS, words

VOUS = re.compile(r"\b(vous|votre|vos|vôtres?|(?!chez\b|assez\b|nez\b)\w+ez)\b", re.IGNORECASE)
SEVERAL = re.compile(r"\b(jullie|elkaar|samen)\b", re.IGNORECASE)
JE_KAN = re.compile(r"\b((je|jij)\b[^.?!:;,]*\bkan|kan (je|jij))\b", re.IGNORECASE)
OTHERS_CAN = re.compile(r"(%\(name\)s|persoon) kan je\b|\bkan je huisgenoot|\bje wat iedereen kan")
"""Here somebody else can, and "je" is whom or whose."""


def sentences() -> Iterator[tuple[str, str]]:
    """Give every Dutch sentence that members read, with its French one."""
    for catalog in catalogues(Language.FR).values():
        for message in catalog:
            if message.id:
                dutch = (message.id,) if isinstance(message.id, str) else message.id
                french = message.string or ""
                both = (french,) if isinstance(french, str) else french
                yield " ".join(dutch), " ".join(both)
    for section in SECTIONS:
        for code in section.codes:
            yield from zip(words(code, Language.NL), words(code, Language.FR), strict=True)
    for named in (FIELDS, REASONS):
        for name, french in named[Language.FR].items():
            yield named[Language.NL][name], french


def prose(language: Language) -> str:
    """Give what stands on the page of errors beside its tables."""
    lines = PAGES[language].read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("|"))


def says_vous(dutch: str, french: str) -> bool:
    return VOUS.search(french) is not None and SEVERAL.search(dutch) is None


def says_je_kan(dutch: str) -> bool:
    return JE_KAN.search(OTHERS_CAN.sub("", dutch)) is not None


def test_one_reader_is_tu_in_french() -> None:
    assert [french for dutch, french in sentences() if says_vous(dutch, french)] == []
    assert not says_vous("", prose(Language.FR))


def test_one_reader_can_in_one_way_in_dutch() -> None:
    assert [dutch for dutch, _ in sentences() if says_je_kan(dutch)] == []
    for page in sorted(DOCS.glob("*.nl.md")):
        assert not says_je_kan(page.read_text("utf-8")), page.name


@pytest.mark.parametrize(
    ("dutch", "french", "wrong"),
    [
        ("Meld je aan.", "Connectez-vous.", True),
        ("Kijk na.", "Vérifiez.", True),
        ("Je aanbod", "Votre offre", True),
        ("Jullie zijn het eens", "Vous êtes d'accord", False),
        ("Bij ons", "Chez nous, c'est assez", False),
        ("Meld je aan.", "Choisis.", False),
    ],
)
def test_vous_is_found(dutch: str, french: str, *, wrong: bool) -> None:
    assert says_vous(dutch, french) is wrong


@pytest.mark.parametrize(
    ("dutch", "wrong"),
    [
        ("Je kan het zien.", True),
        ("Dit kan je zien.", True),
        ("Jij kan dat ook niet", True),
        ("Wat je goed kan", True),
        ("Dan kun je het zien; je kunt dat.", False),
        ("%(name)s kan je schrijven", False),
    ],
)
def test_je_kan_is_found(dutch: str, *, wrong: bool) -> None:
    assert says_je_kan(dutch) is wrong
