"""A second reader of proofs of bookings, after C2SP tlog-proof and docs/protocol.md.

Shares nothing with the product: standard library, and `cryptography` for Ed25519. Whatever does not
fit ends in an assertion.
"""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.independent.encoding import b64, leaf_id, unb64


def read_proof(file: bytes, origin: str, log_key: bytes) -> dict[str, Any]:
    """Give what a proof opens, once it stands under a checkpoint that the log has signed."""
    head, note = file.decode().split("\n\n", 1)
    first, extra, index, *steps = head.split("\n")
    assert first == "c2sp.org/tlog-proof@v1"
    assert index.startswith("index ")
    receipt: dict[str, Any] = json.loads(base64.b64decode(extra.removeprefix("extra ")))
    assert (receipt["type"], receipt["v"]) == ("booking.receipt", 1)
    size, root = _checkpoint(note, origin, log_key)
    core = unb64(receipt["core"])
    leaf = sha256(b"\x00" + core).digest()
    path = [base64.b64decode(step) for step in steps]
    assert _climb(leaf, int(index[6:]), size, path) == root
    event = json.loads(core)
    assert event["seq"] == int(index[6:])
    return _opened(event, receipt)


def _checkpoint(note: str, origin: str, log_key: bytes) -> tuple[int, bytes]:
    text, signatures = note.split("\n\n")
    said, size, root = text.split("\n")
    assert said == origin
    key_id = sha256(origin.encode() + b"\n\x01" + log_key).digest()[:4]
    for line in signatures.removesuffix("\n").split("\n"):
        name, encoded = line.removeprefix("\N{EM DASH} ").split(" ")
        signature = base64.b64decode(encoded)
        if name == origin and signature[:4] == key_id:
            key = Ed25519PublicKey.from_public_bytes(log_key)
            key.verify(signature[4:], (text + "\n").encode())
            return int(size), base64.b64decode(root)
    raise AssertionError("the log has not signed")


def _climb(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Give the root that a path leads to, from the top down: PATH of RFC 6962 section 2.1.1."""
    if size == 1:
        assert not path
        return leaf
    k = 1
    while k * 2 < size:
        k *= 2
    *below, sibling = path
    if index < k:
        return sha256(b"\x01" + _climb(leaf, index, k, below) + sibling).digest()
    return sha256(b"\x01" + sibling + _climb(leaf, index - k, size - k, below)).digest()


def _opened(event: dict[str, Any], receipt: dict[str, Any]) -> dict[str, Any]:
    committed = event.get("commitment") or event["commitments"]["body"]
    body = _layer("body", receipt["body"], committed)
    legs = {(one["account"], one["amount_minor"]) for one in body["postings"]}
    told = {"type": event["type"], "legs": legs}
    last = event
    for earlier in receipt.get("earlier", ()):
        wanted = {
            "pay.receipt": lambda one: one["commit"],
            "pay.commit": lambda one: one["decision"]["decision"]["accept"],
            "pay.accept": lambda one: one["prepare"],
        }[last["type"]](last)
        assert leaf_id(unb64(earlier)) == wanted
        last = json.loads(unb64(earlier))
    if "peer" in receipt:
        assert last["type"] == "pay.prepare"
        told |= _layer("peer", receipt["peer"], last["commitments"]["peer"])
        told |= {name: last[name] for name in ("payer_minor", "payee_minor", "line_units")}
    if "text" in receipt:
        known = {text["commitment"] for text in body["texts"]}
        opened = _commitment("personal", receipt["text"])
        assert opened in known
        told |= json.loads(unb64(receipt["text"]["bytes"]))
    return told


def _layer(layer: str, opening: dict[str, str], committed: str) -> dict[str, Any]:
    assert _commitment(layer, opening) == committed
    found: dict[str, Any] = json.loads(unb64(opening["bytes"]))
    return found


def _commitment(layer: str, opening: dict[str, str]) -> str:
    salt = unb64(opening["salt"])
    assert len(salt) == 32
    prefix = b"ruilbrug/commit/v1\n" + layer.encode()
    return b64(sha256(prefix + salt + unb64(opening["bytes"])).digest())
