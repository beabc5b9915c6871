"""A member's own data as files that people read: CSV for a spreadsheet, JSON for programs. Pure."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from federation.members.my_data import Amount, At
from federation.words.amounts import number
from federation.words.cells import plain_number, plain_text
from federation.words.texts import later
from schemas.amounts import format_minor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from federation.members.my_data import Row, Table
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
    "until": later("Tot"),
    "value": later("Inhoud"),
    "visibility": later("Zichtbaar voor"),
    "want": later("Vraag"),
}


def files_of(table: Table, zone: ZoneInfo, texts: Texts) -> Iterator[tuple[str, bytes]]:
    """Give a table as two files, with their names."""
    name, rows = table
    called = texts.say(NAMES[name])
    yield f"{called}.csv", _csv(rows, zone, texts)
    said = [{key: _for_programs(value, zone) for key, value in row.items()} for row in rows]
    yield f"{called}.json", json.dumps(said, ensure_ascii=False, indent=1).encode()


def _csv(rows: list[Row], zone: ZoneInfo, texts: Texts) -> bytes:
    """Write rows for spreadsheets; a table without rows is an empty file with its mark."""
    written = StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    if rows:
        writer.writerow([texts.say(COLUMNS[key]) for key in rows[0]])
    for row in rows:
        writer.writerow([_for_people(value, zone, texts) for value in row.values()])
    return written.getvalue().encode("utf-8-sig")


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
