"""A command about members on its way: who asks, the answer, and that it can be read afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from federation.members.projector import reached
from federation.node.queries import SQL
from schemas import bodies
from schemas.board_bodies import ItemPlaced
from schemas.errors import Code, RefusedError

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.machine import Answer
    from federation.node.service import Node

_BODY: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(bodies.AnyBody)
_NUMBER: Final[dict[type, str]] = {
    bodies.PersonJoined: "person",
    bodies.PostPlaced: "post",
    bodies.CategoryPlaced: "category",
    ItemPlaced: "item",
}


def actor_of(reader: Reader) -> int | None:
    """Give the account that asks; none stands for whoever runs the node.

    Raises:
        RefusedError: `forbidden` for who is not a member here.

    """
    if reader.account is None and not reader.operator:
        raise RefusedError(Code.FORBIDDEN, field="account")
    return reader.account


def member_of(reader: Reader, account: int | None) -> int:
    """Give the member whose thing it is: the one named, else whom the reader stands for.

    Raises:
        RefusedError: `account_unknown` when that is nobody.

    """
    found = reader.subject_account if account is None else account
    if found is None:
        raise RefusedError(Code.ACCOUNT_UNKNOWN, field="account")
    return found


async def submit(node: Node, command: Any) -> int:
    """Hand in a keyed command and give the number of what it is about, readable from now on.

    Raises:
        RefusedError: a rule said no; `conflict` when the key was used for something else.
        StorageError: as `Node.do` and `projector.reached`.

    """
    answer: Answer = await node.do(command)
    number = await _number_at(node, answer.seq) if answer.replayed else int(answer.value)
    await reached(node, answer.seq)
    return number


async def _number_at(node: Node, seq: int) -> int:
    """Give the number that an event gave to something new; 0 when it is about nothing new."""
    (row,) = await node.pool.fetch(SQL["event_bodies"], [seq])
    body = _BODY.decode(row["body"])
    name = _NUMBER.get(type(body))
    return 0 if name is None else int(getattr(body, name))
