"""Cells of the list of members in words: page and file for a spreadsheet say the same. Pure."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Final

from federation.group.member_list import AMOUNTS, Column, Order, Shown, Standing
from federation.members import role_words
from federation.members.calendar import date_of
from federation.web.languages import read_language
from federation.words.amounts import number
from federation.words.cells import one_line, plain_number, plain_text
from federation.words.texts import later

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from federation.group.member_list import Member
    from federation.words.texts import Texts
    from schemas.amounts import Unit

CODE: Final = later("Letscode")
NAME: Final = later("Naam")
COLUMNS: Final = {
    Column.FULL_NAME: later("Volledige naam"),
    Column.STATUS: later("Toestand"),
    Column.BALANCE: later("Saldo"),
    Column.LOWER: later("Ondergrens"),
    Column.UPPER: later("Bovengrens"),
    Column.GIVEN: later("Gaf al"),
    Column.SINCE: later("Lid vanaf"),
    Column.POSTCODE: later("Postcode"),
    Column.PLACE: later("Gemeente"),
    Column.MAIL: later("Mailadres"),
    Column.PHONE: later("Telefoon"),
    Column.HOUSEHOLD: later("Huishouden"),
    Column.HELPERS: later("Helpers"),
    Column.ROLES: later("Taken"),
    Column.LANGUAGE: later("Taal"),
    Column.POSTS: later("Vraag en aanbod"),
    Column.NOTE: later("Notitie"),
}
STANDINGS: Final = {
    Standing.INFORMATION: later("wil meer weten"),
    Standing.NEWCOMER: later("nieuwkomer"),
    Standing.ACTIVE: later("lid"),
    Standing.LEAVER: later("vertrekker"),
    Standing.GONE: later("weg"),
}
SHOWN: Final = {
    Shown.HERE: later("Iedereen die er is"),
    Shown.INFORMATION: later("Wie meer wil weten"),
    Shown.NEWCOMER: later("Nieuwkomers"),
    Shown.ACTIVE: later("Leden, zonder nieuwkomers en vertrekkers"),
    Shown.LEAVER: later("Vertrekkers"),
    Shown.GONE: later("Wie weg is"),
    Shown.EVERYBODY: later("Iedereen, ook wie weg is"),
}
ORDERS: Final = {
    Order.CODE: later("Letscode"),
    Order.NAME: later("Naam"),
    Order.BALANCE: later("Saldo"),
    Order.SINCE: later("Lid vanaf"),
    Order.PLACE: later("Postcode"),
}
ROLES: Final = {role: words.name for role, words in role_words.ROLES.items()}
_LINE_MAX: Final = 120
"""So much of a note stands in a list; its page has all of it."""


def cell(member: Member, column: Column, unit: Unit | None, zone: ZoneInfo, texts: Texts) -> str:
    """Say what a column holds for a member; empty where there is nothing to say."""
    if column in AMOUNTS:
        minor: int | None = getattr(member, column.value)
        decimals = 0 if unit is None else unit.rate.decimals
        return "" if minor is None else number(minor, decimals, texts.language)
    match column:
        case Column.STATUS:
            return texts.say(STANDINGS[member.standing])
        case Column.SINCE:
            return date_of(member.since_s, zone).isoformat() if member.since_s else ""
        case Column.HOUSEHOLD | Column.HELPERS:
            names: tuple[str, ...] = getattr(member, column.value)
            return ", ".join(names)
        case Column.ROLES:
            return ", ".join(texts.say(ROLES[role]) for role in member.roles if role in ROLES)
        case Column.LANGUAGE:
            language = read_language(member.language)
            return "" if language is None else language.value
        case Column.POSTS:
            return str(member.posts)
        case _:
            text: str = getattr(member, column.value)
            return one_line(text)


def head(column: Column, unit: Unit | None, texts: Texts) -> str:
    """Say what stands in a column of the page; of amounts also in what."""
    said = texts.say(COLUMNS[column])
    return said if unit is None or column not in AMOUNTS else f"{said} ({unit.plural})"


def short(said: str) -> str:
    """Give as much of a cell as a page has room for."""
    return said if len(said) <= _LINE_MAX else said[: _LINE_MAX - 1].rstrip() + "…"


def members_csv(
    members: Iterable[Member],
    columns: Sequence[Column],
    unit: Unit | None,
    zone: ZoneInfo,
    texts: Texts,
) -> bytes:
    """Write the list as it is shown, its texts whole, for a spreadsheet."""
    written = StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    heads = [CODE, NAME, *(COLUMNS[column] for column in columns)]
    writer.writerow([texts.say(head) for head in heads])
    for member in members:
        row = [plain_text(member.code), plain_text(member.name)]
        for column in columns:
            said = cell(member, column, unit, zone, texts)
            row.append(plain_number(said) if column in AMOUNTS else plain_text(said))
        writer.writerow(row)
    return written.getvalue().encode("utf-8-sig")
