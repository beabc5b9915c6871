"""Operations about threads: interest, words, proposals, quick answers, booking; blocks, reports.

A member's token reads its own threads and those of members whom it helps; no coordinator's does:
coordinators read what a report quotes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.api import thread_shapes as shapes
from federation.api.access import acting, reader_for
from federation.api.content_shapes import ReportClosed
from federation.api.operation import MEMBER, STAFF, Call, KeyUse, Operation
from federation.api.posts import SEEN_CODES
from federation.api.shapes import Nothing
from federation.api.trade_shapes import Trade
from federation.api.trade_shown import code_of, party, shown_trade
from federation.api.trades import ANSWER_CODES, PAY_CODES
from federation.members import agreed, blocks, one_post, trades
from federation.members import threads as use_cases
from federation.members.threads import ProposalForm, Recipient
from federation.node.service import now_s
from federation.node.use_cases import account_by_code
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from federation.members.thread_views import ShownMessage, ShownProposal, ShownThread
    from federation.node.service import Node

WAIT_S: Final = 2


async def threads(call: Call, asked: shapes.ThreadsAsked) -> shapes.Threads:
    """Give an account's threads, newest first."""
    before = use_cases.NEWEST
    if asked.after is not None:
        at_s, _, name = asked.after.partition(".")
        before = (int(at_s), name)
    reader = acting(call)
    found = await use_cases.threads_of(call.node, reader, before=before, limit=asked.limit)
    return shapes.Threads(
        threads=tuple(shown(call.node, one) for one in found),
        next=f"{found[-1].at_s}.{found[-1].thread}" if found else None,
    )


async def thread(call: Call, _: None) -> shapes.Thread:
    """Give a thread of an account with its messages."""
    name = call.places["thread"]
    return shown(call.node, await use_cases.thread(call.node, acting(call), name))


async def thread_start(call: Call, asked: shapes.ThreadStarted) -> shapes.Thread:
    """Begin a thread with another member: interest in an offer, or a word."""
    proposal = None if asked.proposal is None else _form(asked.proposal)
    made = await use_cases.start(
        call.node,
        acting(call),
        _recipient(call.node, asked),
        key=call.key,
        text=asked.text,
        offer=asked.offer or "",
        proposal=proposal,
    )
    return shown(call.node, made)


async def thread_write(call: Call, asked: shapes.Written) -> shapes.Thread:
    """Say something in a thread."""
    name, reader = call.places["thread"], acting(call)
    return shown(
        call.node, await use_cases.write(call.node, reader, name, asked.text, key=call.key)
    )


async def thread_propose(call: Call, asked: shapes.Proposed) -> shapes.Thread:
    """Propose who gives how much; nothing is booked by it."""
    name, reader = call.places["thread"], acting(call)
    made = await use_cases.propose(
        call.node,
        reader,
        name,
        _form(asked),
        key=call.key,
        text=asked.text,
        instead_of=asked.instead_of or "",
    )
    return shown(call.node, made)


async def thread_answer(call: Call, asked: shapes.Answered) -> shapes.Thread:
    """Give a quick answer to a proposal, or to the interest."""
    name, reader, to = call.places["thread"], acting(call), asked.to or ""
    made = await use_cases.answer(call.node, reader, name, asked.reply, to=to, text=asked.text)
    return shown(call.node, made)


async def thread_book(call: Call, asked: shapes.Booked) -> Trade:
    """Book what was agreed in a thread, or as its payee ask for it."""
    reader = acting(call)
    name = await agreed.book(
        call.node,
        reader,
        call.places["thread"],
        description=asked.description,
        expected_minor=asked.expected_minor,
        wait_s=WAIT_S,
    )
    return shown_trade(call, await trades.trade(call.node, reader, name))


async def block_set(call: Call, asked: shapes.BlockSet) -> Nothing:
    """Want no messages of another member, or again; nobody is told."""
    to = _recipient(call.node, asked)
    await blocks.block(call.node, acting(call), to, blocked=asked.blocked)
    return Nothing()


