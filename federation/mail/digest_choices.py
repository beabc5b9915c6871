"""What people choose about digests: somebody how often and with what, a group on which morning."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

from events.queries import load_queries
from federation.group.members import not_coordinator
from federation.mail.digest import EVERYTHING, Block, Rhythm
from federation.mail.digest_days import FRIDAY, WEEK
from federation.members.submitting import actor_of
from schemas.errors import Code, InputError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from asyncpg import Pool, Record

    from federation.members.reader import Reader
    from federation.node.service import Node

DIGEST: Final = load_queries(files("federation.mail").joinpath("sql/digest.sql"))


class Wish(NamedTuple):
    """How often somebody wants a digest, and with what."""

    rhythm: Rhythm = Rhythm.WEEKLY
    blocks: frozenset[Block] = EVERYTHING


class Setting(NamedTuple):
    """Whether a group sends digests, and on the morning of which day; 0 is Monday."""

    active: bool = True
    weekday: int = FRIDAY


def blocks_of(words: Iterable[str] | None) -> frozenset[Block]:
    """Read which blocks somebody wants; all, until they say otherwise."""
    if words is None:
        return EVERYTHING
    known = set(words)
    return frozenset(block for block in Block if block.value in known)


async def wish(pool: Pool[Record], account: int, person: int) -> Wish:
    """Give what somebody has chosen."""
    row = await pool.fetchrow(DIGEST["wish"], account, person)
    return Wish() if row is None else Wish(Rhythm(row["rhythm"]), blocks_of(row["blocks"]))


async def set_wish(pool: Pool[Record], account: int, person: int, wanted: Wish) -> None:
    """Note what somebody chooses; whether it wants any is a matter of `choices`."""
    blocks = [block.value for block in Block if block in wanted.blocks]
    await pool.execute(DIGEST["write_wish"], account, person, wanted.rhythm.value, blocks)


async def setting(pool: Pool[Record]) -> Setting:
    """Give when digests of the group go out."""
    row = await pool.fetchrow(DIGEST["setting"])
    return Setting() if row is None else Setting(row["active"], row["weekday"])


async def set_setting(node: Node, reader: Reader, wanted: Setting) -> None:
    """Choose when they go out; for coordinators.

    Raises:
        InputError: `malformed` for a day that is none.
        RefusedError: `forbidden`.

    """
    refusal = not_coordinator(node.machine.books, actor_of(reader))
    if refusal is not None:
        raise RefusedError.of(refusal)
    if wanted.weekday not in range(WEEK):
        raise InputError(Code.MALFORMED, field="weekday", reason="0 for Monday to 6 for Sunday")
    await node.pool.execute(DIGEST["write_setting"], *wanted)
