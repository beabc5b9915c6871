"""Word against word: what is asked, what an answer is worth, and who is accused then."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from events.evidence import kind_of, read_evidence
from events.merkle import leaf_hash
from federation.line import commands as line
from federation.peer.channel import ChannelEvent
from federation.umbrella.audit import Audit
from federation.umbrella.audit.inquiry import (
    QUESTIONS_EACH_MAX,
    Answer,
    Answered,
    Claim,
    claims_of,
    proof_about,
    proof_of,
    resolved,
    shown,
    to_ask,
)
from schemas import cores
from schemas.encoding import b64, encode, unb64
from schemas.evidence import SignedEvent
from schemas.findings import Finding, What, found
from schemas.keys import Cause
from schemas.messages import WireEvent
from tests.events.test_evidence import CHEAT, HONEST, LINE, key_of
from tests.federation.line.pair import NOW, Node, Pair, path, signed
from tests.federation.umbrella.history import History, Log, audited
from tests.federation.umbrella.lives import HONEST as LIVES

NOTHING = {"paid": 0, "credited": 0, "balance": 0, "salt": None}
PROVEN = Answered(Answer.PROVEN, "channel-fork 3")


def paid() -> Pair:
    """A pays B, and both say where they stand."""
    pair = Pair().opened()
    pair.start(1, 30)
    pair.settle()
    for node in (pair.a, pair.b):
        node.do(line.SendHeads(pair.line_id))
        pair.settle()
    return pair


class Forged(History):
    """The log of one node, written anew; the others go on naming what they were sent."""

    def __init__(self, pair: Pair, node: Node) -> None:
        super().__init__()
        self.true = History.of(pair).made()
        self.node = node
        self.logs = {name: list(log) for name, log in self.true.items()}
        self.kept = {name for own, log in self.true.items() if own != node.id for _, name in log}

    def made(self) -> dict[str, Log]:
        return {**self.true, self.node.id: super().made()[self.node.id]}


def hidden(pair: Pair, node: Node, *kinds: type) -> Audit:
    """Let a node write in the places of a payment that it only told where its books stand."""
    forged = Forged(pair, node)
    for kind in kinds:
        forged.become(node, kind, 0, cores.LineHeads, **NOTHING)
    forged.change(node, cores.LineHeads, -1, **NOTHING)
    return audited(forged.made())


def hidden_sent(pair: Pair) -> Audit:
    return hidden(pair, pair.a, cores.PayPrepare, cores.PayCommit)


def left(audit: Audit, answered: Answered, *more: Finding) -> list[tuple[What, str]]:
    """What is left of an audit once its claims were answered so: what, and whose."""
    answers = dict.fromkeys(claims_of(audit.state), answered)
    findings = [*audit.findings(NOW), *more]
    return sorted((one.what, one.node) for one in resolved(audit.state, findings, answers))


@pytest.mark.parametrize("life", LIVES)
def test_nothing_is_claimed_in_honest_lives(life: type[Pair]) -> None:
    assert claims_of(audited(History.of(life()).made()).state) == []


@pytest.mark.parametrize("followed", ["a", "b"])
def test_about_who_is_not_followed_nobody_is_asked(followed: str) -> None:
    pair = paid()
    node: Node = getattr(pair, followed)

    audit = audited({node.id: History.of(pair).made()[node.id]})

    assert claims_of(audit.state) == []
    assert {one.node for one in audit.findings(NOW + 10**6)} <= {"", node.id}


def test_one_claim_stands_for_all_that_was_hidden() -> None:
    pair = paid()

    (claim,) = claims_of(hidden_sent(pair).state)

    true = History.of(pair).made()
    first = true[pair.a.id][History.of(pair).place(pair.a, cores.PayPrepare)]
    assert (claim.claimant, claim.suspect) == (pair.b.id, pair.a.id)
    assert (claim.n, claim.id, claim.waiting) == (first[0].n, first[1], False)


def test_nobody_is_accused_before_somebody_was_asked() -> None:
    pair = paid()

    for answer in (Answer.NONE, Answer.SHOWN):
        told = left(hidden_sent(pair), Answered(answer))
        assert told == [(What.WORD_AGAINST_WORD, "")]


@pytest.mark.parametrize("received", [False, True])
def test_proof_accuses_the_hider_alone(*, received: bool) -> None:
    pair = paid()
    hider = pair.b if received else pair.a
    kinds = (cores.PayAccept, cores.PayReceipt) if received else (cores.PayPrepare, cores.PayCommit)
    audit = hidden(pair, hider, *kinds)

    assert len({finding.node for finding in audit.findings(NOW)}) == 2
    assert left(audit, PROVEN) == [(What.SENT_OTHERWISE, hider.id)]


def test_who_cannot_show_what_it_names_is_accused_alone() -> None:
    pair = paid()

    told = left(hidden_sent(pair), Answered(Answer.NOTHING))

    assert {node for _, node in told} == {pair.b.id}
    assert {what for what, _ in told} == {
        What.CLAIM_UNSUPPORTED,
        What.ACCEPT_WITHOUT_PREPARE,
        What.CREDIT_WITHOUT_COMMIT,
    }


def test_proof_explains_only_what_rests_on_what_was_sent() -> None:
    pair = paid()
    audit = hidden_sent(pair)
    (claim,) = claims_of(audit.state)

    def beyond(seq: int, name: str = pair.line_id) -> Finding:
        return found(What.BEYOND_LIMIT, pair.b.id, line=name, seq=seq)

    before, elsewhere = beyond(claim.seq - 1), beyond(claim.seq, "M" * 52)
    own = found(What.TOTAL_DIFFERS, pair.b.id, line=pair.line_id, seq=claim.seq)

    assert left(audit, PROVEN, before, elsewhere, own, beyond(claim.seq)) == sorted(
        [
            (What.SENT_OTHERWISE, pair.a.id),
            (What.BEYOND_LIMIT, pair.b.id),
            (What.BEYOND_LIMIT, pair.b.id),
            (What.TOTAL_DIFFERS, pair.b.id),
        ]
    )


def test_who_was_sent_an_abort_owes_nothing_for_a_commit_in_its_place() -> None:
    pair = Pair().opened()
    pair.start(1, 30)
    pair.deliver(pair.a)
    pair.a.do(line.CancelPayment(path(1), pair.line_id))
    pair.settle()
    pair.b.do(line.SendHeads(pair.line_id))
    pair.settle()
    forged = Forged(pair, pair.a)
    prepare = forged.logs[pair.a.id][forged.place(pair.a, cores.PayPrepare)][0]
    accept = forged.logs[pair.b.id][forged.place(pair.b, cores.PayAccept)][1]
    units = prepare.line_units
    forged.become(
        pair.a,
        cores.PayAbort,
        0,
        cores.PayCommit,
        path=path(1),
        decision=signed(pair.a.id, path(1), commit=True, accept=accept),
        line_units=units,
        total=units,
        balance=units,
        commitments=cores.Commitments(body="A" * 43),
    )
    seen = forged.logs[pair.b.id][forged.place(pair.b, cores.PayAccept)][0]
    forged.change(pair.a, cores.PayCommit, seen=cores.Seen(n=seen.n, id=accept))
    audit = audited(forged.made())

    assert (What.NOT_CREDITED, pair.b.id) in {(f.what, f.node) for f in audit.findings(NOW)}
    assert left(audit, PROVEN) == [(What.SENT_OTHERWISE, pair.a.id)]


def test_what_may_be_on_its_way_accuses_nobody_until_it_was_asked() -> None:
    pair = paid()
    forged = Forged(pair, pair.a)
    del forged.logs[pair.a.id][forged.place(pair.a, cores.LineHeads) :]
    audit = audited(forged.made())

    (claim,) = claims_of(audit.state)
    assert claim.waiting
    assert left(audit, Answered()) == left(audit, Answered(Answer.SHOWN)) == []
    assert left(audit, PROVEN) == [(What.SENT_OTHERWISE, pair.a.id)]
    assert left(audit, Answered(Answer.NOTHING)) == [(What.CLAIM_UNSUPPORTED, pair.b.id)]
    behind = found(What.BEYOND_LIMIT, pair.b.id, line=pair.line_id, seq=claim.seq)
    assert left(audit, Answered(), behind) == [(What.BEYOND_LIMIT, pair.b.id)]


def test_of_all_that_is_missing_the_first_is_asked_for() -> None:
    pair = paid()
    forged = Forged(pair, pair.a)
    commit = forged.logs[pair.a.id][forged.place(pair.a, cores.PayCommit)][0]
    del forged.logs[pair.a.id][forged.place(pair.a, cores.PayCommit) :]

    (claim,) = claims_of(audited(forged.made()).state)

    assert claim.n == commit.n


def test_a_missing_message_names_who_made_it_up_or_hid_it_once_that_is_known() -> None:
    pair = paid()
    forged = Forged(pair, pair.a)
    del forged.logs[pair.a.id][forged.place(pair.a, cores.LineHeads) :]
    audit = audited(forged.made())
    late = [one for one in audit.findings(NOW + 10**6) if one.what is What.SEEN_MISSING]

    def told(answered: Answered) -> list[What]:
        answers = dict.fromkeys(claims_of(audit.state), answered)
        return [one.what for one in resolved(audit.state, late, answers)]

    assert [one.node for one in late] == [pair.a.id]
    assert told(Answered()) == [What.SEEN_MISSING]
    assert told(PROVEN) == [What.SENT_OTHERWISE]
    assert told(Answered(Answer.NOTHING)) == [What.CLAIM_UNSUPPORTED]


def claim(number: int = 1, *, claimant: str = HONEST.id, waiting: bool = False) -> Claim:
    return Claim(LINE, claimant, CHEAT.id, 5, "", number, NOW, waiting)


def test_what_is_proven_is_not_asked_again_and_what_waited_longest_comes_first() -> None:
    one, two, three = (claim(number) for number in (1, 2, 3))

    chosen = to_ask([one, two, three], {two: PROVEN}, {one: 4}, followed_s=NOW)

    assert chosen == [three, one]


def test_what_was_named_while_the_logs_were_followed_is_still_on_its_way() -> None:
    waiting = claim(waiting=True)

    assert to_ask([waiting, claim()], {}, {}, followed_s=NOW - 1) == [claim()]
    assert to_ask([waiting], {}, {}, followed_s=NOW) == [waiting]


def test_who_makes_up_many_claims_costs_the_others_nothing() -> None:
    many = [claim(number) for number in range(99)]
    other = claim(claimant=CHEAT.id)

    chosen = to_ask([*many, other], {}, {}, followed_s=NOW)

    assert len(chosen) == QUESTIONS_EACH_MAX + 1
    assert other in chosen


SENT = CHEAT.event()
SENT_ID = b64(leaf_hash(unb64(SENT.core)))
BEHIND = CHEAT.event(n=6, seq=9, prev=SENT_ID)
UNSIGNED = replace(SENT, signature=BEHIND.signature)
ABOUT = claim()._replace(id=SENT_ID)


def wire(*events: SignedEvent) -> list[WireEvent]:
    return [WireEvent(core=one.core, signature=one.signature) for one in events]


def copy_of(*events: SignedEvent) -> ChannelEvent:
    copy = shown(ABOUT, wire(*events))
    assert copy is not None
    return copy


def test_a_copy_is_signed_itself_or_by_what_closed_its_batch() -> None:
    assert copy_of(SENT).n == 5
    assert copy_of(SENT, BEHIND).n == 5
    assert copy_of(UNSIGNED, BEHIND).n == 6


@pytest.mark.parametrize(
    "events",
    [
        (),
        (UNSIGNED,),
        (CHEAT.event(ts=NOW + 1),),
        (CHEAT.event(n=4),),
        (HONEST.event(),),
        (BEHIND,),
        (UNSIGNED, CHEAT.event(n=6, seq=9)),
        (UNSIGNED, CHEAT.event(n=7, seq=9, prev=SENT_ID)),
        (SignedEvent(core=b64(b"{}"), signature=SENT.signature),),
    ],
)
def test_what_is_not_the_named_event_or_nobody_signed_shows_nothing(
    events: Sequence[SignedEvent],
) -> None:
    assert shown(ABOUT, wire(*events)) is None


LOCAL = CHEAT.event(line=LINE, n=8, ts=NOW + 7)
"""Anything else in the same place of the log."""


@pytest.mark.parametrize(
    ("at_number", "at_place", "kind", "about"),
    [
        (CHEAT.event(ts=NOW + 1), None, "channel-fork", "5"),
        (CHEAT.event(ts=NOW + 1), LOCAL, "channel-fork", "5"),
        (None, LOCAL, "same-index", "7"),
    ],
)
def test_the_proof_is_made_of_what_the_suspect_has_signed(
    at_number: SignedEvent | None, at_place: SignedEvent | None, kind: str, about: str
) -> None:
    made = proof_of(copy_of(SENT), CHEAT.statements, at_number=at_number, at_place=at_place)

    assert made is not None
    evidence = read_evidence(made.file)
    assert (kind_of(evidence), evidence.accused) == (kind, CHEAT.id)
    assert made.name() == f"{kind} {about}" == proof_about(ABOUT, evidence)


def test_a_proof_about_another_event_or_group_is_none_about_this() -> None:
    made = proof_of(copy_of(SENT), CHEAT.statements, at_number=LOCAL, at_place=LOCAL)
    assert made is not None
    evidence = read_evidence(made.file)

    assert proof_about(ABOUT._replace(id=b64(bytes(32))), evidence) == ""
    assert proof_about(ABOUT._replace(suspect=HONEST.id), evidence) == ""


@pytest.mark.parametrize("held", [None, SENT])
def test_a_log_that_shows_the_same_or_was_not_followed_so_far_proves_nothing(
    held: SignedEvent | None,
) -> None:
    copy = copy_of(SENT)

    assert proof_of(copy, CHEAT.statements, at_number=held, at_place=held) is None


def test_a_key_that_is_revoked_or_nobody_stated_proves_nothing() -> None:
    other = CHEAT.event(ts=NOW + 1)
    revoked = CHEAT.states(Cause.REVOCATION, CHEAT.log, 0, CHEAT.root)
    stranger = CHEAT.event(key=key_of(99))
    named = ABOUT._replace(id=b64(leaf_hash(unb64(stranger.core))))
    copy = shown(named, wire(stranger))
    assert copy is not None

    statements = (*CHEAT.statements, revoked)
    assert proof_of(copy_of(SENT), statements, at_number=other, at_place=None) is None
    assert proof_of(copy, CHEAT.statements, at_number=other, at_place=None) is None


def test_an_answer_of_another_shape_shows_nothing() -> None:
    core = b64(encode({"n": 5, "type": "line.unfreeze"}))

    assert shown(ABOUT, [WireEvent(core=core, signature=SENT.signature)]) is None
