"""What a check of a node says: how much it weighs, what is so, and what to do next. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

HOUR_S: Final = 3_600
DAY_S: Final = 24 * HOUR_S


class Weight(StrEnum):
    """How much a finding weighs."""

    FINE = "fine"
    NOTE = "note"
    """Good to know, or could not be looked at."""
    PERSON = "person"
    """Somebody has to do something."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one check says."""

    check: str
    weight: Weight
    what: str
    next_step: str = ""


def needs_a_person(findings: list[Finding]) -> bool:
    """Tell whether somebody has to do something."""
    return any(finding.weight is Weight.PERSON for finding in findings)


def fine(check: str, what: str) -> Finding:
    """Say that all is well."""
    return Finding(check=check, weight=Weight.FINE, what=what)


def note(check: str, what: str, next_step: str = "") -> Finding:
    """Say what is good to know, or could not be looked at."""
    return Finding(check=check, weight=Weight.NOTE, what=what, next_step=next_step)


def person(check: str, what: str, next_step: str) -> Finding:
    """Say what somebody has to do."""
    return Finding(check=check, weight=Weight.PERSON, what=what, next_step=next_step)


def ago(seconds: int) -> str:
    """Say roughly how long ago that was."""
    if seconds < 2 * HOUR_S:
        return f"{max(seconds, 0) // 60} minutes ago"
    return (
        f"{seconds // HOUR_S} hours ago" if seconds < 2 * DAY_S else f"{seconds // DAY_S} days ago"
    )
