"""Logs that do not run, for tests of witnesses: any origin, any entries, any key."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import aiohttp

from events.checkpoint import Checkpoint
from events.merkle import consistency_proof
from events.note import NoteSigner, sign_note
from events.signing import PrivateKey
from events.witness import write_submission
from tests.events.test_merkle import subtree
from tests.federation.world.conftest import WorldNode
from tests.independent import merkle as independent

PATH = "/log/witness/add-checkpoint"
TRUNK = tuple(b"entry %d" % number for number in range(9))
FORK = (*TRUNK[:3], *(b"other %d" % number for number in range(3, 9)))


class PaperLog(NamedTuple):
    """A log of these entries under this origin."""

    origin: str
    key: PrivateKey = PrivateKey(b"p" * 32)
    entries: tuple[bytes, ...] = TRUNK

    def note(self, size: int) -> bytes:
        root = independent.mth(list(self.entries[:size]))
        signer = NoteSigner(self.origin, self.key)
        return sign_note(Checkpoint(self.origin, size, root).encode(), signer).encode()

    def submission(self, old: int, size: int) -> bytes:
        lookup = partial(subtree, list(self.entries))
        proof = consistency_proof(old, size, lookup) if 0 < old <= size else []
        return write_submission(old, proof, self.note(size))


class Told(NamedTuple):
    """What came back over HTTP."""

    status: int
    content_type: str
    body: bytes


async def ask(node: WorldNode, path: str, body: bytes | None = None) -> Told:
    """Send `body`, or fetch without one."""
    url, method = node.node.settings.public_url + path, "GET" if body is None else "POST"
    timeout = aiohttp.ClientTimeout(10)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.request(method, url, data=body) as answer,
    ):
        return Told(answer.status, answer.headers["Content-Type"], await answer.read())
