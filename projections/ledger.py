"""The ledger: accounts, balances and holds as a fold of the own log alone (design sections 4, 5).

Keeps I1 (each event's postings sum to zero) and I9 (holds are the sum of the open prepares and
accepts). Decides nothing: what stands in the log has been decided.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from projections.layered import Layered
from schemas.amounts import Unit
from schemas.bodies import (
    AccountKind,
    AccountLimited,
    AccountOpened,
    AccountStatus,
    AccountStatusSet,
    GroupConfigured,
    GroupLimits,
    Posting,
)
from schemas.limit_bodies import Limits


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What is fixed about an account between two events that name it; balances lie beside it."""

    account: int
    code: str
    kind: AccountKind
    status: AccountStatus
    subject: str | None = None
    line: str | None = None
    lower_minor: int | None = None
    upper_minor: int | None = None
    unlimited: bool = False
    opened_seq: int = 0
    soft_lower_minor: int | None = None
    soft_upper_minor: int | None = None
    since_s: int = 0
    """Since when its member is one."""
    merged_into: int | None = None
    """The account that goes on for its member, since two became one."""
    left_s: int | None = None
    """Since when its member is gone, while it is."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The group's unit and limits.

    The newest `group.configured` says the unit and both hard limits, the newest `group.limits` all
    limits.
    """

    unit: Unit
    limits: Limits = Limits()


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Units set apart: below a payer's lower limit or below a payee's upper limit."""

    account: int
    lower_minor: int = 0
    upper_minor: int = 0
    open: bool = True


class PostingRow(NamedTuple):
    """One line of a statement: a posting with the balance that it left."""

    account: int
    seq: int
    ordinal: int
    amount_minor: int
    balance_minor: int
    at_s: int


_MEMBER: Final = AccountKind.MEMBER

HoldKey = tuple[str, str, str]
"""(line, path, direction)."""


class Ledger:
    """Accounts with balances and holds; changed by the functions of this module only."""

    __slots__ = (
        "accounts",
        "balances",
        "codes",
        "given",
        "held_lower",
        "held_upper",
        "holds",
        "next_account",
        "of_kind",
        "of_subject",
        "settings",
    )

    def __init__(self) -> None:
        """Start empty."""
        self.accounts: Layered[int, Account] = Layered()
        self.codes: Layered[str, int] = Layered()
        self.of_subject: Layered[str, int] = Layered()
        self.of_kind: Layered[AccountKind, int] = Layered()
        self.balances: Layered[int, int] = Layered()
        self.given: Layered[int, int] = Layered()
        """What each member was credited for what it gave; what came back is taken off."""
        self.held_lower: Layered[int, int] = Layered()
        self.held_upper: Layered[int, int] = Layered()
        self.holds: Layered[HoldKey, Hold] = Layered()
        self.settings: Settings | None = None
        self.next_account = 1

    def branch(self) -> Ledger:
        """Give a copy whose changes can be dropped."""
        copy = Ledger.__new__(Ledger)
        copy.accounts = self.accounts.branch()
        copy.codes = self.codes.branch()
        copy.of_subject = self.of_subject.branch()
        copy.of_kind = self.of_kind.branch()
        copy.balances = self.balances.branch()
        copy.given = self.given.branch()
        copy.held_lower = self.held_lower.branch()
        copy.held_upper = self.held_upper.branch()
        copy.holds = self.holds.branch()
        copy.settings = self.settings
        copy.next_account = self.next_account
        return copy

    def adopt(self, branch: Ledger) -> None:
        """Take over the changes of a branch that has been committed."""
        for part in (
            branch.accounts,
            branch.codes,
            branch.of_subject,
            branch.of_kind,
            branch.balances,
            branch.given,
            branch.held_lower,
            branch.held_upper,
        ):
            part.merge()
        branch.holds.merge(lambda held: held.open)
        self.settings = branch.settings
        self.next_account = branch.next_account

    def balance(self, account: int) -> int:
        """Give the balance of an account in minor units."""
        return self.balances.get(account) or 0

    def account_of_kind(self, kind: AccountKind) -> Account | None:
        """Give the node's own account of a kind of which there is one."""
        number = self.of_kind.get(kind)
        return None if number is None else self.accounts[number]

    def know(self, account: Account) -> None:
        """Make a new account be found by number, code, subject and kind."""
        self.accounts.put(account.account, account)
        self.codes.put(code_key(account.code), account.account)
        if account.subject is not None:
            self.of_subject.put(account.subject, account.account)
        if account.kind not in self.of_kind:
            self.of_kind.put(account.kind, account.account)


def code_key(code: str) -> str:
    """Give the form in which two member codes are the same: no outer spaces, no case."""
    return " ".join(code.split()).casefold()


