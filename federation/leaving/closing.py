"""`ruilbrug close-group`: a group ends, step by step, and nobody is surprised by it.

Each step can be run again and does what can be done by then. Everybody becomes a leaver: offers
end, a balance moves only towards zero, and at zero the account closes by itself
(`group.statuses`). When no account is open, lines are settled by the side that is owed, and closed
at zero. At the very end the whole is written into a file and the node only reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from federation.group import commands as group
from federation.group.closing import Plan, plan
from federation.leaving.announcing import Ending, unheard
from federation.leaving.exporting import LogExported, LogExportFile
from federation.leaving.hand_over import hand_over
from federation.node import line_use_cases
from federation.node.fence import has_ended, mark_end, unmark_end
from federation.node.payment_use_cases import settle_line
from schemas.bodies import AccountStatus
from schemas.errors import Code, RefusedError, RuilbrugError

if TYPE_CHECKING:
    from collections.abc import Collection

    from federation.node.service import Node


class MemberStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A member whose account is open."""

    code: str
    balance_minor: int
    leaving: bool


class LineStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A line that is open; `waits_for` says for whom: members, us, them, or trades under way."""

    group: str
    balance_units: int
    pending: int
    waits_for: str


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """How far a group is on its way to the end."""

    done: bool
    members: tuple[MemberStanding, ...]
    lines: tuple[LineStanding, ...]
    ended: bool = False
    """The end has come: this node only reads."""
    unheard: tuple[str, ...] = ()
    """Umbrella and partners who have not heard of the end yet; the node goes on telling them."""


def show(node: Node, *, keep: Collection[int] = ()) -> Closing:
    """Say what is left to do; changes nothing. Those to keep count once they are not at zero."""
    left = plan(node.machine.books)
    members = tuple(
        MemberStanding(code=one.code, balance_minor=one.balance_minor, leaving=one.leaving)
        for one in left.members
    )
    ended = has_ended(node.folder)
    return Closing(
        done=left.done,
        members=members,
        lines=_lines(node, left, keep),
        ended=ended,
        unheard=unheard(node) if ended else (),
    )


async def go_on(node: Node, *, actor: int | None = None, keep: Collection[int] = ()) -> Closing:
    """Let everybody leave; when no account is open, settle and close what can be now.

    What a partner, or a trade under way, keeps open stays in what is given back. Idempotent. Those
    to keep do not leave yet: somebody has to do the rest. They keep no line open while they stand
    at zero. `actor` is who does it; nobody: whoever runs the node.

    Raises:
        RefusedError: `account_held` while a trade holds something of a member: later.
        StorageError: as `Node.do`.

    """
    for member in plan(node.machine.books).to_leave:
        if member.account not in keep:
            await node.do(group.SetStatus(member.account, AccountStatus.LEAVING, actor))
    left = plan(node.machine.books)
    for line in left.lines if not left.in_the_way(keep) else ():
        if line.balance_units < 0 and not line.pending:
            await _settle(node, line.peer)
        now = next((one for one in plan(node.machine.books).lines if one.line == line.line), None)
        if now is not None and now.clear:
            await line_use_cases.close(node, line.peer)
    return show(node, keep=keep)


async def end(node: Node, arguments: LogExportFile) -> LogExported:
    """Write the whole group into a file, and only read from now on; umbrella and partners hear it.

    Raises:
        RefusedError: `group_not_clear` while a member or a line is left.
        InputError, StorageError: as `hand_over`.

    """
    left = plan(node.machine.books)
    if not left.done:
        raise RefusedError(Code.GROUP_NOT_CLEAR, members=len(left.members), lines=len(left.lines))
    mark_end(node.folder)  # before the fence: whoever dies behind it tells at the next start
    try:
        made = await hand_over(node, arguments)
    except BaseException:
        unmark_end(node.folder)
        raise
    node.parts[Ending].came.set()
    return made


async def _settle(node: Node, peer: str) -> None:
    """Bring a line to zero on which we owe; whoever cannot be reached now is asked again later."""
    try:
        await settle_line(node, peer)
    except RuilbrugError as error:
        if error.code not in (Code.PEER_UNREACHABLE, Code.LINE_FROZEN):
            raise


def _lines(node: Node, left: Plan, keep: Collection[int]) -> tuple[LineStanding, ...]:
    found = []
    for line in left.lines:
        peer = node.peers.get(line.peer)
        if left.in_the_way(keep):
            waits_for = "members"
        elif line.pending:
            waits_for = "trades"
        else:
            waits_for = "them" if line.balance_units > 0 else "us"
        found.append(
            LineStanding(
                group=line.peer if peer is None else peer.name,
                balance_units=line.balance_units,
                pending=line.pending,
                waits_for=waits_for,
            )
        )
    return tuple(found)
