"""A payment between two groups by the pure rules: whatever comes late, twice or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from federation.group import commands as group
from federation.line import commands as line
from federation.line.payee import SILENCE_S
from projections.lines import Phase
from schemas.bodies import AccountStatus
from schemas.cores import WireCode
from schemas.errors import Code
from tests.federation.line.pair import HOUR, MEMBER, NOW, Node, Pair, path, refused


def test_both_sides_book_the_same_trade(pair: Pair) -> None:
    pair.start()
    pair.settle()

    assert pair.a.transfer().phase is Phase.SETTLED
    assert pair.b.transfer().phase is Phase.CREDITED
    assert (pair.a.balance(), pair.b.balance()) == (-10, 30)
    assert pair.a.line.balance_units == -pair.b.line.balance_units == HOUR // 2


def test_payer_refusals_come_in_the_documented_order() -> None:
    pair = Pair(lower=-20, grants=HOUR, largest=HOUR)
    assert refused(pair.start()) is Code.LINE_NOT_OPEN
    pair.opened()
    cases: list[tuple[dict[str, Any], Code]] = [
        ({"expires_at_s": NOW, "amount": 0}, Code.EXPIRED),
        ({"amount": 0, "expected_minor": 1}, Code.AMOUNT_NOT_POSITIVE),
        ({"amount": 999, "expected_minor": 1}, Code.QUOTE_CHANGED),
        ({"amount": 61, "payer": 99}, Code.TOO_LARGE_FOR_LINE),
        ({"amount": 60, "payer": 99}, Code.ACCOUNT_UNKNOWN),
    ]
    for changes, code in cases:
        assert refused(pair.start(**changes)) is code
    pair.a.group(group.SetStatus(MEMBER, AccountStatus.INACTIVE))
    assert refused(pair.start()) is Code.ACCOUNT_INACTIVE
    pair.a.group(group.SetStatus(MEMBER, AccountStatus.ACTIVE))
    pair.start(1, 45)
    answer = pair.start(2, 30)
    assert refused(answer) is Code.PAYER_LIMIT
    assert answer.facts["possible_minor"] == 5
    pair.a.group(group.SetLimits(MEMBER, None, None, unlimited=True))
    assert refused(pair.start(3, 30)) is Code.LINE_LIMIT


def test_payee_rejects_and_everything_that_was_held_is_free(pair: Pair) -> None:
    pair.b.group(group.SetStatus(MEMBER, AccountStatus.INACTIVE))
    pair.start()
    pair.settle()

    assert pair.a.transfer().phase is Phase.ABORTED
    assert pair.a.transfer().code == WireCode.PAYEE_INACTIVE
    assert pair.b.transfer().phase is Phase.REJECTED
    assert pair.a.balance() == pair.b.balance() == 0
    assert pair.a.line.held_out_units == pair.b.line.held_in_units == 0


def test_payee_limit_and_line_limit_are_checked_where_they_are_granted() -> None:
    full = Pair(upper=20).opened()
    full.start()
    full.settle()
    assert full.a.transfer().code == WireCode.PAYEE_LIMIT


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"terms_rev": 2}, WireCode.TERMS_STALE),
        ({"expires_at_s": NOW}, WireCode.EXPIRED),
        ({"payer_minor": 11}, WireCode.AMOUNTS_MISMATCH),
        ({"payee_minor": 31}, WireCode.AMOUNTS_MISMATCH),
        ({"line_units": HOUR}, WireCode.AMOUNTS_MISMATCH),
    ],
)
def test_payee_recomputes_and_refuses(pair: Pair, changes: dict[str, Any], code: WireCode) -> None:
    import msgspec

    pair.start()
    sent = pair.a.chain[-1]
    altered = sent._replace(core=msgspec.structs.replace(sent.core, **changes))

    pair.send(pair.a, [altered])

    assert pair.b.transfer().code == code


def test_expired_before_the_accept_is_aborted_and_released(pair: Pair) -> None:
    pair.start()
    pair.deliver(pair.a)
    pair.a.now_s = NOW + 60

    pair.a.do(line.ExpireDue())
    pair.settle()

    assert pair.a.transfer().code == WireCode.EXPIRED
    assert pair.b.transfer().phase is Phase.RELEASED
    assert pair.a.balance() == pair.b.balance() == 0
    assert pair.b.line.held_in_units == 0


def test_an_accept_that_comes_too_late_is_aborted(pair: Pair) -> None:
    pair.start()
    pair.deliver(pair.a)
    pair.a.now_s = NOW + 60

    pair.settle()

    assert pair.a.transfer().phase is Phase.ABORTED


def test_commit_after_release_is_applied(pair: Pair) -> None:
    pair.start()
    pair.deliver(pair.a)
    pair.deliver(pair.b)
    assert pair.a.transfer().phase is Phase.COMMITTED
    pair.b.now_s = NOW + 60 + SILENCE_S
    pair.b.do(line.ExpireDue())
    assert pair.b.transfer().phase is Phase.SILENT
    assert pair.b.line.held_in_units == HOUR // 2  # X stays held, only the payee's room is free

    pair.settle()

    assert pair.b.transfer().phase is Phase.CREDITED
    assert pair.b.balance() == 30


def test_commit_after_the_payers_own_abort_is_void_and_proves_two_verdicts(pair: Pair) -> None:
    import msgspec

    pair.start()
    pair.deliver(pair.a)
    pair.deliver(pair.b)
    commit = pair.a.chain[-1]
    abort = commit._replace(
        id="B" * 43,
        core=_abort_like(commit.core, pair.a),
    )
    pair.send(pair.a, [abort])
    late = msgspec.structs.replace(commit.core, n=commit.n + 1, prev=abort.id)

    pair.send(pair.a, [commit._replace(n=late.n, core=late)])

    assert pair.b.transfer().phase is Phase.RELEASED
    assert pair.b.balance() == 0
    assert pair.b.quarantined() == "two_verdicts"


def _abort_like(commit: Any, node: Node) -> Any:
    from schemas import cores
    from tests.federation.line.pair import signed

    return cores.PayAbort(
        v=1,
        origin=commit.origin,
        seq=commit.seq,
        root=commit.root,
        key=commit.key,
        ts=commit.ts,
        line=commit.line,
        n=commit.n,
        prev=commit.prev,
        seen=commit.seen,
        path=commit.path,
        decision=signed(node.id, commit.path, commit=False),
        code=WireCode.CANCELLED,
    )


def test_cancelled_before_the_commit_and_not_afterwards(pair: Pair) -> None:
    pair.start()
    pair.a.do(line.CancelPayment(path(1), pair.line_id))
    pair.settle()
    assert pair.a.transfer().code == WireCode.CANCELLED
    pair.start(2)
    pair.settle()

    answer = pair.a.do(line.CancelPayment(path(2), pair.line_id))

    assert refused(answer) is Code.ALREADY_DECIDED
    unknown = pair.a.do(line.CancelPayment(path(3), pair.line_id))
    assert refused(unknown) is Code.NOT_FOUND


def test_a_path_is_burned_and_the_same_again_gives_the_same_answer(pair: Pair) -> None:
    pair.start()
    pair.settle()
    events = len(pair.a.events)

    again = pair.start()

    assert again.phase is Phase.SETTLED
    assert len(pair.a.events) == events
    assert refused(pair.start(1, 31)) is Code.CONFLICT


@pytest.mark.parametrize("repeat", [0, 1, 2, 5])
def test_what_was_received_twice_changes_nothing(pair: Pair, repeat: int) -> None:
    for number in range(1, 4):
        pair.start(number)
    pair.settle()
    state = pair.b.state()

    pair.send(pair.a, pair.a.chain[repeat:])

    assert pair.b.state() == state  # I12


def test_gap_and_wrong_predecessor_end_the_batch_there(pair: Pair) -> None:
    pair.start(1)
    pair.start(2)
    first, second = pair.a.chain[-2:]

    gap = pair.send(pair.a, [second])
    assert refused(gap.refusal) is Code.LINE_GAP
    assert gap.refusal.facts["expected"] == first.n
    stray = pair.send(pair.a, [first, second._replace(core=_without_prev(second.core))])
    assert refused(stray.refusal) is Code.LINE_PREV
    assert stray.in_n == first.n


def _without_prev(core: Any) -> Any:
    import msgspec

    return msgspec.structs.replace(core, prev="C" * 43)


def test_a_commit_without_accept_sets_the_line_aside(pair: Pair) -> None:
    import msgspec

    pair.start(1)
    pair.deliver(pair.a)
    pair.deliver(pair.b)
    commit = pair.a.chain[-1]
    strange = commit._replace(core=msgspec.structs.replace(commit.core, path=path(9)))

    pair.send(pair.a, [strange])

    assert pair.b.quarantined() == "commit_without_accept"
    assert pair.b.balance() == 0
    assert refused(pair.start(2, node=pair.b)) is Code.LINE_NOT_OPEN


def test_holds_of_the_other_direction_make_no_room() -> None:
    pair = Pair(grants=HOUR, largest=HOUR).opened()
    pair.start(1, 60)
    pair.deliver(pair.a)
    pair.start(2, 20, node=pair.b)

    assert refused(pair.start(3, 1)) is Code.LINE_LIMIT
    pair.settle()
    assert pair.a.line.balance_units == -pair.b.line.balance_units


def test_crossing_proposals_are_both_refused_and_the_smaller_node_proposes_again() -> None:
    pair = Pair()
    pair.propose(pair.a)
    pair.propose(pair.b)

    pair.settle()

    smaller, larger = sorted((pair.a, pair.b), key=lambda node: node.id)
    assert smaller.types() == ["terms.propose", "terms.refuse", "terms.propose"]
    assert larger.types() == ["terms.propose", "terms.refuse"]
    assert larger.line.their_proposal == smaller.line.own_proposal
    pair.answer(larger)
    pair.settle()
    assert pair.a.line.open()
    assert pair.b.line.open()


def test_strangers_and_impossible_terms_are_refused() -> None:
    pair = Pair()

    assert refused(pair.propose(known=False)) is Code.PEER_UNKNOWN
    assert refused(pair.propose(terms=pair.terms(rev=2))) is Code.TERMS_INVALID
    pair.propose()
    assert refused(pair.propose(terms=pair.terms(largest=1))) is Code.PROPOSAL_OPEN
