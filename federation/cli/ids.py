"""Ids on the command line: one in 64 begins with a dash, and is an id like others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

ID: Final = re.compile("-(?:[A-Za-z0-9_-]{21}|[A-Za-z0-9_-]{42})")
"""What 16 or 32 bytes in base64url look like when they begin with a dash."""
ASIDE: Final = "\0"
"""No argument of a process can hold it, so it marks what is no option."""


def take_ids(command: click.Command) -> None:
    """Let `command` and all below it read an id as one; every other option must be known."""
    for named in getattr(command, "commands", {}).values():
        take_ids(named)
    plain = command.make_parser  # of click, whose parsers have no public type

    def make_parser(context: click.Context) -> Any:
        options = {
            name
            for part in command.get_params(context)
            for name in (*part.opts, *part.secondary_opts)
        }
        parser: Any = plain(context)
        parse = parser.parse_args

        def parse_args(args: Sequence[str]) -> tuple[Any, Any, Any]:
            marked = [
                ASIDE + text if ID.fullmatch(text) and text not in options else text
                for text in args
            ]
            found, rest, order = parse(marked)
            return {name: _shown(value) for name, value in found.items()}, _shown(rest), order

        parser.parse_args = parse_args
        return parser

    command.make_parser = make_parser  # type: ignore[method-assign,assignment]


def _shown(value: Any) -> Any:
    """Give what was read as it was typed."""
    if isinstance(value, str):
        return value.removeprefix(ASIDE)
    if isinstance(value, list | tuple):
        return type(value)(_shown(part) for part in value)
    return value
