"""What may enter an umbrella's register: pure rules over the register as it stands.

A key statement proves itself against its group, wherever it comes from. What the register adds is
order: it refuses a statement that is forged (its signatures are not those that its cause needs),
borrowed (it belongs to another group, or its key does), or late (it would silence a key at a place
of the group's log that has been followed already). Each group that is in it has an address of its
own: by it others know its log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from events.keys import read_statement, still_speak, with_statement
from federation.line.drafts import LocalDraft
from federation.node.origins import log_origin
from schemas.errors import Code, Refusal, VerificationError
from schemas.ids import line_counter
from schemas.register_bodies import GroupAdmitted, GroupKeyStated, GroupLeft, GroupLineAgreed
from schemas.terms import terms_hash

if TYPE_CHECKING:
    from collections.abc import Generator

    from federation.line.drafts import Draft
    from projections.register import AgreedLine, Group, Register
    from schemas.cores import TermsAccept, TermsPropose
    from schemas.keys import SignedKeyStatement

_PORTS: Final = {"http": 80, "https": 443}


class Followed(NamedTuple):
    """How far a group's log has been followed: size, root, and the last place of each log key."""

    size: int
    root: str
    used: tuple[tuple[str, int], ...] = ()


class AdmitGroup(NamedTuple):
    """Take a group into the register with its keys, or write down its new address or name."""

    node: str
    url: str
    name: str
    statements: tuple[SignedKeyStatement, ...]
    followed: Followed


class RecordKeys(NamedTuple):
    """Write down what is new among a group's key statements, given whole and in their order."""

    node: str
    statements: tuple[SignedKeyStatement, ...]
    followed: Followed


class RecordLine(NamedTuple):
    """Write down a line: what one group has proposed and the other has accepted."""

    proposed: TermsPropose
    accepted: TermsAccept


class LeaveGroup(NamedTuple):
    """Take a group out of the register."""

    node: str


REGISTER_COMMANDS = frozenset({AdmitGroup, RecordKeys, RecordLine, LeaveGroup})


def decide(register: Register, command: Any, *, now_s: int) -> Generator[Draft, str, Any]:
    """Decide one command. Yields events; returns the answer or a refusal."""
    match command:
        case AdmitGroup():
            return (yield from _admit(register, command, now_s))
        case RecordKeys():
            return (yield from _record_keys(register, command, now_s))
        case RecordLine():
            return (yield from _record_line(register, command, now_s))
        case _:
            assert isinstance(command, LeaveGroup)
            return (yield from _leave(register, command, now_s))


def _admit(
    register: Register, command: AdmitGroup, now_s: int
) -> Generator[Draft, str, Group | Refusal]:
    """Admit a group with its keys, or not at all; nothing new is the same answer.

    Refusals, in this order: as `_fresh`; `address_taken`.
    """
    known = register.groups.get(command.node)
    fresh = _fresh(register, command)
    if isinstance(fresh, Refusal):
        return fresh
    taken = _taken(register, command)
    if taken is not None:
        return Refusal(Code.ADDRESS_TAKEN, {"field": "url", "group": taken.name or taken.node})
    if known is None or not known.here or (known.url, known.name) != (command.url, command.name):
        yield LocalDraft(
            GroupAdmitted(v=1, at_s=now_s, node=command.node, url=command.url, name=command.name)
        )
    yield from _stated(command, fresh, now_s)
    return register.groups[command.node]


def _taken(register: Register, command: AdmitGroup) -> Group | None:
    """Give another group in the register that has this address."""
    names = _names(command.url)
    others = (group for group in register.groups.values() if group.node != command.node)
    return next((one for one in others if one.here and names & _names(one.url)), None)


def _names(url: str) -> frozenset[str]:
    """Give what an address is known by: where it is reached, and the origin of its log."""
    scheme, _, place = url.partition("://")
    host, slash, path = place.partition("/")
    host, behind = host.lower(), f"{slash}{path}"
    with_port = host.rpartition(":")[2].isdigit()
    reached = host if with_port else f"{host}:{_PORTS.get(scheme.lower(), 443)}"
    return frozenset({reached + behind, log_origin(f"{scheme}://{host}{behind}")})