async def blocked(call: Call, _: None) -> shapes.Blocked:
    """Give whose messages a member does not want."""
    found = await blocks.blocked(call.node, acting(call))
    return shapes.Blocked(blocked=tuple(map(party, found)))


async def report_make(call: Call, asked: shapes.ReportSaid) -> shapes.ReportMade:
    """Tell the coordinators of something that is not right."""
    node, reader, key = call.node, acting(call), call.key
    if asked.post is not None and asked.thread is None:
        seen = await one_post.look(node, reader, asked.group or "", asked.post, now_s=now_s())
        told = await blocks.report_post(node, reader, asked.text, seen, key=key)
    elif asked.post is None and asked.group is None:
        about, quoted = asked.thread or "", asked.message or ""
        told = await blocks.report(node, reader, asked.text, key=key, thread=about, message=quoted)
    else:
        raise InputError(Code.MALFORMED, field="post", reason="a thread, or a post")
    return shapes.ReportMade(report=call.key, read_by=told)


async def reports(call: Call, _: None) -> shapes.Reports:
    """Give what members told the coordinators, open ones first; to none what is about itself."""
    found = await blocks.reports(call.node, reader_for(call))
    return shapes.Reports(
        reports=tuple(
            shapes.Report(
                report=one.report,
                by=party(one.by),
                text=one.text,
                quoted=one.quoted,
                at_s=one.at_s,
                about=None if one.about is None else party(one.about),
                post=None if one.post is None else str(one.post),
                handled_by=one.handled_by or None,
                note=one.note,
            )
            for one in found
        )
    )


async def report_handle(call: Call, asked: ReportClosed) -> Nothing:
    """Note that a coordinator has seen to a report, and how; the first who does is kept."""
    name = call.places["report"]
    await blocks.handle_report(call.node, reader_for(call), name, asked.note)
    return Nothing()


def _recipient(node: Node, asked: shapes.ThreadStarted | shapes.BlockSet) -> Recipient:
    """Give the other member, of this group or of another."""
    across = asked.group is not None and asked.pseudonym is not None
    if (asked.other is not None) == across or (asked.group is None) != (asked.pseudonym is None):
        reason = "a code, or a group and a pseudonym"
        raise InputError(Code.MALFORMED, field="other", reason=reason)
    if asked.other is not None:
        return Recipient(account_by_code(node, asked.other, field="other").account)
    return Recipient(None, asked.group or "", asked.pseudonym or "")


def _form(said: shapes.ProposalSaid) -> ProposalForm:
    return ProposalForm(said.gives, said.amount_minor, said.fixed, said.day)


def shown(node: Node, found: ShownThread) -> shapes.Thread:
    """Give a thread as the account has it."""
    return shapes.Thread(
        thread=found.thread,
        other=party(found.other),
        offer=found.offer or None,
        own_start=found.own_start,
        state=found.state,
        own_turn=found.own_turn,
        standing=_proposal(found.standing),
        can_answer=found.can_answer,
        released=found.released,
        contacts=tuple(shapes.Told(kind=one.kind, value=one.value) for one in found.contacts),
        trade=found.trade or None,
        blocked=found.blocked,
        at_s=found.at_s,
        messages=tuple(_message(node, one) for one in found.messages),
    )


def _message(node: Node, one: ShownMessage) -> shapes.Message:
    return shapes.Message(
        id=one.id,
        own=one.own,
        at_s=one.at_s,
        text=one.text,
        reply=one.reply,
        answers=one.answers or None,
        proposal=_proposal(one.proposal),
        entered_by=code_of(node, one.entered_by),
        forgotten=one.forgotten,
    )


def _proposal(said: ShownProposal | None) -> shapes.Proposal | None:
    if said is None:
        return None
    return shapes.Proposal(
        id=said.id,
        own=said.own,
        gives=said.gives,
        amount_minor=said.amount_minor,
        fixed=said.fixed,
        day=said.day,
    )


