"""Every kind of finding is brought about by a test, by its name."""

from __future__ import annotations

from schemas.findings import What
from tests.tidy.rooms import ROOT

AUDITS = "tests/federation/umbrella"


def test_every_kind_of_finding_is_named_by_a_test_of_audits() -> None:
    files = (ROOT / AUDITS).glob("*.py")
    said = "\n".join(path.read_text("utf-8") for path in files)

    assert [what.name for what in What if f"What.{what.name}" not in said] == []
