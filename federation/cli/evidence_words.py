"""Evidence in plain words: who did what, what it proves, or why it proves nothing. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from events.evidence import Finding, kind_of, read_exhibit
from schemas.evidence import ChannelFork

if TYPE_CHECKING:
    from events.evidence import Exhibit, Verdict
    from schemas.evidence import Evidence
    from schemas.pay_cores import Decision

REASONS: Final = {
    Finding.KEYS_DO_NOT_PROVE: "its key statements do not prove which keys the accused has",
    Finding.KEYS_DIFFER: "the newer key statements do not go on where those of the file end",
    Finding.OTHER_ORIGIN: "the accused is not the one who speaks in it",
    Finding.OTHER_LINE: "the two events stand on different lines",
    Finding.OTHER_NUMBER: "the two events have different numbers, as events should",
    Finding.OTHER_PATH: "the two verdicts are about different payments",
    Finding.NO_CONTRADICTION: "the two say the same; saying something twice is no cheating",
    Finding.KEY_UNKNOWN: "it is signed by a key that did not speak for the accused's log there",
    Finding.KEY_REVOKED: "it is signed by a key that was revoked: whoever stole it may have signed",
    Finding.BAD_SIGNATURE: "its signature does not verify",
}

TYPE_SHOWN: Final = 40
"""What a stranger wrote is shown short, and never as it would move a terminal."""

_FORK_MEANS: Final = (
    "An honest group gives each number to one event. This one gave the number to two, so it told "
    "two different stories about the same trade."
)
_VERDICTS_MEAN: Final = (
    "The group of the one who pays decides each payment once. This one decided twice, and "
    "differently."
)
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
    body = _fork(evidence) if isinstance(evidence, ChannelFork) else _verdicts(evidence)
    kind = kind_of(evidence)
    if not verdict.proven:
        which = f"the {verdict.about} of the two: " if verdict.about else ""
        reason = f"{which}{REASONS[verdict.finding]}"
        head = f"NOT PROVEN ({kind}): nothing is proven against {who}. Reason: {reason}."
        return "\n".join([head, "The file claims:", *body[1:]])
    means = _FORK_MEANS if isinstance(evidence, ChannelFork) else _VERDICTS_MEAN
    head = f"PROVEN ({kind}): {who} {body[0]}"
    return "\n".join([head, *body[1:], means, _LIMITS])


def _fork(evidence: ChannelFork) -> list[str]:
    first = read_exhibit(evidence.first, field="first")
    second = read_exhibit(evidence.second, field="second")
    place = first.place
    return [
        f"signed two different events as number {place.n} of its side of line {place.line}:",
        f"  first:  {_event(first)}",
        f"  second: {_event(second)}",
    ]


def _event(exhibit: Exhibit) -> str:
    place = exhibit.place
    kind = ascii(place.type[:TYPE_SHOWN])[1:-1]
    return (
        f"{kind}, dated {_time(place.ts)}, number {place.n} of line {place.line}, "
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
