"""What must hold in every state: of one node alone, and of the two together.

Computed from transfers and chains again, not read from the totals that the folds keep.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from projections.lines import FAILED, Phase, granted_by_us
from schemas import cores
from schemas.amounts import to_minor
from schemas.bodies import AccountKind
from schemas.cores import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from projections.layered import Layered
    from projections.lines import Line, Transfer
    from tests.simulation.explicit.node import Snapshot

K = TypeVar("K")
V = TypeVar("V")

BOOKED_OUT: Final = (Phase.COMMITTED, Phase.SETTLED)
OPEN_IN: Final = (Phase.ACCEPTED, Phase.SILENT)
ACCEPTED: Final = (*OPEN_IN, Phase.CREDITED, Phase.RELEASED)


def one_node(before: Snapshot, after: Snapshot) -> str:
    """Say what is wrong with a node whose partner is honest too: it accuses nobody."""
    accused = "an honest partner is accused" if after.line().faults.count else ""
    return whole(before, after) or accused or after.line().quarantined


def whole(before: Snapshot, after: Snapshot) -> str:
    """Say what is wrong with a node's state, or with the step that led to it."""
    return (
        _sums(after)
        or _holds(after)
        or _balance(after)
        or _step(before.line(), after.line())
        or _chain(after)
        or _reversals(after)
    )


def _sums(after: Snapshot) -> str:
    ledger = after.books.ledger
    if sum(ledger.balances.base.values()):
        return "I1: the balances do not sum to zero"
    rounding = ledger.account_of_kind(AccountKind.ROUNDING)
    assert rounding is not None
    booked = sum(
        t.phase in (*BOOKED_OUT, Phase.CREDITED) for t in after.books.transfers.base.values()
    )
    if abs(ledger.balance(rounding.account)) > booked:
        return "I10: more was rounded than one minor unit a booking"
    return ""


def _holds(after: Snapshot) -> str:
    line, ledger = after.line(), after.books.ledger
    transfers = list(after.books.transfers.base.values())
    out = [t for t in transfers if t.phase is Phase.PREPARED]
    coming = [t for t in transfers if t.phase in OPEN_IN]
    if line.held_out_units != sum(t.line_units for t in out):
        return "I9: line units held for what was prepared"
    if line.held_in_units != sum(t.line_units for t in coming):
        return "I9: line units held for what was accepted"
    accepted = [t for t in coming if t.phase is Phase.ACCEPTED]
    lower = _by_account(out, "payer_minor", 1)
    upper = _by_account(accepted, "payee_minor", 1)
    if lower != {number: held for number, held in items(ledger.held_lower) if held}:
        return "I9: a payer's hold"
    if upper != {number: held for number, held in items(ledger.held_upper) if held}:
        return "I9: a payee's hold"
    return ""


def _by_account(transfers: list[Transfer], what: str, sign: int) -> dict[int, int]:
    sums: dict[int, int] = {}
    for transfer in transfers:
        minor = sign * getattr(transfer, what)
        sums[transfer.account] = sums.get(transfer.account, 0) + minor
    return sums


def items(part: Layered[K, V]) -> Iterable[tuple[K, V]]:
    """Give keys and values of a part of a snapshot, in which nothing lies in the upper layer."""
    assert not part.top
    return part.base.items()


def _balance(after: Snapshot) -> str:
    line, ledger = after.line(), after.books.ledger
    transfers = list(after.books.transfers.base.values())
    paid = sum(t.line_units for t in transfers if t.phase in BOOKED_OUT)
    credited = sum(t.line_units for t in transfers if t.phase is Phase.CREDITED)
    if (line.paid_units, line.credited_units) != (paid, credited):
        return "the totals of the line are not the sum of its transfers"
    if line.balance_units != line.opening_units + paid - credited + line.written_units:
        return "the line balance is not what was paid less what was credited"
    moved = _by_account([t for t in transfers if t.phase in BOOKED_OUT], "payer_minor", -1)
    booked_in = [t for t in transfers if t.phase is Phase.CREDITED]
    for account, minor in _by_account(booked_in, "payee_minor", 1).items():
        moved[account] = moved.get(account, 0) + minor
    if any(ledger.balance(account) != minor for account, minor in moved.items()):
        return "a member was not booked what was agreed"
    assert line.terms is not None
    rate = line.terms.side(line.us).rate
    if ledger.balance(line.clearing) != to_minor(line.balance_units, rate):
        return "I2: the clearing account does not stand at R(b)"
    return ""


def _step(before: Line, after: Line) -> str:
    if after.paid_units < before.paid_units or after.credited_units < before.credited_units:
        return "I11: a total shrank"
    accepts = after.held_in_units > before.held_in_units
    if accepts and after.held_in_units - after.balance_units > granted_by_us(after):
        return "I8: accepted beyond the limit"
    return ""


