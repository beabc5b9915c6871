"""The small worlds that are explored whole: who may ask what, with limits so tight that they bite.

alfa counts 7 units to the hour and beta 11, so nearly every booking rounds. A payment of 5 units of
beta is 163,637 line units, one of 3 units of alfa is 154,286: of a limit of 240,000 each takes more
than half.
"""

from __future__ import annotations

from typing import Final

from federation.group.commands import Configure
from federation.line import commands as line
from schemas.amounts import Rate, Unit
from schemas.core_parts import Fixed, FreezeReason
from schemas.openings import PeerText
from schemas.terms import terms_hash
from tests.federation.line.pair import KEY, MEMBER, Pair, path
from tests.simulation.explicit.honest import EXPIRED, Act, Bounds

NAMES: Final = ("alfa", "beta")
AMOUNTS: Final = (5, 3)
GRANTS: Final = 240_000
TEXT: Final = PeerText(v=1, payer=KEY, payee=KEY)


def opened(limits: tuple[int, int] = (-5, 9), grants: int = GRANTS) -> Pair:
    """Give two nodes with terms; a member may owe 5 units and own 9."""
    lower, upper = limits
    pair = Pair(per_hour=(7, 11), grants=grants, largest=grants, lower=lower, upper=upper)
    pair.opened()
    pair.settle()
    return pair


def pays(pair: Pair, side: int, number: int) -> Act:
    command = line.StartPayment(
        path=path(number),
        line=pair.line_id,
        payer=MEMBER,
        fixed=Fixed.PAYEE,
        amount=AMOUNTS[side],
        expires_at_s=EXPIRED,
        peer=TEXT,
        subject=path(0),
    )
    return Act(side, f"{NAMES[side]} starts {number}", command)


def cancels(pair: Pair, side: int, number: int) -> Act:
    command = line.CancelPayment(path(number), pair.line_id)
    return Act(side, f"{NAMES[side]} cancels {number}", command)


def asks(pair: Pair, side: int, number: int, *, original: int = 0) -> Act:
    command = line.RequestPayment(
        path=path(number),
        line=pair.line_id,
        payee=MEMBER,
        fixed=Fixed.PAYEE,
        amount=AMOUNTS[1 - side],
        expires_at_s=EXPIRED,
        peer=TEXT,
        subject=path(0),
        original=path(original) if original else "",
    )
    return Act(side, f"{NAMES[side]} asks for {number}", command)


def consents(pair: Pair, side: int, number: int) -> Act:
    command = line.ConsentToRequest(
        path=path(number),
        line=pair.line_id,
        payer=MEMBER,
        expires_at_s=EXPIRED,
        peer=TEXT,
        subject=path(0),
    )
    return Act(side, f"{NAMES[side]} consents to {number}", command)


def declines(pair: Pair, side: int, number: int) -> Act:
    command = line.DeclineRequest(path(number), pair.line_id)
    return Act(side, f"{NAMES[side]} declines {number}", command)


def reverses(pair: Pair, side: int, number: int, *, original: int) -> Act:
    command = line.ReversePayment(
        path=path(number),
        line=pair.line_id,
        original=path(original),
        expires_at_s=EXPIRED,
        peer=TEXT,
        subject=path(0),
    )
    return Act(side, f"{NAMES[side]} reverses {original} by {number}", command)


def payments(*numbers: int, cancel: bool = True) -> Bounds:
    """Both sides pay: the odd numbers alfa, the even ones beta."""
    pair = opened()
    acts = [pays(pair, 1 - number % 2, number) for number in numbers]
    if cancel:
        acts += [cancels(pair, 1 - number % 2, number) for number in numbers]
    return Bounds(pair, tuple(acts))


def room() -> Bounds:
    """Beta lowers its limit, and pays, while alfa goes by the old one."""
    pair = opened((-20, 20), 400_000)
    lower = line.LowerLimit(pair.line_id, GRANTS)
    return Bounds(
        pair,
        (
            Act(1, "beta lowers its limit", lower),
            *(pays(pair, 1 - number % 2, number) for number in (1, 2, 3)),
        ),
    )


def requests() -> Bounds:
    """Beta asks for a payment, anybody may decline, alfa consents; and beta pays meanwhile."""
    pair = opened()
    return Bounds(
        pair,
        (
            asks(pair, 1, 1),
            consents(pair, 0, 1),
            declines(pair, 0, 1),
            declines(pair, 1, 1),
            cancels(pair, 0, 1),
            pays(pair, 1, 2),
        ),
    )


def reversals() -> Bounds:
    """Alfa pays; beta gives it back by itself, and on request, under two paths."""
    pair = opened()
    return Bounds(
        pair,
        (
            pays(pair, 0, 1),
            reverses(pair, 1, 2, original=1),
            asks(pair, 0, 4, original=1),
            consents(pair, 1, 4),
            declines(pair, 1, 4),
        ),
    )


def new_rate(*, refuse: bool = False, more: int = 4) -> Bounds:
    """Alfa counts 9 units to the hour from now on; terms change while both sides pay."""
    pair = opened()
    unit = Unit(singular="unit", plural="units", rate=Rate(9))
    pair.a.group(Configure(unit, -5, 9))
    pair.a.rate = Rate(9)
    terms = pair.terms(rev=2)
    propose = line.ProposeTerms(terms, pair.b.id, 0, known=True)
    name = terms_hash(terms)
    answers = (True, False) if refuse else (True,)
    return Bounds(
        pair,
        (
            Act(0, "alfa proposes its new rate", propose),
            *(
                Act(1, f"beta answers: {yes}", line.AnswerTerms(pair.line_id, name, yes))
                for yes in answers
            ),
            pays(pair, 0, 1),
            pays(pair, 1, 2),
        ),
        chain_max=len(pair.a.chain) + more,
    )


def life() -> Bounds:
    """A limit is lowered, the line frozen, unfrozen and closed, while both sides pay."""
    pair = opened()
    name = pair.line_id
    return Bounds(
        pair,
        (
            Act(1, "beta lowers its limit", line.LowerLimit(name, 100_000)),
            Act(0, "alfa freezes", line.Freeze(name, FreezeReason.COORDINATOR)),
            Act(0, "alfa unfreezes", line.Unfreeze(name)),
            Act(1, "beta closes", line.CloseLine(name)),
            Act(0, "alfa closes", line.CloseLine(name)),
            pays(pair, 0, 1),
            pays(pair, 1, 2),
        ),
        chain_max=len(pair.a.chain) + 3,
    )
