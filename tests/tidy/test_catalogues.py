"""Every sentence of a room stands in every language, with the same places; none is left over."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from federation.words import texts
from schemas.texts.words import Language
from tests.tidy import catalogues
from tests.tidy.rooms import ROOT

FITS = 'msgid "Dag %(name)s"\nmsgstr "Bonjour %(name)s"\n'
SAYS = 'texts.say("Dag %(name)s", name=name)\n'


@pytest.mark.parametrize("language", catalogues.TRANSLATED)
@pytest.mark.parametrize("room", catalogues.rooms())
def test_a_room_speaks_every_language(room: str, language: Language) -> None:
    assert list(catalogues.wrong(room, language)) == []


CALLED = {
    Language.FR: {
        "boeking": "opération",
        "kerngroep": "équipe|coordination",
        "koepel": "fédération",
        "koppeling": r"\blien",
        "rubriek": "rubrique",
        "saldo": "solde",
    },
    Language.EN: {
        "kerngroep": "coordinator",
        "koepel": "umbrella",
        "koppeling": r"\bline",
        "rubriek": "category|categories",
        "saldo": "balance",
    },
}
"""What things are called: one thing with two names is two things for who reads."""


@pytest.mark.parametrize("language", catalogues.TRANSLATED)
def test_one_thing_has_one_name(language: Language) -> None:
    wrong = []
    for catalog in texts.catalogues(language).values():
        for message in catalog:
            said, given = together(message.id), together(message.string)
            wrong += [
                f"{said}: {given}"
                for thing, name in CALLED[language].items()
                if re.search(rf"\b{thing}", said, re.IGNORECASE)
                and not re.search(name, given, re.IGNORECASE)
            ]

    assert wrong == []


@pytest.mark.parametrize("language", catalogues.TRANSLATED)
def test_an_apostrophe_is_always_the_same(language: Language) -> None:
    """Two shapes of it beside each other on one page look like a fault."""
    curly = "\N{RIGHT SINGLE QUOTATION MARK}"

    wrong = [
        together(message.string)
        for catalog in texts.catalogues(language).values()
        for message in catalog
        if curly in together(message.string)
    ]

    assert wrong == []


def test_no_more_is_never_said_as_more_in_french() -> None:
    """On a button, "Plus de messages" is read as more of them as well as none any more."""
    said = [
        (together(message.id), together(message.string))
        for catalog in texts.catalogues(Language.FR).values()
        for message in catalog
    ]

    wrong = [
        f"{dutch}: {french}"
        for dutch, french in said
        if re.search(r"\bgeen\b", dutch, re.IGNORECASE)
        and re.match(r"(oui, )?plus d", french, re.IGNORECASE)
    ]
    assert wrong == []


def together(forms: str | Sequence[str] | None) -> str:
    return forms if isinstance(forms, str) else " ".join(forms or ())


@pytest.mark.parametrize("language", catalogues.TRANSLATED)
def test_what_two_rooms_say_is_translated_once_and_the_same(language: Language) -> None:
    said: dict[object, tuple[str, object]] = {}
    wrong = []
    for room in catalogues.rooms():
        path = ROOT / f"federation/words/locale/{language}/{room}.po"
        names = re.findall(r'^msgid "(.+)"$', path.read_text("utf-8"), re.MULTILINE)
        twice = [name for name, count in Counter(names).items() if count > 1]
        wrong += [f"{path.name} twice: {name}" for name in twice]
        for message in texts.catalogues(language)[room]:
            other, string = said.setdefault(message.id, (room, message.string))
            if message.id and string != message.string:
                wrong.append(f"{room} and {other} say otherwise: {message.id}")

    assert wrong == []


def test_french_has_one_word_for_the_kerngroep() -> None:
    odd = []
    for catalog in texts.catalogues(Language.FR).values():
        for message in catalog:
            asked, said = str(message.id).casefold(), str(message.string).casefold()
            if "noyau" in said or ("kerngroep" in asked and "équipe" not in said):
                odd.append(message.id)

    assert odd == []


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a made-up room `porch`, with what a test writes into it."""
    monkeypatch.setattr(catalogues, "ROOT", tmp_path)
    folder = tmp_path / "federation" / "porch"
    folder.mkdir(parents=True)
    return folder


def findings(monkeypatch: pytest.MonkeyPatch, po: str) -> list[str]:
    catalog = read_po(BytesIO(po.encode()), locale="fr")
    monkeypatch.setattr(catalogues, "catalogues", lambda _: {"porch": catalog})
    return list(catalogues.wrong("porch", Language.FR))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.py", SAYS),
        ("a.py", 'NAME = later("Dag %(name)s")\n'),
        ("a.html", '<p>{{ _("Dag %(name)s", name=name) }}</p>'),
        ("a.txt", "{% trans name=name %}Dag {{ name }}{% endtrans %}"),
    ],
)
def test_a_sentence_is_found(
    room: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str
) -> None:
    (room / file).write_text(text)

    assert findings(monkeypatch, FITS) == []
    assert findings(monkeypatch, "") == ["fr/porch.po lacks 'Dag %(name)s'"]


@pytest.mark.parametrize(
    ("po", "finding"),
    [
        (FITS + '\nmsgid "Weg"\nmsgstr "Parti"\n', "nobody says"),
        ('msgid "Dag %(name)s"\nmsgstr ""\n', "is not translated"),
        ("#, fuzzy\n" + FITS, "is not translated"),
        (FITS.replace("jour %(name)s", "jour"), "other places"),
        (FITS.replace("jour %(name)s", "jour %(nom)s"), "other places"),
        (FITS.replace("jour", "jour 5 %"), "lone per cent"),
    ],
)
def test_what_does_not_fit_is_found(
    room: Path, monkeypatch: pytest.MonkeyPatch, po: str, finding: str
) -> None:
    (room / "a.py").write_text(SAYS)

    assert any(finding in said for said in findings(monkeypatch, po))


def test_both_forms_of_a_number_are_needed(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (room / "a.html").write_text('{{ ngettext("%(n)s dag", "%(n)s dagen", n) }}')
    head = 'msgid "%(n)s dag"\nmsgid_plural "%(n)s dagen"\nmsgstr[0] "%(n)s jour"\n'

    assert findings(monkeypatch, head + 'msgstr[1] "%(n)s jours"\n') == []
    assert findings(monkeypatch, head + 'msgstr[1] ""\n') != []
