"""`ruilbrug host`: many groups in one process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from federation.cli.node_commands import JSON
from federation.cli.reach import show

if TYPE_CHECKING:
    from federation.host.settings import HostFolder


@click.group()
@click.option(
    "--folder", metavar="FOLDER", help="The folder of the groups' folders, or RUILBRUG_HOST."
)
@click.pass_context
def host(context: click.Context, folder: str | None) -> None:
    """Run many groups in one process, each with its own database, log and keys."""
    from federation.host.settings import host_folder

    context.obj = host_folder(folder)


@host.command()
@click.pass_obj
def run(folder: HostFolder) -> None:
    """Run every group in the folder until it is stopped."""
    import aiohttp
    import uvloop
    from isal import isal_zlib

    from federation.host.run import run_host

    aiohttp.set_zlib_backend(isal_zlib)  # as `node run`
    uvloop.run(run_host(folder))


@host.command()
@click.pass_obj
def groups(folder: HostFolder) -> None:
    """Name the groups that a host over this folder runs, whether it runs now or not."""
    for name in folder.groups(folder.settings().left_out):
        click.echo(name)


@host.command()
@JSON
@click.pass_obj
def status(folder: HostFolder, *, as_json: bool) -> None:
    """Tell which groups run, and why others do not."""
    _tell(_ask(folder, "status"), as_json=as_json)


@host.command()
@click.argument("name")
@JSON
@click.pass_obj
def start(folder: HostFolder, name: str, *, as_json: bool) -> None:
    """Start a group that was stopped, or is waiting to be tried again."""
    _tell(_ask(folder, "start", group=name), as_json=as_json)


@host.command()
@click.argument("name")
@JSON
@click.pass_obj
def stop(folder: HostFolder, name: str, *, as_json: bool) -> None:
    """Stop one group; its database is free when this returns, for `restore` or `key`."""
    _tell(_ask(folder, "stop", group=name), as_json=as_json)


@host.command()
@click.argument("name")
@JSON
@click.pass_obj
def restart(folder: HostFolder, name: str, *, as_json: bool) -> None:
    """Stop one group and start it again."""
    _tell(_ask(folder, "restart", group=name), as_json=as_json)


@host.command()
@JSON
@click.pass_obj
def reload(folder: HostFolder, *, as_json: bool) -> None:
    """Look into the folder: start groups that are new there, end those that are gone."""
    answer = _ask(folder, "reload")
    show(answer, "\n".join(answer["changed"]) or "nothing is new", as_json=as_json)


@host.command()
@JSON
@click.pass_obj
def doctor(folder: HostFolder, *, as_json: bool) -> None:
    """Look at the host and at each group; exit code 1 when something needs a person."""
    from federation.cli.doctor import line
    from federation.cli.host_doctor import examine_host
    from federation.node.doctor_findings import needs_a_person

    found = asyncio.run(examine_host(folder))
    text = "\n".join(f"{name}\n{line(finding)}" for name, finding in found)
    findings = [{"group": name, "finding": finding} for name, finding in found]
    show({"findings": findings}, text, as_json=as_json)
    if needs_a_person([finding for _, finding in found]):
        raise click.exceptions.Exit(1)


def _ask(folder: HostFolder, command: str, **said: str) -> Any:
    from federation.node.control import call_socket

    try:
        return asyncio.run(call_socket(folder.socket, command, dict(said)))
    except (ConnectionError, FileNotFoundError) as error:
        raise click.ClickException(f"no host runs over {folder.path}") from error


def _tell(answer: Any, *, as_json: bool) -> None:
    lines = [
        f"{group['state']:9}{group['name']:20} {group['address']}"
        + (f"\n         {group['reason']}" if group["state"] == "failed" else "")
        for group in answer["groups"]
    ]
    room = f"{answer['connections']} of {answer['connections_max']} connections for questions"
    show(answer, "\n".join([*lines, room]), as_json=as_json)
