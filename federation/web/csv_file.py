"""Bookings and balances as files that spreadsheets in our languages open by a double click. Pure.

Semicolons, the reader's decimal sign, and a byte order mark. A text that a spreadsheet would take
for a formula gets an apostrophe in front.
"""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from federation.members.calendar import date_of
from federation.web.own_codes import shown_code
from federation.words.amounts import number
from federation.words.cells import plain_number, plain_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from federation.members.balances import BalanceOn
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
                plain_text(shown_code(line.other_code, texts)),
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


def balances_csv(found: Iterable[BalanceOn], unit: Unit, texts: Texts) -> bytes:
    """Write where every account stood."""
    written = StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow([texts.say("Letscode"), texts.say("Naam"), texts.say("Saldo")])
    for one in found:
        balance = number(one.balance_minor, unit.rate.decimals, texts.language)
        code = shown_code(one.account.code, texts)
        row = (plain_text(code), plain_text(one.account.name), plain_number(balance))
        writer.writerow(row)
    return written.getvalue().encode("utf-8-sig")
