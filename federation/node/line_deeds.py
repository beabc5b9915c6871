"""What a coordinator can do with a line, and what it would change: numbers before and after. Pure.

Whether it may be done is asked of the rule that decides it (`federation.line`), not known here.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from federation.line import payer
from federation.line.closing import pending
from federation.line.commands import CloseLine, EndQuarantine, Freeze, LowerLimit, Unfreeze
from federation.line.conversion import quote
from federation.line.decide import refused
from federation.line.terms import proposes_nothing
from federation.node.line_views import ShownTerms, held, would_hold
from projections.lines import granted_by_us
from schemas.amounts import Rate, minor_floor, to_minor
from schemas.bodies import AccountKind
from schemas.core_parts import Fixed, FreezeReason
from schemas.encoding import b64, encode
from schemas.errors import Code, Refusal

if TYPE_CHECKING:
    from federation.line.commands import LineCommand, ProposeTerms
    from federation.line.conversion import Quote
    from projections.books import Books
    from projections.ledger import Account
    from projections.lines import Line


class Deed(StrEnum):
    """Something that a coordinator does with a line; a closed list."""

    LIMIT = "limit"
    TERMS = "terms"
    PAUSE = "pause"
    RESUME = "resume"
    SETTLE = "settle"
    CLOSE = "close"
    RELEASE = "release"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A deed with what its form says."""

    deed: Deed
    grants_units: int | None = None
    largest_units: int | None = None
    reason: str = ""
    """A word of `FreezeReason`."""


class Measure(StrEnum):
    """What a number is about."""

    THEY_MAY_OWE = "they_may_owe"
    THEY_OWE = "they_owe"
    GROUP_ACCOUNT = "group_account"


class Amount(msgspec.Struct, frozen=True):
    """An amount in our own minor units, and in line units where it is one of the line."""

    minor: int
    units: int | None = None


