"""What a test marked `told` prints is shown when it passes; what others print is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tidy.rooms import ROOT

WAIT_S = 120
TESTS = """
import pytest


@pytest.fixture
def ready():
    print("before it")


@pytest.mark.told
@pytest.mark.parametrize("of", ["one", "other"])
def test_says(ready, of):
    print(f"kills of {of}: 105")


@pytest.mark.told
def test_is_silent():
    pass


def test_is_not_asked():
    print("kills of nobody")


@pytest.mark.told
def test_fails():
    print("kills till it failed")
    raise AssertionError
"""


@pytest.fixture(params=[[], ["-n", "1"]], ids=["here", "elsewhere"])
def shown(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give all that pytest shows of these tests, in this process or in another."""
    file = tmp_path / "test_few.py"
    file.write_text(TESTS, "utf-8")
    pytest_here = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml")]
    done = subprocess.run(
        [*pytest_here, "-p", "tests.conftest", "-p", "no:cacheprovider", *request.param, str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=WAIT_S,
    )
    assert "1 failed, 4 passed" in done.stdout, done.stdout + done.stderr
    return done.stdout


def test_what_is_to_be_told_is_shown(shown: str) -> None:
    assert "told by tests that passed" in shown
    for of in ("one", "other"):
        assert shown.count(f"test_says[{of}] _") == 1
        assert shown.count(f"\nkills of {of}: 105\n") == 1
    assert "before it\nkills of one: 105" in shown
    assert "test_is_silent" not in shown
    assert "kills of nobody" not in shown
    assert shown.count("kills till it failed") == 2, "the source and what pytest shows of a failure"
