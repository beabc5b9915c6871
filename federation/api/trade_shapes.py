"""What goes in and comes out of the API about other groups: quotes, trades, lines."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from federation.api.shapes import PAGE, Description, Given, Limit, Sent
from projections.trade_state import TradeState
from schemas.bodies import MemberCode
from schemas.core_parts import FreezeReason
from schemas.ids import Amount, Count, LineId, NodeId, PathId, Positive


class FixedPrice(StrEnum):
    """Whose amount is given: the other follows from the rates, and the payer bears rounding."""

    PAYEE = "payee"
    PAYER = "payer"


class Partner(Given, frozen=True, kw_only=True):
    """Another group, and whether trades with it can be booked now."""

    group: NodeId
    name: str
    bookable: bool


class Partners(Given, frozen=True, kw_only=True):
    """Every other group that this one knows."""

    groups: tuple[Partner, ...]


class QuoteAsked(Sent, frozen=True, kw_only=True):
    """What a payment would cost."""

    amount_minor: Positive
    fixed: FixedPrice = FixedPrice.PAYEE


class Quoted(Given, frozen=True, kw_only=True):
    """The three numbers of a payment, exactly as they would be booked now."""

    group: NodeId
    payer_minor: Positive
    payee_minor: Positive
    line_units: Positive


class PaymentAsked(Sent, frozen=True, kw_only=True):
    """A member of ours pays a member of another group.

    `expected_minor` is what the payer has seen that it would give: another number is refused.
    """

    payer: MemberCode
    group: NodeId
    payee: MemberCode
    amount_minor: Positive
    fixed: FixedPrice = FixedPrice.PAYEE
    expected_minor: Positive | None = None
    description: Description = ""


class RequestAsked(Sent, frozen=True, kw_only=True):
    """A member of ours asks a member of another group to pay."""

    payee: MemberCode
    group: NodeId
    payer: MemberCode
    amount_minor: Positive
    fixed: FixedPrice = FixedPrice.PAYEE
    description: Description = ""


class Consented(Sent, frozen=True, kw_only=True):
    """The payer agrees; `expected_minor` is what it has seen that it gives."""

    expected_minor: Positive | None = None


class ReversalAsked(Sent, frozen=True, kw_only=True):
    """Why a trade is turned back."""

    description: Description = ""


class Trade(Given, frozen=True, kw_only=True):
    """A trade with another group, in the words that both sides use."""

    path: PathId
    group: NodeId
    direction: Literal["out", "in"]
    """`out` when our member gives."""
    state: TradeState
    code: str
    """Why it was refused, cancelled or has expired."""
    account: MemberCode | None
    """Our member's."""
    payer_minor: Count
    payee_minor: Count
    line_units: Count
    expires_at_s: Count
    reverses: PathId | None = None


class Trades(Given, frozen=True, kw_only=True):
    """Some trades; `next` is `after` for the page that follows, if there is one."""

    trades: tuple[Trade, ...]
    next: PathId | None = None


class TradesAsked(Sent, frozen=True, kw_only=True):
    """Which page of an account's trades; they come in the order of their paths."""

    after: PathId | None = None
    limit: Limit = PAGE


class Line(Given, frozen=True, kw_only=True):
    """A line with another group, as a coordinator or an auditor sees it."""

    line: LineId
    group: NodeId
    name: str
    state: str
    reason: str
    waits_for_us: bool
    balance_units: Amount
    """Positive when we owe."""
    held_out_units: Count
    held_in_units: Count
    we_may_owe_units: Count
    they_may_owe_units: Count
    largest_units: Count
    used_percent: Count
    alarm: bool
    unconfirmed: Count


class Lines(Given, frozen=True, kw_only=True):
    """Every line of this group."""

    lines: tuple[Line, ...]


class TermsAsked(Sent, frozen=True, kw_only=True):
    """Terms to propose; what is left out stays as it is, or is the usual."""

    grants_units: Positive | None = None
    largest_units: Positive | None = None


class TermsAnswered(Sent, frozen=True, kw_only=True):
    """The answer to what another group proposes."""

    accept: bool


class Lowered(Sent, frozen=True, kw_only=True):
    """How much another group may owe us from now on; less than before."""

    grants_units: Count


class Frozen(Sent, frozen=True, kw_only=True):
    """Why no new trades are admitted; none: they are again."""

    reason: FreezeReason | None
