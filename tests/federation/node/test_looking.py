"""Every command of the control socket is classed: about nobody, or about whom its fields name."""

from __future__ import annotations

import msgspec

from federation.node.control_commands import COMMANDS
from federation.node.control_shapes import ControlCommand
from federation.node.looked import What
from federation.node.looking import ABOUT, IN_NAMES
from federation.node.rooms import rooms

NAMES_A_MEMBER = frozenset({"code", "account", "payer", "payee", "path", "post", "token"})
NO_LOOK = {
    # what it names is nobody here, or hears of it anyway
    "member.add": {"code"},  # new
    "transfer.show": {"path"},  # tells of no member
    "post.show": {"post"},  # what every member sees
    "trade.ask": {"payer"},  # is asked
    **{name: {"code"} for name in ("thread.start", "trade.quote", "thanks.list", "member.block")},
    **{f"partner.{deed}": {"code"} for deed in ("show", "reach", "pause", "ask", "reverse")},
    # the other of the two, who sees the booking, or is of another group
    "pay": {"payee"},
    "pay.request": {"payer"},
}


def commands() -> dict[str, ControlCommand]:
    found = dict(COMMANDS)
    for room in rooms():
        found.update(room.commands)
    return found


def fields(command: ControlCommand) -> set[str]:
    return {field.name for field in msgspec.structs.fields(command.arguments)}


def test_every_command_is_classed_and_nothing_else_is() -> None:
    assert set(commands()) == set(ABOUT)


def test_a_command_is_classed_by_fields_that_it_has() -> None:
    wrong = [n for n, command in commands().items() if not set(ABOUT[n].fields) <= fields(command)]
    assert wrong == []


def test_what_names_a_member_is_about_that_member_or_said_to_be_no_look() -> None:
    left = {
        name: rest
        for name, command in commands().items()
        if (rest := (fields(command) & NAMES_A_MEMBER) - set(ABOUT[name].fields))
    }
    assert left == NO_LOOK


def test_only_a_list_and_how_long_the_register_is_kept_are_about_everybody() -> None:
    everybody = {name: one.what for name, one in ABOUT.items() if one.what and not one.fields}
    assert everybody.pop("retention.set") is What.CHANGED
    assert set(everybody.values()) == {What.LISTED}


def test_whoever_is_named_as_doing_it_is_told_whatever_the_command() -> None:
    said = {name for name, command in commands().items() if fields(command) & set(IN_NAMES)}
    assert {"member.show", "thread.start", "collective.book", "line.freeze"} <= said
