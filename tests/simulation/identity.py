"""Keys and statements of a party in a simulated world, honest or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from events.keys import pre_commitment, read_history, sign_statement
from events.signing import PrivateKey
from federation.node.identity import first_statements
from schemas.encoding import b64
from schemas.keys import Cause, KeyStatement, Role

if TYPE_CHECKING:
    from random import Random

    from events.keys import KeyHistory
    from schemas.keys import SignedKeyStatement

MakeKey = Callable[[bytes], PrivateKey]


class Identity:
    """Keys and statements of a party, honest or not."""

    def __init__(self, rng: Random, make_key: MakeKey) -> None:
        seeds = {role: (rng.randbytes(32), rng.randbytes(32)) for role in Role}
        keys = {role: (make_key(one), make_key(two)) for role, (one, two) in seeds.items()}
        self.statements = list(first_statements(keys, rng.randbytes))
        self._root = keys[Role.ROOT][0]
        self.log_key, following = keys[Role.LOG]
        self._made = {b64(key.public.data): key for key in (self.log_key, following)}
        self._rng, self._make_key = rng, make_key
        self.id = read_history(self.statements).node

    def history(self) -> KeyHistory:
        """Give what the statements say."""
        return read_history(self.statements, node=self.id)

    def rotation(
        self, stated: KeyHistory, holds_from: int
    ) -> tuple[SignedKeyStatement, PrivateKey]:
        """Make the statement by which the pre-committed key takes over; not in force yet."""
        before = stated.current(Role.LOG)
        assert before is not None
        new = next(key for key in self._made.values() if _digest(key) == before.next)
        following = self._make_key(self._rng.randbytes(32))
        statement = KeyStatement(
            v=1,
            role=Role.LOG,
            cause=Cause.ROTATION,
            key=b64(new.public.data),
            next=_digest(following),
            holds_from=holds_from,
            salt=b64(self._rng.randbytes(16)),
            node=self.id,
        )
        signed = sign_statement(statement, [self._made[before.key], new])
        self._made[b64(following.public.data)] = following
        return signed, new

    def revocation(
        self, stated: KeyHistory, holds_from: int, chance: Random
    ) -> tuple[list[SignedKeyStatement], PrivateKey]:
        """Make the root key's word for a new log key, and against the present one; gives that too.

        Not in force yet.
        """
        before = stated.current(Role.LOG)
        assert before is not None
        new, following = (self._make_key(chance.randbytes(32)) for _ in range(2))
        signed = []
        for cause, key, next_key in (
            (Cause.RECOVERY, b64(new.public.data), _digest(following)),
            (Cause.REVOCATION, before.key, before.next),
        ):
            statement = KeyStatement(
                v=1,
                role=Role.LOG,
                cause=cause,
                key=key,
                next=next_key,
                holds_from=holds_from,
                salt=b64(chance.randbytes(16)),
                node=self.id,
            )
            signed.append(sign_statement(statement, [self._root]))
        self._made |= {b64(key.public.data): key for key in (new, following)}
        return signed, new

    def signer(self, key: str) -> PrivateKey:
        """Give the private half of a log key."""
        return self._made[key]

    def go_back(self, stated: KeyHistory) -> None:
        """Use the key of an older machine again."""
        key = stated.current(Role.LOG)
        assert key is not None
        self.log_key = self._made[key.key]


def _digest(key: PrivateKey) -> str:
    return pre_commitment(key.public.data)
