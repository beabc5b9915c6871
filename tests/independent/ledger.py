"""A group's accounts, added up again from the bodies of its log. Standard library only."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple


class Account(NamedTuple):
    """What the log says about an account when it is opened."""

    kind: str
    line: str = ""


class Ledger:
    """Balances and holds of every account; `post` wants sums of zero (I1)."""

    def __init__(self) -> None:
        self.accounts: dict[int, Account] = {}
        self.balances: Counter[int] = Counter()
        self.held_lower: Counter[int] = Counter()
        self.held_upper: Counter[int] = Counter()

    def opened(self, body: dict[str, Any]) -> None:
        number = body["account"]
        assert number not in self.accounts, f"account {number} opened twice"
        self.accounts[number] = Account(body["kind"], body.get("line", ""))

    def of_kind(self, kind: str) -> int:
        return next(number for number, account in self.accounts.items() if account.kind == kind)

    def clearing_of(self, line: str) -> int | None:
        """Give the account that stands for a partner, once it is opened."""
        for number, account in self.accounts.items():
            if account == Account("clearing", line):
                return number
        return None

    def post(self, body: dict[str, Any], where: str) -> None:
        legs = body["postings"]
        assert sum(leg["amount_minor"] for leg in legs) == 0, f"{where}: postings sum to something"
        for leg in legs:
            assert leg["account"] in self.accounts, f"{where}: no account {leg['account']}"
            self.balances[leg["account"]] += leg["amount_minor"]

    def same_as_stored(self, rows: list[Any]) -> None:
        """Hold the sums against the table of accounts."""
        stored = {row["account"]: row["balance_minor"] for row in rows}
        assert set(stored) == set(self.accounts), "other accounts are stored"
        for number in self.accounts:
            assert stored[number] == self.balances[number], f"balance of account {number}"
        for name, held in (("lower", self.held_lower), ("upper", self.held_upper)):
            for row in rows:
                found = row[f"held_{name}_minor"]
                assert found == held[row["account"]], f"{name} hold of account {row['account']}"


def legs(body: dict[str, Any]) -> dict[int, int]:
    """Add up the legs of a booking by account; what comes to zero is left out."""
    sums: Counter[int] = Counter()
    for leg in body["postings"]:
        sums[leg["account"]] += leg["amount_minor"]
    return {number: amount for number, amount in sums.items() if amount}
