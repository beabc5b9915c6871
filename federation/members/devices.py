"""The devices on which a person is signed in: told, and signed out, to that person alone.

How somebody signs in, and what a browser carries, is for the pages.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from events.queries import load_queries
from federation.members.known_sessions import changing_sessions
from federation.node.patience import connection_in_time

if TYPE_CHECKING:
    from federation.node.service import Node

SQL: Final = load_queries(files("federation.members").joinpath("sql/devices.sql"))


class SignedIn(Protocol):
    """Somebody with devices: who is signed in on one, or asks with a token and on none."""

    @property
    def session(self) -> int:
        """The device that asks; 0 for a token."""

    @property
    def account(self) -> int:
        """Whose account it is."""

    @property
    def person(self) -> int:
        """Who of its household."""


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """One line of "my devices"."""

    session: int
    device: str
    begun_at_s: int
    seen_at_s: int
    this: bool


async def devices_of(node: Node, person: SignedIn, *, now_s: int) -> list[Device]:
    """Give the devices on which a person is signed in."""
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["list_devices"], person.account, person.person, now_s)
    return [Device(**row, this=row["session"] == person.session) for row in rows]


async def end_device(node: Node, person: SignedIn, session: int, *, now_s: int) -> None:
    """Sign one device of a person out; somebody else's is left alone."""
    async with changing_sessions(node) as connection:
        await connection.execute(SQL["end_device"], session, person.account, person.person, now_s)


async def end_other_devices(node: Node, person: SignedIn, *, now_s: int) -> None:
    """Sign a person out on all devices but this one."""
    async with changing_sessions(node) as connection:
        await connection.execute(
            SQL["end_other_devices"], person.account, person.person, person.session, now_s
        )
