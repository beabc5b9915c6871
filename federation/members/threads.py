"""What a member says to another, inside the group or across groups: one set of use cases for both.

Interest, words, quick answers, proposals. Each is done once however often it is sent: what can be
said once has a key made of what it is about, the rest brings its own. Nothing is booked here.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from federation.group.agreeing import WriteMessage
from federation.line.commands import SendNote
from federation.members import people
from federation.members.acting import account_of, actor, derived_key, needed, said
from federation.members.thread_messages import names_of_threads_with, thread_names
from federation.members.thread_views import Loaded, ShownThread, load, load_many
from federation.node.line_use_cases import line_with
from federation.node.payees import told_pseudonym
from projections import threads
from schemas.encoding import encode, parse
from schemas.errors import Code, InputError, RefusedError
from schemas.ids import SAFE_INTEGER
from schemas.openings import NOTE_LENGTH_MAX, NoteText
from schemas.proposals import Answer, PricedBy, Proposal, Reply, Side

if TYPE_CHECKING:
    from federation.members.acting import Actor
    from federation.members.people import Party
    from federation.members.reader import Reader
    from federation.node.service import Node

NOTE_SIZE_MAX: Final = 9_000
"""An opening holds so much."""
PAGE_MAX: Final = 100
NEWEST: Final = (2**62, "")
_POST: Final = re.compile(r"[1-9][0-9]{0,14}")
_NOTE: Final = msgspec.json.Decoder(NoteText)


class Recipient(NamedTuple):
    """To whom a first message goes: a member of ours, or one of another group by its pseudonym."""

    account: int | None = None
    node: str = ""
    pseudonym: str = ""


class ProposalForm(NamedTuple):
    """A proposal as the reader makes it."""

    gives: bool
    """The reader is to give the units."""
    amount_minor: int
    fixed: PricedBy = PricedBy.PAYEE
    day: str = ""


class Parts(NamedTuple):
    """What one message holds."""

    text: str = ""
    offer: str = ""
    answer: Answer | None = None
    proposal: Proposal | None = None


async def start(
    node: Node,
    reader: Reader,
    to: Recipient,
    *,
    key: str,
    text: str = "",
    offer: str = "",
    proposal: ProposalForm | None = None,
) -> ShownThread:
    """Begin a thread with another member: interest in an offer, or a word. `key` is its id.

    Raises:
        InputError: `account_unknown`, `peer_unknown`, `line_not_open`, `text_missing`, `malformed`,
            `too_large`, `amount_not_positive`, `amount_too_large`.
        RefusedError: `forbidden`, `member_blocked`, `account_same`, `account_inactive`, `conflict`.

    """
    who = actor(reader)
    if proposal is None:
        text = needed(text, length_max=NOTE_LENGTH_MAX)
    parts = Parts(
        text=said(text, length_max=NOTE_LENGTH_MAX),
        offer=offer,
        proposal=None if proposal is None else made(proposal),
    )
    await _send(node, who, key, to, parts, key=key, contacts=False)
    return (await load(node, who, key)).shown


async def write(node: Node, reader: Reader, thread: str, text: str, *, key: str) -> ShownThread:
    """Say something in a thread.

    Raises:
        InputError: `not_found`, `text_missing`, `malformed`, `too_large`, `line_not_open`.
        RefusedError: `forbidden`, `member_blocked`, `conflict`.

    """
    parts = Parts(text=needed(text, length_max=NOTE_LENGTH_MAX))
    return await _go_on(node, actor(reader), thread, parts, key=key)


async def propose(
    node: Node,
    reader: Reader,
    thread: str,
    form: ProposalForm,
    *,
    key: str,
    text: str = "",
    instead_of: str = "",
) -> ShownThread:
    """Propose who gives how much; it takes the place of every earlier proposal.

    `instead_of` is the id of the proposal that the reader saw and answers so, if there was one.

    Raises:
        InputError: `not_found`, `amount_not_positive`, `amount_too_large`, `malformed` (the day),
            `too_large`, `line_not_open`.
        RefusedError: `proposal_changed`, `forbidden`, `member_blocked`, `conflict`.

    """
    who = actor(reader)
    parts = Parts(text=said(text, length_max=NOTE_LENGTH_MAX), proposal=made(form))
    loaded = await load(node, who, thread)
    standing = loaded.shown.standing
    if instead_of and standing is not None and not standing.own and standing.id != instead_of:
        raise RefusedError(Code.PROPOSAL_CHANGED, field="thread")
    return await _go_on(node, who, thread, parts, key=key, loaded=loaded)


async def answer(
    node: Node,
    reader: Reader,
    thread: str,
    reply: Reply,
    *,
    to: str = "",
    text: str = "",
) -> ShownThread:
    """Give a quick answer: to the proposal `to` (the id that the reader saw), or to the interest.

    The same answer again is the same answer.

    Raises:
        InputError: `not_found`, `malformed`, `too_large`, `line_not_open`.
        RefusedError: `proposal_changed` when another stands there by now, `already_answered`,
            `forbidden`, `member_blocked`.

    """
    who = actor(reader)
    given = Answer(reply=reply, to=to or None)
    loaded = await load(node, who, thread)
    before = [m for m in loaded.shown.messages if m.own and m.reply is not None and m.answers == to]
    if before:
        if before[0].reply is not reply:
            raise RefusedError(Code.ALREADY_ANSWERED, field="thread")
        return loaded.shown
    _require_answerable(loaded, given)
    parts = Parts(text=said(text, length_max=NOTE_LENGTH_MAX), answer=given)
    key = derived_key("answer", thread, to, who.account)
    try:
        return await _go_on(node, who, thread, parts, key=key, loaded=loaded)
    except RefusedError as error:
        if error.code is Code.CONFLICT:
            raise RefusedError(Code.ALREADY_ANSWERED, field="thread") from error
        raise


def _require_answerable(loaded: Loaded, given: Answer) -> None:
    if threads.answers(loaded.thread, loaded.me, given):
        return
    standing = loaded.shown.standing
    if standing is not None and not standing.own and standing.id != given.to:
        raise RefusedError(Code.PROPOSAL_CHANGED, field="thread")
    raise RefusedError(Code.ALREADY_ANSWERED, field="thread")


async def thread(node: Node, reader: Reader, name: str) -> ShownThread:
    """Give a thread of the reader's.

    Raises:
        InputError: `not_found`, also for a thread between others.
        RefusedError: `forbidden`.

    """
    return (await load(node, actor(reader), name)).shown


async def threads_of(
    node: Node, reader: Reader, *, before: tuple[int, str] = NEWEST, limit: int = 20
) -> list[ShownThread]:
    """Give a page of the reader's threads, newest first; (at_s, thread) of the last leads on.

    Threads with somebody whom the reader has blocked are left out.
    """
    who, limit = actor(reader), min(limit, PAGE_MAX)
    shown: list[ShownThread] = []
    while len(shown) < limit:
        names = await thread_names(node, who.account, before=before, limit=limit)
        found = await load_many(node, who, [name for name, _ in names])
        shown += [loaded.shown for loaded in found if not loaded.shown.blocked]
        if len(names) < limit:
            break
        thread, at_s = names[-1]
        before = (at_s, thread)
    return shown[:limit]


async def thread_about(node: Node, reader: Reader, to: Recipient, offer: str) -> ShownThread | None:
    """Give the newest thread of the reader with somebody about one offer or want.

    Looks at the newest hundred with this member, or with members of this other group.
    """
    who = actor(reader)
    names = await names_of_threads_with(node, who.account, to.account, to.node, limit=PAGE_MAX)
    found = await load_many(node, who, names)
    about = (
        one.shown for one in found if (one.shown.other.node, one.shown.offer) == (to.node, offer)
    )
    return next((thread for thread in about if not thread.blocked), None)


async def waiting(node: Node, reader: Reader) -> list[ShownThread]:
    """Give the threads in which it is the reader's turn, of the newest hundred."""
    found = await threads_of(node, reader, limit=PAGE_MAX)
    return [thread for thread in found if thread.own_turn]


