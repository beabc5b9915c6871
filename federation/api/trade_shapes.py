"""What goes in and comes out of the API about trades, inside the group and between groups."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from federation.api.shapes import Description, Given, Number, Sent
from federation.members.trade_views import Action
from projections.trade_state import TradeState
from schemas.bodies import MemberCode
from schemas.codes import Code
from schemas.ids import Amount, Count, NodeId, Positive, Pseudonym
from schemas.openings import NOTE_LENGTH_MAX
from schemas.proposals import PricedBy

TradeId = Annotated[str, Meta(pattern=r"\A([A-Za-z0-9_-]{21}[AQgw]|0|[1-9][0-9]{0,14})\Z")]
"""What names a trade: 16 bytes as base64url, or the number of its booking."""
PAGE = 50
Note = Annotated[str, Meta(max_length=NOTE_LENGTH_MAX)]
TradesLimit = Annotated[int, Meta(ge=1, le=100)]


class Partner(Given, frozen=True, kw_only=True):
    """Another group, and whether trades with it can be booked now."""

    group: NodeId
    name: str
    bookable: bool


class Partners(Given, frozen=True, kw_only=True):
    """Every other group that this one knows."""

    groups: tuple[Partner, ...]


class Party(Given, frozen=True, kw_only=True):
    """The other side: a member of this group by its code, or one of another by its pseudonym."""

    code: MemberCode | None = None
    group: NodeId | None = None
    group_name: str | None = None
    name: str | None = None
    """Not for auditors; not there when it was erased or never told."""
    pseudonym: str | None = None
    """What the other group calls its member towards this one. Not for auditors."""
    place: str | None = None
    """Of who is found in another group by name, because it said yes to that."""


class Reason(Given, frozen=True, kw_only=True):
    """Why something cannot be done now: the code of a problem, and the facts of its sentence."""

    code: Code
    facts: dict[str, int | str]


class QuoteAsked(Sent, frozen=True, kw_only=True):
    """What a trade would come to: with a member of this group (`code`), or of another (`group`).

    `amount_minor` is in the unit of the side that `fixed` names: the other amount follows from the
    rates, and the payer bears rounding.
    """

    amount_minor: Positive
    gives: bool = True
    """The account gives; else it asks."""
    other: MemberCode | None = None
    """A member of this group."""
    group: NodeId | None = None
    fixed: PricedBy = PricedBy.PAYEE


class Quoted(Given, frozen=True, kw_only=True):
    """The numbers of a trade, exactly as they would be booked now."""

    gives: bool
    own_minor: Count
    other_minor: Count
    """In the other side's unit."""
    line_units: Count
    balance_minor: Amount
    """Before."""
    after_minor: Amount
    beyond_soft_limit: bool
    """The balance would lie, or move on, further from zero than the group likes; it may."""
    refusal: Reason | None = None
    """Why it cannot be booked now; not there when it can."""


class PaymentAsked(Sent, frozen=True, kw_only=True):
    """A member of ours gives to a member of another group, named by code or by pseudonym.

    `expected_minor` is what the payer has seen that it would give: another number is refused.
    """

    payer: MemberCode
    group: NodeId
    payee: MemberCode | None = None
    pseudonym: Pseudonym | None = None
    amount_minor: Positive
    fixed: PricedBy = PricedBy.PAYEE
    expected_minor: Positive | None = None
    description: Description = ""


class RequestAsked(Sent, frozen=True, kw_only=True):
    """A member of ours asks another to give: one of this group, or with `group` of another."""

    payee: MemberCode
    group: NodeId | None = None
    payer: MemberCode | None = None
    pseudonym: Pseudonym | None = None
    """Of a member of another group, instead of its code."""
    amount_minor: Positive
    fixed: PricedBy = PricedBy.PAYEE
    description: Description = ""


class Consented(Sent, frozen=True, kw_only=True):
    """The payer agrees; `expected_minor` is what it has seen that it gives."""

    expected_minor: Positive | None = None


class Declined(Sent, frozen=True, kw_only=True):
    """No; with `reason` the other is written why. For members only."""

    reason: Note = ""


class ReversalAsked(Sent, frozen=True, kw_only=True):
    """Why a trade is turned back."""

    description: Description = ""


class ThanksSaid(Sent, frozen=True, kw_only=True):
    """A word of thanks; `public`: everybody of the other's group may read it."""

    text: Annotated[str, Meta(min_length=1, max_length=500)]
    public: bool = False


class Thanks(Given, frozen=True, kw_only=True):
    """A word of thanks for a trade."""

    own: bool
    text: str
    public: bool
    at_s: Count


class PublicThanks(Given, frozen=True, kw_only=True):
    """A word of thanks that everybody of the group may read."""

    name: str
    group_name: str
    """Of who thanks, when it is another."""
    text: str
    at_s: Count


class ThanksOf(Given, frozen=True, kw_only=True):
    """Public words of thanks to a member, newest first."""

    thanks: tuple[PublicThanks, ...]


class Trade(Given, frozen=True, kw_only=True):
    """A trade as one of its two sides has it, in the words that both use."""

    trade: TradeId
    between: bool
    """With another group."""
    gives: bool
    """The account gives the units."""
    other: Party
    more: Count
    """So many others were given units by the same booking."""
    own_minor: Count
    other_minor: Count
    """In the other side's unit."""
    line_units: Count
    other_per_hour: Positive | None = None
    other_decimals: Count | None = None
    """Of another group's unit."""
    state: TradeState
    code: str
    """Why it came to nothing, between groups."""
    description: str | None = None
    """Empty unless the two of the trade ask, or it is the group's. Not for auditors."""
    at_s: Count
    expires_at_s: Count
    asked: bool
    """It began with a request of the payee."""
    reverses: TradeId | None = None
    reversed_by: TradeId | None = None
    """What gives it back, or is to."""
    activity: Number | None = None
    entered_by: MemberCode | None = None
    """Who did it in the member's name."""
    actions: tuple[Action, ...]
    """What the member may do with it now."""
    thanks: tuple[Thanks, ...]


class TradeDeclined(Trade, frozen=True, kw_only=True):
    """A trade that was declined, and whether the other could be told why."""

    told: bool


class CounterpartsAsked(Sent, frozen=True, kw_only=True):
    """A part of a name or a code; of other groups from two letters on."""

    said: Annotated[str, Meta(max_length=100)]


class Counterparts(Given, frozen=True, kw_only=True):
    """Whom a member can give to or ask: of the group first, then of groups that trade with it."""

    members: tuple[Party, ...]


class Trades(Given, frozen=True, kw_only=True):
    """Some trades; `next` is `after` for the page that follows, if there is one."""

    trades: tuple[Trade, ...]
    next: Number | None = None


class TradesAsked(Sent, frozen=True, kw_only=True):
    """Which page of an account's trades: first what is not done, then the newest first."""

    after: Number | None = None
    limit: TradesLimit = PAGE
