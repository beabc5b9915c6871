"""What stands in an export with the signed log: entries, checkpoints, and the manifest at its end.

`docs/export.md` shows each with an example. Bytes that were signed travel as the text that they
are: canonical JSON is UTF-8, and a JSON string gives it back to the byte.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from schemas.backup import TableShape
from schemas.ids import Count, Hash, NodeId, Signature
from schemas.keys import SignedKeyStatement

EXPORT_VERSION: Final = 1
PartName = Annotated[str, Meta(pattern=r"\A(tables/)?[a-z][a-z0-9_]{0,62}\.(jsonl|csv|sealed)\Z")]
Long = Annotated[str, Meta(max_length=200_000)]


class Opening(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A text that an entry commits to: with salt and bytes, or without once it was erased.

    `SHA256("ruilbrug/commit/v1\\n" || layer || salt || text)` is the commitment in the core.
    """

    layer: Literal["personal", "peer"]
    subject: Annotated[str, Meta(max_length=100)]
    """Whose key seals it in the database; says nothing outside."""
    commitment: Hash
    salt: Hash = ""
    text: Long = ""


class LogEntry(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """One line of `log.jsonl`: an entry as it was signed, with what opens it."""

    seq: Count
    core: Annotated[str, Meta(max_length=8_192)]
    signature: Signature
    body: Long = ""
    body_salt: Hash = ""
    openings: Annotated[tuple[Opening, ...], Meta(max_length=10_000)] = ()


class LogCheckpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of `checkpoints.jsonl`: the signed note as it was served."""

    size: Count
    root: Hash
    note: Long
    made_at_s: Count


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of the export, with what it has to be."""

    name: PartName
    rows_count: Count
    bytes_count: Count
    sha256: Hash


class ExportManifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last word of an export; the log key signs its bytes (`manifest.sig`)."""

    v: Annotated[int, Meta(ge=1)]
    format: Literal["ruilbrug/export"]
    node: NodeId
    name: Annotated[str, Meta(max_length=200)]
    url: Annotated[str, Meta(max_length=2_000)]
    made_at_s: Count
    handed_over: bool
    """The node that wrote it releases nothing any more."""
    size: Count
    root: Hash
    statements: Annotated[tuple[SignedKeyStatement, ...], Meta(min_length=1, max_length=1_000)]
    migration: Annotated[int, Meta(ge=1, le=9_999)]
    tables: Annotated[tuple[TableShape, ...], Meta(max_length=1_000)]
    """In the order in which they can be filled."""
    parts: Annotated[tuple[Part, ...], Meta(min_length=1, max_length=1_000)]


class ExportForm(msgspec.Struct, frozen=True):
    """The form of a manifest alone, which those of later releases have too."""

    v: Annotated[int, Meta(ge=1)]
