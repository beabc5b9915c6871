"""Ids that begin with a dash: ids to every command, wherever they stand; other options are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.cli.ids import take_ids
from federation.cli.main import cli
from schemas.encoding import b64

if TYPE_CHECKING:
    from collections.abc import Iterator

DASHED = st.sampled_from([15, 31]).flatmap(
    lambda rest: st.builds(
        lambda first, others: b64(bytes([first]) + others),
        st.integers(0xF8, 0xFB),
        st.binary(min_size=rest, max_size=rest),
    )
)
"""All ids that begin with a dash."""


def command(*names: str) -> click.Command:
    found: click.Command = cli
    for name in names:
        assert isinstance(found, click.Group)
        found = found.commands[name]
    return found


def with_texts(below: click.Command, *names: str) -> Iterator[tuple[str, ...]]:
    """Give each command that takes a text as its first argument."""
    if isinstance(below, click.Group):
        for name, named in below.commands.items():
            yield from with_texts(named, *names, name)
    arguments = [part for part in below.params if isinstance(part, click.Argument)]
    if arguments and arguments[0].type is click.STRING and arguments[0].nargs == 1:
        yield names


@given(name=DASHED, other=DASHED)
def test_what_begins_with_a_dash_is_an_id(name: str, other: str) -> None:
    typed = ["001", name, "--expected", "6", "-d", other]

    assert name.startswith("-")
    read = command("thread", "book").make_context("book", typed).params
    assert (read["name"], read["expected_minor"], read["description"]) == (name, 6, other)


@pytest.mark.parametrize(
    "typed",
    [["001", "abc", "Top", "--publics"], ["001", "abc", "-Top"], ["001", "abc", "Top", "-x"]],
)
def test_a_mistyped_option_is_told(typed: list[str]) -> None:
    with pytest.raises(click.NoSuchOption, match=f"{typed[-1][:2]}"):
        command("deal", "thank").make_context("thank", typed)


def test_what_follows_two_dashes_is_as_before() -> None:
    typed = ["--public", "--", "001", "-x", "-Top"]

    read = command("deal", "thank").make_context("thank", typed).params

    assert (read["trade"], read["text"], read["public"]) == ("-x", "-Top", True)


@pytest.mark.parametrize("names", list(with_texts(cli)), ids=" ".join)
def test_every_command_takes_it(names: tuple[str, ...]) -> None:
    found = command(*names)
    name = b64(b"\xf8" + bytes(15))
    arguments = [part for part in found.params if isinstance(part, click.Argument)]

    with click.Context(found) as context:
        opts, rest, order = found.make_parser(context).parse_args([name] * len(arguments))

    assert opts[arguments[0].name] == name
    assert not rest
    assert len(order) == len(arguments)


def test_an_option_that_looks_like_an_id_stays_an_option() -> None:
    option = click.Option(["--long-as-an-id-is-now"], is_flag=True)
    found = click.Command("found", params=[click.Argument(["name"], required=False), option])
    take_ids(found)

    read = found.make_context("found", [option.opts[0]]).params

    assert len(option.opts[0]) == len(b64(bytes(16)))
    assert read == {"name": None, "long_as_an_id_is_now": True}
