"""Erasing a member: asked for by itself, carried out when its time to think is over, or at once.

And who left long ago, where the group chose that and after it was told (`federation.mail.leavers`).
The rules are `federation.group.erasing` and `leavers`; what goes from the tables is
`federation.node.erasure`, in the transaction that appends the event. Here is looked up what
partners have to drop.
"""

from __future__ import annotations

import asyncio
from itertools import chain
from typing import TYPE_CHECKING, Final, cast

import msgspec
import structlog

from events.recovery import STORAGE_TROUBLE
from events.restore import Mode
from federation.group import erasing as rules
from federation.group import leavers
from federation.group.commands import SetStatus
from federation.group.erasing import AskErasure, EraseMember, WithdrawErasure
from federation.group.members import not_coordinator
from federation.group.statuses import at_rest, has_open
from federation.members.known_sessions import known_sessions
from federation.members.profiles import person_by_address, persons_of
from federation.members.projector import reached
from federation.members.submitting import actor_of, submit
from federation.node import looked
from federation.node.erasure import SQL, subjects_of
from federation.node.looked import EVERYBODY, OPERATOR, Look, What
from federation.node.retention import forget_told, leaving, looked_days
from federation.node.service import now_s
from federation.node.use_cases import new_key
from federation.peer.channel import decode_line_core
from schemas.bodies import AccountStatus
from schemas.encoding import b64, unb64
from schemas.errors import RefusedError, RuilbrugError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from federation.members.reader import Reader
    from federation.node.service import Node

log = structlog.get_logger()

TICK_S: Final = 60


class ByAddress(list["Callable[[Node, str], Awaitable[None]]"]):
    """What rooms above do when an address goes with its member: each ends what hangs on it."""


def by_address(node: Node) -> ByAddress:
    """Give what is done with an address that goes; a room adds its own at its start."""
    return cast("ByAddress", node.parts.setdefault(ByAddress, ByAddress()))


class Erasing(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands with the erasure of a member."""

    due_s: int | None = None
    """When it was asked for and is not done: the end of the time to think."""
    done: bool = False
    open: bool = False
    """A trade or a request is on its way: nobody is erased while it is."""
    balance_minor: int = 0
    """What the group's own account takes over."""


def erasing_of(node: Node, account: int) -> Erasing:
    """Tell how it stands with the erasure of a member."""
    books = node.machine.books
    found = books.members.erasures.get(account)
    asked = found is not None and found.on and not found.done
    return Erasing(
        due_s=found.due_s if found is not None and asked else None,
        done=books.members.is_erased(account),
        open=has_open(books, account),
        balance_minor=books.ledger.balance(account),
    )


async def ask(node: Node, reader: Reader, account: int, *, key: str) -> None:
    """Have a member erased in fourteen days. Raises the refusals of `rules.ask`."""
    await submit(node, AskErasure(key, actor_of(reader), account))


async def withdraw(node: Node, reader: Reader, account: int, *, key: str) -> None:
    """Let a member stay. Raises the refusals of `rules.withdraw`."""
    await submit(node, WithdrawErasure(key, actor_of(reader), account))


async def erase(node: Node, reader: Reader, account: int) -> None:
    """Erase a member at once, for coordinators.

    Raises:
        RefusedError: the refusals of `rules.erase`.

    """
    actor = actor_of(reader)
    refusal = not_coordinator(node.machine.books, actor)
    if refusal is not None:
        raise RefusedError.of(refusal)
    await _erase(node, EraseMember(new_key(), actor, account))


async def erase_due(node: Node) -> int:
    """Erase those whose time to think is over; gives how many."""
    found = rules.due(node.machine.books, now_s=now_s())
    return sum(
        [await _erased(node, EraseMember(new_key(), None, account, due=True)) for account in found]
    )


async def erase_left(node: Node, *, at_s: int) -> int:
    """Erase who left so long ago as the group chose, and was told in time; gives how many.

    What is not so any more is forgotten first. Who is not at zero, or has something open, is looked
    at again the next time.
    """
    over = leavers.to_forget(await leaving(node), now_s=at_s)
    if over:
        await forget_told(node, over)
    erased = 0
    for account in leavers.to_erase(await leaving(node), now_s=at_s):
        known = await leaving(node)  # somebody may have come back, or the choice be another
        is_due = account in leavers.to_erase(known, now_s=at_s)
        if known.days is None or not is_due or not at_rest(node.machine.books, account):
            continue
        # on record before it is done, as what is looked at is
        await looked.note(node, Look(OPERATOR, EVERYBODY, What.LEFT_ERASED), now_s=at_s)
        left_by_s = at_s - known.days * leavers.DAY_S
        erased += await _erased(node, EraseMember(new_key(), None, account, left_by_s=left_by_s))
    return erased


async def _erased(node: Node, command: EraseMember) -> bool:
    """Erase, or leave it for the next round: what stands in one member's way is no other's."""
    try:
        await _erase(node, command)
    except RefusedError as error:
        log.warning("erasing_waits", kind=error.code)
        return False
    return True


async def _erase(node: Node, command: EraseMember) -> None:
    """Stop the member first, so that nothing is said any more while what it told is looked up."""
    books, account = node.machine.books, command.account
    if account in books.ledger.accounts and not has_open(books, account):
        if command.left_by_s is None:  # who left is gone; who came back meanwhile is not to go
            await node.do(SetStatus(account, AccountStatus.INACTIVE, command.actor))
        for one in (account, *rules.doubles_of(books, account)):
            await _end_addresses(node, one)
    told = [await _told(node, one) for one in (account, *rules.doubles_of(books, account))]
    await node.do(command._replace(forgets=tuple(chain.from_iterable(told))))
    known_sessions(node).forget()
    await reached(node, node.sequencer.size - 1)


async def _end_addresses(node: Node, account: int) -> None:
    """End what hangs on the addresses of a household, before nobody knows them any more.

    Not for an address with which somebody else signs in: it is theirs as well.
    """
    for person in await persons_of(node, account):
        if not person.address:
            continue
        others = {one.account for one in await person_by_address(node, person.address)}
        if others <= {account}:
            for ends in by_address(node):
                await ends(node, person.address)


async def _told(node: Node, account: int) -> tuple[tuple[str, str], ...]:
    """Name the texts that a member told members of other groups: (line, commitment).

    What they told it lies beside own answers, under other commitments than those of our events.
    """
    books = node.machine.books
    if account not in books.ledger.accounts:
        return ()
    subjects = [unb64(subject) for subject in subjects_of(books, account)]
    found: list[tuple[str, str]] = []
    for row in await node.pool.fetch(SQL["told_partners"], subjects):
        own = getattr(decode_line_core(row["core"]), "commitments", None)
        if own is not None and own.peer == b64(row["commitment"]):
            found.append((row["line"], own.peer))
    return tuple(found)


async def run(node: Node) -> None:
    """Erase who is due, and drop what is kept long enough, for as long as the node runs."""
    while True:
        await asyncio.sleep(TICK_S)
        if node.gate.mode is Mode.READ_ONLY:
            continue
        try:
            await erase_due(node)
            await looked.sweep(node, days=await looked_days(node), now_s=now_s())
            await erase_left(node, at_s=now_s())
        except (*STORAGE_TROUBLE, RuilbrugError) as error:
            log.warning("erasing_waits", kind=type(error).__name__)


async def start(node: Node, tasks: asyncio.TaskGroup) -> None:
    """Start carrying out what members asked for."""
    tasks.create_task(run(node), name="eraser")
