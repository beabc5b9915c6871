"""A statement as a file that Dutch, French and English spreadsheets open by a double click. Pure.

Semicolons, the reader's decimal sign, and a byte order mark. A text that a spreadsheet would take
for a formula gets an apostrophe in front.
"""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from federation.members.calendar import date_of
from federation.words.amounts import number
from federation.words.cells import plain_number, plain_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from federation.members.statement import Line
    from federation.words.texts import Texts
    from schemas.amounts import Unit


def statement_csv(lines: Iterable[Line], unit: Unit, zone: ZoneInfo, texts: Texts) -> bytes:
    """Write bookings, newest first."""
    written = StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    say = texts.say
    writer.writerow(
        [
            say("Datum"),
            say("Letscode"),
            say("Naam"),
            say("Groep"),
            say("Omschrijving"),
            plain_text(unit.plural),
            say("Saldo"),
            say("In de andere groep"),
            say("Munteenheid daar"),
        ]
    )
    decimals, language = unit.rate.decimals, texts.language
    for line in lines:
        theirs = line.their_minor
        writer.writerow(
            [
                date_of(line.at_s, zone).isoformat(),
                plain_text(line.other_code),
                plain_text(line.other_name),
                plain_text(line.other_group),
                plain_text(line.description),
                plain_number(number(line.amount_minor, decimals, language)),
                plain_number(number(line.balance_minor, decimals, language)),
                ""
                if theirs is None
                else plain_number(number(theirs, line.their_decimals, language)),
                "" if line.their_unit is None else plain_text(line.their_unit[1]),
            ]
        )
    return written.getvalue().encode("utf-8-sig")