def made(form: ProposalForm) -> Proposal:
    """Give a proposal as it is kept.

    Raises:
        InputError: `amount_not_positive`, `amount_too_large`, `malformed` for a day that is none.

    """
    if form.amount_minor < 1:
        raise InputError(Code.AMOUNT_NOT_POSITIVE, field="amount")
    if form.amount_minor > SAFE_INTEGER:
        raise InputError(Code.AMOUNT_TOO_LARGE, field="amount")
    day = form.day
    if day:
        try:
            day = date.fromisoformat(day).isoformat()
        except ValueError as error:
            raise InputError(Code.MALFORMED, field="day", reason="no such day") from error
    return Proposal(
        payer=Side.SENDER if form.gives else Side.RECIPIENT,
        amount_minor=form.amount_minor,
        fixed=form.fixed,
        day=day,
    )


async def _go_on(
    node: Node, who: Actor, name: str, parts: Parts, *, key: str, loaded: Loaded | None = None
) -> ShownThread:
    """Add a message to a thread that is there."""
    loaded = loaded or await load(node, who, name)
    other = loaded.shown.other
    if loaded.shown.blocked:
        raise RefusedError(Code.MEMBER_BLOCKED, field="recipient")
    declines = parts.answer is not None and parts.answer.reply is Reply.RATHER_NOT
    answering = not loaded.shown.own_start and not declines
    tell = (answering or loaded.shown.released) and not loaded.told_contacts
    await _send(node, who, name, recipient_of(other), parts, key=key, contacts=tell)
    return (await load(node, who, name)).shown


