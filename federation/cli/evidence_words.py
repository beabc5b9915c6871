"""Evidence in plain words: who did what, what it proves, or why it proves nothing. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from events.evidence import Finding, kind_of, read_exhibit
from events.exhibits import read_log_exhibit
from events.log_evidence import read_promise
from schemas.encoding import b64
from schemas.evidence import (
    BrokenPromise,
    ChannelFork,
    EvidenceKind,
    Promise,
    SameIndex,
    SameSize,
    TwoVerdicts,
)

if TYPE_CHECKING:
    from events.evidence import Exhibit, Verdict
    from schemas.cores import LogPlace, UnknownCore
    from schemas.evidence import Evidence
    from schemas.pay_cores import Decision

REASONS: Final = {
    Finding.KEYS_DO_NOT_PROVE: "its key statements do not prove which keys the accused has",
    Finding.KEYS_DIFFER: "the newer key statements do not go on where those of the file end",
    Finding.OTHER_ORIGIN: "the accused is not the one who speaks in it",
    Finding.OTHER_LINE: "the two events stand on different lines",
    Finding.OTHER_NUMBER: "the two events have different numbers, as events should",
    Finding.OTHER_SIZE: "the two checkpoints do not have the sizes that they should",
    Finding.OTHER_PLACE: "the two events stand in different places of the log, as events should",
    Finding.PROOF_FAILS: "its proof does not lead to what the larger promise says",
    Finding.OTHER_PATH: "the two verdicts are about different payments",
    Finding.NO_CONTRADICTION: "the two say the same; saying something twice is no cheating",
    Finding.KEY_UNKNOWN: "it is signed by a key that did not speak for the accused's log there",
    Finding.KEY_REVOKED: "it is signed by a key that was revoked: whoever stole it may have signed",
    Finding.BAD_SIGNATURE: "its signature does not verify",
}

TYPE_SHOWN: Final = 40
"""What a stranger wrote is shown short, and never as it would move a terminal."""

_MEANS: Final = {
    EvidenceKind.CHANNEL_FORK: (
        "An honest group gives each number to one event. This one gave the number to two, so it "
        "told two different stories about the same trade."
    ),
    EvidenceKind.TWO_VERDICTS: (
        "The group of the one who pays decides each payment once. This one decided twice, and "
        "differently."
    ),
    EvidenceKind.SAME_SIZE: (
        "A log of one length is one log. This group showed two of the same length, so somebody "
        "was shown another history."
    ),
    EvidenceKind.SAME_INDEX: (
        "An honest group writes each place of its log once. This one filled the place twice, so "
        "somebody was shown another history."
    ),
    EvidenceKind.BROKEN_PROMISE: (
        "A log only grows: what is longer holds all that was there before. This group's does not, "
        "so it changed or dropped what it had signed."
    ),
}
_LIMITS: Final = (
    "Both signatures are by a key of its log, and the file shows no revocation of it. Whoever "
    "doubts that fetches the group's newest key statements (/federation/v1/keys on its server) "
    "and gives them with --keys."
)


def summary(evidence: Evidence, verdict: Verdict) -> dict[str, Any]:
    """Give the outcome of a check for programs."""
    return {
        "proven": verdict.proven,
        "finding": verdict.finding.value,
        "about": verdict.about,
        "kind": kind_of(evidence).value,
        "accused": evidence.accused,
    }


def tell(evidence: Evidence, verdict: Verdict, *, name: str = "") -> str:
    """Say who did what and what follows; `name` is that of the accused when it is known."""
    who = f"{name} ({evidence.accused})" if name else f"the group {evidence.accused}"
    body = _body(evidence)
    kind = kind_of(evidence)
    if not verdict.proven:
        which = f"the {verdict.about} of the two: " if verdict.about else ""
        reason = f"{which}{REASONS[verdict.finding]}"
        head = f"NOT PROVEN ({kind}): nothing is proven against {who}. Reason: {reason}."
        return "\n".join([head, "The file claims:", *body[1:]])
    head = f"PROVEN ({kind}): {who} {body[0]}"
    return "\n".join([head, *body[1:], _MEANS[kind], _LIMITS])


def _body(evidence: Evidence) -> list[str]:
    match evidence:
        case ChannelFork():
            return _fork(evidence)
        case TwoVerdicts():
            return _verdicts(evidence)
        case SameSize():
            return _same_size(evidence)
        case SameIndex():
            return _same_index(evidence)
        case BrokenPromise():
            return _broken_promise(evidence)


def _same_size(evidence: SameSize) -> list[str]:
    first, second = (Promise(note=note) for note in (evidence.first, evidence.second))
    return [
        "signed two different checkpoints of its log for the same length:",
        f"  first:  {_promise(first)}",
        f"  second: {_promise(second)}",
    ]


def _same_index(evidence: SameIndex) -> list[str]:
    first = read_log_exhibit(evidence.first, field="first")
    second = read_log_exhibit(evidence.second, field="second")
    return [
        f"signed two different events for place {first.place.seq} of its log:",
        f"  first:  {_entry(first)}",
        f"  second: {_entry(second)}",
    ]


def _broken_promise(evidence: BrokenPromise) -> list[str]:
    return [
        "signed a longer log that does not hold the shorter one that it had signed:",
        f"  shorter: {_promise(evidence.smaller)}",
        f"  longer:  {_promise(evidence.larger)}",
        f"  the longer one has root {evidence.root} in its place",
    ]


def _promise(promise: Promise) -> str:
    said = read_promise(promise, field="promise")
    by = "a checkpoint" if said.event is None else _entry(said.event)
    return f"{said.size} entries under root {b64(said.root)}, by {by}"


def _entry(exhibit: Exhibit[LogPlace]) -> str:
    place = exhibit.place
    return f"{_kind(place.type)}, dated {_time(place.ts)}, place {place.seq}, id {exhibit.id}"


def _kind(text: str) -> str:
    return ascii(text[:TYPE_SHOWN])[1:-1]


def _fork(evidence: ChannelFork) -> list[str]:
    first = read_exhibit(evidence.first, field="first")
    second = read_exhibit(evidence.second, field="second")
    place = first.place
    return [
        f"signed two different events as number {place.n} of its side of line {place.line}:",
        f"  first:  {_event(first)}",
        f"  second: {_event(second)}",
    ]


def _event(exhibit: Exhibit[UnknownCore]) -> str:
    place = exhibit.place
    return (
        f"{_kind(place.type)}, dated {_time(place.ts)}, number {place.n} of line {place.line}, "
        f"place {place.seq} in its log, id {exhibit.id}"
    )


def _verdicts(evidence: Any) -> list[str]:
    first, second = evidence.first.decision, evidence.second.decision
    return [
        f"decided twice, and differently, about payment {first.path}:",
        f"  first:  {_decision(first)}",
        f"  second: {_decision(second)}",
    ]


def _decision(decision: Decision) -> str:
    rests = f", resting on accept {decision.accept}" if decision.accept else ""
    return f"{decision.verdict} payment {decision.path}{rests}"


def _time(at_s: int) -> str:
    """Write a time, or the number when no calendar goes that far."""
    try:
        return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"second {at_s}"
