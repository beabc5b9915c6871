"""The register of an umbrella as a fold over its log: groups, their keys, the lines between them.

Keeps: a group's statements are a valid history, and no key stands for two groups. A group that has
left stays known, with its keys: what it signed before can be checked for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from events.keys import KeyHistory, read_statement, with_statement
from events.merkle import EMPTY_ROOT
from projections.layered import Layered
from schemas.encoding import b64
from schemas.keys import Cause, Role, SignedKeyStatement
from schemas.register_bodies import GroupAdmitted, GroupKeyStated, GroupLeft, GroupLineAgreed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from schemas.register_bodies import RegisterBody

NOTHING_FOLLOWED = (0, b64(EMPTY_ROOT))


class StatedKey(msgspec.Struct, frozen=True):
    """A key statement, and how far the group's log had been followed before it was known."""

    statement: SignedKeyStatement
    size: int
    root: str


class Group(msgspec.Struct, frozen=True):
    """A group of the register."""

    node: str
    url: str
    name: str
    admitted_at_s: int
    left_at_s: int | None = None
    stated: tuple[StatedKey, ...] = ()
    history: KeyHistory | None = None

    @property
    def here(self) -> bool:
        """Tell whether the group has not left."""
        return self.left_at_s is None

    def followed_before_revocation(self, key: str) -> tuple[int, str]:
        """Give size and root of the log as known before it was known that `key` is revoked.

        Entries of it under that key count; those that come later, however old they look, do not.
        """
        for one in self.stated:
            said = read_statement(one.statement)
            if (said.cause, said.role, said.key) == (Cause.REVOCATION, Role.LOG, key):
                return one.size, one.root
        return NOTHING_FOLLOWED


class AgreedLine(NamedTuple):
    """A line between two groups."""

    line: str
    lower: str
    higher: str


class Register:
    """All that the rules of a register need to know, in two layers (see `Layered`)."""

    __slots__ = ("groups", "lines", "owners")

    def __init__(self) -> None:
        """Start with nobody."""
        self.groups: Layered[str, Group] = Layered()
        self.lines: Layered[str, AgreedLine] = Layered()
        self.owners: Layered[str, str] = Layered()
        """Key -> node."""

    def branch(self) -> Register:
        """Give a copy whose changes can be dropped."""
        copy = Register.__new__(Register)
        copy.groups = self.groups.branch()
        copy.lines = self.lines.branch()
        copy.owners = self.owners.branch()
        return copy

    def adopt(self, branch: Register) -> None:
        """Take over a committed branch."""
        branch.groups.merge()
        branch.lines.merge()
        branch.owners.merge()


def read_register(events: Iterable[RegisterBody]) -> Register:
    """Fold the events of a register, oldest first."""
    register = Register()
    for event in events:
        REGISTER_STEPS[type(event)](register, event)
    for part in (register.groups, register.lines, register.owners):
        part.merge()
    return register


def _admitted(register: Register, body: object) -> None:
    assert isinstance(body, GroupAdmitted)
    known = register.groups.get(body.node)
    group = Group(body.node, body.url, body.name, body.at_s)
    if known is not None:
        group = msgspec.structs.replace(group, stated=known.stated, history=known.history)
    register.groups.put(body.node, group)


def _key_stated(register: Register, body: object) -> None:
    assert isinstance(body, GroupKeyStated)
    group = register.groups[body.node]
    history = with_statement(group.history, body.statement)
    key = read_statement(body.statement).key
    assert history.node == body.node
    assert register.owners.get(key) in (None, body.node)
    register.owners.put(key, body.node)
    stated = StatedKey(body.statement, body.size, body.root)
    group = msgspec.structs.replace(group, stated=(*group.stated, stated), history=history)
    register.groups.put(body.node, group)


def _line_agreed(register: Register, body: object) -> None:
    assert isinstance(body, GroupLineAgreed)
    register.lines.put(body.line, AgreedLine(body.line, body.lower, body.higher))


def _left(register: Register, body: object) -> None:
    assert isinstance(body, GroupLeft)
    group = msgspec.structs.replace(register.groups[body.node], left_at_s=body.at_s)
    register.groups.put(body.node, group)


REGISTER_STEPS: dict[type, Callable[[Register, object], None]] = {
    GroupAdmitted: _admitted,
    GroupKeyStated: _key_stated,
    GroupLineAgreed: _line_agreed,
    GroupLeft: _left,
}
