"""A group ends when every member and every line stands at zero, and not before."""

from __future__ import annotations

from pathlib import Path

import pytest

from events.restore import Mode
from federation.group.closing import plan
from federation.leaving.log_file import opened_export
from schemas.errors import Code, RefusedError
from tests.federation.world.backups import pay
from tests.federation.world.conftest import World, eventually, lines


async def test_a_group_ends_once_members_and_lines_stand_at_zero(
    world: World, tmp_path: Path
) -> None:
    a, b = await world.pair()
    await pay(a)  # 001 owes, and so does the group on its line
    await eventually(lambda: lines(a)[0].paid_units == lines(b)[0].credited_units > 0)
    file = tmp_path / "alfa.zip"

    begun = await a.ask("close-group.go")

    assert not begun["done"]
    (member,) = [one for one in begun["members"] if one["balance_minor"]]
    assert (member["code"], member["leaving"]) == ("001", True)
    assert [line["waits_for"] for line in begun["lines"]] == ["members"]
    with pytest.raises(RefusedError) as error:
        await a.ask("close-group.end", file=str(file))
    assert error.value.code is Code.GROUP_NOT_CLEAR
    assert not file.exists()
    # the other gives back, so that the leaver comes to zero, and the line too
    back = -member["balance_minor"]
    await b.ask("pay", payer="002", payee="001", amount_minor=back, group="alfa")
    await eventually(lambda: lines(a)[0].balance_units == 0)

    def everybody_gone() -> bool:
        statuses = {x.status for x in a.node.machine.books.ledger.accounts.values() if x.subject}
        return {str(status) for status in statuses} == {"inactive"}

    await eventually(everybody_gone)
    assert (await a.ask("close-group.go"))["done"]
    await eventually(lambda: lines(b)[0].own_closed)
    await a.ask("close-group.end", file=str(file))

    assert a.node.gate.mode is Mode.READ_ONLY
    with opened_export(file) as opened:
        opened.require_whole()


async def test_a_line_that_owes_us_is_settled_when_nobody_is_left_and_not_before(
    world: World,
) -> None:
    a, b = await world.pair()
    await pay(a)
    await eventually(lambda: lines(a)[0].paid_units == lines(b)[0].credited_units > 0)
    (secretariat,) = [x["code"] for x in await b.ask("account.list") if x["kind"] == "group"]

    assert not (await b.ask("close-group.go"))["done"]
    await b.ask("pay", payer="002", payee=secretariat, amount_minor=30, description="x")
    await eventually(lambda: not plan(b.node.machine.books).members)
    owed = await b.ask("close-group")
    assert [line["waits_for"] for line in owed["lines"]] == ["us"]

    assert (await b.ask("close-group.go"))["done"]
    assert lines(b)[0].balance_units == 0
    await eventually(lambda: lines(a)[0].own_closed)
