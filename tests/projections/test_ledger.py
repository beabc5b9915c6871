"""The ledger fold: balances, holds and what an account is known by."""

from __future__ import annotations

import pytest

from projections.ledger import Hold, HoldKey, Ledger, PostingRow, free, hold, open_account, post
from schemas.bodies import AccountKind, AccountOpened, AccountStatus, Posting

KEY: HoldKey = ("line", "path", "out")
BOTH = Hold(account=1, lower_minor=7, upper_minor=4)


@pytest.fixture
def ledger() -> Ledger:
    """Two members, committed."""
    committed = Ledger()
    branch = committed.branch()
    for number in (1, 2):
        open_account(branch, 10 + number, opened(number))
    committed.adopt(branch)
    return committed


def opened(number: int) -> AccountOpened:
    return AccountOpened(
        v=1,
        at_s=0,
        account=number,
        code=f"Lid {number}",
        kind=AccountKind.MEMBER,
        status=AccountStatus.ACTIVE,
        subject=f"subject {number}",
        line=f"line {number}",
        lower_minor=-number,
        upper_minor=number,
        unlimited=True,
    )


def test_an_account_is_kept_as_it_was_opened_and_found_by_each_of_its_names(
    ledger: Ledger,
) -> None:
    account = ledger.accounts[2]

    assert (account.code, account.kind) == ("Lid 2", AccountKind.MEMBER)
    assert (account.status, account.line) == (AccountStatus.ACTIVE, "line 2")
    assert (account.lower_minor, account.upper_minor, account.unlimited) == (-2, 2, True)
    assert account.opened_seq == 12
    assert ledger.codes["lid 2"] == ledger.of_subject["subject 2"] == 2
    assert ledger.of_kind[AccountKind.MEMBER] == 1
    assert ledger.next_account == 3


def test_a_statement_row_says_where_it_stands_and_what_it_left(ledger: Ledger) -> None:
    rows: list[PostingRow] = []
    post(ledger, 20, 5, (Posting(1, -3), Posting(2, 3)), rows)
    post(ledger, 21, 6, (Posting(2, 4), Posting(1, -4)), rows)

    assert rows == [
        PostingRow(account=1, seq=20, ordinal=0, amount_minor=-3, balance_minor=-3, at_s=5),
        PostingRow(account=2, seq=20, ordinal=1, amount_minor=3, balance_minor=3, at_s=5),
        PostingRow(account=2, seq=21, ordinal=0, amount_minor=4, balance_minor=7, at_s=6),
        PostingRow(account=1, seq=21, ordinal=1, amount_minor=-4, balance_minor=-7, at_s=6),
    ]
    assert (ledger.balance(1), ledger.balance(2)) == (-7, 7)


def test_an_account_that_nobody_opened_has_nothing(ledger: Ledger) -> None:
    assert ledger.balance(99) == 0


def test_a_hold_that_is_let_go_of_keeps_what_it_was(ledger: Ledger) -> None:
    hold(ledger, KEY, BOTH)
    assert (ledger.held_lower[1], ledger.held_upper[1]) == (7, 4)

    held = free(ledger, KEY)

    assert held == BOTH
    assert ledger.holds[KEY] == Hold(account=1, lower_minor=7, upper_minor=4, open=False)
    assert (ledger.held_lower[1], ledger.held_upper[1]) == (0, 0)


def test_a_hold_is_let_go_of_once(ledger: Ledger) -> None:
    hold(ledger, KEY, BOTH)
    hold(ledger, ("line", "other", "out"), BOTH)
    free(ledger, KEY)

    again, unknown = free(ledger, KEY), free(ledger, ("line", "third", "out"))

    assert again is unknown is None
    assert (ledger.held_lower[1], ledger.held_upper[1]) == (7, 4)


def test_a_dropped_branch_changes_nothing(ledger: Ledger) -> None:
    branch = ledger.branch()

    open_account(branch, 30, opened(3))
    hold(branch, KEY, BOTH)
    post(branch, 31, 5, (Posting(1, -3), Posting(2, 3)), [])

    assert (ledger.next_account, ledger.accounts.get(3)) == (3, None)
    assert (ledger.holds.get(KEY), ledger.held_lower.get(1)) == (None, None)
    assert (ledger.balance(1), ledger.balance(2)) == (0, 0)


def test_an_adopted_branch_is_taken_over_whole(ledger: Ledger) -> None:
    branch = ledger.branch()
    open_account(branch, 30, opened(3))
    hold(branch, KEY, BOTH)
    post(branch, 31, 5, (Posting(1, -3), Posting(2, 3)), [])

    ledger.adopt(branch)

    assert (ledger.next_account, ledger.accounts[3].opened_seq) == (4, 30)
    assert (ledger.holds[KEY], ledger.held_lower[1], ledger.held_upper[1]) == (BOTH, 7, 4)
    assert (ledger.balance(1), ledger.balance(2)) == (-3, 3)


def test_a_hold_that_was_let_go_of_leaves_the_memory(ledger: Ledger) -> None:
    branch = ledger.branch()
    hold(branch, KEY, BOTH)
    hold(branch, ("line", "other", "out"), BOTH)
    free(branch, KEY)

    ledger.adopt(branch)

    assert list(ledger.holds.values()) == [BOTH]
    assert KEY not in ledger.holds
