"""From an archive to the plan of an import: everything but the writing.

Invariant: a plan and its streams depend on the file alone, so a second run gives the same keys.
Accounts, categories, settings and balances are held in memory; transfers and posts are streamed,
once for counting and once for each caller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.migrate.accounts import read_accounts
from federation.migrate.balances import compare, file_balances
from federation.migrate.categories import read_categories
from federation.migrate.choices import AS_IT_IS, Generation
from federation.migrate.g3 import BALANCE, CONFIG, USERS
from federation.migrate.issues import Issues
from federation.migrate.planned import Plan
from federation.migrate.reader import Reader
from federation.migrate.settings import read_settings
from federation.migrate.sources import find_sources
from federation.migrate.streams import accepted_posts, accepted_transfers
from federation.migrate.summary import Findings, make_receipt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from federation.migrate.archive import Archive
    from federation.migrate.choices import Choices
    from federation.migrate.planned import ImportedPost, ImportedTransfer


def build_plan(
    archive: Archive, choices: Choices = AS_IT_IS, *, group_code: str | None = None
) -> Plan:
    """Read an export to its end and tell what an import would write.

    Args:
        archive: stays open while the streams are used.
        choices: what was chosen. Unless the difference is booked to the group's account, a sum
            other than 0 is refused and differences are listed.
        group_code: the code of the account that is the group's own (`secretariaat`), if any.

    Raises:
        InputError: a code of the families `archive_`, `csv_` and `import_`; nothing was planned.

    """
    issues = Issues()
    sources = find_sources(archive, choices, issues)
    reader = Reader(archive, sources, choices, issues)
    by_numbers = sources.generation is Generation.ELAND
    settings = read_settings(archive, sources.forms.get(CONFIG) if by_numbers else None, issues)
    accounts, saldo = read_accounts(reader, group_code)
    categories = read_categories(reader)
    computed: dict[int, int] = {}
    count, in_time_order, before_s = 0, True, 0
    for transfer in accepted_transfers(reader, accounts, computed):
        count += 1
        in_time_order = in_time_order and before_s <= transfer.at_s
        before_s = transfer.at_s
    post_count, picture_count = 0, sum(bool(account.picture) for account in accounts)
    for post in accepted_posts(reader, accounts, categories):
        post_count += 1
        picture_count += len(post.pictures)
    compared = compare(
        accounts,
        file_balances(reader, accounts) or saldo,
        computed,
        book_difference_to_group=choices.book_difference,
        name=sources.file(BALANCE.name if sources.of(BALANCE.name) else USERS.name),
    )
    found = Findings(settings, accounts, categories, count, post_count, picture_count, compared)
    return Plan(
        group=settings.group,
        accounts=accounts,
        categories=categories,
        corrections=compared.corrections,
        choices=choices,
        in_time_order=in_time_order,
        receipt=make_receipt(archive, reader, found),
    )


def transfers(archive: Archive, plan: Plan) -> Iterator[ImportedTransfer]:
    """Stream the transfers of a plan, in the order of the file; always the same ones.

    Raises:
        InputError: only when the file has changed since the plan was built.

    """
    return accepted_transfers(_reader(archive, plan), plan.accounts, {})


def posts(archive: Archive, plan: Plan) -> Iterator[ImportedPost]:
    """Stream the posts of a plan, as `transfers`."""
    return accepted_posts(_reader(archive, plan), plan.accounts, plan.categories)


def _reader(archive: Archive, plan: Plan) -> Reader:
    issues, codes = Issues(), (account.code for account in plan.accounts)
    return Reader(archive, find_sources(archive, plan.choices, issues, codes), plan.choices, issues)
