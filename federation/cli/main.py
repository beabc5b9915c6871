"""The command `ruilbrug`: parse, call one use case, render. Every command has `--json`."""

from __future__ import annotations

import contextlib
import logging
import sys
from typing import TYPE_CHECKING, Any

import click
import structlog

from federation.cli import (
    agreeing,
    backups,
    board,
    collective,
    feed,
    groups,
    lines,
    node_commands,
    partners,
    payments,
    posts,
    tokens,
)
from federation.cli.closing import close_group
from federation.cli.doctor import doctor
from federation.cli.evidence import evidence
from federation.cli.exports import check_export, export
from federation.cli.host import host
from federation.cli.ids import take_ids
from federation.cli.keys import key
from federation.cli.mail import mail
from federation.cli.paper import paper
from federation.cli.proof import proof
from federation.cli.register import group
from federation.cli.retention import retention
from federation.cli.setup import setup
from federation.cli.succession import hand_over, take_over
from federation.cli.witness import witness
from schemas.errors import RuilbrugError

if TYPE_CHECKING:
    from collections.abc import MutableMapping


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--node", "folder", metavar="FOLDER", help="The node's folder, or RUILBRUG_NODE.")
@click.pass_context
def cli(context: click.Context, folder: str | None) -> None:
    """Ruilbrug: trade between LETS groups, with books that agree."""
    context.obj = folder


cli.add_command(setup)
cli.add_command(node_commands.node)
cli.add_command(backups.backup)
cli.add_command(backups.restore)
cli.add_command(doctor)
cli.add_command(host)
cli.add_command(groups.import_)
cli.add_command(export)
cli.add_command(check_export)
cli.add_command(close_group)
cli.add_command(hand_over)
cli.add_command(take_over)
cli.add_command(groups.member)
cli.add_command(retention)
cli.add_command(posts.post)
cli.add_command(posts.category)
cli.add_command(groups.account)
cli.add_command(payments.pay)
cli.add_command(payments.trade)
cli.add_command(agreeing.thread)
cli.add_command(agreeing.deal)
cli.add_command(agreeing.activity)
cli.add_command(board.board)
cli.add_command(collective.collective)
cli.add_command(partners.partner)
cli.add_command(lines.line)
cli.add_command(feed.feed)
cli.add_command(groups.log)
cli.add_command(groups.audit)
cli.add_command(group)
cli.add_command(key)
cli.add_command(evidence)
cli.add_command(proof)
cli.add_command(mail)
cli.add_command(paper)
cli.add_command(witness)
cli.add_command(tokens.token)

take_ids(cli)


def _plain_exception(
    _logger: object, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Name the kind and the place of an exception; its text may hold what a log must not."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["kind"] = type(error).__name__
        frame, place = error.__traceback__, ""
        while frame is not None:
            place = f"{frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}"
            frame = frame.tb_next
        event["place"] = place
    return event


class _CalmLogger(structlog.PrintLogger):
    """Says what it can: a full disk or a broken pipe under the log stops no trade."""

    def msg(self, message: str) -> None:
        """Write one line, or drop it."""
        with contextlib.suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def configure_logging() -> None:
    """Write one JSON object a line to standard error."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,  # which group of a host it is about
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _plain_exception,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=lambda *_: _CalmLogger(sys.stderr),
    )


def main() -> None:
    """Run the command line; an error is one sentence and exit code 1."""
    configure_logging()
    try:
        sys.exit(cli(standalone_mode=False))  # what `Exit` carries is returned, not raised
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except RuilbrugError as error:
        click.echo(f"{error.code}: {error}", err=True)
        sys.exit(1)
