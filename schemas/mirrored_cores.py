"""What stands in a file of mirrored cores: each log as it was signed, and the list of them.

`docs/auditors.md` shows it. A core travels as the text that it is: canonical JSON is UTF-8, and a
JSON string gives it back to the byte.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from schemas.ids import Count, Hash, NodeId, Signature

CORES_VERSION: Final = 2
COSIGNED_MAX: Final = 8
Note = Annotated[str, Meta(max_length=200_000)]
"""A checkpoint as the group served it, with its signature and those of its witnesses."""


class MirroredEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of `logs/NODE.jsonl`: an entry of the log, at the place that its line has."""

    core: Annotated[str, Meta(max_length=8_192)]
    signature: Signature


class MirroredLog(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One log of the file, and the checkpoint that its entries come to."""

    node: NodeId
    name: Annotated[str, Meta(max_length=200)]
    size: Count
    root: Hash
    checkpoint: Note
    cosigned: Annotated[tuple[Note, ...], Meta(max_length=COSIGNED_MAX)] = ()
    """Older ones that had witnesses whom the newest lacks; since version 2."""


class CoresManifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last word of the file. Nobody signs it: each group has signed what is said of it."""

    v: Annotated[int, Meta(ge=1)]
    format: Literal["ruilbrug/cores"]
    made_at_s: Count
    logs: Annotated[tuple[MirroredLog, ...], Meta(max_length=10_000)]
