"""Key statements: which key speaks for a node, for what, from which index (design section 3)."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

from schemas.ids import Count, Hash, NodeId, Salt, Signature


class Role(StrEnum):
    """What a key is for. The root key is the node's identity and stays offline."""

    ROOT = "root"
    LOG = "log"
    WITNESS = "witness"
    HTTP = "http"


class Cause(StrEnum):
    """Why a key statement was made."""

    FIRST = "first"
    ROTATION = "rotation"
    RECOVERY = "recovery"
    REVOCATION = "revocation"


class KeyStatement(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """`key` speaks for the node in `role` from log index `holds_from`; `next` names its successor.

    The first root statement has no `node`: its hash is the node id. A revocation names in `key`
    the key that counts no longer, and in `holds_from` the index from which it does not.
    """

    v: Literal[1]
    role: Role
    cause: Cause
    key: Hash
    next: Hash
    """SHA-256 of the public key that will follow."""
    holds_from: Count
    salt: Salt
    node: NodeId | None = None


class KeySignature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One signature over `"ruilbrug/key/v1\\n" || statement`."""

    key: Hash
    signature: Signature


class SignedKeyStatement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key statement as it was signed, with everything needed to check it."""

    statement: str
    """The canonical bytes of a `KeyStatement` as unpadded base64url."""
    signatures: tuple[KeySignature, ...]
