"""What a command of the control socket is, and the arguments that several share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from schemas.ids import PathId

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from federation.node.service import Node


class ControlCommand(NamedTuple):
    """One command."""

    arguments: type[msgspec.Struct]
    run: Callable[[Node, Any], Awaitable[Any]]


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No arguments."""


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group, by name or id."""

    group: str


class Invited(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An invitation, `URL#NODE_ID`."""

    invitation: str
    name: str = ""


class Audited(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an audit reads: what is new, or everything anew."""

    full: bool = False
    signatures: bool = False


class Path(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment between groups by its id."""

    path: PathId