def post(
    ledger: Ledger, seq: int, at_s: int, postings: tuple[Posting, ...], rows: list[PostingRow]
) -> None:
    """Apply the postings of one event and append their statement rows. I1 holds here."""
    balances = ledger.balances
    total = 0
    for ordinal, posting in enumerate(postings):
        amount = posting.amount_minor
        total += amount
        after = (balances.get(posting.account) or 0) + amount
        balances.top[posting.account] = after
        rows.append(PostingRow(posting.account, seq, ordinal, amount, after, at_s))
    assert total == 0, "I1: the postings of one event sum to zero"


def count_given(ledger: Ledger, postings: tuple[Posting, ...], *, undoes: bool = False) -> None:
    """Count what members were credited for what they gave; with `undoes` what they gave back."""
    for posting in postings:
        amount = posting.amount_minor
        if (amount > 0) is undoes or ledger.accounts[posting.account].kind is not _MEMBER:
            continue
        before = ledger.given.get(posting.account) or 0
        ledger.given.top[posting.account] = max(0, before + amount)


def hold(ledger: Ledger, key: HoldKey, held: Hold) -> None:
    """Set units apart."""
    assert key not in ledger.holds, "one hold per path, line and direction"
    ledger.holds.put(key, held)
    _move_held(ledger, held, 1)


def free(ledger: Ledger, key: HoldKey) -> Hold | None:
    """Let go of what was set apart under `key`; nothing happens when it is free already."""
    held = ledger.holds.get(key)
    if held is None or not held.open:
        return None
    ledger.holds.put(
        key,
        Hold(
            account=held.account,
            lower_minor=held.lower_minor,
            upper_minor=held.upper_minor,
            open=False,
        ),
    )
    _move_held(ledger, held, -1)
    return held


def _move_held(ledger: Ledger, held: Hold, sign: int) -> None:
    if held.lower_minor:
        now = (ledger.held_lower.get(held.account) or 0) + sign * held.lower_minor
        assert now >= 0
        ledger.held_lower.put(held.account, now)
    if held.upper_minor:
        now = (ledger.held_upper.get(held.account) or 0) + sign * held.upper_minor
        assert now >= 0
        ledger.held_upper.put(held.account, now)


def configure(ledger: Ledger, body: GroupConfigured) -> None:
    """Take the unit and the default limits."""
    limits = Limits() if ledger.settings is None else ledger.settings.limits
    ledger.settings = Settings(
        unit=body.unit,
        limits=msgspec.structs.replace(
            limits, lower_minor=body.lower_minor, upper_minor=body.upper_minor
        ),
    )


def limit_group(ledger: Ledger, body: GroupLimits) -> None:
    """Replace the limits of the group."""
    assert ledger.settings is not None, "a group has a unit before it has limits in it"
    ledger.settings = Settings(unit=ledger.settings.unit, limits=body.limits)


def open_account(ledger: Ledger, seq: int, body: AccountOpened) -> None:
    """Open an account with balance zero."""
    assert body.account == ledger.next_account, "account numbers have no gaps"
    assert code_key(body.code) not in ledger.codes, "a code names one account"
    ledger.next_account += 1
    ledger.balances.put(body.account, 0)
    ledger.know(
        Account(
            account=body.account,
            code=body.code,
            kind=body.kind,
            status=body.status,
            subject=body.subject,
            line=body.line,
            lower_minor=body.lower_minor,
            upper_minor=body.upper_minor,
            unlimited=body.unlimited,
            opened_seq=seq,
            since_s=body.at_s if body.since_s is None else body.since_s,
            left_s=body.at_s if body.status is AccountStatus.INACTIVE else None,
        ),
    )


def limit_account(ledger: Ledger, body: AccountLimited) -> None:
    """Replace the limits of an account."""
    ledger.accounts.put(
        body.account,
        msgspec.structs.replace(
            ledger.accounts[body.account],
            lower_minor=body.lower_minor,
            upper_minor=body.upper_minor,
            unlimited=body.unlimited,
            soft_lower_minor=body.soft_lower_minor,
            soft_upper_minor=body.soft_upper_minor,
        ),
    )


def set_status(ledger: Ledger, body: AccountStatusSet) -> None:
    """Replace the status of an account; who only asked for information becomes a member now."""
    account = ledger.accounts[body.account]
    joins = account.status is AccountStatus.INFORMATION and body.status is AccountStatus.ACTIVE
    left_s = body.at_s if account.left_s is None else account.left_s
    ledger.accounts.put(
        body.account,
        msgspec.structs.replace(
            account,
            status=body.status,
            since_s=body.at_s if joins else account.since_s,
            merged_into=None if body.status.books() else body.merged_into or account.merged_into,
            left_s=left_s if body.status is AccountStatus.INACTIVE else None,
        ),
    )
    if body.merged_into is not None and body.given_minor is not None:
        ledger.given.top[body.merged_into] = body.given_minor
        ledger.given.top[body.account] = 0
