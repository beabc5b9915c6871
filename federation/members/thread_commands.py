"""The commands of the control socket about threads, blocks and reports.

Each is done by a member (`by`), or by who acts in that member's name (`acting_for`): the same rules
as on the pages. Parse, ask, answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from federation.members import agreed, blocks, roles, threads, trades
from federation.members.threads import ProposalForm, Recipient
from federation.node.control_shapes import ControlCommand
from federation.node.use_cases import account_by_code, find_peer, new_key
from schemas.ids import Amount, Count, Hash, Positive, Pseudonym, Salt
from schemas.proposals import PricedBy, Reply

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.service import Node


class Deed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who does it, and in whose name."""

    by: str
    acting_for: str = ""
    key: Salt | None = None

    def reader(self, node: Node) -> Reader:
        """Give the reader of whoever does it; the server uses their names, and asks nobody."""
        other = account_by_code(node, self.acting_for).account if self.acting_for else None
        found = roles.reader_of(node, account_by_code(node, self.by).account, acting_for=other)
        names = (found.account, found.acting_for)
        return msgspec.structs.replace(
            found, uninvited=frozenset(one for one in names if one is not None)
        )

    def once(self) -> str:
        """Give the key under which it is done once."""
        return self.key or new_key()


class Toward(Deed, frozen=True, kw_only=True):
    """Towards another member: by code, or in another group by pseudonym."""

    code: str = ""
    group: str = ""
    pseudonym: Pseudonym | None = None

    def recipient(self, node: Node) -> Recipient:
        """Give the other member."""
        if not self.group:
            return Recipient(account_by_code(node, self.code).account)
        return Recipient(None, find_peer(node, self.group).node, self.pseudonym or "")


class Start(Toward, frozen=True, kw_only=True):
    """A first message; with an amount it proposes at once."""

    text: str = ""
    offer: str = ""
    gives: bool = False
    amount_minor: Amount | None = None
    fixed: PricedBy = PricedBy.PAYEE
    day: str = ""

    def proposal(self) -> ProposalForm | None:
        """Give the proposal, nothing without an amount."""
        if self.amount_minor is None:
            return None
        return ProposalForm(self.gives, self.amount_minor, self.fixed, self.day)


class InThread(Deed, frozen=True, kw_only=True):
    """A thread, and words."""

    thread: Salt
    text: str = ""


class Propose(InThread, frozen=True, kw_only=True):
    """A proposal in a thread."""

    amount_minor: Amount
    gives: bool = False
    fixed: PricedBy = PricedBy.PAYEE
    day: str = ""


class Answered(InThread, frozen=True, kw_only=True):
    """A quick answer, to a proposal or to the interest."""

    reply: Reply
    to: Hash | None = None


class Book(Deed, frozen=True, kw_only=True):
    """What was agreed in a thread is booked."""

    thread: Salt
    description: str = ""
    expected_minor: Amount | None = None
    wait_s: float = 10


class Threads(Deed, frozen=True, kw_only=True):
    """A page of threads, before the place of the last one."""

    before_s: Count | None = None
    before_thread: str = ""
    limit: Positive = 20


class Block(Toward, frozen=True, kw_only=True):
    """Want no messages of somebody, or again."""

    blocked: bool = True


class Report(Deed, frozen=True, kw_only=True):
    """Tell the coordinators."""

    text: str
    thread: str = ""
    message: str = ""


class Handled(Deed, frozen=True, kw_only=True):
    """A report that a coordinator has seen to, and how."""

    report: Salt
    note: str = ""


async def thread_start(node: Node, asked: Start) -> Any:
    """Begin a thread."""
    return await threads.start(
        node,
        asked.reader(node),
        asked.recipient(node),
        key=asked.once(),
        text=asked.text,
        offer=asked.offer,
        proposal=asked.proposal(),
    )


async def thread_write(node: Node, asked: InThread) -> Any:
    """Say something."""
    reader = asked.reader(node)
    return await threads.write(node, reader, asked.thread, asked.text, key=asked.once())


async def thread_propose(node: Node, asked: Propose) -> Any:
    """Propose who gives how much."""
    form = ProposalForm(asked.gives, asked.amount_minor, asked.fixed, asked.day)
    reader, key = asked.reader(node), asked.once()
    return await threads.propose(node, reader, asked.thread, form, key=key, text=asked.text)


async def thread_answer(node: Node, asked: Answered) -> Any:
    """Give a quick answer."""
    reader, to = asked.reader(node), asked.to or ""
    return await threads.answer(node, reader, asked.thread, asked.reply, to=to, text=asked.text)


async def thread_show(node: Node, asked: InThread) -> Any:
    """Give a thread."""
    return await threads.thread(node, asked.reader(node), asked.thread)


async def thread_list(node: Node, asked: Threads) -> Any:
    """Give a page of threads."""
    before = threads.NEWEST if asked.before_s is None else (asked.before_s, asked.before_thread)
    return await threads.threads_of(node, asked.reader(node), before=before, limit=asked.limit)


async def thread_book(node: Node, asked: Book) -> Any:
    """Book what was agreed."""
    reader = asked.reader(node)
    name = await agreed.book(
        node,
        reader,
        asked.thread,
        description=asked.description,
        expected_minor=asked.expected_minor,
        wait_s=asked.wait_s,
    )
    return await trades.trade(node, reader, name)


async def member_block(node: Node, asked: Block) -> dict[str, bool]:
    """Want no messages of somebody."""
    to = asked.recipient(node)
    await blocks.block(node, asked.reader(node), to, blocked=asked.blocked)
    return {"blocked": asked.blocked}


async def report_make(node: Node, asked: Report) -> dict[str, str]:
    """Tell the coordinators, and say who of them reads it."""
    key, reader = asked.once(), asked.reader(node)
    told = await blocks.report(
        node, reader, asked.text, key=key, thread=asked.thread, message=asked.message
    )
    return {"report": key, "read_by": told.value}


async def report_list(node: Node, asked: Deed) -> Any:
    """Give what members reported."""
    return await blocks.reports(node, asked.reader(node))


async def report_handle(node: Node, asked: Handled) -> Any:
    """Note that a report was seen to."""
    reader = asked.reader(node)
    await blocks.handle_report(node, reader, asked.report, asked.note)
    return await blocks.reports(node, reader)


COMMANDS = {
    "thread.start": ControlCommand(Start, thread_start),
    "thread.write": ControlCommand(InThread, thread_write),
    "thread.propose": ControlCommand(Propose, thread_propose),
    "thread.answer": ControlCommand(Answered, thread_answer),
    "thread.show": ControlCommand(InThread, thread_show),
    "thread.list": ControlCommand(Threads, thread_list),
    "thread.book": ControlCommand(Book, thread_book),
    "member.block": ControlCommand(Block, member_block),
    "report.make": ControlCommand(Report, report_make),
    "report.list": ControlCommand(Deed, report_list),
    "report.handle": ControlCommand(Handled, report_handle),
}