async def _send(
    node: Node,
    who: Actor,
    name: str,
    to: Recipient,
    parts: Parts,
    *,
    key: str,
    contacts: bool,
) -> None:
    if to.account is not None:
        await node.do(_inside(who, name, to.account, parts, key))
    else:
        await node.do(await _across(node, who, name, to, parts, key=key, contacts=contacts))


def _inside(who: Actor, name: str, recipient: int, parts: Parts, key: str) -> WriteMessage:
    offer: int | None = None
    if parts.offer:
        if not _POST.fullmatch(parts.offer):
            raise InputError(Code.NOT_FOUND, field="post")
        offer = int(parts.offer)
    return WriteMessage(
        key=key,
        thread=name,
        sender=who.account,
        recipient=recipient,
        text=parts.text,
        offer=offer,
        answer=parts.answer,
        proposal=parts.proposal,
        entered_by=who.entered_by,
    )


async def _across(
    node: Node,
    who: Actor,
    name: str,
    to: Recipient,
    parts: Parts,
    *,
    key: str,
    contacts: bool,
) -> SendNote:
    peer = node.peers.get(to.node)
    if peer is None:
        raise InputError(Code.PEER_UNKNOWN, field="group")
    line = line_with(node, peer.node)
    if node.machine.books.agreeing.blocks_peer(who.account, peer.node, to.pseudonym):
        raise RefusedError(Code.MEMBER_BLOCKED, field="recipient")
    subject = account_of(node, who.account).subject
    if subject is None:
        raise InputError(Code.ACCOUNT_UNKNOWN, field="sender")
    note = checked(
        NoteText(
            v=1,
            thread=name,
            sender=await told_pseudonym(node, subject, peer.node),
            recipient=to.pseudonym,
            text=parts.text,
            offer=parts.offer or None,
            answer=parts.answer,
            proposal=parts.proposal,
            name=await people.told_name(node, who.account),
            contacts=await people.told_contacts(node, who.account) if contacts else (),
        )
    )
    return SendNote(line.line, who.account, note, subject, key)


def checked(note: NoteText) -> NoteText:
    """Give a message that the other side can read.

    Raises:
        InputError: `too_large`, `malformed` for a pseudonym or an offer that is none.

    """
    data = encode(note)
    if len(data) > NOTE_SIZE_MAX:
        raise InputError(Code.TOO_LARGE, field="text", limit=f"{NOTE_SIZE_MAX} bytes")
    try:
        return parse(_NOTE, data)
    except msgspec.MsgspecError as error:
        raise InputError(Code.MALFORMED, field="recipient", reason=str(error)) from error


def recipient_of(other: Party) -> Recipient:
    """Give whom a message to this party goes to."""
    return Recipient(other.account, other.node, other.pseudonym)
