"""Which table of an archive is read how: told by headers, so files may be called anything.

Invariant: every table is read as one thing at most, and what is not read is named. The columns of
one generation never mix with those of another: an export that knows row numbers is read by them,
all else by codes.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from federation.migrate import coded
from federation.migrate.archive import shown_name
from federation.migrate.choices import Choices, Generation
from federation.migrate.codes import Codes
from federation.migrate.csv_rows import read_header
from federation.migrate.file_form import Delimiter, Encoding, FileForm, detect, open_as
from federation.migrate.g3 import CONFIG, READ, USERS, Table
from federation.migrate.issues import Issue
from federation.migrate.moments import BRUSSELS
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import tzinfo

    from federation.migrate.archive import Archive
    from federation.migrate.csv_rows import Column
    from federation.migrate.issues import Issues

_ELAS_NAME: Final = "elas-"
_FORMER_MARKS: Final = frozenset({"maxlimit", "username", "interlets", "transactie id"})
_REWRITTEN: Final = "a spreadsheet has written this file anew; the file as downloaded is safer"


class Found(NamedTuple):
    """One reading of one table of the archive."""

    table: str
    """Its name in the archive."""
    form: FileForm
    read: Table[Any]
    first: bool = True
    """Whether this reading counts the rows; another one of the same table does not."""
    once: bool = False
    """Whether a row that says the same as an earlier one is left out."""

    @property
    def file(self) -> str:
        """How it is named to people."""
        return f"{shown_name(self.table)}.csv"


class Sources(NamedTuple):
    """All readings of an archive."""

    generation: Generation
    found: Mapping[str, tuple[Found, ...]]
    """By the table that they stand for."""
    forms: Mapping[str, FileForm]
    headers: Mapping[str, tuple[str, ...]]
    codes: Codes

    def of(self, table: str) -> tuple[Found, ...]:
        """Give the readings that stand for a table; none when it is not there."""
        return self.found.get(table, ())

    def file(self, table: str) -> str:
        """Name the file in which the rows of a table are."""
        found = self.of(table)
        return found[0].file if found else f"{table}.csv"

    def unread(self) -> tuple[str, ...]:
        """Name the tables that are not read."""
        read = {each.table for group in self.found.values() for each in group}
        if self.generation is Generation.ELAND:
            read.add(CONFIG)
        return tuple(table for table in self.forms if table not in read)

    def missing(self) -> tuple[str, ...]:
        """Name the files of a whole export that are not there."""
        if self.generation is not Generation.ELAND:
            return ()
        wanted = (*(table.name for table in READ), CONFIG)
        return tuple(f"{name}.csv" for name in wanted if name not in self.forms)


def find_sources(
    archive: Archive, choices: Choices, issues: Issues, known_codes: Iterable[str] = ()
) -> Sources:
    """Look at every table's form and header, and decide how it is read.

    Args:
        archive: is read to its end once.
        choices: what of the form need not be looked for.
        issues: gets what a spreadsheet has done to a file.
        known_codes: of the accounts, when they were read before.

    Raises:
        InputError: `import_table_missing` without members, `import_generation` when eLAS left
            them out; as `csv_rows.read_header`.

    """
    forms: dict[str, FileForm] = {}
    headers: dict[str, tuple[str, ...]] = {}
    for table in archive.tables():
        with archive.open(table) as stream:
            forms[table] = detect(
                stream,
                encoding=choices.encoding,
                delimiter=choices.delimiter,
                bare_quotes=table.startswith(_ELAS_NAME),
            )
        with open_as(archive.open(table), forms[table]) as stream:
            headers[table] = tuple(read_header(stream, f"{shown_name(table)}.csv", forms[table]))
    codes = Codes(known_codes, width=choices.code_width)
    if "id" in headers.get(USERS.name, ()):
        found = {
            table.name: (Found(table.name, forms[table.name], table),)
            for table in READ
            if table.name in forms
        }
        for name in (*found, *({CONFIG} & forms.keys())):
            _note_form(f"{name}.csv", forms[name], issues)
        return Sources(Generation.ELAND, found, forms, headers, codes)
    return _coded(forms, headers, codes)


def _note_form(file: str, form: FileForm, issues: Issues) -> None:
    if form.encoding is not Encoding.UTF_8:
        reason = f"read as {form.encoding.value}: {_REWRITTEN}"
        issues.add(Issue(file, 0, Code.CSV_ENCODING, "", reason))
    if form.delimiter is not Delimiter.COMMA:
        said = "tab" if form.delimiter is Delimiter.TAB else form.delimiter.value
        issues.add(Issue(file, 0, Code.MALFORMED, "", f"cells divided by {said}: {_REWRITTEN}"))


def _coded(
    forms: Mapping[str, FileForm], headers: Mapping[str, tuple[str, ...]], codes: Codes
) -> Sources:
    """Sort tables that go by codes: newest first, for eLAS dates their names."""
    by_kind: dict[str, list[str]] = {}
    for table in sorted(headers, reverse=True):
        kind = next((kind for kind, wanted in coded.CODED if _fits(headers[table], wanted)), None)
        if kind is not None:
            by_kind.setdefault(kind, []).append(table)
    members = sorted(by_kind.get("users", ()), key=lambda each: "status" not in headers[each])
    if not members:
        former = next((table for table in headers if table.startswith(_ELAS_NAME)), None)
        if former is not None:
            raise InputError(Code.IMPORT_GENERATION, field=f"{shown_name(former)}.csv")
        raise InputError(Code.IMPORT_TABLE_MISSING, field=f"{USERS.name}.csv")

    def one(kind: str, read: Table[Any]) -> Iterator[Found]:
        for table in by_kind.get(kind, ())[:1]:
            yield Found(table, forms[table], read)

    zones: dict[str, tzinfo] = {
        kind: UTC
        if _FORMER_MARKS & set(headers[tables[0]]) & _marks(headers[tables[0]])
        else BRUSSELS
        for kind, tables in by_kind.items()
    }
    users = members[0]
    found: dict[str, tuple[Found, ...]] = {
        "users": (Found(users, forms[users], coded.members(codes, zones["users"])),),
        "transactions": tuple(
            one("transactions", coded.transfers(codes, zones.get("transactions", BRUSSELS)))
        ),
        "messages": tuple(one("messages", coded.posts(codes, zones.get("messages", BRUSSELS)))),
        "contact": (
            *one("contact", coded.contacts(codes)),
            *_contacts_of_members(members, forms, headers, codes),
        ),
        "categories": tuple(
            each._replace(first=False, once=True)
            for each in one("messages", coded.categories_of_posts())
            if _fits(headers[each.table], each.read.columns)
        ),
        "balance": tuple(
            Found(table, forms[table], read)
            for read in (coded.balances(codes),)
            for table in members[1:2]
            if _fits(headers[table], read.columns)
        ),
    }
    return Sources(_generation(headers), found, forms, headers, codes)


def _contacts_of_members(
    members: list[str],
    forms: Mapping[str, FileForm],
    headers: Mapping[str, tuple[str, ...]],
    codes: Codes,
) -> Iterator[Found]:
    for kind in coded.CONTACT_KINDS:
        for table in members[:2]:
            read = coded.contacts_of_members(codes, kind)
            if _fits(headers[table], read.columns):
                yield Found(table, forms[table], read, first=False)
                break


def _fits(header: tuple[str, ...], columns: tuple[Column, ...]) -> bool:
    return all(
        not column.necessary or any(name in header for name in (column.name, *column.former))
        for column in columns
    )


def _marks(header: tuple[str, ...]) -> frozenset[str]:
    """Give the names that tell former eLAND from eLAS: only where a letscode stands beside."""
    return _FORMER_MARKS if {"letscode", "van"} & set(header) else frozenset()


def _generation(headers: Mapping[str, tuple[str, ...]]) -> Generation:
    if any(_marks(header) & set(header) for header in headers.values()):
        return Generation.ELAND_FORMER
    former = any(table.startswith(_ELAS_NAME) for table in headers)
    return (
        Generation.ELAS
        if former or any("letscode" in header for header in headers.values())
        else Generation.SCREEN
    )
