"""The group's settings out of `config`: id (a dotted path) and JSON, one a row.

Invariant: only the six settings of `_WANTED` are looked at; whatever else lies there (the key of
the payment service among it) is counted by its name and never decoded, kept or shown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from federation.migrate.cells import line_text, lower_limit, upper_limit
from federation.migrate.csv_rows import Cell, Column, Rows
from federation.migrate.file_form import open_as
from federation.migrate.g3 import CONFIG
from federation.migrate.issues import Issue, Issues
from federation.migrate.planned import ImportedGroup
from schemas.amounts import LINE_UNITS_PER_HOUR
from schemas.errors import Code
from schemas.ids import SAFE_INTEGER

if TYPE_CHECKING:
    from federation.migrate.archive import Archive
    from federation.migrate.file_form import FileForm

_NAME: Final = "system.name"
_UNIT: Final = "transactions.currency.name"
_PER_HOUR: Final = "transactions.currency.per_hour_ratio"
_LOWER: Final = "accounts.limits.global.min"
_UPPER: Final = "accounts.limits.global.max"
_NEWCOMER_DAYS: Final = "users.new.days"
_WANTED: Final = (_NAME, _UNIT, _PER_HOUR, _LOWER, _UPPER, _NEWCOMER_DAYS)
_DAYS_MAX: Final = 10_000
_INTEGER: Final = re.compile(r"\s*-?[0-9]{1,15}\s*\Z")
_FILE: Final = f"{CONFIG}.csv"
_COLUMNS: Final = (Column("id", necessary=True), Column("data", ("value",), necessary=True))
SECRET: Final = re.compile(
    r"mollie|payment|api.?key|secret|passw|token|private|credential", re.IGNORECASE
)
"""Names behind which a secret may lie."""


class Settings(NamedTuple):
    """What `config` said, and what was left alone in it."""

    group: ImportedGroup
    rows: int
    secrets: int
    """Rows under a name that smells of a secret."""
    aside: tuple[str, ...]


def read_settings(archive: Archive, form: FileForm | None, issues: Issues) -> Settings:
    """Read the six settings; an unreadable one is noted and left out. No form: no such table."""
    found: dict[str, object] = {}
    rows = secrets = 0
    aside: tuple[str, ...] = ()
    if form is not None:
        with open_as(archive.open(CONFIG), form) as stream:
            table = Rows(stream, _FILE, _COLUMNS, form)
            aside = table.aside
            for line, (path, setting) in table.read(issues):
                rows += 1
                name = line_text(path)
                if SECRET.search(name):
                    secrets += 1
                elif not _look_up(name, setting, found):
                    issues.add(Issue(_FILE, line, Code.MALFORMED, "data", "not JSON"))
            rows += table.refused
    return Settings(_group(found, issues), rows, secrets, aside)


def _look_up(name: str, setting: Cell, found: dict[str, object]) -> bool:
    """Take what is wanted out of one row; tell whether that was possible."""
    if setting is None or not any(f"{wanted}.".startswith(f"{name}.") for wanted in _WANTED):
        return True
    try:
        value: object = msgspec.json.decode(setting)
    except (msgspec.DecodeError, RecursionError):
        return False
    for wanted in _WANTED:
        if wanted == name:
            found[wanted] = value
        elif wanted.startswith(f"{name}."):
            inner = value
            for step in wanted.removeprefix(f"{name}.").split("."):
                inner = inner.get(step) if isinstance(inner, dict) else None
            if inner is not None:
                found.setdefault(wanted, inner)
    return True


def _group(found: dict[str, object], issues: Issues) -> ImportedGroup:
    return ImportedGroup(
        name=_text(found, _NAME),
        unit_name=_text(found, _UNIT),
        per_hour=_integer(found, _PER_HOUR, (1, LINE_UNITS_PER_HOUR), issues),
        lower_minor=lower_limit(_integer(found, _LOWER, (-SAFE_INTEGER, SAFE_INTEGER), issues)),
        upper_minor=upper_limit(_integer(found, _UPPER, (-SAFE_INTEGER, SAFE_INTEGER), issues)),
        newcomer_days=_integer(found, _NEWCOMER_DAYS, (0, _DAYS_MAX), issues),
    )


def _text(found: dict[str, object], wanted: str) -> str:
    value = found.get(wanted)
    return line_text(value) if isinstance(value, str) else ""


def _integer(
    found: dict[str, object], wanted: str, bounds: tuple[int, int], issues: Issues
) -> int | None:
    value = found.get(wanted)
    if value is None or value == "":
        return None
    if isinstance(value, str) and _INTEGER.match(value):
        value = int(value)
    lowest, highest = bounds
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        reason = f"not a whole number from {lowest} to {highest}"
        issues.add(Issue(_FILE, 0, Code.MALFORMED, wanted, reason))
        return None
    return value
