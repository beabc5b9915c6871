"""`ruilbrug audit check-report`: a report's signature, and its numbers from the cores held here."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile, ZipFile

import click
import msgspec

from events.note import NoteKey, SignedNote
from federation.cli.node_commands import JSON
from federation.cli.reach import ask, show
from federation.umbrella.flow_report import ReadLog
from schemas.encoding import b64, parse
from schemas.errors import Code, VerificationError

WRONG = 1
FILES = ("report.json", "report.csv", "report.note")
FILE_BYTES_MAX = 64 * 1024 * 1024


class MadeFrom(msgspec.Struct, frozen=True, kw_only=True):
    """What a report says that it was made from."""

    period: str
    logs: tuple[ReadLog, ...]


_MADE_FROM = msgspec.json.Decoder(MadeFrom)


class Files(NamedTuple):
    """What lies in the zip of a report."""

    json: bytes
    table: bytes
    note: bytes


@click.command("check-report")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", "vkey", default="", help="The umbrella's key, as its page shows it.")
@click.option(
    "--recompute", is_flag=True, help="Also make it anew from what this node has followed."
)
@JSON
def check_report(file: Path, vkey: str, *, recompute: bool, as_json: bool) -> None:
    """Check the FILE of a report (.zip): 0 all is right, 1 something is not."""
    files = read_files(file)
    wrong = check_files(files, vkey)
    said = [] if vkey else ["not checked who signed it: give --key"]
    if recompute:
        report = read_made_from(files.json)
        answer = ask("flows.check", period=report.period, logs=msgspec.to_builtins(report.logs))
        wrong += _compared(files, answer)
    else:
        said.append("not made anew: give --recompute on a node that has followed the same logs")
    show({"wrong": wrong}, "\n".join(wrong or ["right", *said]), as_json=as_json)
    if wrong:
        raise click.exceptions.Exit(WRONG)


def read_files(path: Path) -> Files:
    """Read the zip of a report.

    Raises:
        VerificationError: `malformed`, `too_large`.

    """
    try:
        with ZipFile(path) as archive:
            if any(archive.getinfo(name).file_size > FILE_BYTES_MAX for name in FILES):
                raise VerificationError(
                    Code.TOO_LARGE, field="report", limit=f"{FILE_BYTES_MAX} bytes"
                )
            return Files(*(archive.read(name) for name in FILES))
    except (BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError) as error:
        raise VerificationError(Code.MALFORMED, field="report", reason="no report") from error


def read_made_from(content: bytes) -> MadeFrom:
    """Read what a report says that it was made from.

    Raises:
        VerificationError: `malformed`.

    """
    try:
        return parse(_MADE_FROM, content)
    except msgspec.MsgspecError as error:
        raise VerificationError(Code.MALFORMED, field="report.json", reason=str(error)) from error


def check_files(files: Files, vkey: str) -> list[str]:
    """Say what does not fit between the files of a report, its note and a key.

    Raises:
        VerificationError: `bad_note`, `bad_key` for what cannot be read.

    """
    note = SignedNote.parse(files.note)
    wrong = []
    if vkey:
        try:
            note.require([NoteKey.parse(vkey)])
        except VerificationError as error:
            if error.code is not Code.BAD_NOTE:
                raise
            wrong.append("another key has signed it, or something was changed")
    for name, content in zip(FILES, files, strict=False):
        said = f"{b64(sha256(content).digest())} {name}"
        if name != FILES[-1] and said not in note.text.decode().splitlines():
            wrong.append(f"{name} is not the file that was signed")
    return wrong


def _compared(files: Files, answer: Any) -> list[str]:
    wrong = [f"of {log} this node has followed another history" for log in answer["other_logs"]]
    for name, content, said in (
        ("report.json", files.json, answer["json"]),
        ("report.csv", files.table, answer["csv"]),
    ):
        if b64(sha256(content).digest()) != said:
            wrong.append(f"{name} does not follow from the logs")
    return wrong
