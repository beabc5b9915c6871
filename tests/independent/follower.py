"""Follows a log over HTTP by its tiles, as C2SP tlog-tiles says, and checks every byte of it.

Imports nothing of the product: standard library and cryptography only. Memory stays flat: of what
is behind, the roots of full tiles are kept. An AssertionError names what differs.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import secrets
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tests.independent.encoding import add_leaf, b32, b64, root_of, unb64

WIDTH = 256
TIMEOUT_S = 30
ANSWER_MAX = 256 * (2 + 2**16)
ED25519 = b"\x01"
Get = Callable[[str], bytes]


class Door:
    """Asks a node over one connection, with requests signed as RFC 9421 says."""

    def __init__(self, url: str, caller: str, seed: bytes) -> None:
        """Take the node's public address, and who asks: a node id and the seed of its HTTP key."""
        self._url, self._caller = url, caller
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        address = urlsplit(url)
        assert address.hostname is not None
        self._http = http.client.HTTPConnection(address.hostname, address.port, timeout=TIMEOUT_S)

    def get(self, path: str) -> bytes:
        """Give the body of an answer of 200."""
        self._http.request("GET", path, headers=self._signed(path))
        answer = self._http.getresponse()
        body = answer.read(ANSWER_MAX)
        assert answer.status == http.client.OK, f"{path}: {answer.status} {body[:300]!r}"
        return body

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def _signed(self, path: str) -> dict[str, str]:
        now_s = int(time.time())
        public = b64(self._key.public_key().public_bytes_raw())
        params = (
            f'("@method" "@target-uri");created={now_s};expires={now_s + 300}'
            f';keyid="{self._caller}/{public}";alg="ed25519"'
            f';nonce="{b64(secrets.token_bytes(16))}";tag="ruilbrug"'
        )
        base = f'"@method": GET\n"@target-uri": {self._url}{path}\n"@signature-params": {params}'
        signature = base64.b64encode(self._key.sign(base.encode())).decode()
        return {"Signature-Input": f"sig={params}", "Signature": f"sig=:{signature}:"}


class Checkpoint(NamedTuple):
    """How long a log is and its root, as its own key signed it."""

    size: int
    root: bytes


class Followed(NamedTuple):
    """What was checked."""

    checkpoint: Checkpoint
    tiles: int
    """Hash tiles of all levels."""
    signatures: int


