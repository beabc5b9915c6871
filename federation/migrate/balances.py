"""Balances: those in the file beside those that the transfers make.

Invariant: the transfers are the truth and their balances sum to 0. Balances in the file that do
not sum to 0 stop the import, unless the difference is to be booked to the group's account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.migrate.g3 import BALANCE
from federation.migrate.issues import Issue
from federation.migrate.planned import BalanceCheck, ImportedAccount, ImportedCorrection
from schemas.errors import Code, InputError
from schemas.ids import SAFE_INTEGER

if TYPE_CHECKING:
    from federation.migrate.reader import Reader
    from federation.migrate.rows import BalanceRow

_FILE: Final = "balance.csv"


class Compared(NamedTuple):
    """The outcome for all accounts, in their order."""

    checks: tuple[BalanceCheck, ...]
    corrections: tuple[ImportedCorrection, ...]
    sum_file_minor: int | None
    sum_computed_minor: int


def file_balances(reader: Reader, accounts: tuple[ImportedAccount, ...]) -> dict[int, int] | None:
    """Read the newest balance of each account; `None` when the export has no such table.

    An account without a row stands at 0.

    Raises:
        InputError: as `Reader.rows`.

    """
    known = {account.source_id for account in accounts}
    newest: dict[int, BalanceRow] = {}
    for row in reader.rows(BALANCE):
        if row.account_id not in known:
            reason = "no such account in users.csv"
            reader.issues.add(
                Issue(
                    reader.file(BALANCE),
                    row.line,
                    Code.ACCOUNT_UNKNOWN,
                    "account_id",
                    reason,
                    refused=True,
                )
            )
            continue
        best = newest.get(row.account_id)
        if best is None or (best.created_at_s, best.id) < (row.created_at_s, row.id):
            newest[row.account_id] = row
    return {account: row.balance for account, row in newest.items()} or None


def compare(
    accounts: tuple[ImportedAccount, ...],
    file: dict[int, int] | None,
    computed: dict[int, int],
    *,
    book_difference_to_group: bool,
    name: str = _FILE,
) -> Compared:
    """Set both balances of each account side by side.

    `name` is the file that says them. With `book_difference_to_group` each account but the
    group's own gets its difference from the group's account, so that it ends as in the file.

    Raises:
        InputError: `import_sum` when the file's balances do not sum to 0 and the difference is
            not to be booked; `amount_too_large` for a difference beyond 2^53.

    """
    checks = tuple(
        BalanceCheck(
            source_id=account.source_id,
            code=account.code,
            kind=account.kind,
            file_minor=None if file is None else file.get(account.source_id, 0),
            computed_minor=computed.get(account.source_id, 0),
            difference_minor=0
            if file is None
            else file.get(account.source_id, 0) - computed.get(account.source_id, 0),
        )
        for account in accounts
    )
    sum_file = None if file is None else sum(check.file_minor or 0 for check in checks)
    if sum_file and not book_difference_to_group:
        raise InputError(Code.IMPORT_SUM, field=name, difference=sum_file)
    if any(abs(check.difference_minor) > SAFE_INTEGER for check in checks):
        raise InputError(Code.AMOUNT_TOO_LARGE, field=name)
    corrections = tuple(
        ImportedCorrection(
            source_key=f"correction:{check.source_id}",
            account_source_id=check.source_id,
            amount_minor=check.difference_minor,
        )
        for check in checks
        if book_difference_to_group and check.kind != "group" and check.difference_minor
    )
    sum_computed = sum(check.computed_minor for check in checks)
    assert sum_computed == 0, "each transfer takes what it gives"
    assert all(abs(check.computed_minor) <= SAFE_INTEGER for check in checks), "within 2^53"
    return Compared(checks, corrections, sum_file, sum_computed)
