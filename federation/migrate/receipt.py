"""A receipt as plain text that a coordinator can read, and as JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from federation.migrate.choices import Generation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from federation.migrate.planned import Receipt

_ISSUES_SHOWN_MAX: Final = 200
_GENERATIONS: Final = {
    Generation.ELAS: "eLAS",
    Generation.ELAND_FORMER: "eLAND before November 2019",
    Generation.ELAND: "eLAND, or Ruilbrug itself",
    Generation.SCREEN: "tables by member code",
}
_RIGHT: Final = ">"
_LEFT: Final = "<"


def to_json(receipt: Receipt) -> bytes:
    """Give the receipt as JSON, for people and programs alike."""
    return msgspec.json.format(msgspec.json.encode(receipt), indent=2)


def render(receipt: Receipt, *, issues_shown_max: int = _ISSUES_SHOWN_MAX) -> str:
    """Write the receipt as text, its columns aligned, ending in a line feed."""
    sections = (
        _heading(receipt),
        _counts(receipt),
        _tables(receipt),
        _aside(receipt),
        _balances(receipt),
        _issues(receipt, issues_shown_max),
    )
    return "\n\n".join("\n".join(section) for section in map(list, sections) if section) + "\n"


def _heading(receipt: Receipt) -> Iterator[str]:
    group = receipt.group
    yield f"Import of {receipt.file} ({receipt.size} bytes)"
    yield f"SHA-256   {receipt.sha256}"
    yield f"From      {_GENERATIONS[receipt.generation]}"
    yield f"Group     {group.name or '(no name)'}"
    per_hour = "" if group.per_hour is None else f", {group.per_hour} an hour"
    yield f"Unit      {group.unit_name or '(no name)'}{per_hour}"


def _counts(receipt: Receipt) -> Iterator[str]:
    rows = (
        ("members", receipt.members, ""),
        ("partner groups' accounts", receipt.partners, ""),
        ("group accounts", receipt.group_accounts, ""),
        ("contacts", receipt.contacts, ""),
        ("categories", receipt.categories, ""),
        ("posts", receipt.posts, receipt.posts_refused),
        *((("pictures", receipt.pictures, ""),) if receipt.pictures else ()),
        ("transfers", receipt.transfers, receipt.transfers_refused),
    )
    yield from _aligned(("What comes along", "read", "refused"), rows, (_LEFT, _RIGHT, _RIGHT))


def _tables(receipt: Receipt) -> Iterator[str]:
    rows = [(table.file, table.read, table.taken, table.refused) for table in receipt.tables]
    yield from _aligned(
        ("Table", "rows", "usable", "refused"), rows, (_LEFT, _RIGHT, _RIGHT, _RIGHT)
    )


def _aside(receipt: Receipt) -> Iterator[str]:
    yield "Left aside"
    for table in receipt.skipped:
        yield f"  {table.file}: {table.rows} rows, not read"
    for count in receipt.tables:
        if count.aside:
            yield f"  {count.file}: columns {', '.join(count.aside)}"
    for place in receipt.secrets_dropped:
        yield f"  {place}: secret, dropped unread"
    for file in receipt.missing:
        yield f"  {file}: not in the export"


def _balances(receipt: Receipt) -> Iterator[str]:
    rows: list[tuple[object, ...]] = [
        (
            check.code,
            check.kind,
            "-" if check.file_minor is None else check.file_minor,
            check.computed_minor,
            check.difference_minor or "",
        )
        for check in receipt.balances
    ]
    in_file = "-" if receipt.sum_file_minor is None else receipt.sum_file_minor
    rows.append(("sum", "", in_file, receipt.sum_computed_minor, receipt.sum_file_minor or ""))
    yield from _aligned(
        ("Balance of", "kind", "in file", "computed", "difference"),
        rows,
        (_LEFT, _LEFT, _RIGHT, _RIGHT, _RIGHT),
    )
    if receipt.corrections:
        yield f"{len(receipt.corrections)} differences are booked against the group's account."
    elif any(check.difference_minor for check in receipt.balances):
        yield "The transfers count; differences are listed here and not booked."


def _issues(receipt: Receipt, shown_max: int) -> Iterator[str]:
    yield f"Refused rows: {receipt.refused_total}; oddities: {receipt.noted_total}"
    rows = [
        (
            issue.file,
            issue.line or "",
            "refused" if issue.refused else "noted",
            issue.field,
            issue.reason,
        )
        for issue in receipt.issues[:shown_max]
    ]
    if rows:
        yield from _aligned(
            ("File", "line", "", "column", "why"), rows, (_LEFT, _RIGHT, _LEFT, _LEFT, _LEFT)
        )
    left = receipt.refused_total + receipt.noted_total - len(rows)
    if left:
        yield f"... and {left} more"


def _aligned(
    header: Sequence[str], rows: Iterable[Sequence[object]], sides: Sequence[str]
) -> Iterator[str]:
    table = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[place]) for row in table) for place in range(len(header))]
    for row in table:
        cells = zip(row, widths, sides, strict=True)
        yield "  ".join(f"{cell:{side}{width}}" for cell, width, side in cells).rstrip()
