"""Everything that parties ever received, and whether a node said two things at one index.

Reads bodies as they passed: exchanges and other JSON with cores in it, entry bundles, checkpoints.
Standard library only.
"""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from typing import Any

from tests.independent.encoding import leaf_id, unb64


class Wire:
    """What passed: (origin, index) -> ids, and (log, size) -> roots. Each may hold one only."""

    def __init__(self) -> None:
        self.ids: dict[tuple[str, int], set[str]] = defaultdict(set)
        self.roots: dict[tuple[str, int], set[str]] = defaultdict(set)

    def hear(self, path: str, body: bytes) -> None:
        """Take in a body that went to `path`, or came from there."""
        if "/log/tile/entries/" in path:
            self._bundle(body)
        elif "/log/tile/" in path:
            return  # signatures, sealed bodies and hashes: bytes, some of which begin like JSON
        elif path.endswith("/log/checkpoint"):
            self._checkpoint(body)
        elif body.startswith((b"{", b"[")):
            self._search(json.loads(body))

    def core(self, core: bytes) -> None:
        """Take in one event."""
        said = json.loads(core)
        self.ids[said["origin"], said["seq"]].add(leaf_id(core))

    def newest(self, origin: str) -> int:
        """Give the highest index of a log that anyone received; -1 when there is none."""
        return max((seq for node, seq in self.ids if node == origin), default=-1)

    def require_one_history(self) -> None:
        """Nobody ever received two events for one index, or two roots for one size."""
        twice = [place for place, ids in self.ids.items() if len(ids) > 1]
        assert not twice, f"two events for one index: {sorted(twice)[:3]}"
        forked = [place for place, roots in self.roots.items() if len(roots) > 1]
        assert not forked, f"two roots for one size: {sorted(forked)[:3]}"

    def _search(self, value: Any) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("core"), str):
                self.core(unb64(value["core"]))
            for part in value.values():
                self._search(part)
        elif isinstance(value, list):
            for part in value:
                self._search(part)

    def _bundle(self, body: bytes) -> None:
        """A C2SP entry bundle: before each entry its length, two bytes, big-endian."""
        at = 0
        while at < len(body):
            length = int.from_bytes(body[at : at + 2], "big")
            self.core(body[at + 2 : at + 2 + length])
            at += 2 + length

    def _checkpoint(self, body: bytes) -> None:
        """A signed note whose first lines are origin, size and root."""
        lines = body.decode().split("\n")
        if len(lines) > 3 and lines[1].isdigit():
            self.roots[lines[0], int(lines[1])].add(base64.b64decode(lines[2]).hex())
