"""How far a group is that moves in: what is kept of it, and what counts when nobody is at it. Pure.

Only a worker that is at an import leaves it being looked at or written; what a stop of the process,
or a full disk, has cut off can be begun again.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256

import msgspec

from federation.migrate.choices import Choices
from federation.migrate.planned import Receipt
from federation.node.import_told import Written
from schemas.encoding import b64
from schemas.errors import Code


class Stage(StrEnum):
    """How far a group is."""

    BROUGHT = "brought"
    """A file is here; nobody has looked at it with these choices."""
    LOOKING = "looking"
    LOOKED = "looked"
    WRITING = "writing"
    DONE = "done"


class Fault(msgspec.Struct, frozen=True):
    """Why a look or an import ended early: an error as its code and facts."""

    code: Code
    facts: dict[str, int | str] = {}


class Moving(msgspec.Struct, frozen=True, kw_only=True):
    """What stands of an import."""

    v: int = 1
    file: str
    """What it was called where it came from."""
    size: int
    brought_at_s: int
    brought_by: int | None
    """The account of the coordinator; nobody for whoever runs the node."""
    stage: Stage = Stage.BROUGHT
    choices: Choices = Choices()
    receipt: Receipt | None = None
    fault: Fault | None = None
    written: Written | None = None
    clashes: tuple[str, ...] = ()
    """Codes of the file that members have who are here already."""
    differ: tuple[str, ...] = ()
    """Codes of accounts whose balance here is not the one computed from the file."""

    @property
    def ticket(self) -> str:
        """Name what was seen: the file and what was chosen, whatever has come of it."""
        seen = msgspec.json.encode((self.file, self.brought_at_s, self.size, self.choices))
        return b64(sha256(b"ruilbrug/moving-in/v1\n" + seen).digest()[:12])


class AtWork:
    """Which import the worker of a node is at, and of which it could not note how it ended."""

    def __init__(self) -> None:
        """Start with none, as every process does."""
        self.ticket = ""
        self.unnoted = ""


def unless_cut_off(moving: Moving, at: AtWork) -> Moving:
    """Give what stands, and not as being done when nobody is at it. Pure."""
    if moving.stage not in (Stage.LOOKING, Stage.WRITING) or moving.ticket == at.ticket:
        return moving
    code = Code.IMPORT_STOPPED if moving.stage is Stage.WRITING else None
    if moving.ticket == at.unnoted:
        code = Code.IMPORT_UNWRITABLE
    stage = Stage.BROUGHT if moving.receipt is None else Stage.LOOKED
    fault = None if code is None else Fault(code)
    return msgspec.structs.replace(moving, stage=stage, fault=fault)
