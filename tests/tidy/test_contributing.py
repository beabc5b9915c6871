"""CONTRIBUTING.md says by which words of the environment tests run longer."""

from __future__ import annotations

import re

from tests.tidy.rooms import ROOT

ASKED = re.compile(r'environ\.get\("(RUILBRUG_[A-Z_]+)"')


def test_each_word_of_the_environment_that_tests_ask_for_is_told() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    files = sorted((ROOT / "tests").rglob("*.py"))
    asked = {name for file in files for name in ASKED.findall(file.read_text("utf-8"))}

    assert asked, "tests ask for nothing any more"
    missing = sorted(name for name in asked if name not in page)
    assert not missing, f"CONTRIBUTING.md does not say: {missing}"
