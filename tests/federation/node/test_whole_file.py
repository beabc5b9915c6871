"""A file is there whole or not at all, whatever ends its writing."""

from __future__ import annotations

import resource
import stat
from pathlib import Path

import pytest

from federation.node.whole_file import written_whole
from schemas.errors import Code, StorageError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def fail_halfway(path: Path, unfinished: Path) -> None:
    with written_whole(path, unfinished) as write:
        write(b"one")
        raise RuntimeError


def write_much(path: Path, unfinished: Path) -> None:
    with written_whole(path, unfinished) as write:
        write(bytes(20_000))


def test_a_file_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path, unfinished = tmp_path / "a", tmp_path / "a.unfinished"

    with written_whole(path, unfinished) as write:
        write(b"one")
        assert names(tmp_path) == ["a.unfinished"]
        write(b"two")

    assert names(tmp_path) == ["a"]
    assert path.read_bytes() == b"onetwo"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_a_crash_has_left_is_overwritten(tmp_path: Path) -> None:
    path, unfinished = tmp_path / "a", tmp_path / "a.unfinished"
    unfinished.write_bytes(b"a longer half of a file")

    with written_whole(path, unfinished) as write:
        write(b"one")

    assert path.read_bytes() == b"one"
    assert names(tmp_path) == ["a"]


def test_nothing_stays_when_the_writing_fails(tmp_path: Path) -> None:
    path, unfinished = tmp_path / "a", tmp_path / "a.unfinished"
    path.write_bytes(b"before")

    with pytest.raises(RuntimeError):
        fail_halfway(path, unfinished)

    assert names(tmp_path) == ["a"]
    assert path.read_bytes() == b"before"


def test_a_full_disk_leaves_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
        with pytest.raises(StorageError) as error:
            write_much(tmp_path / "a", tmp_path / "a.unfinished")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert error.value.code is Code.BACKUP_UNWRITABLE
    assert "Make room" in str(error.value)
    assert names(tmp_path) == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "a"

    with pytest.raises(StorageError) as error, written_whole(path, path.with_name("b")):
        pass

    assert error.value.code is Code.BACKUP_UNWRITABLE
    assert "nowhere" in str(error.value)


def test_the_second_of_two_writers_is_refused_and_disturbs_nothing(tmp_path: Path) -> None:
    path, unfinished = tmp_path / "a", tmp_path / "a.unfinished"

    with written_whole(path, unfinished) as write:
        write(b"one")
        with pytest.raises(StorageError) as error, written_whole(path, unfinished):
            pass
        write(b"two")

    assert error.value.code is Code.BACKUP_RUNS
    assert path.read_bytes() == b"onetwo"
    assert names(tmp_path) == ["a"]
