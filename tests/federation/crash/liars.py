"""A group's process whose people do what they should not, with its own keys, when they are told.

What it serves after its log was rewritten is one in which every root and signature fits. It is a
node like any other but for some commands on its control socket.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NamedTuple, cast
from unittest.mock import patch

import msgspec

from events.checkpoint import Checkpoint, sign_checkpoint
from events.note import NoteSigner
from events.signing import PrivateKey
from events.witness import write_submission
from federation.line import commands, life
from federation.line.commands import SendHeads
from federation.line.drafts import Draft, LineDraft
from federation.node import app, rooms
from federation.node.control_shapes import ControlCommand
from federation.node.origins import WITNESS_PATH, log_origin
from federation.node.rooms import Room
from federation.node.service import Node
from projections.books import Books
from schemas import cores
from schemas.encoding import encode
from schemas.errors import RefusedError
from schemas.keys import Cause
from tests import forked
from tests.federation.crash.processes import QuickNode
from tests.federation.umbrella.forging import Forgery
from tests.federation.world.conftest import WorldNode
from tests.federation.world.test_hearsay import lose
from tests.federation.world.test_key_changes import key_file, statement

OTHER_ROOT = b"r" * 32
NOTHING = {"paid": 0, "credited": 0, "balance": 0, "salt": None}
TOO_MUCH = 5


class Lie(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do, and to whom."""

    how: str = ""
    url: str = ""


class Liar(NamedTuple):
    """What a forgery needs of a group."""

    node: Node

    @property
    def folder(self) -> Any:
        return self.node.folder


def _liar(node: Node) -> WorldNode:
    return cast("WorldNode", Liar(node))


async def lie(node: Node, told: Lie) -> None:
    """Do it, by name."""
    match told.how:
        case "stale checkpoint":
            await _serve_the_oldest(node)
        case "ledger differs":
            patch.object(life, "send_heads", _of_another_ledger).start()
            await tell(node, told)
        case "witness rollback":
            await lose(_liar(node))
        case _:
            await _rewrite(node, told.how)


async def _rewrite(node: Node, how: str) -> None:
    """Rewrite the own log."""
    forgery = await Forgery.read(_liar(node))
    log = forgery.logs[node.id]
    match how:
        case "split view":
            core, name = log[-1]
            log[-1] = (msgspec.structs.replace(core, ts=core.ts + 1), name)
        case "rollback":
            del log[-3:]
        case "hidden sent trade":
            _hide(forgery, node, cores.PayPrepare, cores.PayCommit)
        case "hidden received trade":
            _hide(forgery, node, cores.PayAccept, cores.PayReceipt)
        case "back-dated key":
            first = log[forgery.place(node, cores.KeyCore)][0]
            stated = msgspec.structs.replace(first, statement=_late(node), ts=log[-1][0].ts)
            log.append((stated, "late"))
        case _:
            raise AssertionError(how)
    await forgery.plant()


def _hide(forgery: Forgery, node: Node, *kinds: type) -> None:
    """Tell where the books stand in the places of a trade, as if it had never been."""
    log = forgery.logs[node.id]
    for nth in range(sum(isinstance(core, cores.LineHeads) for core, _ in log)):
        core, _ = log[forgery.place(node, cores.LineHeads, nth)]
        if core.paid or core.credited:
            forgery.change(node, cores.LineHeads, nth, **NOTHING)
    for kind in kinds:
        forgery.become(node, kind, 0, cores.LineHeads, **NOTHING)


def _late(node: Node) -> Any:
    """A new key that is to hold from a place that everybody has read."""
    root = key_file(_liar(node), "root")
    return statement(_liar(node), root, Cause.RECOVERY, PrivateKey(b"x" * 32), 7)


async def _serve_the_oldest(node: Node) -> None:
    """Serve the first checkpoint that there ever was as the newest."""
    note = await node.pool.fetchval("SELECT note FROM log_checkpoint ORDER BY size LIMIT 1")

    async def oldest(_: Node) -> bytes:
        return bytes(note)

    patch.object(app, "cosigned_checkpoint", oldest).start()


_send_heads = life.send_heads


def _of_another_ledger(books: Books, command: SendHeads) -> Generator[Draft, str, Any]:
    (draft,) = list(_send_heads(books, command))
    assert isinstance(draft, LineDraft)
    yield draft._replace(fields=draft.fields | {"paid": draft.fields["paid"] + TOO_MUCH})
    return books.lines[command.line]


async def repent(_: Node, __: Lie) -> None:
    """Serve and say again what is so; what was written stays."""
    patch.stopall()


async def fork(node: Node, told: Lie) -> int:
    """Show a witness another history of the own log; gives the status of its answer."""
    origin = log_origin(node.settings.public_url)
    signer = NoteSigner(origin, node.identity.log)
    note = sign_checkpoint(Checkpoint(origin, node.sequencer.size, OTHER_ROOT), signer)
    path = f"{WITNESS_PATH}/add-checkpoint"
    answer = await node.client.post_public(told.url, path, write_submission(0, [], note))
    return int(answer.status)


async def state_late(node: Node, _: Lie) -> str:
    """Give a back-dated key to the umbrella's register; gives why it is refused."""
    umbrella = node.peers.get(node.umbrella or "")
    assert umbrella is not None
    stated = encode((*node.identity.statements, _late(node)))
    try:
        await node.client.post(umbrella.node, umbrella.url, "/federation/v1/register/keys", stated)
    except RefusedError as error:
        return error.code.value
    return ""


async def tell(node: Node, _: Lie) -> None:
    """Tell the partners where the books stand."""
    for line in list(node.machine.books.lines.values()):
        await node.do(commands.SendHeads(line.line))


ROOM = Room(
    commands={
        "lie": ControlCommand(Lie, lie),
        "repent": ControlCommand(Lie, repent),
        "fork": ControlCommand(Lie, fork),
        "state late": ControlCommand(Lie, state_late),
        "tell": ControlCommand(Lie, tell),
    }
)


def liar(folder: str, log: str, namespace: str) -> None:
    """Run the node over `folder` with one room more."""
    rooms.NAMES = (*rooms.NAMES, __name__)  # type: ignore[assignment, misc]
    rooms.rooms.cache_clear()
    forked.node(folder, log, namespace)


class LyingNode(QuickNode):
    """A group's process that can be told to lie."""

    target = staticmethod(liar)
