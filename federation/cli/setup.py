"""`ruilbrug setup`: a new group on a server, by five questions."""

from __future__ import annotations

import logging
import os
from typing import Any, Final

import click
import structlog

from federation.cli.node_commands import JSON
from federation.cli.paper import LANGUAGE, refused_in, talk_in
from federation.cli.reach import show
from federation.node.settings import ENVIRONMENT

MAIL_HELP: Final = "The group's mail address, with which the first coordinator signs in."
OPTIONS: Final = (
    click.option("--name", help="The group's name."),
    click.option("--unit", nargs=2, help="Name of the unit, singular and plural."),
    click.option("--per-hour", help="Units per hour."),
    click.option("--url", help="Web address, https://..."),
    click.option("--mail", help=MAIL_HELP),
    LANGUAGE,
    click.option("--coordinator", default="", help="Name of the first coordinator."),
    click.option("--umbrella", default="", help="Invitation of the umbrella."),
    click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on."),
    click.option("--database", default="", help="A database that stands: address, runtime role."),
    click.option("--database-owner", default="", help="The same, for the owner of the tables."),
    click.option("--own-postgres", is_flag=True, help="To try it: a private database server."),
    click.option("--moves-in", is_flag=True, help="No categories: an import brings the group's."),
    click.option("--trial", is_flag=True, help="To try it: addresses of this machine, no TLS."),
    click.option("--yes", is_flag=True, help="Ask nothing; the keys stay on the server for now."),
    JSON,
)


def _options(command: Any) -> Any:
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command("setup")
@_options
def setup(*, language: str | None, yes: bool, as_json: bool, **said: Any) -> None:
    """Set a new group up: five questions, and it runs. Run it again when it was interrupted."""
    from federation.setup.whole import Wanted, run_setup

    # the terminal belongs to the conversation: what a node notes at its start is not said
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    talk = talk_in(language)
    if as_json:
        talk = talk._replace(tell=lambda told: click.echo(told, err=True))
    folder = click.get_current_context().find_root().obj or os.environ.get(ENVIRONMENT, "")
    unit = dict(zip(("singular", "plural"), said.pop("unit") or (), strict=False))
    answers = {name: said.pop(name) for name in ("name", "per_hour", "url", "mail")}
    given = {name: text for name, text in {**answers, **unit}.items() if text is not None}
    with refused_in(talk):
        finished = run_setup(talk, Wanted(given, folder, ask=not yes, **said))
    if as_json:
        show(finished, "", as_json=True)
