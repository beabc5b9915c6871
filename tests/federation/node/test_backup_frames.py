"""A backup is read in its one order: manifest, tables with their accounts, end; never otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.node.backup_frames import (
    FRAME_SIZE_MAX,
    BackupReader,
    TableWriter,
    end_frame,
    manifest_frame,
)
from schemas.backup import Manifest, TableShape
from schemas.encoding import b64
from schemas.errors import Code, VerificationError
from tests.events.stated import StatedGroup

GROUP = StatedGroup(1)
MANIFEST = Manifest(
    v=1,
    node=GROUP.node,
    name="LETS Gent",
    made_at_s=1_795_780_000,
    size=4,
    root=b64(bytes(32)),
    checkpoint="",
    statements=GROUP.first,
    migration=24,
    tables=(TableShape(name="log_event", columns=("seq", "core")),),
)


def table(*pieces: bytes) -> bytes:
    writer = TableWriter()
    rows = [frame for piece in pieces for frame in writer.rows(piece)]
    return b"".join([*rows, writer.end(3)])


def backup(*pieces: bytes) -> bytes:
    return manifest_frame(MANIFEST) + table(*pieces) + end_frame()


def read(data: bytes, chunk_size: int = 1_000) -> tuple[Manifest, bytes]:
    reader = BackupReader(chunked(data, chunk_size), "backup.rb")
    manifest = reader.manifest()
    rows = b"".join(reader.table())
    reader.end()
    assert reader.rows_count == 3
    return manifest, rows


def chunked(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def refused(code: Code, data: bytes) -> None:
    with pytest.raises(VerificationError) as error:
        read(data)
    assert error.value.code is code
    assert error.value.facts["field"] == "backup.rb"


@given(st.lists(st.binary(max_size=300), max_size=6), st.integers(1, 2_000))
def test_what_is_written_is_read_however_it_is_cut(pieces: list[bytes], chunk_size: int) -> None:
    assert read(backup(*pieces), chunk_size) == (MANIFEST, b"".join(pieces))


def test_rows_longer_than_a_frame_are_read() -> None:
    rows = bytes(FRAME_SIZE_MAX) + b"a"

    assert read(backup(rows), FRAME_SIZE_MAX) == (MANIFEST, rows)


def test_a_backup_of_a_later_form_is_of_a_newer_release() -> None:
    later = manifest_frame(msgspec.structs.replace(MANIFEST, v=2))

    refused(Code.BACKUP_NEWER, later)
    refused(Code.BACKUP_NEWER, b"\1\0\0\0\x12" + b'{"v":2,"other":[]}')


def test_a_backup_that_ends_early_is_refused() -> None:
    whole = backup(b"abc")

    for size in range(len(whole)):
        refused(Code.BACKUP_DAMAGED, whole[:size])


FIRST, ROWS, END = manifest_frame(MANIFEST), table(b"abc"), end_frame()
OTHER_ACCOUNT = table(b"abcd")[len(b"abcd") + 5 :]
FRAME_OF_ABC = b"\2\0\0\0\3abc"


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(ROWS + END, id="no manifest"),
        pytest.param(FIRST + FIRST + ROWS + END, id="two manifests"),
        pytest.param(FIRST + END, id="a table is not there"),
        pytest.param(FIRST + ROWS + ROWS + END, id="a table too many"),
        pytest.param(FIRST + ROWS + END + END, id="two ends"),
        pytest.param(FIRST + ROWS + b"\4\0\0\0\1a", id="something in the end"),
        pytest.param(FIRST + FRAME_OF_ABC + OTHER_ACCOUNT + END, id="another table's account"),
        pytest.param(FIRST + FRAME_OF_ABC + ROWS + END, id="rows twice"),
        pytest.param(FIRST + b"\3\0\0\0\2{}" + END, id="an account that says nothing"),
        pytest.param(FIRST + b"\7\0\0\0\0" + ROWS + END, id="a kind that is not known"),
        pytest.param(b"\1\0\0\0\2[]" + ROWS + END, id="a manifest of another form"),
        pytest.param(b'\1\0\0\0\7{"v":1}' + ROWS + END, id="a manifest that says nothing"),
        pytest.param(b"\1\xff\xff\xff\xff", id="a frame longer than any"),
    ],
)
def test_another_order_or_form_is_refused(wrong: bytes) -> None:
    refused(Code.BACKUP_DAMAGED, wrong)


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(VerificationError):
        read(data)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: {**m, "tables": [{"name": 'a"; DROP', "columns": ["a"]}]},
        lambda m: {**m, "tables": [{"name": "a", "columns": []}]},
        lambda m: {**m, "size": -1},
        lambda m: {**m, "migration": 0},
        lambda m: {**m, "node": "a"},
        lambda m: {**m, "statements": []},
        lambda m: {**m, "more": 1},
    ],
)
def test_a_manifest_is_held_to_its_form(change: Callable[[dict[str, object]], object]) -> None:
    content = msgspec.json.encode(change(msgspec.to_builtins(MANIFEST)))

    refused(Code.BACKUP_DAMAGED, b"\1" + len(content).to_bytes(4, "big") + content)
