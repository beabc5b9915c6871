"""The restore rule of design section 3: may this node release what it signs?

A database restored from an old backup, or a snapshot of the whole machine, would use its indexes
again for other bytes, and an honest node would look like a cheat. So at every start the mark is
held against the database, and umbrella and partners are asked what they have seen. Pure.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from events.mark import Mark
    from schemas.messages import SeenAnswer


class Mode(StrEnum):
    """What a node may do."""

    OPEN = "open"
    RELEASES_NOTHING = "releases_nothing"
    READ_ONLY = "read_only"


class Held(NamedTuple):
    """What the database holds: the log's size, the root at the mark's size, and chain heads."""

    size: int
    root_at_mark: bytes | None
    heads: Mapping[str, int]
    """Line -> n of the newest own event."""
    key_speaks: bool = True
    """The log key of this machine may sign the next event: the log itself has stated it."""


class Seen(NamedTuple):
    """What one other node has seen of this one: log size (umbrella), and line heads."""

    node: str
    size: int
    heads: Mapping[str, int]
    differs: str = ""
    """Names what it holds at a place where the database holds something else."""
    session: str = ""
    """What its answer opened: nothing sent before is taken in there any more."""
    behind: bool = False
    """It lacks a part of its own log, and may have seen more than it can tell."""


class Judgement(NamedTuple):
    """The mode and why; `wants_size` is how long the log has to become to leave `read_only`."""

    mode: Mode
    reason: str
    wants_size: int = 0


def held_against(node: str, answer: SeenAnswer, ids: Mapping[tuple[str, int], str]) -> Seen:
    """Hold an answer of `node` against the database.

    `ids` gives the own event at (line, n) of each head, and at ("", index) of the log, where there
    is one. An answer names ids where it has them.
    """
    told = {("", answer.size - 1): answer.last if answer.size else None}
    told |= {(head.line, head.n): head.id for head in answer.heads}
    other = [
        f"event {n} of line {line}" if line else f"event {n}"
        for (line, n), named in told.items()
        if named is not None and ids.get((line, n), named) != named
    ]
    heads = {head.line: head.n for head in answer.heads}
    differs = other[0] if other else ""
    return Seen(node, answer.size, heads, differs, answer.session, answer.behind)


def covered(mark: Mark | None, held: Held) -> int:
    """Give how many events of the log the mark covers: so many others may have seen."""
    return mark.size if mark is not None and mark.root == held.root_at_mark else 0


def to_ask(umbrella: str | None, partners: frozenset[str]) -> frozenset[str]:
    """Name whoever may have seen more than the database holds."""
    return partners | ({umbrella} if umbrella else frozenset())


def silent(
    answers: Iterable[Seen], *, umbrella: str | None, partners: frozenset[str]
) -> frozenset[str]:
    """Name those who vouch for nothing: they have not answered, or are behind themselves."""
    return to_ask(umbrella, partners) - {a.node for a in answers if not a.behind}


def judge(
    mark: Mark | None,
    held: Held,
    answers: Collection[Seen],
    *,
    umbrella: str | None,
    partners: frozenset[str],
    overridden: bool = False,
) -> Judgement:
    """Decide what a node may do after a start.

    1. A mark beyond the database: read-only until size and root of the mark are reached.
    2. Somebody has seen more than the database holds, or something else at the same place (a tail
       was appended over a restored backup): read-only until that is back.
    3. A mark whose root differs from the database's: read-only; this is another history.
    4. The log does not state this machine's log key: read-only until the statement is back, or the
       former key. What it signed here would verify nowhere, and look like a cheat's later on.
    5. The mark is missing, and there is nobody to ask: it releases nothing, until the operator
       overrides by a logged command.
    6. Umbrella and every partner answered, or the operator overrides: open. Else it releases
       nothing: with a snapshot of the whole machine the mark went back too, and the one that has
       not answered may be the one that has seen more. An answer of one that is itself behind
       tells what it still holds, but vouches for nothing.
    """
    # 1
    if mark is not None and mark.size > held.size:
        return Judgement(Mode.READ_ONLY, "the mark is ahead of the database", mark.size)
    # 2
    for answer in answers:
        if answer.size > held.size:
            return Judgement(Mode.READ_ONLY, f"{answer.node} has seen a longer log", answer.size)
        ahead = [line for line, n in answer.heads.items() if n > held.heads.get(line, 0)]
        if ahead:
            return Judgement(Mode.READ_ONLY, f"{answer.node} has seen more of line {ahead[0]}")
        if answer.differs:
            return Judgement(Mode.READ_ONLY, f"{answer.node} has seen another {answer.differs}")
    # 3
    if mark is not None and mark.root != held.root_at_mark:
        return Judgement(Mode.READ_ONLY, "the mark names another history", mark.size)
    # 4
    if not held.key_speaks:
        reason = (
            "the log states another log key than keys/log.key: get the newer log or the former key"
        )
        return Judgement(Mode.READ_ONLY, reason)
    # 5
    if mark is None and not to_ask(umbrella, partners) and not overridden:
        return Judgement(Mode.RELEASES_NOTHING, "the mark is missing and nobody is there to ask")
    # 6
    awaited = silent(answers, umbrella=umbrella, partners=partners)
    if not awaited or overridden:
        return Judgement(Mode.OPEN, "nobody has seen more than the database holds")
    return Judgement(Mode.RELEASES_NOTHING, f"not answered yet: {', '.join(sorted(awaited))}")
