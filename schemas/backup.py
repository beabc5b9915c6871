"""What stands in a backup beside the rows: the manifest first, and an account of each table."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from schemas.ids import Count, Hash, NodeId
from schemas.keys import SignedKeyStatement

MANIFEST_VERSION: Final = 1
Name = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9_]{0,62}\Z")]


class TableShape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table in the order of the backup, with its columns as they are copied."""

    name: Name
    columns: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=200)]


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose backup this is and of when; `size` and `root` are those of the log in it."""

    v: Annotated[int, Meta(ge=1)]
    node: NodeId
    name: Annotated[str, Meta(max_length=200)]
    made_at_s: Count
    size: Count
    root: Hash
    checkpoint: Annotated[str, Meta(max_length=100_000)]
    """The newest signed checkpoint of the log, as its signed note; empty before the first."""
    statements: Annotated[tuple[SignedKeyStatement, ...], Meta(min_length=1, max_length=1_000)]
    """The node's own key statements in it: they prove whose it is before a row is read."""
    migration: Annotated[int, Meta(ge=1, le=9_999)]
    tables: Annotated[tuple[TableShape, ...], Meta(max_length=1_000)]


class TableEnd(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of a table: rows as the database counted them, bytes, and their SHA-256."""

    rows_count: Count
    bytes_count: Count
    digest: Hash


class ManifestForm(msgspec.Struct, frozen=True):
    """The form of a manifest alone, which those of later releases have too."""

    v: Annotated[int, Meta(ge=1)]


class KeptFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of a node's folder; never one of a path that leads out of it."""

    path: Annotated[str, Meta(pattern=r"\A(keys/)?[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")]
    content: Annotated[str, Meta(max_length=1_000_000)]
    """Unpadded base64url."""


class KeptFiles(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `ruilbrug backup --keys` seals: the keys that a server needs, and its settings."""

    v: Literal[1]
    name: Annotated[str, Meta(max_length=200)]
    made_at_s: Count
    files: Annotated[tuple[KeptFile, ...], Meta(min_length=1, max_length=200)]