def follow(get: Get, node: str) -> Followed:
    """Follow the log of a node from nothing to its newest checkpoint.

    1. Every entry is event number `seq` of this node, promises the root of all before it, and its
       signature is of a log key that the log itself has stated for that place.
    2. Every hash tile of every level holds exactly the hashes that follow from the entries.
    3. The root of all is the root in the checkpoint, which a log key has signed.
    """
    note = get("/log/checkpoint").decode()
    size = int(note.split("\n")[1])
    keys: dict[str, int] = {}
    peaks: list[tuple[int, bytes]] = []
    roots: list[bytes] = []
    signatures = 0
    for index, width in _tiles_of(size):
        entries = _entries(get, index, width)
        leaves = [hashlib.sha256(b"\x00" + core).digest() for core, _ in entries]
        tile = get(f"/log/tile/0/{_name(index, width)}")
        assert tile == b"".join(leaves), f"hash tile 0/{index} does not follow from its entries"
        for core, _ in entries:  # the first key speaks already for what stands before its statement
            _learn(core, node, keys)
        for seq, (core, signature) in enumerate(entries, index * WIDTH):
            _check(core, signature, seq, node=node, keys=keys, before=root_of(peaks))
            add_leaf(peaks, leaves[seq - index * WIDTH])
        signatures += width
        if width == WIDTH:
            roots.append(_root(leaves))
    tiles = -(-size // WIDTH) + _check_levels(get, roots)
    checkpoint = _read_note(note, keys)
    assert checkpoint == (size, root_of(peaks)), "the checkpoint is of another history"
    return Followed(checkpoint, tiles, signatures)


def _tiles_of(size: int) -> Iterator[tuple[int, int]]:
    """Give index and width of all tiles over so many hashes."""
    full, rest = divmod(size, WIDTH)
    yield from ((index, WIDTH) for index in range(full))
    if rest:
        yield full, rest


def _name(index: int, width: int) -> str:
    parts = [f"{index % 1000:03}"]
    while index := index // 1000:
        parts.append(f"x{index % 1000:03}")
    return "/".join(reversed(parts)) + ("" if width == WIDTH else f".p/{width}")


def _entries(get: Get, index: int, width: int) -> list[tuple[bytes, bytes]]:
    """Give cores and signatures of a tile: each core after its length in two bytes."""
    name = _name(index, width)
    bundle = get(f"/federation/v1/log/tile/entries/{name}")
    signatures = get(f"/federation/v1/log/tile/signatures/{name}")
    cores, at = [], 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        assert end <= len(bundle), f"bundle {index} is cut off"
        cores.append(bundle[at + 2 : end])
        at = end
    assert len(cores) == width, f"bundle {index} has {len(cores)} entries, not {width}"
    assert len(signatures) == 64 * width, f"signatures {index}"
    return [(core, signatures[64 * n : 64 * n + 64]) for n, core in enumerate(cores)]


def _check(
    core: bytes, signature: bytes, seq: int, *, node: str, keys: dict[str, int], before: bytes
) -> None:
    said = json.loads(core)
    assert (said["origin"], said["seq"]) == (node, seq), f"event {seq} is of another place"
    assert unb64(said["root"]) == before, f"event {seq} promises another history"
    assert keys.get(said["key"], seq + 1) <= seq, f"the key of event {seq} does not hold there"
    _verify(said["key"], signature, b"ruilbrug/event/v1\n" + core, f"event {seq}")


def _learn(core: bytes, node: str, keys: dict[str, int]) -> None:
    """Take a key that an event states: the first one makes the node's id."""
    event = json.loads(core)
    if event["type"] != "key.statement":
        return
    signed = event["statement"]
    text = unb64(signed["statement"])
    said = json.loads(text)
    if said["role"] == "root" and said["cause"] == "first":
        assert b32(hashlib.sha256(text).digest()) == node, "the root key makes another id"
    assert signed["signatures"], "a key statement that nobody signed"
    for one in signed["signatures"]:
        _verify(one["key"], unb64(one["signature"]), b"ruilbrug/key/v1\n" + text, "a statement")
    if said["role"] == "log" and said["cause"] != "revocation":
        keys[said["key"]] = said["holds_from"]


def _verify(public: str, signature: bytes, message: bytes, of: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(unb64(public)).verify(signature, message)
    except InvalidSignature as error:
        raise AssertionError(f"the signature of {of} is not valid") from error


def _root(hashes: list[bytes]) -> bytes:
    peaks: list[tuple[int, bytes]] = []
    for one in hashes:
        add_leaf(peaks, one)
    return root_of(peaks)


def _check_levels(get: Get, roots: list[bytes]) -> int:
    """Check the hash tiles above the lowest; gives how many there are."""
    level, count = 1, 0
    while roots:
        above = []
        for index, width in _tiles_of(len(roots)):
            expected = roots[index * WIDTH : index * WIDTH + width]
            tile = get(f"/log/tile/{level}/{_name(index, width)}")
            assert tile == b"".join(expected), f"hash tile {level}/{index} differs"
            count += 1
            if width == WIDTH:
                above.append(_root(expected))
        roots, level = above, level + 1
    return count


def _read_note(note: str, keys: dict[str, int]) -> Checkpoint:
    """Read a checkpoint that one of these keys signed (C2SP signed-note, tlog-checkpoint)."""
    text, _, signed = note.partition("\n\n")
    origin, size, root = text.split("\n")
    for line in signed.splitlines():
        name, said = line.removeprefix("— ").split(" ")
        data = base64.b64decode(said)
        for public in keys:
            named = name.encode() + b"\n" + ED25519 + unb64(public)
            if name == origin and data[:4] == hashlib.sha256(named).digest()[:4]:
                _verify(public, data[4:], f"{text}\n".encode(), "the checkpoint")
                return Checkpoint(int(size), base64.b64decode(root))
    raise AssertionError("no key of the log has signed its checkpoint")
