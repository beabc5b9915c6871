"""`ruilbrug evidence`: what is kept on a node, and the check that needs no node at all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from events.evidence import EVIDENCE_SIZE_MAX, check_evidence, read_evidence
from events.keys import KeyHistory, read_history
from federation.cli.evidence_words import summary, tell
from federation.cli.node_commands import JSON
from federation.cli.reach import ask, show
from schemas.encoding import parse, unb64
from schemas.errors import Code, RuilbrugError, VerificationError
from schemas.keys import SignedKeyStatement

NOT_PROVEN = 1
UNREADABLE = 2
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_STATEMENTS = msgspec.json.Decoder(tuple[SignedKeyStatement, ...])


@click.group()
def evidence() -> None:
    """Proof that a group has cheated."""


@evidence.command("check")
@click.argument("file", type=FILE)
@click.option("--keys", type=FILE, help="Newer key statements of the accused, as its server gives.")
@JSON
def check(file: Path, keys: Path | None, *, as_json: bool) -> None:
    """Check a FILE of evidence on any machine: 0 proven, 1 not proven, 2 unreadable."""
    try:
        claimed = read_evidence(_read(file))
        verdict = check_evidence(claimed, None if keys is None else _history(_read(keys)))
        text = tell(claimed, verdict)
    except RuilbrugError as error:
        click.echo(f"{error.code}: {error}", err=True)
        raise click.exceptions.Exit(UNREADABLE) from error
    show(summary(claimed, verdict), text, as_json=as_json)
    if not verdict.proven:
        raise click.exceptions.Exit(NOT_PROVEN)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(EVIDENCE_SIZE_MAX + 1)
    except OSError as error:
        raise VerificationError(
            Code.MALFORMED, field=path.name, reason=error.strerror or type(error).__name__
        ) from error


def _history(data: bytes) -> KeyHistory:
    try:
        statements = parse(_STATEMENTS, data)
    except msgspec.MsgspecError as error:
        raise VerificationError(Code.MALFORMED, field="keys", reason=str(error)) from error
    return read_history(statements)


@evidence.command("list")
@JSON
def list_(*, as_json: bool) -> None:
    """List the proofs that this node keeps."""
    rows = ask("evidence.list")
    lines = [
        f"{row['id'][:16]}  {datetime.fromtimestamp(row['kept_at_s'], UTC):%Y-%m-%d %H:%M}  "
        f"{row['kind']:13} {row['name'] or row['accused']}, about {row['about']}"
        for row in rows
    ]
    show(rows, "\n".join(lines) or "nobody was caught cheating", as_json=as_json)


@evidence.command("show")
@click.argument("proof")
@JSON
def show_(proof: str, *, as_json: bool) -> None:
    """Tell in words what PROOF (its id, or the beginning of it) proves."""
    answer = ask("evidence.file", id=proof)
    claimed = read_evidence(unb64(answer["file"]))
    verdict = check_evidence(claimed)
    show(summary(claimed, verdict), tell(claimed, verdict, name=answer["name"]), as_json=as_json)


@evidence.command("export")
@click.argument("proof")
@click.option("--to", type=click.Path(path_type=Path), help="Where to; default: here, by its id.")
@JSON
def export(proof: str, to: Path | None, *, as_json: bool) -> None:
    """Write PROOF as a file for whoever wants to check it; an existing file stays as it is."""
    answer = ask("evidence.file", id=proof)
    path = to or Path(f"{answer['kind']}-{answer['id'][:16]}.json")
    try:
        with path.open("xb") as file:
            file.write(unb64(answer["file"]))
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
    text = f"Written to {path}. Anybody checks it with 'ruilbrug evidence check {path}'."
    show({"file": str(path), "id": answer["id"]}, text, as_json=as_json)
