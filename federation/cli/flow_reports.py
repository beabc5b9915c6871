"""`ruilbrug audit export-cores` and `check-report`: who signed a report, what it is made from."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zipfile import BadZipFile, ZipFile

import click
import msgspec

from events.note import NoteKey, SignedNote
from federation.cli.node_commands import JSON
from federation.cli.proof import read_policy
from federation.cli.reach import ask, followed, show
from federation.umbrella.flow_report import ReadLog
from schemas.encoding import b64, parse
from schemas.errors import Code, VerificationError

if TYPE_CHECKING:
    from federation.umbrella.cores_check import Checked

WRONG = 1
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
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

    def summed(self) -> dict[str, bytes]:
        """Give what follows from the logs, by the name of the file."""
        return {"report.json": self.json, "report.csv": self.table}


@click.command("check-report")
@click.argument("file", type=FILE)
@click.option("--key", "vkey", default="", help="The umbrella's key, as its page shows it.")
@click.option("--cores", type=FILE, help="Make it anew from these cores, without any node.")
@click.option("--policy", type=FILE, help="With --cores: which witnesses have to have cosigned.")
@click.option(
    "--recompute", is_flag=True, help="Make it anew from what this node has followed itself."
)
@JSON
def check_report(
    file: Path,
    vkey: str,
    cores: Path | None,
    policy: Path | None,
    *,
    recompute: bool,
    as_json: bool,
) -> None:
    """Check the FILE of a report (.zip): 0 all is right, 1 something is not."""
    files = read_files(file)
    wrong = check_files(files, vkey)
    said = [] if vkey else ["not checked who signed it: give --key"]
    if cores is not None:
        checked = _from_cores(files, cores, policy)
        wrong += checked.wrong
        said += checked.said
        said += [] if policy else ["not checked who has witnessed the logs: give --policy"]
    if recompute:
        wrong += _recomputed(files)
    if cores is None and not recompute:
        said.append("not made anew: give --cores with a file of 'ruilbrug audit export-cores'")
    show({"wrong": wrong}, "\n".join(wrong or ["right", *said]), as_json=as_json)
    if wrong:
        raise click.exceptions.Exit(WRONG)


@click.command("export-cores")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@JSON
def export_cores(file: Path, *, as_json: bool) -> None:
    """Write the cores of all logs, with their signatures, into the new ZIP FILE."""
    asked = followed("flows.cores", {"file": str(file.resolve())}, quiet=as_json)
    answer = asyncio.run(asked)
    text = (
        f"{answer['file']}: {answer['entries']} entries of {answer['logs']} logs\n"
        "It names no person; whoever checks a report may have it."
    )
    show(answer, text, as_json=as_json)


def _from_cores(files: Files, cores: Path, policy: Path | None) -> Checked:
    """Make a report anew on this machine from cores that prove whose they are."""
    from federation.umbrella.cores_check import check_with_cores
    from federation.umbrella.cores_file import opened_cores

    report = read_made_from(files.json)
    wanted = None if policy is None else read_policy(policy)
    with opened_cores(cores) as opened:
        return asyncio.run(
            check_with_cores(opened, report.period, report.logs, files.summed(), policy=wanted)
        )


def _recomputed(files: Files) -> list[str]:
    """Have the node that the command line names make a report anew."""
    report = read_made_from(files.json)
    answer = ask("flows.check", period=report.period, logs=msgspec.to_builtins(report.logs))
    wrong = [f"of {log} this node has followed another history" for log in answer["other_logs"]]
    for (name, content), said in zip(
        files.summed().items(), (answer["json"], answer["csv"]), strict=True
    ):
        if b64(sha256(content).digest()) != said:
            wrong.append(f"{name} does not follow from the logs")
    return wrong


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
    # what the library raises for no ZIP, no such file in it, a packing unknown to it, a password
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
