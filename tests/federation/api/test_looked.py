"""What programs see and change about members by a right is in the same register as of pages."""

from __future__ import annotations

import pytest

from federation.api.operation import Operation
from federation.api.table import OPERATIONS
from federation.api.tokens import TokenRole
from federation.node.looked import looks_about
from tests.federation.api.conftest import Asker
from tests.federation.api.test_walk import walk
from tests.federation.api.walking import Walk

__all__ = ["walk"]

ABOUT_NOBODY = frozenset(
    {
        *("group", "me", "partners", "rules", "rules_set", "lines", "line", "categories"),
        *("category_place", "category_change", "category_order", "category_end", "feed_post"),
        *("picture", "feed_picture", "activities", "activity", "post", "items", "calendar"),
        *("item", "item_place", "item_change", "item_remove", "file_take", "file", "report_handle"),
        *("terms_propose", "terms_answer", "member_add", "mailed_groups", "mailed_reverse"),
    }
)
"""What tells of no member by a right, or what every member sees; a reversal is told by mail."""
ABOUT_A_LINE = {"limit_lower": "line_limit", "freeze": "line_pause"}
"""What one coordinator decides alone, and everybody may read."""


async def seen(walk: Walk, by: str = "003") -> set[str]:
    """Give what the register says that somebody did about member 001, and forget it."""
    group = walk.group.node
    found = await looks_about(group, group.machine.books.ledger.codes["001"])
    await group.pool.execute("DELETE FROM looked")
    return {look.what.value for look in found if look.code == by}


async def walked(walk: Walk, asker: Asker, operation: Operation) -> set[str] | None:
    """Ask, and give what is in the register; nothing where it was refused."""
    await seen(walk)
    answer = await walk.ask(asker, operation)
    return await seen(walk) if answer.status < 400 else None


def wanted(operation: Operation) -> set[str]:
    if operation.name in ABOUT_NOBODY:
        return set()
    if operation.name in ABOUT_A_LINE:
        return {ABOUT_A_LINE[operation.name]}
    if operation.name in {"accounts", "members", "books", "reports", "mailed_group"}:
        return {"listed"}
    if operation.method == "GET":
        told = {"statement", "months", "bookings", "trades", "quote"}
        bookings = told & set(operation.path.split("/"))
        named = operation.name == "search"
        return {"acted"} if named else {"bookings"} if bookings else {"profile"}
    in_place = "{code}" in operation.path or "{post}" in operation.path
    return {"changed"} if in_place else {"acted"}


@pytest.mark.parametrize("role", [TokenRole.COORDINATOR, TokenRole.AUDITOR])
async def test_every_operation_by_a_right_leaves_its_trace(walk: Walk, role: TokenRole) -> None:
    asker = await walk.group.token(role.value, "003")
    wrong, answered = [], 0
    for operation in OPERATIONS:
        if role not in operation.roles:
            continue
        found = await walked(walk, asker, operation)
        if found is None:
            continue
        answered += 1
        if found != wanted(operation):
            wrong.append(f"{operation.name}: {sorted(found)}, not {sorted(wanted(operation))}")

    assert wrong == []
    assert answered > 10


async def test_what_a_helper_does_by_a_program_is_told_and_what_one_does_itself_is_not(
    walk: Walk,
) -> None:
    await walk.group.world_node.ask("member.helper", code="001", helper="002")
    own, helper = await walk.group.token("member", "001"), await walk.group.token("member", "002")
    await seen(walk)

    await helper.get("/accounts/001/statement")
    assert await seen(walk, "002") == {"acted"}
    said = {"payer": "001", "payee": "004", "amount_minor": 1}
    assert (await helper.post("/transfers", said, "k1")).status == 201
    assert await seen(walk, "002") == {"changed"}
    await helper.get("/members/004")
    await own.get("/accounts/001/statement")
    assert await walk.group.node.pool.fetchval("SELECT count(*) FROM looked") == 0


async def test_what_is_refused_to_a_program_is_no_look(walk: Walk) -> None:
    auditor = await walk.group.token("auditor", "003")
    await seen(walk)

    assert (await auditor.get("/accounts/999/statement")).status == 404
    assert (await auditor.get("/members/001")).status == 403

    assert await walk.group.node.pool.fetchval("SELECT count(*) FROM looked") == 0
