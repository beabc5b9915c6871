"""The archive lets nothing in that is not a plain ZIP of plain tables."""

from __future__ import annotations

import os
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.migrate.archive import MEBIBYTE, Archive, Limits
from schemas.errors import Code, InputError

CENTRAL = b"PK\x01\x02"
FLAGS_AT, SIZE_AT, OFFSET_AT = 8, 24, 42


def pack(path: Path, members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def read_all(path: Path, limits: Limits) -> None:
    with Archive(path, limits=limits) as archive:
        for table in archive.tables():
            with archive.open(table) as stream:
                stream.read()


def refused(path: Path, limits: Limits | None = None) -> InputError:
    with pytest.raises(InputError) as caught:
        read_all(path, limits or Limits())
    return caught.value


def patch(path: Path, place: int, change: bytes) -> None:
    content = bytearray(path.read_bytes())
    content[place : place + len(change)] = change
    path.write_bytes(content)


def test_tables_of_a_zip_are_read(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"users.csv": b"id\n1\n", "readme.txt": b"x"})

    with Archive(path) as archive:
        assert archive.tables() == ("users",)
        for _ in range(2):
            with archive.open("users") as stream:
                assert stream.read() == b"id\n1\n"
        assert len(archive.digest()) == 64


def test_a_single_table_needs_no_zip(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_bytes(b"id\n1\n")

    with Archive(path) as archive, archive.open("users") as stream:
        assert archive.tables() == ("users",)
        assert stream.read() == b"id\n1\n"


def test_a_folder_in_the_zip_and_leftovers_of_a_mac_do_no_harm(tmp_path: Path) -> None:
    members = {"export/users.csv": b"id\n", "__MACOSX/export/._users.csv": b"\x00\x05"}

    with Archive(pack(tmp_path / "a.zip", members)) as archive:
        assert archive.tables() == ("users",)


@pytest.mark.parametrize(
    "name",
    [
        "/users.csv",
        "../users.csv",
        "a/../../users.csv",
        "..\\users.csv",
        "a\\users.csv",
        "C:users.csv",
        "c:/users.csv",
        "users\n.csv",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    error = refused(pack(tmp_path / "a.zip", {name: b"id\n"}))

    assert error.code is Code.ARCHIVE_PATH
    assert str(error.facts["field"]) == name.replace("\n", "?")


def test_a_name_cut_by_a_nul_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"users.csv_evil": b"id\n"})
    path.write_bytes(path.read_bytes().replace(b"users.csv_evil", b"users.csv\x00evil"))

    assert refused(path).code is Code.ARCHIVE_PATH


def test_a_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("users.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")

    error = refused(tmp_path / "a.zip")

    assert error.code is Code.ARCHIVE_LINK
    assert "users.csv" in str(error)


@pytest.mark.parametrize("second", ["users.csv", "USERS.CSV", "folder/users.csv"])
def test_a_table_that_stands_twice_is_refused(tmp_path: Path, second: str) -> None:
    with (
        warnings.catch_warnings(),
        zipfile.ZipFile(tmp_path / "a.zip", "w") as archive,
    ):
        warnings.simplefilter("ignore")
        archive.writestr("users.csv", "id\n")
        archive.writestr(second, "id\n")

    assert refused(tmp_path / "a.zip").code is Code.ARCHIVE_DUPLICATE


def test_a_locked_member_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"users.csv": b"id\n"})
    patch(path, path.read_bytes().index(CENTRAL) + FLAGS_AT, b"\x01")

    assert refused(path).code is Code.ARCHIVE_ENCRYPTED


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_unusual_packing_is_refused(tmp_path: Path, method: int) -> None:
    path = pack(tmp_path / "a.zip", {"users.csv": b"id\n"}, method)

    assert refused(path).code is Code.ARCHIVE_METHOD


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {f"t{number}.csv": b"" for number in range(4)})

    assert refused(path, Limits(members_max=3)).code is Code.ARCHIVE_TOO_MANY