class Shift(msgspec.Struct, frozen=True):
    """A number, now and afterwards."""

    measure: Measure
    before: Amount
    after: Amount


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """All that a deed changes, as somebody reads it before it is done."""

    asked: Asked
    shifts: tuple[Shift, ...] = ()
    agreed: ShownTerms | None = None
    proposed: ShownTerms | None = None
    """Of a proposal: what would hold, beside what does."""
    trades_before: bool
    """Whether new trades are admitted."""
    trades_after: bool
    pending: int
    """So many trades have no end yet; a deed touches none of them."""
    they_get_minor: int = 0
    """Of a settlement: what the other group's account receives, in its own minor units."""
    loss: bool = False
    """The other group has gone, and what it owes is written off."""

    def seen(self) -> str:
        """Give the hash by which somebody says what was read."""
        return b64(sha256(b"ruilbrug/change/v1\n" + encode(self)).digest())


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What the books of a line do not hold: who decides, when, and whether the other side left."""

    us: str
    now_s: int
    by: int | None = None
    gone: bool = False


def offered(books: Books, line: Line) -> tuple[Deed, ...]:
    """Name what can sensibly be done with a line as it is; a deed may still be refused."""
    living = line.terms is not None and not line.own_closed
    clear_of = living and not line.own_frozen
    choices = {
        Deed.RELEASE: bool(line.quarantined),
        Deed.RESUME: living and bool(line.own_frozen),
        Deed.LIMIT: living and granted_by_us(line) > 0,
        Deed.TERMS: proposes_nothing(line) is None,
        Deed.PAUSE: clear_of and not line.quarantined,
        Deed.SETTLE: line.balance_units < 0 and settlement(books, line) is not None,
        Deed.CLOSE: living,
    }
    return tuple(deed for deed, holds in choices.items() if holds)


def command_of(line: Line, asked: Asked, around: Around) -> LineCommand | None:
    """Give the command that does it; none for a proposal or a settlement, which need more."""
    name = line.line
    match asked.deed:
        case Deed.LIMIT:
            return LowerLimit(name, asked.grants_units or 0)
        case Deed.PAUSE:
            return Freeze(name, FreezeReason(asked.reason))
        case Deed.RESUME:
            return Unfreeze(name)
        case Deed.CLOSE:
            return CloseLine(name, gone=around.gone)
        case Deed.RELEASE:
            return EndQuarantine(name, around.by)
        case Deed.TERMS | Deed.SETTLE:
            return None


def change(
    books: Books,
    line: Line,
    asked: Asked,
    around: Around,
    *,
    proposal: ProposeTerms | None = None,
) -> Change | Refusal:
    """Say what a deed would change, or why it cannot be done now, as its own rule says."""
    command = proposal or command_of(line, asked, around)
    refusal = (
        settle_refused(books, line, now_s=around.now_s)
        if command is None
        else refused(books, command, us=around.us, now_s=around.now_s)
    )
    if refusal is not None:
        return refusal
    after = _after(line, asked)
    plain = Change(
        asked=asked,
        trades_before=line.open(),
        trades_after=after.open(),
        pending=pending(books, line),
    )
    match asked.deed:
        case Deed.LIMIT:
            return replace(plain, shifts=(_limit_shift(line, asked.grants_units or 0),))
        case Deed.TERMS:
            assert proposal is not None
            return replace(plain, agreed=held(line), proposed=would_hold(line, proposal.terms))
        case Deed.SETTLE:
            return _settled(books, line, plain)
        case Deed.CLOSE if line.balance_units:
            return replace(plain, loss=True, shifts=_written_off(books, line))
        case _:
            return plain


def settle_refused(books: Books, line: Line, *, now_s: int) -> Refusal | None:
    """Refuse to bring a line to zero from our side.

    Refusals, in this order: `line_not_clear` when nothing is owed to us; those of
    `federation.line.payer`, for the group's own account.
    """
    numbers, account = settlement(books, line), group_account(books)
    if numbers is None or account is None:
        facts = {"balance_units": line.balance_units, "pending": pending(books, line)}
        return Refusal(Code.LINE_NOT_CLEAR, {"field": "line", **facts})
    refusal = payer.not_now(books, line.line, now_s + 1, now_s=now_s)
    return refusal or payer.admitted(
        books, line.line, account.account, numbers, reverses=False, now_s=now_s
    )


def settlement(books: Books, line: Line) -> Quote | None:
    """Give the numbers that bring a line to exactly zero; none when they do not owe us."""
    if line.terms is None or line.balance_units >= 0 or group_account(books) is None:
        return None
    numbers = quote(
        Fixed.LINE,
        -line.balance_units,
        payer=line.terms.side(line.us).rate,
        payee=line.terms.other(line.us).rate,
    )
    return None if isinstance(numbers, Refusal) else numbers


def group_account(books: Books) -> Account | None:
    """Give the account of the group itself."""
    return books.ledger.account_of_kind(AccountKind.GROUP)


def _after(line: Line, asked: Asked) -> Line:
    match asked.deed:
        case Deed.PAUSE:
            return replace(line, own_frozen=asked.reason)
        case Deed.RESUME:
            return replace(line, own_frozen="")
        case Deed.RELEASE:
            return replace(line, quarantined="")
        case Deed.CLOSE:
            return replace(line, own_closed=True)
        case Deed.LIMIT | Deed.TERMS | Deed.SETTLE:
            return line


def _rate(line: Line) -> Rate:
    assert line.clearing_rate is not None
    return line.clearing_rate


def _limit_shift(line: Line, grants_units: int) -> Shift:
    rate = _rate(line)
    before, after = (
        Amount(minor_floor(units, rate), units) for units in (granted_by_us(line), grants_units)
    )
    return Shift(Measure.THEY_MAY_OWE, before, after)


def _to_zero(line: Line) -> Shift:
    owed = -line.balance_units
    return Shift(Measure.THEY_OWE, Amount(to_minor(owed, _rate(line)), owed), Amount(0, 0))


def _group_shift(books: Books, moved_minor: int) -> Shift:
    account = group_account(books)
    assert account is not None
    stands = books.ledger.balance(account.account)
    return Shift(Measure.GROUP_ACCOUNT, Amount(stands), Amount(stands + moved_minor))


def _settled(books: Books, line: Line, plain: Change) -> Change:
    numbers = settlement(books, line)
    assert numbers is not None
    shifts = (_to_zero(line), _group_shift(books, -numbers.payer_minor))
    return replace(plain, shifts=shifts, they_get_minor=numbers.payee_minor)


def _written_off(books: Books, line: Line) -> tuple[Shift, ...]:
    loss = to_minor(line.balance_units, _rate(line))
    return (_to_zero(line), _group_shift(books, loss))
