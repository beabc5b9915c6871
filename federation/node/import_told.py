"""What has come of an import: counted, held against the books, and told as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from federation.migrate.planned import Plan, Receipt
from federation.migrate.receipt import render
from projections.ledger import code_key

if TYPE_CHECKING:
    from federation.node.service import Node


class Written(msgspec.Struct):
    """What an import has added, and what was there already."""

    accounts: int = 0
    joined: int = 0
    """Accounts that are of members who were here before."""
    categories: int = 0
    transfers: int = 0
    posts: int = 0
    pictures: int = 0
    already: int = 0
    refused: list[str] = []


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of an import, or of a dry run."""

    dry_run: bool
    receipt: Receipt
    written: Written
    balances_differ: list[str]
    clashes: list[str]
    """Codes of the file that members have who are here already."""
    text: str


def told(
    receipt: Receipt, written: Written, differ: list[str], clashes: list[str], *, dry_run: bool
) -> str:
    """Write receipt and outcome as text."""
    return render(receipt) + _outcome(written, differ, clashes, dry_run=dry_run)


def _outcome(written: Written, differ: list[str], clashes: list[str], *, dry_run: bool) -> str:
    if dry_run:
        here = f"\nMembers here have these codes already: {', '.join(clashes)}" if clashes else ""
        return f"{here}\nNothing was written: this was a dry run.\n"
    lines = [
        "",
        (
            f"Written: {written.accounts} accounts, {written.transfers} transfers, "
            f"{written.posts} posts, {written.pictures} pictures, "
            f"{written.categories} categories; "
            f"{written.already} were there already."
        ),
        *(f"Refused: {reason}" for reason in written.refused),
        f"Balances here differ: {', '.join(differ)}"
        if differ
        else "Every balance here is the one computed from the file.",
    ]
    return "\n".join(lines) + "\n"


def balances_differ(node: Node, plan: Plan, written: Written, *, scale: int) -> list[str]:
    """Hold each balance of the ledger against the one computed from the file.

    Only right after a first import: later trades move balances on, and members who were here
    before may have some of their own.
    """
    if written.already or written.joined:
        return []
    corrections = {c.account_source_id: c.amount_minor for c in plan.corrections}
    ledger = node.machine.books.ledger
    by_code = {a.source_id: a for a in plan.accounts}
    differ = []
    for check in plan.receipt.balances:
        number = ledger.codes.get(code_key(by_code[check.source_id].code))
        wanted = scale * (check.computed_minor + corrections.get(check.source_id, 0))
        if number is not None and ledger.balance(number) != wanted:
            differ.append(check.code)
    assert sum(ledger.balance(a.account) for a in ledger.accounts.values()) == 0
    return differ
