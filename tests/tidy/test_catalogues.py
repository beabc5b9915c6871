"""Every sentence of a room stands in every language, with the same places; none is left over."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from schemas.texts.words import Language
from tests.tidy import catalogues

FITS = 'msgid "Dag %(name)s"\nmsgstr "Bonjour %(name)s"\n'
SAYS = 'texts.say("Dag %(name)s", name=name)\n'


@pytest.mark.parametrize("language", catalogues.TRANSLATED)
@pytest.mark.parametrize("room", catalogues.rooms())
def test_a_room_speaks_every_language(room: str, language: Language) -> None:
    assert list(catalogues.wrong(room, language)) == []


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
