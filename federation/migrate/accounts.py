"""Accounts out of users, partner groups, limits and contacts.

Invariant: every usable row of `users` becomes exactly one account, with a code that no other
account has, whatever their case and blanks. Balances are for `balances`.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from federation.migrate.archive import picture_name
from federation.migrate.codes import LENGTH_MAX, folded, padded
from federation.migrate.g3 import (
    CONTACT,
    LETSGROUPS,
    MAX_LIMIT,
    MIN_LIMIT,
    TYPE_CONTACT,
    USERS,
    Table,
)
from federation.migrate.issues import Issue
from federation.migrate.planned import DoubleCode, ImportedAccount, ImportedKind
from schemas.bodies import AccountStatus
from schemas.errors import Code, InputError
from schemas.openings import Contact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from federation.migrate.reader import Reader
    from federation.migrate.rows import LimitRow, UserRow

ACCOUNTS_MAX: Final = 20_000
"""A group has 7 to 250 members, and keeps those who left."""
CONTACTS_MAX: Final = 200_000
OLD_PARTNER_NAME: Final = "oude rekening van groep {group}"
_PARTNER_ROLES: Final = frozenset({"guest", "interlets"})
_STATUS: Final = {
    1: AccountStatus.ACTIVE,
    2: AccountStatus.LEAVING,
    5: AccountStatus.INFORMATION,
    6: AccountStatus.INFORMATION,
    7: AccountStatus.ACTIVE,  # external: a partner's account, or a member elsewhere
}
_SAID_BEFORE: Final = "an earlier row says the same; it stands here once"
_PICTURE_AWAY: Final = "the picture of this member is not in the file; it comes without"
_BLANKS: Final = re.compile(r"\s+")


class Accounts(NamedTuple):
    """All accounts, in the order of their numbers in the source."""

    accounts: tuple[ImportedAccount, ...]
    saldo: dict[int, int] | None
    """Balances out of `users` itself (2019-20); `None` when it holds none."""


def read_accounts(reader: Reader, group_code: str | None) -> Accounts:
    """Read all accounts.

    Args:
        reader: gives the tables.
        group_code: the code of the account that is the group's own; an export does not tell.

    Raises:
        InputError: `account_unknown` when no account has `group_code`; as `Reader.rows`.

    """
    users = _users(reader)
    partners = {folded(row.local_code): row.name for row in reader.rows(LETSGROUPS)}
    lower = _newest(reader, MIN_LIMIT)
    upper = _newest(reader, MAX_LIMIT)
    contacts = _contacts(reader, users)
    codes = _unique_codes(users.values(), reader)
    _note_lost_zeros(codes.values(), reader)
    wanted = None if group_code is None else folded(group_code)
    if wanted is not None and wanted not in {folded(code) for code in codes.values()}:
        raise InputError(Code.ACCOUNT_UNKNOWN, field=str(group_code))
    accounts = []
    for user in sorted(users.values(), key=lambda each: each.id):
        code = codes[user.id]
        partner = _partner_group(user, partners)
        kind: ImportedKind = "member" if partner is None else "partner"
        if wanted is not None and folded(code) == wanted:
            kind, partner = "group", None
        account = ImportedAccount(
            source_id=user.id,
            code=code,
            kind=kind,
            status=_STATUS.get(user.status or 0, AccountStatus.INACTIVE),
            name=OLD_PARTNER_NAME.format(group=partner) if partner else user.name or code,
            lower_minor=lower.get(user.id, user.lower),
            upper_minor=upper.get(user.id, user.upper),
            activated_at_s=user.activated_at_s,
            partner_group=partner or "",
        )
        if kind != "member" or account.status in reader.choices.statuses:
            account = msgspec.structs.replace(
                account,
                full_name=user.full_name,
                full_name_access=user.full_name_access,
                postcode=user.postcode,
                birthdate=user.birthdate,
                hobbies=user.hobbies,
                comments=user.comments,
                admin_comments=user.admin_comments,
                place=user.place,
                skills=user.skills,
                language=user.language,
                picture=_picture(reader, user) if kind == "member" else "",
                contacts=tuple(contacts.get(user.id, ())),
            )
        else:
            account = msgspec.structs.replace(account, name=code, bookings_only=True)
        accounts.append(account)
    saldo = {user.id: user.saldo for user in users.values() if user.saldo is not None}
    return Accounts(tuple(accounts), saldo or None)


def _users(reader: Reader) -> dict[int, UserRow]:
    users: dict[int, UserRow] = {}
    file = reader.file(USERS)
    for row in reader.rows(USERS):
        if row.id in users:
            reason = "an earlier row has this id"
            issue = Issue(file, row.line, Code.CONFLICT, "id", reason, refused=True)
            reader.issues.add(issue)
            continue
        if len(users) >= ACCOUNTS_MAX:
            raise InputError(
                Code.CSV_TOO_LARGE,
                field=file,
                line=row.line,
                limit=ACCOUNTS_MAX,
                what="accounts",
            )
        users[row.id] = row
    return users


def _picture(reader: Reader, user: UserRow) -> str:
    """Name the picture of a member, when it is in the file."""
    name = picture_name(user.image_file)
    if not name or name in reader.pictures:
        return name
    if reader.pictures:
        file = reader.file(USERS)
        reader.issues.add(Issue(file, user.line, Code.NOT_FOUND, "image_file", _PICTURE_AWAY))
    return ""


def _partner_group(user: UserRow, partners: dict[str, str]) -> str | None:
    """Name the partner group whose account this is; `None` for a member."""
    code = folded(user.code)
    if user.role not in _PARTNER_ROLES and not user.intersystem and code not in partners:
        return None
    return partners.get(code) or user.full_name or user.name or user.code or str(user.id)


def _unique_codes(users: Iterable[UserRow], reader: Reader) -> dict[int, str]:
    """Give each user a code: the chosen one; accounts in use come first, then lower numbers.

    A duplicate gets `-2`, `-3`, ... behind it, an empty or overlong code becomes `id<number>`.
    """
    codes: dict[int, str] = {}
    taken: set[str] = set()
    choices, issues, file = reader.choices, reader.issues, reader.file(USERS)
    for user in sorted(users, key=lambda each: (each.status not in _STATUS, each.id)):
        chosen = choices.codes.get(str(user.id), "").strip() or user.code
        code = padded(_BLANKS.sub(" ", chosen), choices.code_width)
        if not code or len(code) > LENGTH_MAX:
            reason = "empty or longer than 40 characters; the row's number takes its place"
            issues.add(Issue(file, user.line, Code.MALFORMED, "code", reason))
            code = f"id{user.id}"
        if folded(code) in taken:
            reason = "another account has this code; a number was put behind it"
            issues.add(Issue(file, user.line, Code.CODE_TAKEN, "code", reason))
            stem = code[: LENGTH_MAX - 8]
            double = code
            code = next(
                found for number in count(2) if folded(found := f"{stem}-{number}") not in taken
            )
            reader.doubles.append(DoubleCode(user.id, double, code))
        taken.add(folded(code))
        codes[user.id] = code
    assert len(taken) == len(codes), "codes are unique"
    return codes


def _note_lost_zeros(codes: Iterable[str], reader: Reader) -> None:
    """Note codes that look as if a spreadsheet had dropped the zeros before them.

    It cannot be known: a group may number its members 1 to 250.
    """
    numbers = [code for code in codes if code.isdecimal() and code != "0"]
    lengths = {len(code) for code in numbers}
    if len(lengths) > 1 and not any(code.startswith("0") for code in numbers):
        reason = (
            f"codes of {min(lengths)} to {max(lengths)} digits and none begins with 0: if a "
            "spreadsheet dropped zeros, choose how many digits codes have"
        )
        reader.issues.add(Issue(reader.file(USERS), 0, Code.MALFORMED, "code", reason))


def _newest(reader: Reader, table: Table[LimitRow]) -> dict[int, int | None]:
    """Give each account's limit by its newest row."""
    newest: dict[int, LimitRow] = {}
    for row in reader.rows(table):
        known = newest.get(row.account_id)
        if known is None or (known.created_at_s, known.id) < (row.created_at_s, row.id):
            newest[row.account_id] = row
    return {account: row.limit for account, row in newest.items()}


def _contacts(reader: Reader, users: dict[int, UserRow]) -> dict[int, list[Contact]]:
    kinds = {row.id: row.abbrev or row.name for row in reader.rows(TYPE_CONTACT)}
    contacts: dict[int, list[Contact]] = {}
    file = reader.file(CONTACT)
    for number, row in enumerate(reader.rows(CONTACT)):
        if number >= CONTACTS_MAX:
            raise InputError(
                Code.CSV_TOO_LARGE,
                field=file,
                line=row.line,
                limit=CONTACTS_MAX,
                what="contacts",
            )
        if row.user_id not in users:
            reason = "no such account in users.csv"
            issue = Issue(file, row.line, Code.ACCOUNT_UNKNOWN, "user_id", reason, refused=True)
            reader.issues.add(issue)
            continue
        contact = Contact(
            kind=row.kind or kinds.get(row.type_id or 0, "other"),
            value=row.value,
            access=row.access,
            comment=row.comments,
        )
        known = contacts.setdefault(row.user_id, [])
        if contact in known:
            reader.issues.add(Issue(file, row.line, Code.CONFLICT, "value", _SAID_BEFORE))
        else:
            known.append(contact)
    return contacts
