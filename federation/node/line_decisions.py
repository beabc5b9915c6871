"""Deeds of coordinators with a line: looked at first, and done only as they were read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from federation.node import line_deeds
from federation.node.line_deeds import Around, Deed
from federation.node.line_use_cases import Proposal, decided, line_with, proposal_to
from federation.node.payment_use_cases import begun_by, settle_line
from federation.node.service import now_s
from schemas.errors import Code, InputError, Refusal, RefusedError

if TYPE_CHECKING:
    from federation.line.commands import LineCommand
    from federation.node.line_deeds import Asked, Change
    from federation.node.service import Node
    from projections.lines import Line


class Looked(NamedTuple):
    """What a deed would change, and the command that does it; none for a settlement."""

    change: Change
    command: LineCommand | None


def line_named(node: Node, name: str) -> Line:
    """Give a line by its id.

    Raises:
        InputError: `not_found`, also for one that is closed.

    """
    line = node.machine.books.lines.get(name)
    if line is None or line.closed():
        raise InputError(Code.NOT_FOUND, field="line")
    return line


async def look_at(node: Node, line: Line, asked: Asked, *, by: int | None) -> Looked:
    """Say what a deed would change now; nothing is done.

    Raises:
        InputError, RefusedError: as the rule of the deed refuses.
        PeerUnavailable: for a proposal, when the other group cannot be asked for its rate.

    """
    books = node.machine.books
    peer = next((one for one in node.peers.everyone() if one.node == line.peer), None)
    around = Around(
        us=node.id, now_s=now_s(), by=by, gone=peer is not None and peer.standing == "removed"
    )
    proposal = None
    if asked.deed is Deed.TERMS:
        said = Proposal(grants_units=asked.grants_units, largest_units=asked.largest_units)
        proposal = await proposal_to(node, line.peer, said)
    found = line_deeds.change(books, line_named(node, line.line), asked, around, proposal=proposal)
    if isinstance(found, Refusal):
        raise RefusedError.of(found)
    return Looked(found, proposal or line_deeds.command_of(line, asked, around))


async def carry_out(node: Node, line: Line, looked: Looked, *, key: str, by: int | None) -> None:
    """Do what was looked at. The same settlement, by its `key`, is done once.

    Raises:
        InputError, RefusedError: as the rule of the deed refuses.
        PeerUnavailable: for a settlement, when the other group was never asked and is away.

    """
    if looked.command is not None:
        await decided(node, looked.command, by=by)
        return
    if line_with(node, line.peer).line != line.line:
        raise InputError(Code.LINE_NOT_OPEN, field="line")
    await settle_line(node, line.peer, path=key, entered_by=by)


async def settled_already(node: Node, key: str) -> bool:
    """Tell whether a settlement under this key was begun: the same form was sent twice."""
    return await begun_by(node, key, "out") is not None