def _record_keys(
    register: Register, command: RecordKeys, now_s: int
) -> Generator[Draft, str, Group | Refusal]:
    """Record what is new, all of it or nothing.

    Refusals, in this order: `group_unknown`; as `_fresh`.
    """
    group = register.groups.get(command.node)
    if group is None or not group.here:
        return Refusal(Code.GROUP_UNKNOWN, {"field": "group"})
    fresh = _fresh(register, command)
    if isinstance(fresh, Refusal):
        return fresh
    yield from _stated(command, fresh, now_s)
    return register.groups[command.node]


def _fresh(
    register: Register, command: AdmitGroup | RecordKeys
) -> tuple[SignedKeyStatement, ...] | Refusal:
    """Give the statements that the register does not hold yet, if each may enter it.

    Refusals, in this order: `bad_key_statement` (other than recorded before; or forged, with
    `bad_signature`); `key_borrowed`; `key_late`.
    """
    group = register.groups.get(command.node)
    known = () if group is None else tuple(stated.statement for stated in group.stated)
    if command.statements[: len(known)] != known:
        return Refusal(Code.BAD_KEY_STATEMENT, {"reason": "others were recorded before"})
    fresh = command.statements[len(known) :]
    try:
        history = None if group is None else group.history
        for signed in fresh:
            history = with_statement(history, signed)
        keys = [read_statement(signed).key for signed in fresh]
    except VerificationError as error:
        return Refusal(error.code, error.facts)
    if history is None or history.node != command.node:
        return Refusal(Code.KEY_BORROWED, {"field": "key_statement"})
    if any(register.owners.get(key) not in (None, command.node) for key in keys):
        return Refusal(Code.KEY_BORROWED, {"field": "key_statement"})
    if not still_speak(history, dict(command.followed.used)):
        return Refusal(Code.KEY_LATE, {"field": "key_statement", "size": command.followed.size})
    return fresh


def _stated(
    command: AdmitGroup | RecordKeys, fresh: tuple[SignedKeyStatement, ...], now_s: int
) -> Generator[Draft, str, None]:
    for signed in fresh:
        yield LocalDraft(
            GroupKeyStated(
                v=1,
                at_s=now_s,
                node=command.node,
                statement=signed,
                size=command.followed.size,
                root=command.followed.root,
            )
        )


def _record_line(
    register: Register, command: RecordLine, now_s: int
) -> Generator[Draft, str, AgreedLine | Refusal]:
    """Record a line that both logs tell of; known already is the same answer.

    Refusals, in this order: `terms_invalid` (no agreement of these two); `group_unknown`.
    """
    proposed, accepted = command.proposed, command.accepted
    terms = proposed.terms
    ends = (terms.lower.node, terms.higher.node)
    if (
        terms_hash(terms) != accepted.terms
        or {terms.line, proposed.line} != {accepted.line}
        or {proposed.origin, accepted.origin} != set(ends)
        or line_counter(terms.line, *ends) is None
    ):
        return Refusal(Code.TERMS_INVALID, {"field": "line"})
    groups = [register.groups.get(end) for end in ends]
    if not all(group is not None and group.here for group in groups):
        return Refusal(Code.GROUP_UNKNOWN, {"field": "line"})
    if terms.line not in register.lines:
        lower, higher = sorted(ends)
        yield LocalDraft(
            GroupLineAgreed(v=1, at_s=now_s, line=terms.line, lower=lower, higher=higher)
        )
    return register.lines[terms.line]


def _leave(
    register: Register, command: LeaveGroup, now_s: int
) -> Generator[Draft, str, Group | Refusal]:
    """Let a group leave; one that has left already is the same answer."""
    group = register.groups.get(command.node)
    if group is None:
        return Refusal(Code.GROUP_UNKNOWN, {"field": "group"})
    if group.here:
        yield LocalDraft(GroupLeft(v=1, at_s=now_s, node=command.node))
    return register.groups[command.node]
