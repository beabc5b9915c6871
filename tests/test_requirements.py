"""What the project installs is pinned, and what it asks for is among it."""

from __future__ import annotations

import re
import tomllib

import pytest

import dev

NAME = re.compile(r"[A-Za-z0-9._-]+")

# read at once: fixtures put other folders in the place of these
REQUIREMENTS = dev.REQUIREMENTS

PROJECT = tomllib.loads((dev.ROOT / "pyproject.toml").read_text("utf-8"))


def pinned(name: str) -> dict[str, str]:
    """Give the version of each package of a requirement file."""
    lines = (REQUIREMENTS / name).read_text("utf-8").splitlines()
    pins = [line.split()[0] for line in lines if line[:1].isalpha()]
    return dict(pin.split("==") for pin in pins)


@pytest.mark.parametrize("name", ["bootstrap.txt", "runtime.txt", "development.txt"])
def test_every_package_is_pinned_with_hashes_and_no_source_is_named(name: str) -> None:
    text = (REQUIREMENTS / name).read_text("utf-8")
    packages = re.split(r"\n(?=[A-Za-z])", text)

    assert packages
    for package in packages:
        assert re.match(r"[a-z0-9._-]+==\S+", package)
        assert "--hash=sha256:" in package
    assert "://" not in text
    assert "index" not in text


def test_what_is_developed_with_is_what_runs() -> None:
    runtime, development = pinned("runtime.txt"), pinned("development.txt")

    assert runtime.items() <= development.items()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("runtime.txt", PROJECT["project"]["dependencies"]),
        ("development.txt", PROJECT["project"]["optional-dependencies"]["demo"]),
        ("development.txt", PROJECT["dependency-groups"]["dev"]),
    ],
)
def test_what_the_project_asks_for_is_locked(name: str, wanted: list[str]) -> None:
    asked = [NAME.match(line) for line in wanted]

    assert {found[0] for found in asked if found} <= pinned(name).keys()
