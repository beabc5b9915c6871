"""Groups whose keys are made from a number, with statements of every cause; for tests of keys."""

from __future__ import annotations

from collections.abc import Iterable

from events.keys import pre_commitment, read_history, sign_statement
from events.signing import PrivateKey
from federation.node.identity import first_statements
from schemas.encoding import b64
from schemas.keys import Cause, KeyStatement, Role, SignedKeyStatement

LOG_KEYS = 6
"""Keys that a group may have for its log, one after the other."""


def seeded(number: int, name: str) -> PrivateKey:
    """Give a key that is always the same for a group and a name."""
    return PrivateKey(f"{number:04}{name}".encode().ljust(32, b"."))


class StatedGroup:
    """A group that can state what it likes about its keys."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.root = seeded(number, "root")
        self.log = [seeded(number, f"log {at}") for at in range(LOG_KEYS)]
        keys = {role: (seeded(number, role), seeded(number, f"{role} next")) for role in Role}
        keys[Role.ROOT] = (self.root, seeded(number, "root next"))
        keys[Role.LOG] = (self.log[0], self.log[1])
        self.first = first_statements(keys, lambda size: bytes([number % 256]) * size)
        self.node = read_history(self.first).node

    def key(self, at: int) -> str:
        """Give the text of a log key."""
        return b64(self.log[at].public.data)

    def rotation(self, at: int, holds_from: int) -> SignedKeyStatement:
        """Let log key `at` follow the one before it, as was announced."""
        return self.states(Cause.ROTATION, at, holds_from, (self.log[at - 1], self.log[at]))

    def recovery(self, at: int, holds_from: int) -> SignedKeyStatement:
        """Give the log another key by the word of the root key."""
        return self.states(Cause.RECOVERY, at, holds_from, (self.root,))

    def revocation(self, at: int, holds_from: int) -> SignedKeyStatement:
        """Revoke a log key."""
        return self.states(Cause.REVOCATION, at, holds_from, (self.root,))

    def states(
        self,
        cause: Cause,
        at: int,
        holds_from: int,
        signers: Iterable[PrivateKey],
        *,
        node: str | None = None,
    ) -> SignedKeyStatement:
        """State anything about log key `at`, signed by anybody."""
        statement = KeyStatement(
            v=1,
            role=Role.LOG,
            cause=cause,
            key=self.key(at),
            next=pre_commitment(self.log[(at + 1) % LOG_KEYS].public.data),
            holds_from=holds_from,
            salt=b64(bytes(16)),
            node=node or self.node,
        )
        return sign_statement(statement, signers)
