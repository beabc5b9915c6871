"""The tables of an eLAND export since November 2019 (G3) as typed rows, read by header name.

Invariant: `users.password` is not among the columns asked for, so it ends inside `csv_rows`; of
`config` only the settings named in `settings` are looked at. A row that cannot be used is refused
by itself, an odd cell that can be missed is noted. What rows mean together is for `plan`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

import msgspec

from federation.migrate.cells import (
    DESCRIPTION_LENGTH_MAX,
    TEXT_LENGTH_MAX,
    amount,
    flag,
    free_text,
    identifier,
    line_text,
    lower_limit,
    malformed,
    optional_identifier,
    optional_whole,
    upper_limit,
    whole,
)
from federation.migrate.csv_rows import Cell, Column
from federation.migrate.html_text import plain_text
from federation.migrate.moments import optional_written, written_moment
from federation.migrate.rows import (
    BalanceRow,
    CategoryRow,
    ContactRow,
    ContactTypeRow,
    LimitRow,
    MessageRow,
    OfferWant,
    PartnerRow,
    ServiceStuff,
    TransactionRow,
    UserRow,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from federation.migrate.cells import Note

T = TypeVar("T")
Cells = tuple[Cell, ...]


class Table(NamedTuple, Generic[T]):
    """How one table is read."""

    name: str
    columns: tuple[Column, ...]
    make: Callable[[Cells, int, Note], T]
    """(cells in the order of `columns`, line, note) -> row; `None` when the row holds none of
    these, raises `InputError` to refuse it."""


_ACCESS: Final = {
    word: access
    for access, words in {
        "admin": "admin 0 beheer kerngroep gestion",  # 0, 1, 2: the former flag_public
        "user": "user 1 leden lid members member membres",
        "guest": "guest 2 interlets",
        "anonymous": "anonymous iedereen everybody public publiek tous",
    }.items()
    for word in words.split()
}
_OFFER_WANT: Final[dict[str, OfferWant]] = {
    "offer": "offer",
    "want": "want",
    "1": "offer",  # the former msg_type
    "0": "want",
}
_SUBJECT_MAX: Final = 60
LANGUAGES: Final = ("nl", "fr", "en")
_NO_TIME: Final = 0
"""A row without a time is older than those that have one."""


def access_of(cell: Cell, default: str) -> str:
    """Give to whom something is visible, in the words of eLAND."""
    return _ACCESS.get(line_text(cell).lower(), default)


def language_of(cell: Cell) -> str:
    """Give the language of a member; empty for one that is none of ours."""
    said = line_text(cell).lower()
    return said if said in LANGUAGES else ""


def _pictures(cell: Cell, note: Note) -> tuple[str, ...]:
    """Read the JSON list of a post's pictures."""
    if not line_text(cell):
        return ()
    try:
        return tuple(msgspec.json.decode(cell or "", type=list[str]))
    except msgspec.DecodeError:
        note("image_files", "no list of pictures; the post comes without them")
        return ()


def _service_stuff(cell: Cell) -> ServiceStuff:
    return "service" if cell == "service" else "stuff" if cell == "stuff" else ""


def _user(cells: Cells, line: int, note: Note) -> UserRow:
    number, code, name, full_name, full_name_access, postcode, birthdate, hobbies = cells[:8]
    comments, admin_comments, role, intersystem, status, activated_at, created_at = cells[8:15]
    saldo, lower, upper, place, skills, language, image_file = cells[15:]
    return UserRow(
        line,
        identifier(number, "id"),
        line_text(code),
        line_text(name),
        line_text(full_name),
        access_of(full_name_access, "admin"),
        line_text(postcode, 20),
        line_text(birthdate, 20),
        free_text(hobbies),
        free_text(comments),
        free_text(admin_comments),
        line_text(role).lower(),
        flag(intersystem),
        optional_whole(status, "status", note),
        optional_written(activated_at, "activated_at", note),
        optional_written(created_at, "created_at", note),
        optional_whole(saldo, "saldo", note),
        lower_limit(optional_whole(lower, "minlimit", note)),
        upper_limit(optional_whole(upper, "maxlimit", note)),
        line_text(place),
        free_text(skills),
        language_of(language),
        line_text(image_file),
    )


def _transaction(cells: Cells, line: int, note: Note) -> TransactionRow:
    number, transid, units, payer, payee, at, description, real_from, real_to, kind = cells
    row_id = optional_identifier(number)
    if row_id is None and not line_text(transid):
        raise malformed("transid", "neither transid nor id")
    return TransactionRow(
        line,
        row_id,
        line_text(transid),
        amount(units, "amount"),
        identifier(payer, "id_from"),
        identifier(payee, "id_to"),
        written_moment(at, "created_at", note),
        line_text(description, DESCRIPTION_LENGTH_MAX),
        line_text(real_from),
        line_text(real_to),
        _service_stuff(kind),
    )


def _balance(cells: Cells, line: int, note: Note) -> BalanceRow:
    number, account, balance, created_at = cells
    return BalanceRow(
        line,
        identifier(number, "id"),
        identifier(account, "account_id"),
        whole(balance, "balance"),
        optional_written(created_at, "created_at", note) or _NO_TIME,
    )


