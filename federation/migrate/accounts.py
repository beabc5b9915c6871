"""Accounts out of users, partner groups, limits and contacts.

Invariant: every usable row of `users` becomes exactly one account, with a code that no other
account has, whatever their case and blanks. Balances are for `balances`.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Final, NamedTuple

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
from federation.migrate.planned import ImportedAccount, ImportedKind
from schemas.bodies import AccountStatus
from schemas.errors import Code, InputError
from schemas.openings import Contact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from federation.migrate.issues import Issues
    from federation.migrate.reader import Reader
    from federation.migrate.rows import LimitRow, UserRow

ACCOUNTS_MAX: Final = 20_000
"""A group has 7 to 250 members, and keeps those who left."""
CONTACTS_MAX: Final = 200_000
CODE_LENGTH_MAX: Final = 40
OLD_PARTNER_NAME: Final = "oude rekening van groep {group}"
_PARTNER_ROLES: Final = frozenset({"guest", "interlets"})
_STATUS: Final = {
    1: AccountStatus.ACTIVE,
    2: AccountStatus.LEAVING,
    7: AccountStatus.ACTIVE,  # external: a partner's account, or a member elsewhere
}
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
    partners = {_folded(row.local_code): row.name for row in reader.rows(LETSGROUPS)}
    lower = _newest(reader, MIN_LIMIT)
    upper = _newest(reader, MAX_LIMIT)
    contacts = _contacts(reader, users)
    codes = _unique_codes(users.values(), reader.issues)
    wanted = None if group_code is None else _folded(group_code)
    if wanted is not None and wanted not in {_folded(code) for code in codes.values()}:
        raise InputError(Code.ACCOUNT_UNKNOWN, field=str(group_code))
    accounts = []
    for user in sorted(users.values(), key=lambda each: each.id):
        code = codes[user.id]
        partner = _partner_group(user, partners)
        kind: ImportedKind = "member" if partner is None else "partner"
        if wanted is not None and _folded(code) == wanted:
            kind, partner = "group", None
        accounts.append(
            ImportedAccount(
                source_id=user.id,
                code=code,
                kind=kind,
                status=_STATUS.get(user.status or 0, AccountStatus.INACTIVE),
                name=OLD_PARTNER_NAME.format(group=partner) if partner else user.name or code,
                lower_minor=lower.get(user.id, user.lower),
                upper_minor=upper.get(user.id, user.upper),
                activated_at_s=user.activated_at_s,
                partner_group=partner or "",
                full_name=user.full_name,
                full_name_access=user.full_name_access,
                postcode=user.postcode,
                birthdate=user.birthdate,
                hobbies=user.hobbies,
                comments=user.comments,
                admin_comments=user.admin_comments,
                contacts=tuple(contacts.get(user.id, ())),
            )
        )
    saldo = {user.id: user.saldo for user in users.values() if user.saldo is not None}
    return Accounts(tuple(accounts), saldo or None)


def _users(reader: Reader) -> dict[int, UserRow]:
    users: dict[int, UserRow] = {}
    for row in reader.rows(USERS):
        if row.id in users:
            reason = "an earlier row has this id"
            issue = Issue("users.csv", row.line, Code.CONFLICT, "id", reason, refused=True)
            reader.issues.add(issue)
            continue
        if len(users) >= ACCOUNTS_MAX:
            raise InputError(
                Code.CSV_TOO_LARGE,
                field="users.csv",
                line=row.line,
                limit=ACCOUNTS_MAX,
                what="accounts",
            )
        users[row.id] = row
    return users


def _partner_group(user: UserRow, partners: dict[str, str]) -> str | None:
    """Name the partner group whose account this is; `None` for a member."""
    folded = _folded(user.code)
    if user.role not in _PARTNER_ROLES and not user.intersystem and folded not in partners:
        return None
    return partners.get(folded) or user.full_name or user.name or user.code or str(user.id)


def _unique_codes(users: Iterable[UserRow], issues: Issues) -> dict[int, str]:
    """Give each user a code: accounts in use choose first, then lower numbers.

    A duplicate gets `-2`, `-3`, ... behind it, an empty or overlong code becomes `id<number>`.
    """
    codes: dict[int, str] = {}
    taken: set[str] = set()
    for user in sorted(users, key=lambda each: (each.status not in _STATUS, each.id)):
        code = _BLANKS.sub(" ", user.code)
        if not code or len(code) > CODE_LENGTH_MAX:
            reason = "empty or longer than 40 characters; the row's number takes its place"
            issues.add(Issue("users.csv", user.line, Code.MALFORMED, "code", reason))
            code = f"id{user.id}"
        if _folded(code) in taken:
            reason = "another account has this code; a number was put behind it"
            issues.add(Issue("users.csv", user.line, Code.CODE_TAKEN, "code", reason))
            stem = code[: CODE_LENGTH_MAX - 8]
            code = next(
                found for number in count(2) if _folded(found := f"{stem}-{number}") not in taken
            )
        taken.add(_folded(code))
        codes[user.id] = code
    assert len(taken) == len(codes), "codes are unique"
    return codes


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
    for number, row in enumerate(reader.rows(CONTACT)):
        if number >= CONTACTS_MAX:
            raise InputError(
                Code.CSV_TOO_LARGE,
                field="contact.csv",
                line=row.line,
                limit=CONTACTS_MAX,
                what="contacts",
            )
        if row.user_id not in users:
            reason = "no such account in users.csv"
            issue = Issue(
                "contact.csv", row.line, Code.ACCOUNT_UNKNOWN, "user_id", reason, refused=True
            )
            reader.issues.add(issue)
            continue
        contacts.setdefault(row.user_id, []).append(
            Contact(
                kind=kinds.get(row.type_id or 0, "other"),
                value=row.value,
                access=row.access,
                comment=row.comments,
            )
        )
    return contacts


def _folded(code: str) -> str:
    """Give a code as it is compared: without regard to case and blanks."""
    return _BLANKS.sub("", code).casefold()
