"""The terms of a line as a table for people: what holds beside what is proposed. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from federation.node.line_views import ShownTerms
from federation.umbrella.use_cases import hours
from schemas.amounts import format_minor, minor_floor

WIDTH = 34


def terms_of(said: dict[str, Any] | None) -> ShownTerms | None:
    """Read terms from the answer of a node; none of none."""
    return None if said is None else msgspec.convert(said, ShownTerms)


def proposals(row: dict[str, Any]) -> str:
    """Give what waits for an answer on a line, each way, beside what holds; empty if nothing."""
    agreed = terms_of(row["agreed"])
    said = (("proposed", "proposes"), ("own_proposal", "was asked to accept"))
    tables = [
        f"{row['group']} {words}:\n{table(proposed, agreed)}"
        for name, words in said
        for proposed in [terms_of(row[name])]
        if proposed is not None
    ]
    return "\n".join(tables)


def table(proposed: ShownTerms, agreed: ShownTerms | None) -> str:
    """Set out terms line by line: the words, what holds now, what would hold."""
    now = [""] * 8 if agreed is None else _column(agreed)
    names = (
        "an hour is with us",
        "an hour is with them",
        "we may owe at most",
        "they may owe at most",
        "largest at once",
        "alarm when we owe",
        "alarm when they owe",
        "from before",
    )
    rows = [
        f"  {name:<{WIDTH}}{before or '-':<{WIDTH}}{after}"
        for name, before, after in zip(names, now, _column(proposed), strict=True)
        if after
    ]
    head = f"  {'':<{WIDTH}}{'now':<{WIDTH}}proposed"
    return "\n".join([head, *rows, f"  {'terms':<{WIDTH}}{'':<{WIDTH}}{proposed.terms}"])


def _column(terms: ShownTerms) -> list[str]:
    def both(units: int) -> str:
        own = format_minor(minor_floor(abs(units), terms.our_rate), terms.our_rate.decimals)
        return f"{hours(units)} ({own} units)"

    opening = terms.we_owe_units
    whose = "they owe" if opening < 0 else "we owe"
    return [
        str(terms.our_rate.per_hour),
        str(terms.their_rate.per_hour),
        both(terms.we_may_owe_units),
        both(terms.they_may_owe_units),
        both(terms.largest_units),
        both(terms.we_alarm_from_units),
        both(terms.they_alarm_from_units),
        f"{whose} {hours(abs(opening))}" if opening else "",
    ]
