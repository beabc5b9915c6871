"""Members changed and added from a file: first exactly what would change, then all of it at once.

Nothing is kept between looking and taking: the file comes along, and is looked at again. When that
gives anything else than what was shown, nothing is taken; the one command that takes is all or
nothing, and writes over nobody whom somebody else has described meanwhile. While one row is wrong,
nothing is taken either.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec.structs import replace

from federation.group import members as rules
from federation.group.member_commands import ChangedMember, NewMember, TakeMemberFile
from federation.members import words
from federation.members.member_list import require, texts_by_account
from federation.members.profiles import checked
from federation.members.submitting import actor_of, submit
from federation.migrate.issues import Issue
from federation.migrate.member_file import Field, MemberRow, read
from federation.words.cells import one_line
from projections.ledger import code_key
from schemas.encoding import b64, encode
from schemas.errors import Code, InputError
from schemas.openings import Contact, MemberText

if TYPE_CHECKING:
    from collections.abc import Mapping

    from federation.members.reader import Reader
    from federation.node.service import Node

CODE_MAX: Final = 20
PHONES: Final = frozenset({"tel", "gsm"})
_REASONS: Final = {
    Code.CODE_TAKEN: "the code of an account that is no member's",
    Code.TOO_LARGE: "more than {limit} letters",
    Code.MAIL_ADDRESS_INVALID: "no mail address",
    Code.MALFORMED: "no language of ours",
    Code.TEXT_MISSING: "a member needs a name",
}


class Change(NamedTuple):
    """One thing that a row changes; empty texts for nothing."""

    field: Field
    before: str
    after: str


class RowPlan(NamedTuple):
    """What a row would do."""

    line: int
    code: str
    name: str
    account: int | None
    """None: a new member."""
    seen_seq: int
    changes: tuple[Change, ...]
    text: MemberText


class Plan(NamedTuple):
    """What a whole file would do."""

    rows: tuple[RowPlan, ...]
    """Those that change something."""
    same: int
    """So many rows say what is so already."""
    issues: tuple[Issue, ...]
    aside: tuple[str, ...]

    @property
    def fine(self) -> bool:
        """Whether no row is wrong."""
        return not any(issue.refused for issue in self.issues)

    def digest(self) -> str:
        """Give what tells this plan from any other."""
        said = [(row.line, row.code, row.account, row.seen_seq, row.text) for row in self.rows]
        return b64(sha256(encode(said)).digest())


async def plan(node: Node, reader: Reader, content: bytes, file: str) -> Plan:
    """Say what a file would change, and what is wrong with it.

    Raises:
        RefusedError: `forbidden`.
        InputError: as `federation.migrate.member_file.read`.

    """
    require(reader)
    books = node.machine.books
    accounts = [
        account
        for account in books.ledger.accounts.values()
        if rules.member_refused(books, account.account) is None
    ]
    found = read(content, file, {account.code: account.account for account in accounts})
    texts = await texts_by_account(node, accounts)
    addresses: dict[str, set[int | None]] = {}
    for account, text in texts.items():
        addresses.setdefault(words.address_key(words.sign_in_address(text)), set()).add(account)
    issues, rows = list(found.issues), []
    for row in found.rows:
        text = texts.get(row.account or 0) or MemberText(name="")
        try:
            if row.account is None:
                _require_new(node, row)
            after = checked(_after(text, row.said)) if _differs(text, row) else text
        except InputError as error:
            issues.append(_issue(file, row, error))
            continue
        mail = words.address_key(words.sign_in_address(after))
        if Field.MAIL in row.said and mail and addresses.get(mail, set()) - {row.account}:
            reason = "somebody else has this mail address"
            issues.append(Issue(file, row.line, Code.MALFORMED, Field.MAIL.value, reason))
        seen = 0 if row.account is None else rules.described_seq(books, row.account)
        changes = tuple(_changes(text, after))
        rows.append(RowPlan(row.line, row.code, after.name, row.account, seen, changes, after))
    changing = tuple(row for row in rows if row.changes)
    issues.sort(key=lambda issue: issue.line)
    return Plan(changing, len(rows) - len(changing), tuple(issues), found.aside)


async def take(
    node: Node, reader: Reader, content: bytes, file: str, *, digest: str, key: str
) -> int | None:
    """Do what a file says, if that is what was shown; gives how many members, else nothing.

    Raises:
        RefusedError: `forbidden`, `members_changed`, `code_taken`, `read_only`.
        InputError: as `plan`.

    """
    found = await plan(node, reader, content, file)
    if found.digest() != digest or not found.fine or not found.rows:
        return None
    changed = tuple(
        ChangedMember(row.account, row.seen_seq, row.text)
        for row in found.rows
        if row.account is not None
    )
    added = tuple(
        NewMember(row.code, _subject(key, row.code), row.text)
        for row in found.rows
        if row.account is None
    )
    await submit(node, TakeMemberFile(key, actor_of(reader), changed, added))
    return len(found.rows)


def _subject(key: str, code: str) -> str:
    return b64(sha256(f"ruilbrug/subject/v1\n{key}\n{code}".encode()).digest()[:16])


def _require_new(node: Node, row: MemberRow) -> None:
    """Refuse a new member under a code that cannot be one."""
    if code_key(row.code) in node.machine.books.ledger.codes:
        raise InputError(Code.CODE_TAKEN, field=Field.CODE)
    words.line(row.code, Field.CODE, CODE_MAX, needed=True)


def _issue(file: str, row: MemberRow, error: InputError) -> Issue:
    reason = _REASONS.get(error.code, "empty").format(limit=error.facts.get("limit", ""))
    field = str(error.facts.get("field", ""))
    named = {"contacts": "phone", "address": "mail", "admin_comment": "note"}.get(field, field)
    return Issue(file, row.line, error.code, named, reason, refused=True)


def _value(text: MemberText, field: Field) -> str:
    """Give what stands in a field of the list."""
    match field:
        case Field.MAIL:
            return words.sign_in_address(text)
        case Field.PHONE:
            return next((one.value for one in text.contacts if _is_phone(one)), "")
        case Field.NOTE:
            return text.admin_comment
        case _:
            said: str = getattr(text, field.value)
            return said


def _differs(text: MemberText, row: MemberRow) -> bool:
    """Tell whether a row says anything else than what the list gives of a member."""
    return row.account is None or any(
        not _alike(field, said, _value(text, field)) for field, said in row.said.items()
    )


def _alike(field: Field, said: str, known: str) -> bool:
    """Compare as the list writes it: in one line; a phone number without the zero before it."""
    if one_line(said) == one_line(known):
        return True
    if field is not Field.PHONE or not said.isdecimal():
        return False
    digits = "".join(letter for letter in known if letter.isdecimal())
    return bool(said) and digits in (said, f"0{said}")


def _after(text: MemberText, said: Mapping[Field, str]) -> MemberText:
    """Give the text with what a row says; what is alike already stays as it is."""
    for field, value in said.items():
        if _alike(field, value, _value(text, field)):
            continue
        match field:
            case Field.MAIL:
                text = replace(text, contacts=_contacts(text, "mail", words.MAIL_KINDS, value))
            case Field.PHONE:
                text = replace(text, contacts=_contacts(text, "tel", PHONES, value))
            case Field.NOTE:
                text = replace(text, admin_comment=value)
            case _:
                text = replace(text, **{field.value: value})
    if not text.name:
        raise InputError(Code.TEXT_MISSING, field="name")
    if words.sign_in_address(text):
        words.mail_address(words.sign_in_address(text))
    return text


def _contacts(
    text: MemberText, kind: str, kinds: frozenset[str], value: str
) -> tuple[Contact, ...]:
    """Put a value in place of the first contact of a kind; a new one is for coordinators."""
    found = next((one for one in text.contacts if one.kind.casefold() in kinds), None)
    if found is None:
        return (*text.contacts, Contact(kind=kind, value=value, access="staff"))
    replaced = (replace(found, value=value),) if value else ()
    at = text.contacts.index(found)
    return (*text.contacts[:at], *replaced, *text.contacts[at + 1 :])


def _is_phone(contact: Contact) -> bool:
    return contact.kind.casefold() in PHONES


def _changes(before: MemberText, after: MemberText) -> list[Change]:
    return [
        Change(field, _value(before, field), _value(after, field))
        for field in Field
        if field is not Field.CODE and _value(before, field) != _value(after, field)
    ]
