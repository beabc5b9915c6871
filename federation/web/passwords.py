"""Passwords for those who want one: argon2id, made and checked in a thread, two at a time."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Final

import argon2

from federation.node.patience import connection_in_time
from federation.web.queries import SQL
from federation.words.texts import later

if TYPE_CHECKING:
    from federation.node.service import Node
    from federation.web.forms import Form
    from federation.web.place import Place
    from federation.web.sessions import Person

LENGTH_MIN: Final = 10
LENGTH_MAX: Final = 200
_TOO_SHORT: Final = later("Neem minstens %(least)s tekens. Vier gewone woorden na elkaar is prima.")
_TOO_LONG: Final = later("Dit is te lang: hoogstens %(most)s tekens.")
_NOT_SAME: Final = later("Dit is niet hetzelfde als hierboven.")
_HASHER: Final = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
AT_ONCE: Final = 2
"""Each takes 19 MiB and a core for some hundredths of a second."""


class Passwords:
    """Makes and checks hashes; each node has one."""

    def __init__(self) -> None:
        """Prepare a hash to compare with where there is none."""
        self._nobodys = _nobodys()
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        """Give the hash to keep."""
        async with self._turn:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def fits(self, kept: str | None, password: str) -> bool:
        """Compare; with nothing kept it takes as long and is false."""
        async with self._turn:
            fine = await asyncio.to_thread(self._verify, kept or self._nobodys, password)
        return fine and kept is not None

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return _HASHER.verify(kept, password)
        except argon2.exceptions.VerificationError:
            return False


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")


async def has_password(node: Node, person: Person) -> bool:
    """Tell whether somebody has a password."""
    async with connection_in_time(node.pool) as connection:
        return bool(await connection.fetchval(SQL["has_password"], person.account, person.person))


async def set_password(place: Place, person: Person, form: Form, *, now_s: int) -> None:
    """Keep a new password, typed twice; what is wrong with it stands in the form."""
    password = form.value("password")
    if len(password) < LENGTH_MIN:
        form.fail("password", _TOO_SHORT, least=LENGTH_MIN)
    if len(password) > LENGTH_MAX:
        form.fail("password", _TOO_LONG, most=LENGTH_MAX)
    if form.value("password-again") != password:
        form.fail("password-again", _NOT_SAME)
    if not form.fine:
        return
    kept = await place.passwords.hash(password)
    async with connection_in_time(place.node.pool) as connection:
        await connection.execute(SQL["write_password"], person.account, person.person, kept, now_s)


async def drop_password(node: Node, person: Person) -> None:
    """Forget somebody's password."""
    async with connection_in_time(node.pool) as connection:
        await connection.execute(SQL["drop_password"], person.account, person.person)
