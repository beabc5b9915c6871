"""`ruilbrug hand-over` and `ruilbrug take-over`: a group goes on, on another server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from federation.cli.node_commands import JSON
from federation.cli.reach import folder, followed, show

GOES_ON = (
    "Start it with 'ruilbrug node run'. It tells umbrella and partners its new address, asks what "
    "they have seen, and releases nothing before; 'ruilbrug node status' tells."
)


@click.command("hand-over")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--withdraw", is_flag=True, help="Take it back: nobody has taken the group over.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON
def hand_over(file: Path | None, *, withdraw: bool, yes: bool, as_json: bool) -> None:
    """Stop this group here for good, and write it whole into the new ZIP FILE."""
    if withdraw == (file is not None):
        raise click.UsageError("name the file to write, or say --withdraw")
    if withdraw:
        _withdraw(yes=yes, as_json=as_json)
        return
    if not yes:
        click.confirm("Nothing is booked here any more after this. Is it certain?", abort=True)
    assert file is not None
    asked = followed("hand-over", {"file": str(file.resolve())}, quiet=as_json)
    answer = asyncio.run(asked)
    text = (
        f"{answer['file']}: {answer['entries']} entries of the log. This server only reads now.\n"
        "Take the file and the paper with the keys to the new one: 'ruilbrug take-over'."
    )
    show(answer, text, as_json=as_json)


def _withdraw(*, yes: bool, as_json: bool) -> None:
    from federation.node.fence import take_down

    if not yes:
        click.confirm("Two servers must never go on with one group. Is it certain?", abort=True)
    take_down(folder())
    show({"withdrawn": True}, "It may go on here. Start the node anew.", as_json=as_json)


@click.command("take-over")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", required=True, help="The group's new public address.")
@click.option("--port", type=click.IntRange(1, 65_535), required=True, help="Where it listens.")
@click.option("--database", required=True, help="Address of the empty database, runtime role.")
@click.option("--database-owner", required=True, help="Its address for the owner of the tables.")
@click.option(
    "--root",
    "root_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="File with the root key, from the paper.",
)
@click.option(
    "--key",
    "key_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="File with the recovery key, from the paper.",
)
@JSON
def take_over(
    file: Path,
    *,
    url: str,
    port: int,
    database: str,
    database_owner: str,
    root_file: Path,
    key_file: Path,
    as_json: bool,
) -> None:
    """Go on here with the group in FILE: it gets new keys and this address, by its root key."""
    from events.signing import PrivateKey
    from federation.leaving.take_over import Place, take_over
    from federation.node.identity import read_key_file

    place = Place(url.rstrip("/"), database, database_owner, port)
    root, recovery = PrivateKey(read_key_file(root_file)), read_key_file(key_file)
    taken = asyncio.run(take_over(folder(), file, place, root=root, recovery=recovery))
    text = (
        f"{taken.name} goes on here, at {taken.url}: {taken.entries} entries of its log.\n{GOES_ON}"
    )
    show(taken._asdict(), text, as_json=as_json)
