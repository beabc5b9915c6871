"""What a node shows of its log to somebody who asks: entries, and a checkpoint over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from events.checkpoint import Checkpoint, sign_checkpoint
from events.merkle import EMPTY_ROOT, consistency_proof, root_of
from events.note import NoteKey, NoteSigner
from events.signing import PublicKey
from federation.node.origins import log_origin
from schemas.encoding import b64
from schemas.keys import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.log_store import Entry
    from events.signing import PrivateKey
    from tests.simulation.host import Host

INVENTED_SIZE: Final = 10**6
"""No log of a simulated world is so long."""


class Shown(NamedTuple):
    """A log as one of its readers gets to see it."""

    origin: str
    entries: Sequence[Entry]
    signer: PrivateKey

    def checkpoint(self) -> Checkpoint:
        """Give size and root."""
        ids = [entry.id for entry in self.entries]
        return Checkpoint(self.origin, len(ids), root_of(ids) if ids else EMPTY_ROOT)

    def note(self) -> bytes:
        """Give the checkpoint as its node signs it."""
        return sign_checkpoint(self.checkpoint(), NoteSigner(self.origin, self.signer))

    def proof(self, old: int, size: int) -> list[bytes]:
        """Prove that the first `size` entries begin with the first `old`; nothing from 0."""
        return consistency_proof(old, size, self._subroot) if old else []

    def _subroot(self, level: int, index: int) -> bytes:
        part = self.entries[index << level : (index + 1) << level]
        return root_of([entry.id for entry in part])


def origin_of(host: Host) -> str:
    """Name the log of a node."""
    return log_origin(f"https://{host.name.lower()}.example")


def show(host: Host, size: int) -> Shown:
    """Show the first `size` entries as they are."""
    return Shown(origin_of(host), host.disk.log[:size], host.log_key)


def trusted(host: Host) -> list[NoteKey]:
    """Give the key by which the log of a node is known now."""
    held = host.stated().current(Role.LOG)
    assert held is not None
    return [NoteKey(origin_of(host), PublicKey.of_text(held.key))]


def usable(host: Host) -> list[NoteKey]:
    """Give every key by which the log of a node was ever known, and that was not revoked."""
    keys = host.stated().public_keys(Role.LOG).values()
    return [NoteKey(origin_of(host), key) for key in keys]


def own_keys(host: Host) -> list[NoteKey]:
    """Give the keys by which a node knows its own signature: its machine may have a newer one."""
    return [NoteKey(origin_of(host), host.log_key.public), *usable(host)]


def invented(host: Host, key: PrivateKey) -> str:
    """Give a checkpoint of a log that its node never had, signed by somebody else's key."""
    origin = origin_of(host)
    note = sign_checkpoint(Checkpoint(origin, INVENTED_SIZE, EMPTY_ROOT), NoteSigner(origin, key))
    return b64(note)
