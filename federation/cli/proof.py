"""`ruilbrug proof`: the check of a booking's proof, which needs no node and no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from events.policy import POLICY_SIZE_MAX, parse_policy
from events.tlog_proof import PROOF_SIZE_MAX
from federation.cli.node_commands import JSON
from federation.cli.proof_words import summary, tell
from federation.cli.reach import show
from projections.receipt import check_receipt
from schemas.errors import Code, InputError, RuilbrugError

if TYPE_CHECKING:
    from events.policy import Policy

NOT_PROVEN: Final = 1
UNREADABLE: Final = 2
FILE: Final = click.Path(dir_okay=False, path_type=Path)
_UNREADABLE: Final = (Code.PROOF_UNREADABLE, Code.TOO_LARGE, Code.MALFORMED)


@click.group()
def proof() -> None:
    """Proofs of bookings, as members download them."""


@proof.command("check")
@click.argument("file", type=FILE)
@click.option("--policy", type=FILE, required=True, help="Which logs and witnesses count.")
@JSON
def check(file: Path, policy: Path, *, as_json: bool) -> None:
    """Check a FILE of proof on any machine: 0 proven, 1 not proven, 2 unreadable."""
    try:
        booked = check_receipt(_read(file, PROOF_SIZE_MAX), read_policy(policy))
    except RuilbrugError as error:
        unreadable = error.code in _UNREADABLE
        head = "UNREADABLE" if unreadable else "NOT PROVEN"
        said = {"proven": False, "code": error.code.value, "facts": error.facts}
        show(said, f"{head} ({error.code}): {error}", as_json=as_json)
        raise click.exceptions.Exit(UNREADABLE if unreadable else NOT_PROVEN) from error
    show(summary(booked), tell(booked), as_json=as_json)


def read_policy(path: Path) -> Policy:
    """Read a policy; what is wrong with it is told with the name of its file.

    Raises:
        InputError: `malformed`, `too_large`.

    """
    data = _read(path, POLICY_SIZE_MAX)
    try:
        return parse_policy(data)
    except InputError as error:
        facts = error.facts | {"field": f"{path.name}, {error.facts['field']}"}
        raise InputError(error.code, **facts) from error


def _read(path: Path, size_max: int) -> bytes:
    """Read a file, and no more of it than shows that it is too large."""
    try:
        with path.open("rb") as file:
            return file.read(size_max + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(Code.MALFORMED, field=path.name, reason=reason) from error
