"""Tables of G3 as this program writes them: the other direction of `g3`. Pure.

Invariant: what `g3` reads back is what was written. RFC 4180 with LF, UTF-8; NULL is empty and
unquoted, an empty text is `""`; times are UTC without a zone. Amounts are the smallest units, for
a G3 unit has no smaller ones. Columns that the former program had not stand behind those it had.
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

from federation.migrate.cells import LOWER_NONE, TEXT_LENGTH_MAX, UPPER_NONE
from federation.migrate.html_text import plain_text
from schemas.bodies import AccountStatus
from schemas.member_bodies import PriceKind, Visibility

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from schemas.body_parts import Posting

Value = str | int | None

HEADERS: Final[dict[str, str]] = {
    "users": (
        "id,code,name,full_name,full_name_access,postcode,birthdate,hobbies,comments,"
        "admin_comments,role,status,activated_at,place,skills,language,image_file"
    ),
    "type_contact": "id,name,abbrev",
    "contact": "id,user_id,id_type_contact,value,comments,access",
    "categories": "id,name,parent_id,level",
    "messages": (
        "id,user_id,category_id,subject,content,offer_want,service_stuff,amount,units,expires_at,"
        "image_files,access,created_at,postcode,place"
    ),
    "transactions": (
        "id,transid,amount,description,id_from,id_to,real_from,real_to,created_at,service_stuff"
    ),
    "balance": "id,account_id,amount,balance,created_at",
    "min_limit": "id,account_id,min_limit,created_at,exact",
    "max_limit": "id,account_id,max_limit,created_at,exact",
    "letsgroups": "id,groupname,apimethod,localletscode,url",
    "config": "id,data",
}
"""The tables, and the columns of each; no table has a column for a secret. `exact` says that a
limit of 0 is one: of the former program it stood for none."""
STATUS: Final = {
    AccountStatus.INACTIVE: 0,
    AccountStatus.ACTIVE: 1,
    AccountStatus.LEAVING: 2,
    AccountStatus.INFORMATION: 5,
}
EXTERNAL: Final = 7
"""The status of an account that is no member's."""
ACCESS: Final = {
    Visibility.STAFF: "admin",
    Visibility.MEMBERS: "user",
    Visibility.INTERLETS: "guest",
    Visibility.PUBLIC: "anonymous",
}
UNITS: Final = {PriceKind.HOUR: "uur", PriceKind.PIECE: "stuk"}
"""What a guide price is for; `opened.former_price` reads it back."""
_TO_QUOTE: Final = frozenset('",\r\n')
_LAST_MOMENT_S: Final = 253_402_300_799
"""The end of the year 9999: no later moment can be written."""


def line(values: Iterable[Value]) -> bytes:
    """Write one row."""
    return (",".join(map(_cell, values)) + "\n").encode()


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    if not value or not _TO_QUOTE.isdisjoint(value) or value != value.strip():
        return '"' + value.replace('"', '""') + '"'
    return value


def moment(at_s: int | None) -> str | None:
    """Write a time; nothing for one that lies beyond all calendars, which means never."""
    if at_s is None or not 0 <= at_s <= _LAST_MOMENT_S:
        return None
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M:%S")


def limit(bound: int | None) -> int | None:
    """Write a limit of an account; one so far off that it stands for none is none."""
    return None if bound is None or not LOWER_NONE < bound < UPPER_NONE else bound


def html(text: str) -> str:
    """Write a text as the former program's editor does, so that it reads the same there."""
    return escape(text, quote=False).replace("\n", "<br>")


def title(text: str) -> str:
    """Write a title: as it is, but where it would be read as HTML."""
    return text if plain_text(text, TEXT_LENGTH_MAX) == text else html(text)


class Leg(NamedTuple):
    """What one account gave another."""

    payer: int
    payee: int
    amount_minor: int


def legs(postings: Sequence[Posting]) -> list[Leg]:
    """Take a booking apart into what passed between two accounts each.

    One between two gives one leg, one of one with many as many as there are others; each account
    gives or gets in all what its postings say.
    """
    moved: dict[int, int] = {}
    for posting in postings:
        moved[posting.account] = moved.get(posting.account, 0) + posting.amount_minor
    assert sum(moved.values()) == 0, "I1: the postings of one event sum to zero"
    payers = [[account, -amount] for account, amount in moved.items() if amount < 0]
    payees = [[account, amount] for account, amount in moved.items() if amount > 0]
    found = []
    while payers:
        giving, getting = payers[0], payees[0]
        amount = min(giving[1], getting[1])
        found.append(Leg(giving[0], getting[0], amount))
        for side, first in ((payers, giving), (payees, getting)):
            first[1] -= amount
            if not first[1]:
                side.pop(0)
    assert not payees, "what is given is what is got"
    return found
