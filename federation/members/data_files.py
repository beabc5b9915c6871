"""A member's own data as files that people read: CSV for a spreadsheet, JSON for programs. Pure.

A file is written a few rows at a time, so that a long one need not be in memory.
"""

from __future__ import annotations

import csv
import json
from codecs import BOM_UTF8
from datetime import datetime
from io import StringIO
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from federation.members.my_data import Amount, At
from federation.words.amounts import number
from federation.words.cells import plain_number, plain_text
from federation.words.texts import later
from schemas.amounts import format_minor

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from federation.members.my_data import Rows
    from federation.words.texts import Texts

NAMES: Final = {
    "statement": later("rekening"),
    "profile": later("profiel"),
    "persons": later("huishouden"),
    "helpers": later("helpers"),
    "posts": later("vraag-en-aanbod"),
    "messages": later("berichten"),
    "trades": later("ruilen"),
    "thanks": later("bedankjes"),
    "activities": later("samen-doen"),
    "devices": later("toestellen"),
    "pictures": later("fotos"),
}
COLUMNS: Final = {
    "address": later("Mailadres"),
    "amount": later("Bedrag"),
    "answer": later("Antwoord"),
    "at": later("Wanneer"),
    "balance": later("Saldo"),
    "category": later("Rubriek"),
    "code": later("Letscode"),
    "comes": later("Ik kom mee"),
    "comment": later("Opmerking"),
    "description": later("Omschrijving"),
    "device": later("Toestel"),
    "ended": later("Gestopt"),
    "field": later("Wat"),
    "gives": later("Ik geef"),
    "goods": later("Spullen"),
    "group": later("Groep"),
    "helps_me": later("Helpt mij"),
    "id": later("Nummer van de ruil"),
    "language": later("Taal"),
    "name": later("Naam"),
    "number": later("Nummer"),
    "own": later("Van mij"),
    "pictures": later("Foto's"),
    "place": later("Plaats"),
    "price": later("Richtprijs"),
    "price_for": later("Prijs per"),
    "proposed": later("Voorgesteld"),
    "public": later("Voor iedereen te lezen"),
    "seen": later("Laatst gebruikt"),
    "state": later("Hoe het staat"),
    "text": later("Tekst"),
    "their_unit": later("Munteenheid daar"),
    "theirs": later("In de andere groep"),
    "thread": later("Gesprek"),
    "title": later("Titel"),
    "trade": later("Nummer van de ruil"),
    "hidden_because": later("Verborgen omdat"),
    "until": later("Tot"),
    "value": later("Inhoud"),
    "visibility": later("Zichtbaar voor"),
    "want": later("Vraag"),
}


class WritesRows(Protocol):
    """Writes some rows, at least one; `first` when none stand above them."""

    def __call__(self, rows: Rows, zone: ZoneInfo, texts: Texts, /, *, first: bool) -> bytes:
        """Give what follows in the file."""


def _csv(rows: Rows, zone: ZoneInfo, texts: Texts, *, first: bool) -> bytes:
    """Write rows for spreadsheets, the names of the columns above the first one."""
    written = StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    if first:
        writer.writerow([texts.say(COLUMNS[key]) for key in rows[0]])
    for row in rows:
        writer.writerow([_for_people(value, zone, texts) for value in row.values()])
    return written.getvalue().encode()


def _json(rows: Rows, zone: ZoneInfo, _: Texts, *, first: bool) -> bytes:
    """Write rows as parts of one list."""
    said = ({key: _for_programs(value, zone) for key, value in row.items()} for row in rows)
    parts = ",\n".join(json.dumps(one, ensure_ascii=False, indent=1) for one in said)
    return (parts if first else ",\n" + parts).encode()


class Kind(NamedTuple):
    """A kind of file: how it is called, begins, goes on row by row, and ends."""

    ending: str
    begins: bytes
    rows: WritesRows
    ends: bytes


KINDS: Final = (Kind("csv", BOM_UTF8, _csv, b""), Kind("json", b"[\n", _json, b"\n]\n"))
"""A table is given as each of these; one without rows is a whole file too."""


def _for_people(value: Any, zone: ZoneInfo, texts: Texts) -> str:
    match value:
        case At():
            return f"{datetime.fromtimestamp(value.at_s, zone):%Y-%m-%d %H:%M}"
        case Amount():
            return plain_number(number(value.minor, value.decimals, texts.language))
        case bool():
            return texts.say("ja") if value else texts.say("nee")
        case None:
            return ""
        case _:
            return plain_text(str(value))


def _for_programs(value: Any, zone: ZoneInfo) -> Any:
    match value:
        case At():
            return datetime.fromtimestamp(value.at_s, zone).isoformat()
        case Amount():
            return format_minor(value.minor, value.decimals)
        case _:
            return value
