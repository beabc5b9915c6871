"""Word against word on a line: whom to ask for what, what an answer means, who is accused then.

A group that hides what it has sent leaves two logs that contradict each other, and cores alone do
not say whose is true. The other end holds a copy under the hider's own signature. Whoever names an
event can show it, or has made it up; so nobody is accused before it was asked. Pure; `Claim` says
what to ask, `claims_of` and `to_ask` when, `shown` and `proof_of` what an answer is worth, and
`resolved` what is left of the findings.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from events.evidence import build_fork, check_evidence, read_evidence, read_exhibit
from events.exhibits import read_log_exhibit
from events.log_evidence import build_same_index
from events.machine import EVENT_PREFIX
from events.signing import PublicKey
from federation.peer.channel import read_event
from federation.umbrella.audit.positions import node_of
from federation.umbrella.audit.records import place
from schemas.encoding import b64
from schemas.errors import VerificationError
from schemas.evidence import ChannelFork, EvidenceKind, SameIndex, SignedEvent
from schemas.findings import What, found
from schemas.ids import line_counter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from federation.peer.channel import ChannelEvent
    from federation.umbrella.audit.records import LineRecord, Side, State
    from schemas.evidence import Evidence
    from schemas.findings import Finding
    from schemas.keys import SignedKeyStatement
    from schemas.messages import WireEvent

QUESTIONS_MAX: Final = 256
QUESTIONS_EACH_MAX: Final = 8
"""So many in one audit, and to one group: who makes up claims costs the others nothing."""

_BY_OWN_EVENT: Final = frozenset(
    {
        What.ACCEPT_WITHOUT_PREPARE,
        What.COMMIT_WITHOUT_ACCEPT,
        What.CREDIT_WITHOUT_COMMIT,
        What.BEYOND_LIMIT,
        What.AMOUNTS_DIFFER,
        What.TERMS_UNKNOWN,
        What.REVERSAL_DIFFERS,
        What.REVERSAL_UNKNOWN,
        What.OPENING_DIFFERS,
    }
)
"""What a group's own event is held against in the other's chain; `seq` is that event's place."""
_BY_THE_OTHERS: Final = frozenset(
    {What.NOT_CREDITED, What.COMMIT_UNANSWERED, What.ACCEPT_UNDECIDED}
)
"""What a group has not answered; `seq` is the place of the other's event."""


class Claim(NamedTuple):
    """One end of a line names an event of the other, in whose log it does not stand."""

    line: str
    claimant: str
    suspect: str
    n: int
    id: str
    """The event: its number on the line, and its id."""
    seq: int
    ts: int
    """Of the claimant's event that names it."""
    waiting: bool
    """The suspect's chain does not reach that far yet: it may be on its way."""


class Answer(StrEnum):
    """What asking came to."""

    NONE = "none"
    """No answer that counts, or not asked yet."""
    SHOWN = "shown"
    """A signed copy, which proves nothing to a stranger: the suspect's log may not be past it."""
    NOTHING = "nothing"
    """The claimant answers, and has no such event."""
    PROVEN = "proven"


class Answered(NamedTuple):
    """An answer, and the proof that was made of it: its kind, and what it is about."""

    answer: Answer = Answer.NONE
    proof: str = ""


class Proof(NamedTuple):
    """A file of evidence, and under what it is kept."""

    file: bytes
    kind: EvidenceKind
    about: str

    def name(self) -> str:
        """Name it as a finding does."""
        return f"{self.kind} {self.about}"


def claims_of(state: State) -> list[Claim]:
    """Give for each direction of each line the first claim that the log there contradicts.

    One is enough: chains are hashed, so all that the claimant wrote before it had seen the same
    events as stand there, and from it on others.
    """
    nodes = sorted(state.nodes)
    claims = (
        _claim(line, side, other, nodes)
        for _, line in sorted(state.lines.items())
        for side, other in line.each()
    )
    return [claim for claim in claims if claim is not None]


def _claim(line: LineRecord, side: Side, other: Side | None, nodes: Sequence[str]) -> Claim | None:
    waiting = [named for each in side.named.values() for named in each]
    named = side.another or min(waiting, key=lambda one: one.seq, default=None)
    if named is None or not named.n or other is None or not other.node:
        return None
    suspect = side.node or node_of(line, other, nodes)
    if line_counter(line.line, other.node, suspect) is None:
        return None
    return Claim(
        line=line.line,
        claimant=other.node,
        suspect=suspect,
        n=named.n,
        id=named.id,
        seq=named.seq,
        ts=named.ts,
        waiting=side.another is None,
    )


def to_ask(
    claims: Iterable[Claim],
    answers: Mapping[Claim, Answered],
    asked: Mapping[Claim, int],
    *,
    followed_s: int,
) -> list[Claim]:
    """Choose what to ask now: what is not proven, longest not asked first, a few of each group.

    `followed_s` is when the logs began to be followed this time: what was named later is still on
    its way. `asked` says in which audit each was asked last.
    """
    chosen: list[Claim] = []
    each: dict[str, int] = {}
    for claim in sorted(claims, key=lambda one: (asked.get(one, 0), one.waiting, one)):
        if answers.get(claim, Answered()).answer is Answer.PROVEN:
            continue
        if claim.waiting and claim.ts > followed_s:
            continue
        each[claim.claimant] = each.get(claim.claimant, 0) + 1
        if each[claim.claimant] <= QUESTIONS_EACH_MAX:
            chosen.append(claim)
    return chosen[:QUESTIONS_MAX]