OTHER_CODES: Final = (
    Code.NOT_FOUND,
    Code.ACCOUNT_UNKNOWN,
    Code.ACCOUNT_SAME,
    Code.ACCOUNT_INACTIVE,
    Code.PEER_UNKNOWN,
    Code.LINE_NOT_OPEN,
    Code.LINE_FROZEN,
    Code.MEMBER_BLOCKED,
)
SAY_CODES: Final = (*OTHER_CODES, Code.TEXT_MISSING, Code.POST_UNKNOWN)
_THREAD: Final = "/accounts/{code}/threads/{thread}"
OPERATIONS: Final = (
    Operation(
        "threads",
        "GET",
        "/accounts/{code}/threads",
        MEMBER,
        threads,
        shapes.Threads,
        shapes.ThreadsAsked,
        codes=(Code.NOT_FOUND,),
    ),
    Operation("thread", "GET", _THREAD, MEMBER, thread, shapes.Thread, codes=(Code.NOT_FOUND,)),
    Operation(
        "thread_start",
        "POST",
        "/accounts/{code}/threads",
        MEMBER,
        thread_start,
        shapes.Thread,
        shapes.ThreadStarted,
        codes=SAY_CODES,
        key=KeyUse.KEPT,
        status=201,
    ),
    Operation(
        "thread_write",
        "POST",
        _THREAD + "/messages",
        MEMBER,
        thread_write,
        shapes.Thread,
        shapes.Written,
        codes=SAY_CODES,
        key=KeyUse.KEPT,
        status=201,
    ),
    Operation(
        "thread_propose",
        "POST",
        _THREAD + "/proposals",
        MEMBER,
        thread_propose,
        shapes.Thread,
        shapes.Proposed,
        codes=(*SAY_CODES, Code.PROPOSAL_CHANGED),
        key=KeyUse.KEPT,
        status=201,
    ),
    Operation(
        "thread_answer",
        "POST",
        _THREAD + "/answers",
        MEMBER,
        thread_answer,
        shapes.Thread,
        shapes.Answered,
        codes=(*SAY_CODES, Code.PROPOSAL_CHANGED, Code.ALREADY_ANSWERED),
        key=KeyUse.KEPT,
        status=201,
    ),
    Operation(
        "thread_book",
        "POST",
        _THREAD + "/booking",
        MEMBER,
        thread_book,
        Trade,
        shapes.Booked,
        codes=(
            *OTHER_CODES,
            *ANSWER_CODES,
            *PAY_CODES,
            Code.NOT_AGREED,
            Code.BOOKED_ALREADY,
        ),
        key=KeyUse.KEPT,
        status=201,
    ),
    Operation(
        "blocked",
        "GET",
        "/accounts/{code}/blocks",
        MEMBER,
        blocked,
        shapes.Blocked,
        codes=(Code.NOT_FOUND,),
    ),
    Operation(
        "block_set",
        "PUT",
        "/accounts/{code}/blocks",
        MEMBER,
        block_set,
        Nothing,
        shapes.BlockSet,
        codes=OTHER_CODES,
    ),
    Operation(
        "report_make",
        "POST",
        "/accounts/{code}/reports",
        MEMBER,
        report_make,
        shapes.ReportMade,
        shapes.ReportSaid,
        codes=(
            Code.NOT_FOUND,
            Code.TEXT_MISSING,
            Code.ACCOUNT_INACTIVE,
            Code.ACCOUNT_UNKNOWN,
            *SEEN_CODES,
        ),
        key=KeyUse.KEPT,
        status=201,
    ),
    Operation("reports", "GET", "/reports", STAFF, reports, shapes.Reports),
    Operation(
        "report_handle",
        "POST",
        "/reports/{report}/handled",
        STAFF,
        report_handle,
        Nothing,
        ReportClosed,
        codes=(Code.NOT_FOUND,),
        key=KeyUse.KEPT,
    ),
)