def _chain(after: Snapshot) -> str:
    """Look for a path that one chain decides, answers or credits twice."""
    said: set[tuple[str, str]] = set()
    for event in after.chain:
        kind = SAID_ONCE.get(type(event.core))
        if kind is None:
            continue
        key = (kind, event.core.path)  # type: ignore[union-attr]
        if key in said:
            return f"two events of one chain: {kind}"
        said.add(key)
    return ""


def _reversals(after: Snapshot) -> str:
    reversed_paths = [
        (t.direction, t.reverses)
        for t in after.books.transfers.base.values()
        if t.reverses and t.phase not in (*FAILED, Phase.REQUESTED)
    ]
    return "reversed twice" if len(set(reversed_paths)) < len(reversed_paths) else ""


SAID_ONCE: Final[dict[type, str]] = {
    cores.PayRequest: "request",
    cores.PayDecline: "decline",
    cores.PayPrepare: "prepare",
    cores.PayAccept: "answer to a prepare",
    cores.PayReject: "answer to a prepare",
    cores.PayCommit: "verdict",
    cores.PayAbort: "verdict",
    cores.PayReceipt: "receipt",
}


class Outline(NamedTuple):
    """What the other node's state is held against."""

    paid: dict[str, tuple[Phase, int]]
    """By path, what this node pays: phase and line units."""
    taken: dict[str, tuple[Phase, int]]
    first: dict[str, Verdict]
    """By path, the first verdict in this node's chain."""
    balance: int
    in_n: int
    in_id: str
    ids: tuple[str, ...]
    """Its chain."""


def outline(state: Snapshot) -> Outline:
    """Give what is compared between two nodes."""
    line = state.line()
    first: dict[str, Verdict] = {}
    for event in state.chain:
        if isinstance(event.core, cores.PayCommit | cores.PayAbort):
            first.setdefault(event.core.path, event.core.decision.decision.verdict)
    transfers = list(state.books.transfers.base.values())
    return Outline(
        {t.path: (t.phase, t.line_units) for t in transfers if t.direction == "out"},
        {t.path: (t.phase, t.line_units) for t in transfers if t.direction == "in"},
        first,
        line.balance_units,
        line.in_n,
        line.in_id,
        tuple(event.id for event in state.chain),
    )


def two_nodes(one: Outline, other: Outline) -> str:
    """Say what is wrong between two honest nodes whose states are both current."""
    under_way = 0
    for payer, payee in ((one, other), (other, one)):
        if not _chain_of(payer, payee):
            return "I7: what one node took in is not what the other's chain says"
        for path, (phase, units) in payee.taken.items():
            if phase is Phase.CREDITED and payer.first.get(path) is not Verdict.COMMIT:
                return "I6: credited, and the payer's first verdict is no commit"
            if phase in ACCEPTED and payer.paid.get(path, (phase, 0))[1] != units:
                return "accepted what was not prepared"
        for path, (phase, units) in payer.paid.items():
            credited = payee.taken.get(path, (None, 0))[0] is Phase.CREDITED
            if phase in BOOKED_OUT and not credited:
                under_way += units
            if phase is Phase.SETTLED and not credited:
                return "settled at the payer, not credited at the payee"
    if one.balance + other.balance != under_way:
        return "I4: the positions differ by more than what is under way"
    matched = one.in_n == len(other.ids) and other.in_n == len(one.ids)
    if matched and one.balance != -other.balance:
        return "I3: at matching heads the balances are no mirror"
    return ""


def _chain_of(sender: Outline, receiver: Outline) -> bool:
    if not receiver.in_n:
        return True
    return receiver.in_n <= len(sender.ids) and sender.ids[receiver.in_n - 1] == receiver.in_id


ENDS: Final = {
    (Phase.SETTLED, Phase.CREDITED),
    (Phase.ABORTED, Phase.RELEASED),
    (Phase.ABORTED, Phase.REJECTED),
    (Phase.DECLINED, Phase.DECLINED),
}
"""How one transfer may have ended, at the payer's node and at the payee's."""


def ended(one: Snapshot, other: Snapshot) -> str:
    """Say what is not at its end although faults stopped, all was delivered and time passed."""
    for payer, payee in ((outline(one), outline(other)), (outline(other), outline(one))):
        for path in payer.paid.keys() | payee.taken.keys():
            ends = (payer.paid.get(path, (None, 0))[0], payee.taken.get(path, (None, 0))[0])
            if ends not in ENDS:
                return f"no end that both show: {ends[0]} and {ends[1]}"
    for state in (one, other):
        line = state.line()
        if line.held_out_units or line.held_in_units:
            return "something is still held on the line"
    return ""
