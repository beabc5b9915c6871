"""Taking in a partner's events, step by step: decode, look for a fork, find the facts, submit.

The order is the rule here; tables, keys and the sequencer come in as `Intaking`, so that a
simulator runs the same steps over a simulated disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import structlog

from federation.line.commands import ReceivedEvent, ReceiveEvents
from federation.line.decide import Received
from federation.peer.channel import decision_valid, read_batch, require_signature
from schemas import cores
from schemas.errors import Code, Refusal, RefusedError, VerificationError
from schemas.openings import NoteText, PeerText

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from events.keys import KeyHistory
    from federation.line.decide import FoundVerdicts
    from federation.peer.channel import ChannelEvent
    from projections.lines import Line
    from schemas.messages import WireEvent

log = structlog.get_logger()
T = TypeVar("T")


class Intaking(Protocol):
    """What taking in needs of the node around it."""

    def history(self, peer: str) -> KeyHistory | None:
        """Give the key history of a partner, as far as it is known here."""

    async def refresh(self, peer: str) -> None:
        """Fetch the key statements of a partner anew."""

    def known(self, peer: str) -> bool:
        """Tell whether a node is registered or invited."""

    def line(self, line: str) -> Line | None:
        """Give a line as the books hold it now."""

    async def inbox_ids(self, line: str, first: int, last: int) -> Mapping[int, str]:
        """Give the ids of received events by their place, from `first` to `last`."""

    async def subjects(self, reader: str, pseudonyms: Sequence[str]) -> Mapping[str, str]:
        """Give the members behind the names by which `reader` knows them."""

    def accounts_by_subject(self) -> Mapping[str, int]:
        """Give the account of each member."""

    async def compute(self, work: Callable[[], T], *, signatures: int) -> T:
        """Verify so many signatures, beside the loop when that takes a while."""

    async def submit(self, command: Any) -> Any:
        """Hand a command to the sequencer; gives the answer after COMMIT."""

    async def forked(self, peer: str, event: ChannelEvent) -> None:
        """Keep the proof that a partner signed another event for a place that is taken."""

    async def contradicted(self, line: str, findings: Sequence[FoundVerdicts]) -> None:
        """Keep the proof that a partner has decided twice; it can be made again from the inbox."""

    async def vouched(self, peer: str, event: ChannelEvent) -> bool:
        """Tell whether somebody had followed this event before its key was revoked."""

    def check_later(self, line: str, events: Sequence[ChannelEvent], history: KeyHistory) -> None:
        """Have `first_bad` run over events that the last signature covered, and act on it."""


async def take(node: Intaking, peer: str, line: str, wire: Sequence[WireEvent]) -> Received:
    """Take in a batch of a partner; what is there already is skipped.

    Raises:
        VerificationError: bytes, chain or signature are wrong; nothing has changed.
        RefusedError: `peer_unknown`, `line_other`, `line_gap`, `line_prev`, `line_fork`,
            `key_revoked`.
        PeerUnavailable: the umbrella has to be asked about a revoked key, and does not answer.

    """
    events = await _read(node, peer, line, wire)
    history = node.history(peer)
    assert history is not None
    there = await _look_for_fork(node, events, history)
    await _refuse_back_dated(node, events, history, there)
    carried = [e for e in events if isinstance(e.core, cores.PayCommit | cores.PayAbort)]
    valid = dict.fromkeys((event.id for event in events), True)
    if carried:
        answers = await node.compute(
            lambda: [decision_valid(event, history) for event in carried], signatures=len(carried)
        )
        valid |= dict(zip((event.id for event in carried), answers, strict=True))
    command = ReceiveEvents(
        line=line,
        peer=peer,
        events=tuple(await _facts(node, events, valid)),
        known=node.known(peer),
        cover=events[-1].n if events else 0,
    )
    answer = await node.submit(command)
    if isinstance(answer, Refusal):
        raise RefusedError.of(answer)
    assert isinstance(answer, Received)
    if answer.findings:  # before all that can fail: nobody tells them a second time
        await node.contradicted(line, answer.findings)
    if there < answer.in_n:  # what came in over another request meanwhile was not compared yet
        known = {event.id for event in answer.taken}
        skipped = [e for e in events if there < e.n <= answer.in_n and e.id not in known]
        await _look_for_fork(node, skipped, history)
    if len(events) > 1:
        node.check_later(line, events[:-1], history)
    if answer.refusal is not None and not answer.taken:
        raise RefusedError.of(answer.refusal)
    return answer


async def _read(
    node: Intaking, peer: str, line: str, wire: Sequence[WireEvent]
) -> tuple[ChannelEvent, ...]:
    """Decode and verify; an unknown key makes us fetch the key statements once."""
    history = node.history(peer)
    if history is None:
        await node.refresh(peer)
        history = node.history(peer)
    if history is None:
        raise RefusedError(Code.PEER_UNKNOWN, field="peer")
    try:
        return read_batch(wire, line=line, origin=peer, history=history)
    except VerificationError as error:
        if error.code is not Code.BAD_KEY:
            raise
    await node.refresh(peer)
    history = node.history(peer)
    assert history is not None
    return read_batch(wire, line=line, origin=peer, history=history)


async def _look_for_fork(
    node: Intaking, events: Sequence[ChannelEvent], history: KeyHistory
) -> int:
    """Compare repetitions with the inbox, and give how far the chain is there already.

    Another event with the same number is a fork, if the partner signed it: that proves itself and
    is kept. Without a valid signature of its own it accuses nobody.

    Raises:
        VerificationError: `bad_signature`, `bad_key`.
        RefusedError: `line_fork`.

    """
    known = node.line(events[0].core.line) if events else None
    if known is None or known.peer != events[0].core.origin:
        return 0  # refused as a stranger's in a moment
    if events[0].n > known.in_n:
        return known.in_n
    stored = await node.inbox_ids(known.line, events[0].n, events[-1].n)
    for event in events:
        if stored.get(event.n, event.id) != event.id:
            require_signature(event, history)
            log.critical("channel_fork", line=known.line, n=event.n)
            await node.forked(known.peer, event)
            raise RefusedError(Code.LINE_FORK, field="n")
    return known.in_n


async def _refuse_back_dated(
    node: Intaking, events: Sequence[ChannelEvent], history: KeyHistory, there: int
) -> None:
    """Refuse a batch that ends under a revoked key, unless it was known before the revocation.

    Whoever holds such a key can give an event any place before the index where the key ends. What
    came in before is skipped, and what stands before an event under a living key is vouched for by
    that one: `prev` chains it. The rest counts if the umbrella had followed the log up to there
    before it learnt of the revocation.

    Raises:
        RefusedError: `key_revoked`.
        PeerUnavailable: the umbrella cannot be asked now.

    """
    if not events or events[-1].n <= there or not history.revoked(events[-1].core.key):
        return
    last = events[-1]
    if not await node.vouched(history.node, last):
        log.warning("event_back_dated", line=last.core.line, n=last.n, seq=last.core.seq)
        raise RefusedError(Code.KEY_REVOKED, field=f"event {last.n}")


async def _facts(
    node: Intaking, events: Sequence[ChannelEvent], valid: Mapping[str, bool]
) -> list[ReceivedEvent]:
    """Find out which member of ours stands behind the pseudonym that each event is about."""
    about = {event.id: _pseudonym(event) for event in events}
    names = [name for name in about.values() if name]
    subjects = await node.subjects(events[0].core.origin, names) if names else {}
    accounts = node.accounts_by_subject() if subjects else {}
    return [
        ReceivedEvent(
            n=event.n,
            id=event.id,
            core=event.core,
            core_bytes=event.core_bytes,
            signature=event.signature,
            decision_valid=valid[event.id],
            opening=event.opening,
            peer=event.peer,
            member=accounts.get(subject, 0),
            member_subject=subject,
        )
        for event in events
        for subject in [subjects.get(about[event.id], "")]
    ]


def _pseudonym(event: ChannelEvent) -> str:
    """Name our member whom an event is about: its payee, the payer who is asked, the recipient."""
    match event.peer:
        case NoteText():
            return event.peer.recipient
        case PeerText():
            asked = isinstance(event.core, cores.PayRequest)
            return event.peer.payer if asked else event.peer.payee
        case None:
            return ""


def first_bad(events: Sequence[ChannelEvent], history: KeyHistory) -> int:
    """Give the place of the first event with a bad signature, 0 when all are fine."""
    for event in events:
        try:
            require_signature(event, history)
        except VerificationError:
            return event.n
    return 0
