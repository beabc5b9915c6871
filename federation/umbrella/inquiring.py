"""Asks those who name events that the other's log does not show, and keeps the proof of it.

The rules are in `federation.umbrella.audit.inquiry`. What is proven is kept as evidence; what else
was answered is remembered until the umbrella starts anew, and asked again by each audit. Answers
are limited in size and time, so nobody holds up an audit for long.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from events.evidence import read_evidence
from events.restore import Mode
from federation.node.evidence import list_evidence, read_file
from federation.umbrella.audit.inquiry import (
    Answer,
    Answered,
    Claim,
    proof_about,
    proof_of,
    shown,
    to_ask,
)
from federation.umbrella.following import read_core
from federation.umbrella.queries import SQL
from schemas.cores import LineCore, UnknownCore
from schemas.encoding import b64, parse
from schemas.errors import RuilbrugError
from schemas.evidence import EvidenceKind, SignedEvent
from schemas.keys import Role
from schemas.messages import OwnEvents

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asyncpg import Record

    from federation.node.service import Node
    from federation.peer.channel import ChannelEvent
    from federation.umbrella.audit.inquiry import Proof

log = structlog.get_logger()

AT_ONCE: Final = 4
ALL_S: Final = 60
"""So long may the questions of one audit take; who was not asked yet comes first the next time."""
ANSWER_S: Final = 5.0
ANSWER_SIZE_MAX: Final = 4 * 2**20
"""A batch of 256 events of 8 KiB, in base64url."""
_OWN: Final = msgspec.json.Decoder(OwnEvents)


class Inquiries:
    """What was asked and answered so far; one a node."""

    def __init__(self) -> None:
        """Start with nothing asked."""
        self.answers: dict[Claim, Answered] = {}
        self.asked: dict[Claim, int] = {}
        """In which audit each was asked last."""
        self.audits = 0

    def begin(self, claims: Iterable[Claim]) -> None:
        """Begin an audit: what nobody claims any more is forgotten."""
        self.audits += 1
        present = set(claims)
        self.answers = {one: known for one, known in self.answers.items() if one in present}
        self.asked = {one: when for one, when in self.asked.items() if one in present}


def inquiries_of(node: Node) -> Inquiries:
    """Give what this node has asked."""
    if Inquiries not in node.parts:
        node.parts[Inquiries] = Inquiries()
    inquiries: Inquiries = node.parts[Inquiries]
    return inquiries


async def inquire(
    umbrella: Node, claims: Iterable[Claim], *, followed_s: int
) -> dict[Claim, Answered]:
    """Ask what is to be asked about claims, and give for each what is known by now.

    An umbrella that is not sure of its own log asks the next time, since it can keep no proof.
    """
    claims, inquiries = sorted(set(claims)), inquiries_of(umbrella)
    inquiries.begin(claims)
    await _read_proofs(umbrella, claims, inquiries.answers)
    chosen = to_ask(claims, inquiries.answers, inquiries.asked, followed_s=followed_s)
    if chosen and umbrella.gate.mode is not Mode.READ_ONLY:
        await _ask_all(umbrella, chosen, inquiries)
    return {claim: inquiries.answers.get(claim, Answered()) for claim in claims}


async def _read_proofs(
    umbrella: Node, claims: Iterable[Claim], answers: dict[Claim, Answered]
) -> None:
    """Find in the evidence that is kept what is proven already."""
    open_ = [one for one in claims if answers.get(one, Answered()).answer is not Answer.PROVEN]
    suspects = {one.suspect for one in open_}
    kinds = (EvidenceKind.CHANNEL_FORK, EvidenceKind.SAME_INDEX)
    for row in await list_evidence(umbrella.pool) if open_ else ():
        if row.accused not in suspects or row.kind not in kinds:
            continue
        evidence = read_evidence(await read_file(umbrella.pool, row.id))
        for claim in open_:
            if proof := proof_about(claim, evidence):
                answers[claim] = Answered(Answer.PROVEN, proof)


async def _ask_all(umbrella: Node, chosen: Iterable[Claim], inquiries: Inquiries) -> None:
    """Ask some at a time; who is slow holds up nobody."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(claim: Claim) -> None:
        async with turns:
            inquiries.asked[claim] = inquiries.audits
            answered = await _ask(umbrella, claim)
            if answered.answer is not Answer.NONE:
                inquiries.answers[claim] = answered

    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(ALL_S), asyncio.TaskGroup() as tasks:
            for claim in chosen:
                tasks.create_task(one(claim), name=f"inquire-{claim.claimant}")


async def _ask(umbrella: Node, claim: Claim) -> Answered:
    """Ask a claimant for its signed copy, and hold that against the mirror."""
    peer = umbrella.peers.get(claim.claimant)
    if peer is None:
        return Answered()
    path = f"/federation/v1/lines/{claim.line}/received/{claim.n}"
    try:
        answer = await umbrella.client.get(
            peer.node, peer.url, path, timeout_s=ANSWER_S, bytes_max=ANSWER_SIZE_MAX
        )
        wire = parse(_OWN, answer).events
    except (RuilbrugError, msgspec.MsgspecError) as error:
        log.warning("claim_unanswered", peer=peer.node, line=claim.line, kind=type(error).__name__)
        return Answered()
    copy = await asyncio.to_thread(shown, claim, wire)
    if copy is None:
        log.warning("claim_unsupported", peer=peer.node, line=claim.line, n=claim.n)
        return Answered(Answer.NOTHING)
    return await _prove(umbrella, claim, copy)


async def _prove(umbrella: Node, claim: Claim, copy: ChannelEvent) -> Answered:
    """Make the proof of what the mirror shows instead, and keep it."""
    history = umbrella.peers.history(claim.suspect)
    if history is None or not history.speaks(Role.LOG, copy.core.key, copy.core.seq):
        await umbrella.peers.refresh(claim.suspect)
    proof = proof_of(
        copy,
        await umbrella.evidence.statements(claim.suspect),
        at_number=await _at_number(umbrella, claim, copy.n),
        at_place=await _at_place(umbrella, claim, copy.core.seq),
    )
    if proof is None or not await _keep(umbrella, claim, proof):
        return Answered(Answer.SHOWN)
    return Answered(Answer.PROVEN, proof.name())


async def _keep(umbrella: Node, claim: Claim, proof: Proof) -> bool:
    if proof.kind is EvidenceKind.CHANNEL_FORK:
        return await umbrella.evidence.of_line(proof.file, line=claim.line, about=proof.about)
    return await umbrella.evidence.of_log(proof.file, accused=claim.suspect, about=proof.about)


async def _at_number(umbrella: Node, claim: Claim, n: int) -> SignedEvent | None:
    rows = await umbrella.pool.fetch(SQL["mirrored_numbers"], claim.suspect, claim.line, n)
    return next((_signed(row) for row in rows if _is_number(row["core"], claim.line, n)), None)


def _is_number(core_bytes: bytes, line: str, n: int) -> bool:
    core = read_core(core_bytes)
    return isinstance(core, LineCore | UnknownCore) and (core.line, core.n) == (line, n)


async def _at_place(umbrella: Node, claim: Claim, seq: int) -> SignedEvent | None:
    rows = await umbrella.pool.fetch(SQL["mirrored_range"], claim.suspect, seq, seq + 1)
    return next(map(_signed, rows), None)


def _signed(row: Record) -> SignedEvent:
    return SignedEvent(core=b64(row["core"]), signature=b64(row["signature"]))
