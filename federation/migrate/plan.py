"""From an archive to the plan of an import: everything but the writing.

Invariant: a plan and its streams depend on the file alone, so a second run gives the same keys.
Accounts, categories, settings and balances are held in memory; transfers and posts are streamed,
once for counting and once for each caller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.migrate.accounts import read_accounts
from federation.migrate.archive import shown_name
from federation.migrate.balances import compare, file_balances
from federation.migrate.categories import read_categories
from federation.migrate.csv_rows import read_header
from federation.migrate.g3 import USERS
from federation.migrate.issues import Issues
from federation.migrate.planned import Plan
from federation.migrate.reader import Reader
from federation.migrate.settings import read_settings
from federation.migrate.streams import accepted_posts, accepted_transfers
from federation.migrate.summary import Findings, make_receipt
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from federation.migrate.archive import Archive
    from federation.migrate.planned import ImportedPost, ImportedTransfer


def build_plan(
    archive: Archive, *, book_difference_to_group: bool = False, group_code: str | None = None
) -> Plan:
    """Read an export to its end and tell what an import would write.

    Args:
        archive: stays open while the streams are used.
        book_difference_to_group: let accounts end as in the file, by corrections against the
            group's account; without it a sum other than 0 is refused and differences are listed.
        group_code: the code of the account that is the group's own (`secretariaat`), if any.

    Raises:
        InputError: a code of the families `archive_`, `csv_` and `import_`; nothing was planned.

    """
    _check_generation(archive)
    issues = Issues()
    reader = Reader(archive, issues)
    settings = read_settings(archive, issues)
    accounts, saldo = read_accounts(reader, group_code)
    categories = read_categories(reader)
    computed: dict[int, int] = {}
    count, in_time_order, before_s = 0, True, 0
    for transfer in accepted_transfers(reader, accounts, computed):
        count += 1
        in_time_order = in_time_order and before_s <= transfer.at_s
        before_s = transfer.at_s
    post_count = sum(1 for _ in accepted_posts(reader, accounts, categories))
    compared = compare(
        accounts,
        file_balances(reader, accounts) or saldo,
        computed,
        book_difference_to_group=book_difference_to_group,
    )
    found = Findings(settings, accounts, categories, count, post_count, compared)
    return Plan(
        group=settings.group,
        accounts=accounts,
        categories=categories,
        corrections=compared.corrections,
        in_time_order=in_time_order,
        receipt=make_receipt(archive, reader, found),
    )


def transfers(archive: Archive, plan: Plan) -> Iterator[ImportedTransfer]:
    """Stream the transfers of a plan, in the order of the file; always the same ones.

    Raises:
        InputError: only when the file has changed since the plan was built.

    """
    return accepted_transfers(Reader(archive, Issues()), plan.accounts, {})


def posts(archive: Archive, plan: Plan) -> Iterator[ImportedPost]:
    """Stream the posts of a plan, as `transfers`."""
    return accepted_posts(Reader(archive, Issues()), plan.accounts, plan.categories)


def _check_generation(archive: Archive) -> None:
    """Refuse what eLAS or an older eLAND exported: its users have a letscode but no id."""
    tables = archive.tables()
    former = next((table for table in tables if table.startswith("elas-")), None)
    if former is not None:
        raise InputError(Code.IMPORT_GENERATION, field=f"{shown_name(former)}.csv")
    file = f"{USERS.name}.csv"
    if USERS.name not in tables:
        raise InputError(Code.IMPORT_TABLE_MISSING, field=file)
    with archive.open(USERS.name) as stream:
        header = {(cell or "").strip().lower() for cell in read_header(stream, file)}
    if "letscode" in header and "id" not in header:
        raise InputError(Code.IMPORT_GENERATION, field=file)