def _limit(field: str, read: Callable[[int | None], int | None]) -> Table[LimitRow]:
    def make(cells: Cells, line: int, note: Note) -> LimitRow:
        number, account, limit, created_at, exact = cells
        bound = whole(limit, field) if limit else None
        counts = bound == 0 and flag(exact)
        return LimitRow(
            line,
            identifier(number, "id"),
            identifier(account, "account_id"),
            bound if counts else read(bound),
            optional_written(created_at, "created_at", note) or _NO_TIME,
        )

    limited = columns(id="!", account_id="!", created_at="", exact="")
    return Table(field, (*limited[:2], Column(field, necessary=True), *limited[2:]), make)


def _message(cells: Cells, line: int, note: Note) -> MessageRow:
    number, user, category, subject, content, description, offer_want, kind = cells[:8]
    units_amount, units, expires_at, access, created_at, postcode, place, pictures = cells[8:]
    title = plain_text(subject, TEXT_LENGTH_MAX)
    text = plain_text(content, TEXT_LENGTH_MAX)
    if not title and description is not None:  # formerly content was the title
        title, text = text, plain_text(description, TEXT_LENGTH_MAX)
    if not title:
        title = text.partition("\n")[0][:_SUBJECT_MAX]
        text = "" if text == title else text
    if not title:
        raise malformed("subject", "neither title nor text")
    side = _OFFER_WANT.get(line_text(offer_want).lower())
    if side is None:
        raise malformed("offer_want", "neither offer nor want")
    return MessageRow(
        line,
        identifier(number, "id"),
        identifier(user, "user_id"),
        optional_identifier(category),
        line_text(title),
        text,
        side,
        _service_stuff(kind),
        optional_whole(units_amount, "amount", note),
        line_text(units, 40),
        optional_written(expires_at, "expires_at", note),
        access_of(access, "user"),
        optional_written(created_at, "created_at", note),
        line_text(postcode, 20),
        line_text(place),
        _pictures(pictures, note),
    )


def _contact(cells: Cells, line: int, note: Note) -> ContactRow:
    del note
    user, kind, value, comments, access = cells
    if not line_text(value):
        raise malformed("value", "empty")
    return ContactRow(
        line,
        identifier(user, "user_id"),
        optional_identifier(kind),
        line_text(value),
        line_text(comments),
        access_of(access, "admin"),
    )


def _contact_type(cells: Cells, line: int, note: Note) -> ContactTypeRow:
    del note
    number, name, abbrev = cells
    return ContactTypeRow(
        line, identifier(number, "id"), line_text(name, 40), line_text(abbrev, 40)
    )


def _category(cells: Cells, line: int, note: Note) -> CategoryRow:
    del note
    number, name, parent = cells
    if not line_text(name):
        raise malformed("name", "empty")
    return CategoryRow(line, identifier(number, "id"), line_text(name), optional_identifier(parent))


def _partner(cells: Cells, line: int, note: Note) -> PartnerRow:
    del note
    name, local_code = cells
    return PartnerRow(line, line_text(name), line_text(local_code))


def columns(**former: str) -> tuple[Column, ...]:
    """Make columns from `name="former names"`; a leading `!` makes one necessary.

    A full stop stands for a blank in a name.
    """
    return tuple(
        Column(
            name,
            tuple(each.replace(".", " ") for each in names.removeprefix("!").split()),
            necessary=names.startswith("!"),
        )
        for name, names in former.items()
    )


USERS: Final = Table(
    "users",
    columns(
        id="!",
        code="!letscode",
        name="",
        full_name="fullname",
        full_name_access="fullname_access",
        postcode="",
        birthdate="birthday",
        hobbies="",
        comments="",
        admin_comments="admincomment",
        role="accountrole",
        is_intersystem="",
        status="!",
        activated_at="adate activeringsdatum",
        created_at="cdate",
        saldo="balance",
        min_limit="minlimit",
        max_limit="maxlimit",
        place="",
        skills="",
        language="",
        image_file="",
    ),
    _user,
)
TRANSACTIONS: Final = Table(
    "transactions",
    columns(
        id="",
        transid="",
        amount="!",
        id_from="!",
        id_to="!",
        created_at="!cdate",
        description="",
        real_from="",
        real_to="",
        service_stuff="",
    ),
    _transaction,
)
BALANCE: Final = Table(
    "balance", columns(id="!", account_id="!", balance="!saldo", created_at=""), _balance
)
MIN_LIMIT: Final = _limit("min_limit", lower_limit)
MAX_LIMIT: Final = _limit("max_limit", upper_limit)
MESSAGES: Final = Table(
    "messages",
    columns(
        id="!",
        user_id="!id_user",
        category_id="id_category",
        subject="",
        content="!",
        description="",
        offer_want="!msg_type",
        service_stuff="",
        amount="",
        units="",
        expires_at="validity",
        access="",
        created_at="cdate",
        postcode="",
        place="",
        image_files="",
    ),
    _message,
)
CONTACT: Final = Table(
    "contact",
    columns(user_id="!id_user", id_type_contact="", value="!", comments="", access="flag_public"),
    _contact,
)
TYPE_CONTACT: Final = Table("type_contact", columns(id="!", name="", abbrev="!"), _contact_type)
CATEGORIES: Final = Table("categories", columns(id="!", name="!", parent_id="id_parent"), _category)
LETSGROUPS: Final = Table("letsgroups", columns(groupname="!", localletscode="!"), _partner)
CONFIG: Final = "config"
READ: Final[tuple[Table[Any], ...]] = (
    *(USERS, TRANSACTIONS, BALANCE, MIN_LIMIT, MAX_LIMIT, MESSAGES),
    *(CONTACT, TYPE_CONTACT, CATEGORIES, LETSGROUPS),
)
