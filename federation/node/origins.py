"""How a node's log and its witness are called and where they are found, from its address. Pure."""

from __future__ import annotations

from typing import Final

WITNESS_PATH: Final = "/log/witness"
"""The prefix, for both submission and monitoring, of C2SP tlog-witness."""


def log_origin(public_url: str) -> str:
    """Give the origin of a node's log: public host + `/log` (design section 3)."""
    return public_url.partition("://")[2] + "/log"


def witness_name(public_url: str) -> str:
    """Give the key name of a node's witness: public host + where it answers."""
    return public_url.partition("://")[2] + WITNESS_PATH
