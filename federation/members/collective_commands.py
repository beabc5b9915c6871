"""The commands of the control socket for collective bookings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.group.collective import Beyond
from federation.group.collective_recipes import Basis, Whom
from federation.members import collective
from federation.members.collective import Recipe
from federation.members.thread_commands import Deed
from federation.node.control_shapes import ControlCommand
from federation.node.use_cases import account_by_code
from schemas.ids import Amount, Count

if TYPE_CHECKING:
    from federation.node.service import Node


class Between(Deed, frozen=True, kw_only=True):
    """Who takes part, and for how much."""

    one: str = ""
    """The code of the account on the one side; the group's own when it is left out."""
    gives: bool = False
    basis: Basis = Basis.EACH
    amount_minor: Amount = 0
    whom: Whom = Whom.ALL
    members: tuple[str, ...] = ()
    """Codes of who takes part instead."""
    amounts_minor: tuple[Amount, ...] = ()
    """Own amounts of these members, in the same order."""
    beyond: Beyond = Beyond.SKIP


class BookIt(Between, frozen=True, kw_only=True):
    """Book it as it would be shown now."""

    description: str


class GiveBack(Deed, frozen=True, kw_only=True):
    """Give a collective booking back."""

    original: Count
    description: str = ""


def _recipe(node: Node, asked: Between) -> Recipe:
    reader = asked.reader(node)
    if asked.one:
        collective.require(reader)
        one = account_by_code(node, asked.one, field="payer").account
    else:
        one = collective.group_account(node, reader)
    members = [account_by_code(node, code, field="shares").account for code in asked.members]
    amounts: tuple[int | None, ...] = asked.amounts_minor or (None,) * len(members)
    return Recipe(
        one=one,
        gives=asked.gives,
        basis=asked.basis,
        amount_minor=asked.amount_minor,
        whom=asked.whom,
        named=tuple(zip(members, amounts, strict=False)),
        beyond=asked.beyond,
    )


async def collective_plan(node: Node, asked: Between) -> Any:
    """Say what would be booked."""
    return await collective.plan(node, asked.reader(node), _recipe(node, asked))


async def collective_book(node: Node, asked: BookIt) -> Any:
    """Book it."""
    reader, key = asked.reader(node), asked.once()
    before = await collective.booked_under(node, reader, key)
    if before is not None:
        return before
    recipe = _recipe(node, asked)
    planned = await collective.plan(node, reader, recipe)
    return await collective.book(
        node,
        reader,
        one=recipe.one,
        gives=recipe.gives,
        shares=planned.shares,
        description=asked.description,
        key=key,
    )


async def collective_give_back(node: Node, asked: GiveBack) -> Any:
    """Give it back."""
    return await collective.give_back(
        node,
        asked.reader(node),
        asked.original,
        key=asked.once(),
        description=asked.description,
    )


async def collective_list(node: Node, asked: Deed) -> Any:
    """List those of the group's own account."""
    return await collective.made(node, asked.reader(node))


COMMANDS = {
    "collective.plan": ControlCommand(Between, collective_plan),
    "collective.book": ControlCommand(BookIt, collective_book),
    "collective.reverse": ControlCommand(GiveBack, collective_give_back),
    "collective.list": ControlCommand(Deed, collective_list),
}
