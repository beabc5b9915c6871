"""The restore rule of design section 3: may this node release what it signs?

A database restored from an old backup, or a snapshot of the whole machine, would use its indexes
again for other bytes, and an honest node would look like a cheat. So at every start the mark is
held against the database, and umbrella and partners are asked what they have seen. Pure.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from events.checkpoint import Checkpoint, open_checkpoint
from events.keys import read_history
from events.note import NoteKey
from schemas.encoding import unb64
from schemas.errors import Code, VerificationError
from schemas.keys import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from events.mark import Mark
    from events.signing import PublicKey
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
    cosigned: int = 0
    """The size of the newest checkpoint that it has cosigned. Entries below it that nobody keeps
    are lost, but their places are taken: another checkpoint of that size would prove a fork."""


class Judgement(NamedTuple):
    """The mode and why; `wants_size` is how long the log has to become to leave `read_only`."""

    mode: Mode
    reason: str
    wants_size: int = 0
    code: Code = Code.READ_ONLY
    """What a refused command is told in `read_only`."""


def signed_by_us(
    answer: SeenAnswer, *, node: str, origin: str, keys: Collection[NoteKey]
) -> Checkpoint | None:
    """Give the checkpoint of an answer if one of the own log keys signed it; else it counts not.

    So nobody can make a node wait for a log that it never had. `keys` are those that the node knows
    itself; one whose statement it has lost is proven to be its own by the statements that come
    along.
    """
    if answer.checkpoint is None:
        return None
    try:
        note = unb64(answer.checkpoint, field="checkpoint")
        stated = _log_keys(answer, node) if answer.keys else []
        trusted = [*keys, *(NoteKey(origin, key) for key in stated)]
        return open_checkpoint(note, origin=origin, trusted=trusted)
    except VerificationError:
        return None


def _log_keys(answer: SeenAnswer, node: str) -> list[PublicKey]:
    """Give the log keys of a node by the statements of an answer; none if they prove nothing."""
    try:
        history = read_history(answer.keys, node=node)
    except VerificationError:
        return []
    return list(history.public_keys(Role.LOG).values())


def held_against(
    node: str,
    answer: SeenAnswer,
    ids: Mapping[tuple[str, int], str],
    *,
    checkpoint: Checkpoint | None = None,
    root: bytes | None = None,
) -> Seen:
    """Hold an answer of `node` against the database.

    `ids` gives the own event at (line, n) of each head, and at ("", index) of the log, where there
    is one. An answer names ids where it has them. `checkpoint` is what `signed_by_us` gave, and
    `root` that of the database at its size, if it is so long.
    """
    told = {("", answer.size - 1): answer.last if answer.size else None}
    told |= {(head.line, head.n): head.id for head in answer.heads}
    other = [
        f"event {n} of line {line}" if line else f"event {n}"
        for (line, n), named in told.items()
        if named is not None and ids.get((line, n), named) != named
    ]
    if checkpoint is not None and root is not None and root != checkpoint.root:
        other.append(f"checkpoint of size {checkpoint.size}")
    return Seen(
        node,
        answer.size,
        heads={head.line: head.n for head in answer.heads},
        differs=other[0] if other else "",
        session=answer.session,
        behind=answer.behind,
        cosigned=0 if checkpoint is None else checkpoint.size,
    )


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
       was appended over a restored backup): read-only until that is back. What was cosigned counts
       like what was seen, also where nobody keeps the entries: their places are never used again.
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
    longest = max((max(one.size, one.cosigned) for one in answers), default=0)
    for answer in answers if longest > held.size else ():
        if longest == answer.size:
            return Judgement(Mode.READ_ONLY, f"{answer.node} has seen a longer log", longest)
        if longest == answer.cosigned:
            return Judgement(Mode.READ_ONLY, f"{answer.node} has cosigned a longer log", longest)
    for answer in answers:
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
