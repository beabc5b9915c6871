"""The register of who saw or changed what about whom, by a right that not every member has.

Written at the three edges where people come in: pages (`federation.web.looking`), the API
(`federation.api.looking`) and the control socket (`federation.node.looking`). What each visit is,
say `by_right` and `in_the_name_of` for all. What somebody decides alone about a line with another
group is noted where it is done (`note_line`), about everybody. What members see of each other
because it is meant for them is no look. What the group's own choice erases is noted by
`federation.members.erasing`. Kept for as long as the group's settings say, then swept.
"""

from __future__ import annotations

from enum import StrEnum
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from events.queries import load_queries
from federation.node.patience import connection_in_time

if TYPE_CHECKING:
    from federation.node.service import Node

SQL: Final = load_queries(files("federation.node").joinpath("sql/looked.sql"))
DAY_S: Final = 86_400
SHOWN_MAX: Final = 200
OPERATOR: Final = 0
EVERYBODY: Final = 0


class What(StrEnum):
    """What was done."""

    PROFILE = "profile"
    BOOKINGS = "bookings"
    LISTED = "listed"
    """A list of all members with what is not for every member."""
    CHANGED = "changed"
    ACTED = "acted"
    """Something was done in the member's name."""
    SIGN_IN = "sign_in"
    """A link or a token by which one signs in as the member was made on the server."""
    LINE_LIMIT = "line_limit"
    """Another group may owe less, as one coordinator decided alone."""
    LINE_PAUSE = "line_pause"
    LINE_RESUME = "line_resume"
    LINE_CLOSE = "line_close"
    LEFT_ERASED = "left_erased"
    """Somebody who left long ago was erased: by what the group chose, and nobody in particular."""


class Look(NamedTuple):
    """Who did what about whom, by accounts."""

    by: int
    about: int
    what: What
    peer: str = ""
    """Of what is about a line: the node of the other group."""


class ShownLook(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the register as the member reads it."""

    about: int
    by_account: int
    what: What
    times: int
    last_at_s: int
    code: str
    name: str
    peer: str


def by_right(by: int, about: int, *, changes: bool, bookings: bool = False) -> Look | None:
    """Say what somebody does about a member by a right; nothing about itself. Pure."""
    if by == about:
        return None
    if changes:
        return Look(by, about, What.CHANGED)
    return Look(by, about, What.BOOKINGS if bookings else What.PROFILE)


def in_the_name_of(by: int, about: int, *, changes: bool) -> Look | None:
    """Say what somebody does in the name of a member whom it helps; nothing in its own. Pure."""
    if by == about:
        return None
    return Look(by, about, What.CHANGED if changes else What.ACTED)


async def note(node: Node, look: Look | None, *, now_s: int) -> None:
    """Write a look down; nothing for none."""
    if look is not None:
        row = (look.about, now_s // DAY_S, look.by, look.what.value, look.peer, now_s)
        async with connection_in_time(node.pool) as connection:
            await connection.execute(SQL["note_look"], *row)


async def note_line(node: Node, peer: str, what: What, *, by: int | None, now_s: int) -> None:
    """Write down who decided something alone about a line; whoever runs the server is none."""
    await note(node, Look(by or OPERATOR, EVERYBODY, what, peer), now_s=now_s)


async def looks_about(node: Node, account: int) -> list[ShownLook]:
    """Give who saw or changed what about a member, newest first; what it did itself is left out."""
    rows = await node.pool.fetch(SQL["looks_about"], account, SHOWN_MAX)
    return [ShownLook(**{**dict(row), "what": What(row["what"])}) for row in rows]


async def sweep(node: Node, *, days: int, now_s: int) -> None:
    """Drop what is older than the group keeps it."""
    await node.pool.execute(SQL["drop_looks"], now_s // DAY_S - days)
