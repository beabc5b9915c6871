"""The receipt of a plan, put together; `receipt` writes it out.

Invariant: holds counts, codes of accounts and names of files and columns, nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from federation.migrate.archive import shown_name
from federation.migrate.csv_rows import count_rows
from federation.migrate.g3 import CONFIG, MESSAGES, TRANSACTIONS
from federation.migrate.planned import Receipt, SkippedTable, TableCount
from federation.migrate.settings import SECRET, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from federation.migrate.archive import Archive
    from federation.migrate.balances import Compared
    from federation.migrate.planned import ImportedAccount, ImportedCategory
    from federation.migrate.reader import Reader
    from federation.migrate.sources import Sources

_CONFIG_FILE = f"{CONFIG}.csv"


class Findings(NamedTuple):
    """What a plan was made of."""

    settings: Settings
    accounts: tuple[ImportedAccount, ...]
    categories: tuple[ImportedCategory, ...]
    transfers: int
    posts: int
    pictures: int
    compared: Compared


def make_receipt(archive: Archive, reader: Reader, found: Findings) -> Receipt:
    """Put the receipt together after everything has been read once."""
    issues = reader.issues
    kinds = [account.kind for account in found.accounts]
    read = dict(reader.rows_read)
    aside = dict(reader.aside)
    if found.settings.rows:
        read[_CONFIG_FILE] = found.settings.rows
        aside[_CONFIG_FILE] = found.settings.aside
    return Receipt(
        file=archive.name,
        size=archive.size,
        sha256=archive.digest(),
        generation=reader.sources.generation,
        group=found.settings.group,
        members=kinds.count("member"),
        partners=kinds.count("partner"),
        group_accounts=kinds.count("group"),
        categories=len(found.categories),
        contacts=sum(len(account.contacts) for account in found.accounts),
        posts=found.posts,
        pictures=found.pictures,
        posts_refused=issues.refused_in(reader.file(MESSAGES)),
        transfers=found.transfers,
        transfers_refused=issues.refused_in(reader.file(TRANSACTIONS)),
        tables=tuple(_table_counts(read, aside, reader)),
        skipped=tuple(_skipped(archive, reader.sources)),
        missing=reader.sources.missing(),
        secrets_dropped=tuple(_secrets(aside, found.settings)),
        balances=found.compared.checks,
        sum_file_minor=found.compared.sum_file_minor,
        sum_computed_minor=found.compared.sum_computed_minor,
        corrections=found.compared.corrections,
        doubles=tuple(reader.doubles),
        issues=tuple(issues.kept),
        refused_total=issues.refused,
        noted_total=issues.noted,
    )


def _table_counts(
    read: dict[str, int], aside: dict[str, tuple[str, ...]], reader: Reader
) -> Iterator[TableCount]:
    for file in sorted(read):
        refused = reader.issues.refused_in(file)
        yield TableCount(
            file=file,
            read=read[file],
            taken=read[file] - refused,
            refused=refused,
            aside=tuple(name for name in aside[file] if not SECRET.search(name)),
        )


def _skipped(archive: Archive, sources: Sources) -> Iterator[SkippedTable]:
    for table in sources.unread():
        with archive.open(table) as stream:
            yield SkippedTable(f"{shown_name(table)}.csv", count_rows(stream))


def _secrets(aside: dict[str, tuple[str, ...]], settings: Settings) -> Iterator[str]:
    for file in sorted(aside):
        yield from (f"{file}, column {name}" for name in aside[file] if SECRET.search(name))
    if settings.secrets:
        yield f"{_CONFIG_FILE}, {settings.secrets} rows"
