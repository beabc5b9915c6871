"""`ruilbrug node`: make, run and look at a node."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from federation.cli.reach import ask, folder, reach, show
from schemas.amounts import Rate, Unit

JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
RECOVERY = click.option(
    "--key",
    "key_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the private half of the recovery key; else keys/recovery.key when it is there.",
)


@click.group()
def node() -> None:
    """Make, run and look at a node."""


@node.command()
@click.option("--name", required=True, help="The group's name.")
@click.option("--role", type=click.Choice(["group", "umbrella"]), default="group")
@click.option("--url", required=True, help="Public address, https://...")
@click.option("--port", type=int, default=8080, help="Port to listen on.")
@click.option("--database", required=True, help="Address of the database, runtime role.")
@click.option("--database-owner", default="", help="Address for the role that owns the tables.")
@click.option("--umbrella", default="", help="Invitation of the umbrella.")
@click.option("--unit", nargs=2, help="Name of the unit, singular and plural.")
@click.option("--per-hour", type=int, help="Units per hour.")
@click.option("--decimals", type=click.IntRange(0, 2), default=0)
@click.option("--lower", type=int, help="Default lower limit, in the smallest unit.")
@click.option("--upper", type=int, help="Default upper limit, in the smallest unit.")
@click.option("--allow-private-addresses", is_flag=True, help="For demo and tests only.")
@JSON
def init(  # noqa: PLR0913, PLR0917 - a new node is made of these
    name: str,
    role: str,
    url: str,
    port: int,
    database: str,
    database_owner: str,
    umbrella: str,
    unit: tuple[str, str] | None,
    per_hour: int | None,
    decimals: int,
    lower: int | None,
    upper: int | None,
    *,
    allow_private_addresses: bool,
    as_json: bool,
) -> None:
    """Make a node: keys, settings, and a log in an empty database."""
    from federation.node.init import init_node
    from federation.node.settings import NodeSettings, parse_invitation

    if umbrella:
        parse_invitation(umbrella)
    settings = NodeSettings(
        name=name,
        role="umbrella" if role == "umbrella" else "group",
        public_url=url.rstrip("/"),
        listen_port=port,
        database=database,
        database_owner=database_owner,
        umbrella=umbrella,
        allow_private_addresses=allow_private_addresses,
    )
    wanted = None
    if unit and per_hour:
        rate = Rate(per_hour, decimals)
        if not rate.terms_rule():
            raise click.BadParameter("more than 360000 of the smallest unit an hour")
        wanted = Unit(singular=unit[0], plural=unit[1], rate=rate)
    made = asyncio.run(
        init_node(folder(), settings, unit=wanted, lower_minor=lower, upper_minor=upper)
    )
    invitation = f"{settings.public_url}#{made}"
    text = (
        f"The node of {name} is made.\nInvitation: {invitation}\n"
        f"Keep {folder().keys}/root.key, root-next.key and recovery.key on paper, and delete the "
        "files."
    )
    show({"node": made, "invitation": invitation}, text, as_json=as_json)


@node.command()
def run() -> None:
    """Run the node until it is stopped."""
    import aiohttp
    import uvloop
    from isal import isal_zlib

    from federation.node.run import run_node

    aiohttp.set_zlib_backend(isal_zlib)  # packs a page in an eighth of the time
    uvloop.run(run_node(folder()))


@node.command()
@click.option("--try", "only_try", is_flag=True, help="Run all of it, take it back, and say so.")
@click.option("--database-owner", default="", help="Address for the role that owns the tables.")
@JSON
def migrate(database_owner: str, *, only_try: bool, as_json: bool) -> None:
    """Bring the tables of a stopped node up to date with this program, as `node run` does."""
    import msgspec

    from federation.node.database import migrate_database
    from federation.node.upgrade import upgrade_database

    settings = folder().settings()
    owner = database_owner or settings.database_owner
    if not owner:
        raise click.BadParameter("node.toml names none", param_hint="--database-owner")
    settings = msgspec.structs.replace(settings, database_owner=owner)
    if only_try:
        names = asyncio.run(migrate_database(settings, keep=False))
        show({"migrations": names}, f"{len(names)} migrations can run", as_json=as_json)
        return

    def tell(done: int, size: int) -> None:
        click.echo(f"{done} of {size} events", err=True)

    made = asyncio.run(upgrade_database(settings, told=tell))
    text = "\n".join([*made.migrations, f"{len(made.migrations)} migrations ran"])
    if made.events is not None:
        text += f"\n{made.events} events folded, every table filled anew"
    show({"migrations": made.migrations, "events": made.events}, text, as_json=as_json)


@node.command()
@JSON
def status(*, as_json: bool) -> None:
    """Tell how the node is."""
    answer = ask("status")
    text = (
        f"{answer['name']} ({answer['role']}): {answer['events']} events, {answer['mode']}\n"
        f"{answer['reason']}\nInvitation: {answer['invitation']}\n"
        f"Last backup: {_last_backup(answer['last_backup'])}"
    )
    show(answer, text, as_json=as_json)


def _last_backup(last: Any) -> str:
    if last is None:
        return "none yet"
    at = datetime.fromtimestamp(last["made_at_s"], UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"{at}, {last['size']} events, {last['file']}"


@node.command()
@click.confirmation_option(
    prompt="Is it certain that no longer log of this node exists anywhere, on no other disk?"
)
@JSON
def override(*, as_json: bool) -> None:
    """Vouch for the log of a running node whose mark is lost and whom nobody answers."""
    answer = ask("node.override")
    show(answer, "It is written to the log; the node goes on.", as_json=as_json)


@node.command()
@RECOVERY
@click.option(
    "--without-bodies",
    is_flag=True,
    help="Go on when bodies are lost: unknown members are booked on 'te onderzoeken'.",
)
@JSON
def recover(key_file: Path | None, *, without_bodies: bool, as_json: bool) -> None:
    """Bring back what umbrella and partners have seen and the database has lost."""
    from federation.node.identity import RECOVERY_KEY, read_key_file
    from schemas.encoding import b64

    beside = folder().keys / f"{RECOVERY_KEY}.key"
    file = key_file or (beside if beside.exists() else None)
    key = "" if file is None else b64(read_key_file(file))
    arguments = {"key": key, "without_bodies": without_bodies}
    answer = asyncio.run(_recover(arguments, quiet=as_json))
    text = [f"{answer['events']} events came back; {answer['mode']}: {answer['reason']}"]
    if answer["lost"]:
        text.append(f"{answer['lost']} events have no body any more; see 'te onderzoeken'")
    text += [f"MISSING {line}" for line in answer["missing"]]
    show(answer, "\n".join(text), as_json=as_json)
    if answer["missing"]:
        raise click.exceptions.Exit(1)


async def _recover(arguments: dict[str, Any], *, quiet: bool) -> Any:
    """Recover, and print each line of progress as it comes."""
    async with reach(folder()) as run:
        work = asyncio.ensure_future(run("node.recover", arguments))
        told = 0
        while not work.done():
            await asyncio.wait([work], timeout=0.2)
            lines = await run("node.recovering", {})
            for line in [] if quiet else lines[told:]:
                click.echo(line, err=True)
            told = len(lines)
        return await work
