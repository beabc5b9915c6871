"""Threads as one of their two members reads them, inside the group and across groups alike.

Loads the messages of a member's threads, opens their texts under that member's key, and has
`projections.threads` say how each stands. A thread of others is not found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from federation.members.people import Party, names_of, party, peer_names, peer_party
from federation.members.thread_messages import (
    Kept,
    messages_of,
    trades_of_proposals,
)
from projections import threads
from projections.threads import Thread, ThreadState
from schemas.errors import Code, InputError
from schemas.proposals import Answer, PricedBy, Reply, ToldContact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.members.acting import Actor
    from federation.node.service import Node

MESSAGES_MAX: Final = 500


class ShownProposal(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal as one of the two reads it."""

    id: str
    own: bool
    """The reader made it."""
    gives: bool
    """The reader is to give the units."""
    amount_minor: int
    """In minor units of the side that `fixed` names."""
    fixed: PricedBy
    day: str = ""


class ShownMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message as one of the two reads it."""

    id: str
    own: bool
    at_s: int
    text: str = ""
    reply: Reply | None = None
    answers: str = ""
    """Id of the message with the proposal that it answers."""
    proposal: ShownProposal | None = None
    entered_by: int | None = None
    forgotten: bool = False


class ShownThread(msgspec.Struct, frozen=True, kw_only=True):
    """A thread as one of the two reads it."""

    thread: str
    other: Party
    line: str = ""
    """Empty inside the group."""
    offer: str = ""
    """The post that it is about: a number inside the group, else an id of the offer feed."""
    own_start: bool = False
    state: ThreadState
    own_turn: bool = False
    standing: ShownProposal | None = None
    can_answer: bool = False
    """A quick answer of the reader would be one."""
    released: bool = False
    """The two have answered each other: contact details may be shown."""
    contacts: tuple[ToldContact, ...] = ()
    """What the other has told, across groups; inside the group its profile says it."""
    trade: str = ""
    """Id of the booking or request of the newest proposal, when there is one that did not fail."""
    blocked: bool = False
    """The reader wants no messages of the other."""
    at_s: int = 0
    messages: tuple[ShownMessage, ...] = ()


class Loaded(NamedTuple):
    """A thread with everything that the use cases need."""

    shown: ShownThread
    thread: Thread
    me: str
    """What the fold calls the reader's side."""
    told_contacts: bool
    """The reader's side has told how to reach it."""


async def load(node: Node, who: Actor, thread: str) -> Loaded:
    """Give one thread of a member.

    Raises:
        InputError: `not_found`, also for a thread between others.

    """
    found = await load_many(node, who, [thread])
    if not found:
        raise InputError(Code.NOT_FOUND, field="thread")
    return found[0]


async def load_many(
    node: Node, who: Actor, names: Sequence[str], *, whole: bool = False
) -> list[Loaded]:
    """Give some threads of a member, in the order of the names; what is none of it is left out.

    `whole` gives every message of them, else the newest `MESSAGES_MAX` of each.
    """
    sorted_out = await messages_of(node, who.account, names)
    trades = await trades_of_proposals(node, sorted_out)
    accounts = {one[0].other for one in sorted_out.values() if isinstance(one[0].other, int)}
    people: dict[int | str, str] = {}
    people.update((await names_of(node, accounts)).items())
    silent = {one[0].other for one in sorted_out.values() if not _named(one)}
    pseudonyms = [other for other in silent if isinstance(other, str)]
    people.update((await peer_names(node, who.account, pseudonyms)).items())
    found = [
        _loaded(node, who, name, sorted_out[name], trades.get(name, {}), people)
        for name in names
        if sorted_out.get(name)
    ]
    return found if whole else [one._replace(shown=_newest(one.shown)) for one in found]


def _newest(shown: ShownThread) -> ShownThread:
    if len(shown.messages) <= MESSAGES_MAX:
        return shown
    return msgspec.structs.replace(shown, messages=shown.messages[-MESSAGES_MAX:])


def _named(kept: Sequence[Kept]) -> bool:
    """Tell whether the other side has said what it is called."""
    return any(one.name for one in kept if not one.own)


def _loaded(
    node: Node,
    who: Actor,
    name: str,
    kept: list[Kept],
    trades: dict[str, tuple[str, bool]],
    people: dict[int | str, str],
) -> Loaded:
    first = next((one for one in kept if one.other), kept[0])
    line, account = first.line, who.account
    peer = node.machine.books.lines[line].peer if line else ""
    me, they = (node.id, peer) if line else (str(account), str(first.other))
    by_id = {one.message.id: one for one in kept}
    in_order = threads.ordered(one.message for one in kept)
    booked = [proposal for proposal, (_, done) in trades.items() if done]
    thread = threads.thread_of(in_order, (me, they), booked=booked)
    theirs = [by_id[message.id] for message in in_order if message.sender == they]
    other = _other(node, peer, first, theirs, people)
    standing = None if thread.standing is None else _standing(thread.standing, me)
    trade = "" if standing is None else trades.get(standing.id, ("", False))[0]
    blocks = node.machine.books.agreeing
    shown = ShownThread(
        thread=name,
        other=other,
        line=line,
        offer=next((by_id[m.id].offer for m in in_order if by_id[m.id].offer), ""),
        own_start=thread.starter == me,
        state=thread.state,
        own_turn=thread.turn == me,
        standing=standing,
        can_answer=can_answer(thread, me),
        released=thread.released,
        contacts=next((one.contacts for one in reversed(theirs) if one.contacts), ()),
        trade=trade,
        blocked=blocks.blocks_peer(account, peer, other.pseudonym)
        if line
        else blocks.blocks_member(account, int(they)),
        at_s=in_order[-1].place.at_s,
        messages=tuple(_message(by_id[m.id], me, they) for m in in_order),
    )
    told = any(one.own and one.contacts for one in kept)
    return Loaded(shown, thread, me, told)


def can_answer(thread: Thread, me: str) -> bool:
    """Tell whether a quick answer of this side would be one."""
    to = thread.standing.id if thread.state is ThreadState.PROPOSED and thread.standing else None
    return threads.answers(thread, me, Answer(reply=Reply.YES, to=to))


def _other(
    node: Node, peer: str, first: Kept, theirs: Sequence[Kept], people: dict[int | str, str]
) -> Party:
    if not peer:
        assert isinstance(first.other, int)
        return party(node, first.other, {first.other: people.get(first.other, "")})
    name = next((one.name for one in reversed(theirs) if one.name), people.get(first.other, ""))
    return peer_party(node, peer, str(first.other), name)


def _standing(standing: threads.Standing, me: str) -> ShownProposal:
    return ShownProposal(
        id=standing.id,
        own=standing.by == me,
        gives=standing.payer == me,
        amount_minor=standing.amount_minor,
        fixed=standing.fixed,
        day=standing.day,
    )


def _message(one: Kept, me: str, they: str) -> ShownMessage:
    message, other = one.message, they if one.own else me
    proposal = None
    if message.proposal is not None:
        said = threads.standing_of(message, message.proposal, other)
        proposal = _standing(said, me)
    return ShownMessage(
        id=message.id,
        own=one.own,
        at_s=message.place.at_s,
        text=one.text,
        reply=None if message.answer is None else message.answer.reply,
        answers="" if message.answer is None else message.answer.to or "",
        proposal=proposal,
        entered_by=one.entered_by,
        forgotten=not message.readable,
    )