@pytest.mark.parametrize(
    "limits",
    [
        Limits(archive_size_max=100),
        Limits(member_size_max=999),
        Limits(total_size_max=1999),
    ],
)
def test_too_large_a_file_is_refused(tmp_path: Path, limits: Limits) -> None:
    path = pack(tmp_path / "a.zip", {"a.csv": b"x" * 1000, "b.csv": b"y" * 1000})

    assert refused(path, limits).code is Code.ARCHIVE_TOO_LARGE


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"users.csv": bytes(20 * MEBIBYTE)})

    assert path.stat().st_size < MEBIBYTE
    assert refused(path).code is Code.ARCHIVE_BOMB


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    inner = pack(tmp_path / "b.zip", {"b.csv": b"id\n"}, zipfile.ZIP_STORED).read_bytes()
    whole_b = inner[: inner.index(CENTRAL)]
    members = {"a.csv": whole_b, "b.csv": b"id\n"}
    path = pack(tmp_path / "a.zip", members, zipfile.ZIP_STORED)
    second = path.read_bytes().rindex(CENTRAL)
    patch(path, second + OFFSET_AT, struct.pack("<L", 30 + len("a.csv")))  # b, inside of a

    assert refused(path).code is Code.ARCHIVE_DAMAGED


@pytest.mark.parametrize("claimed", [1, 3_000])
def test_a_member_that_lies_about_its_size_is_refused(tmp_path: Path, claimed: int) -> None:
    path = pack(tmp_path / "a.zip", {"users.csv": b"id\n" * 500})
    patch(path, path.read_bytes().index(CENTRAL) + SIZE_AT, struct.pack("<L", claimed))

    assert refused(path).code is Code.ARCHIVE_DAMAGED


def test_no_stream_gives_more_than_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_bytes(b"id\n" * 10)

    assert refused(path, Limits(member_size_max=29)).code is Code.ARCHIVE_TOO_LARGE


def test_a_huge_directory_is_not_read(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {f"{number:0150}.txt": b"" for number in range(30_000)})

    assert refused(path).code is Code.ARCHIVE_TOO_LARGE


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_a_zip_that_is_cut_off_is_refused(tmp_path: Path, kept: float) -> None:
    path = pack(tmp_path / "a.zip", {"users.csv": os.urandom(5000)})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])

    assert refused(path).code is Code.ARCHIVE_DAMAGED


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"users.csv": bytes(range(256)) * 4})
    patch(path, 60, bytes([path.read_bytes()[60] ^ 1]))

    error = refused(path)

    assert error.code is Code.ARCHIVE_DAMAGED
    assert error.facts["field"] == "users.csv"


def test_a_name_that_cannot_be_decoded_is_damage(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"users.csv": b"id\n"})
    patch(path, 6, b"\x00\x08")  # the local header calls its name UTF-8
    patch(path, 30, b"\x80")

    assert refused(path).code is Code.ARCHIVE_DAMAGED


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"id\n")
    (tmp_path / "a.zip").write_bytes(b"id\n")
    os.mkfifo(tmp_path / "users.csv")

    assert refused(tmp_path / "a.txt").code is Code.ARCHIVE_UNKNOWN
    assert refused(tmp_path / "a.zip").code is Code.ARCHIVE_DAMAGED
    assert refused(tmp_path / "users.csv").code is Code.ARCHIVE_UNKNOWN
    assert refused(tmp_path).code is Code.ARCHIVE_UNKNOWN
    assert refused(tmp_path / "nothing.zip").code is Code.ARCHIVE_UNKNOWN


def test_an_unknown_table_is_named(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"users.csv": b"id\n"})

    with Archive(path) as archive, pytest.raises(InputError, match=r"news\.csv"):
        archive.open("news")


def test_closing_twice_does_nothing(tmp_path: Path) -> None:
    archive = Archive(pack(tmp_path / "a.zip", {"users.csv": b"id\n"}))

    archive.close()
    archive.close()


@pytest.fixture
def sound(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        (tmp_path / "fuzz.zip").write_bytes(content)
        return tmp_path / "fuzz.zip"

    return write


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(changes=st.lists(st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=4))))
def test_any_damage_is_read_or_refused_by_code(
    sound: Callable[[bytes], Path], tmp_path: Path, changes: list[tuple[int, bytes]]
) -> None:
    content = bytearray(
        pack(tmp_path / "a.zip", {"users.csv": b"id,x\n1,2\n" * 30, "b/c.csv": b""}).read_bytes()
    )
    for place, change in changes:
        at = place % len(content)
        content[at : at + len(change)] = change

    try:
        read_all(sound(bytes(content)), Limits())
    except InputError as error:
        assert error.code.startswith("archive_")