def shown(claim: Claim, wire: Sequence[WireEvent]) -> ChannelEvent | None:
    """Find what the suspect has signed in what a claimant shows; none when it shows no such thing.

    That is the event that was named; or, since a batch is signed at its end, one that `prev` chains
    it to. Whether the key is the suspect's is left to the proof.
    """
    try:
        events = [read_event(one, line=claim.line, origin=claim.suspect) for one in wire]
    except VerificationError:
        return None
    if not events or (events[0].n, events[0].id) != (claim.n, claim.id):
        return None
    for before, after in pairwise(events):
        if after.n != before.n + 1 or after.core.prev != before.id:
            return None
    return next((event for event in events if _signed(event)), None)


def _signed(event: ChannelEvent) -> bool:
    try:
        key = PublicKey.of_text(event.core.key)
    except VerificationError:
        return False
    return key.verify(event.signature, EVENT_PREFIX + event.core_bytes)


def proof_of(
    copy: ChannelEvent,
    statements: Sequence[SignedKeyStatement],
    *,
    at_number: SignedEvent | None,
    at_place: SignedEvent | None,
) -> Proof | None:
    """Prove by its own signatures that a group has sent other events than its log shows.

    `at_number` is what its log shows with the same number on that line, `at_place` what it shows in
    the same place. None when they are the same, when the log was not followed that far, or when a
    stranger would not believe it (a key that was revoked).
    """
    accused = copy.core.origin
    held = SignedEvent(core=b64(copy.core_bytes), signature=b64(copy.signature))
    proofs = []
    if at_number is not None:
        file = build_fork(accused, statements, held, at_number)
        proofs.append(Proof(file, EvidenceKind.CHANNEL_FORK, str(copy.n)))
    if at_place is not None:
        file = build_same_index(accused, statements, held, at_place)
        proofs.append(Proof(file, EvidenceKind.SAME_INDEX, str(copy.core.seq)))
    return next((one for one in proofs if _believed(one.file)), None)


def _believed(file: bytes) -> bool:
    try:
        return check_evidence(read_evidence(file)).proven
    except VerificationError:
        return False


def proof_about(claim: Claim, evidence: Evidence) -> str:
    """Name a proof that is kept already if it holds the event which a claim names; else empty."""
    if evidence.accused != claim.suspect:
        return ""
    kind, read = str(evidence.__struct_config__.tag), read_log_exhibit
    if not isinstance(evidence, ChannelFork | SameIndex):
        return ""
    events = [read(one, field="event") for one in (evidence.first, evidence.second)]
    if claim.id not in {event.id for event in events}:
        return ""
    if isinstance(evidence, ChannelFork):
        return f"{kind} {read_exhibit(evidence.first, field='first').place.n}"
    return f"{kind} {events[0].place.seq}"


def resolved(
    state: State, findings: Iterable[Finding], answers: Mapping[Claim, Answered]
) -> list[Finding]:
    """Give what is left of findings once those who make claims were asked.

    Proven: the suspect has sent other events than its log shows. It alone is accused; what the
    claimant wrote in answer to them is explained. Nothing to show: the claimant is accused, and
    what rests on its claim stays. No answer: it is word against word on that line, and neither is.
    """
    left = [one for one in findings if not any(_settles(state, one, *by) for by in answers.items())]
    told = [one for by in answers.items() for one in _said(*by)]
    return sorted((*left, *told), key=lambda finding: finding.order())


def _said(claim: Claim, answered: Answered) -> Iterator[Finding]:
    line, seq = claim.line, claim.seq
    if answered.answer is Answer.PROVEN:
        yield found(What.SENT_OTHERWISE, claim.suspect, line=line, seq=seq, reason=answered.proof)
    elif answered.answer is Answer.NOTHING:
        yield found(What.CLAIM_UNSUPPORTED, claim.claimant, line=line, seq=seq)
    elif not claim.waiting:
        yield found(What.WORD_AGAINST_WORD, "", line=line)


def _settles(state: State, finding: Finding, claim: Claim, answered: Answered) -> bool:
    """Tell whether an answer, or having none yet, takes the place of a finding."""
    if finding.line != claim.line:
        return False
    answer = answered.answer
    if finding.node == claim.suspect and finding.what is What.ANOTHER_SEEN:
        return True
    if finding.node == claim.suspect and finding.what is What.SEEN_MISSING:
        unsupported = answer is Answer.NOTHING and finding.seq == claim.seq
        return answer is Answer.PROVEN or unsupported
    if finding.node != claim.claimant or answer is Answer.NOTHING:
        return False
    if claim.waiting and answer is not Answer.PROVEN:
        return False
    return _rests_on(state, finding, claim)


def _rests_on(state: State, finding: Finding, claim: Claim) -> bool:
    """Tell whether a finding holds the claimant against events that it was sent otherwise."""
    if finding.what in _BY_OWN_EVENT:
        return finding.seq >= claim.seq
    if finding.what not in _BY_THE_OTHERS:
        return False
    record, key = state.paths[finding.path], place(claim.line, claim.suspect)
    said = (
        record.taken[key].accept
        if finding.what is What.ACCEPT_UNDECIDED
        else record.given[key].commit
    )
    assert said is not None
    return said.n > state.lines[claim.line].sides[claim.suspect].agreed_n
