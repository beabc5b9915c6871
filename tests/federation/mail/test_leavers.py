"""Who left long ago: told once by mail, erased fourteen days later, over real tables."""

from __future__ import annotations

import re

import pytest

from federation.group.leavers import Notice
from federation.mail.closing_links import read_link
from federation.mail.leavers import Leavers
from federation.mail.office import office_of
from federation.mail.reminders import Reminders
from federation.members import erasing
from federation.node import retention
from federation.node.looked import What, looks_about
from federation.node.rebuild import rebuild_tables
from federation.node.service import Node, now_s
from federation.node.use_cases import set_status
from federation.node.verify import verify_log
from schemas.bodies import AccountStatus
from schemas.errors import Code, RefusedError
from tests.federation.mail.test_office import MAILBOX, account, with_mail
from tests.federation.mail.test_telling import mails
from tests.federation.web.test_retention import at_work
from tests.federation.world.conftest import World, WorldNode

DAY_S = 86_400
GONE, ACTIVE = AccountStatus.INACTIVE, AccountStatus.ACTIVE
TOLD_S = 181 * DAY_S
"""So long after it left somebody is told, where the group chose 180 days."""
ERASED_S = TOLD_S + 14 * DAY_S


class Leaver:
    """A group that chose 180 days, of which Bert left; moments count from when the test began."""

    def __init__(self, of_world: WorldNode) -> None:
        self.world = of_world
        self.begun_s = now_s()

    @property
    def node(self) -> Node:
        return self.world.node

    async def tell(self, after_s: int) -> int:
        return await Leavers(self.node, office_of(self.node)).round(self.begun_s + after_s)

    async def erase(self, after_s: int) -> int:
        return await erasing.erase_left(self.node, at_s=self.begun_s + after_s)

    async def told(self) -> list[tuple[str, int]]:
        known, codes = await retention.leaving(self.node), self.node.machine.books.ledger.accounts
        return [(codes[one.account].code, one.told_at_s - self.begun_s) for one in known.told]

    async def mailed(self) -> list[str]:
        return [name for name, _ in await mails(self.world)]

    async def again(self) -> None:
        """Stop the process, and start it again."""
        await self.world.stop()
        await self.world.start()

    def is_erased(self, code: str = "002") -> bool:
        return self.node.machine.books.members.is_erased(account(self.world, code))

    async def becomes(self, status: AccountStatus, after_s: int = 0) -> None:
        """Give Bert a status, at a moment."""
        self.node.sequencer._clock = lambda: self.begun_s + after_s
        await set_status(self.node, "002", status)


@pytest.fixture
async def left(world: World, monkeypatch: pytest.MonkeyPatch) -> Leaver:
    monkeypatch.setattr(erasing, "TICK_S", 10**6)  # only what a test lets happen at a moment
    node = await with_mail(world, MAILBOX)
    await retention.keep_left(node.node, account(node, "003"), 180)
    made = Leaver(node)
    await made.becomes(GONE)
    return made


async def test_who_left_long_ago_is_told_once_then_erased(left: Leaver) -> None:
    assert await left.tell(TOLD_S - 2 * DAY_S) == 0
    for _ in range(2):
        assert await left.erase(TOLD_S) == 0
        await left.tell(TOLD_S)
        await left.again()
        await left.tell(TOLD_S + DAY_S)
    assert await left.mailed() == ["Bert"]
    assert await left.told() == [("002", TOLD_S)]
    assert await left.erase(ERASED_S - 1) == 0
    assert not left.is_erased()

    assert await left.erase(ERASED_S) == 1

    assert left.is_erased()
    assert not left.is_erased("001")
    assert (await left.told(), await left.mailed()) == ([], [])
    assert await left.erase(ERASED_S) == await left.tell(ERASED_S) == 0
    assert (await verify_log(left.world.folder)).findings == []


async def test_the_mail_says_when_and_hands_out_all_that_is_there(left: Leaver) -> None:
    await left.tell(TOLD_S)

    (row,) = await left.node.pool.fetch("SELECT subject, text FROM plain.mail")
    assert row["subject"].startswith("alfa wist je gegevens op ")
    assert "De groep bewaart gegevens van wie weg is 180 dagen." in " ".join(row["text"].split())
    token = re.search(r"/my-data/(\S+)", row["text"])
    assert token is not None
    last_s = left.begun_s + ERASED_S - 1
    link, reader = read_link(left.node, token[1], now_s=last_s)
    assert (link.account, reader.account) == (account(left.world, "002"),) * 2
    with pytest.raises(RefusedError) as refused:
        read_link(left.node, token[1], now_s=last_s + 1)
    assert refused.value.code is Code.EXPIRED


async def test_everybody_of_a_household_is_told_and_erased(left: Leaver) -> None:
    await left.becomes(ACTIVE)
    await left.world.ask("member.join", code="002", name="Kim", address="kim@mail.be", by="002")
    await left.becomes(GONE)

    assert await left.tell(TOLD_S + 60) == 1
    assert sorted(await left.mailed()) == ["Bert", "Kim"]
    assert await left.erase(ERASED_S + 60) == 1

    rows = await left.node.pool.fetch(
        "SELECT name FROM plain.person WHERE name <> '' ORDER BY name"
    )
    assert [row["name"] for row in rows] == ["Anna", "Carla"]


async def test_who_comes_back_is_not_erased_and_what_it_was_told_is_over(left: Leaver) -> None:
    await left.tell(TOLD_S)
    await left.becomes(ACTIVE)

    assert await left.erase(ERASED_S) == 0

    assert await left.told() == []
    assert left.node.machine.books.ledger.accounts[account(left.world, "002")].status is ACTIVE


async def test_who_comes_back_and_leaves_again_is_told_again(left: Leaver) -> None:
    await left.tell(TOLD_S)
    await left.becomes(ACTIVE, TOLD_S)
    await left.becomes(GONE, TOLD_S)

    assert await left.erase(ERASED_S) == 0
    assert await left.tell(ERASED_S) == 0
    assert await left.tell(2 * TOLD_S) == 1
    assert await left.mailed() == ["Bert", "Bert"]


async def test_a_group_that_chooses_never_again_erases_nobody_and_forgets(left: Leaver) -> None:
    await left.tell(TOLD_S)
    await retention.keep_left(left.node, None, None)
    assert await left.told() == []
    await retention.keep_left(left.node, None, 180)
    assert await left.erase(ERASED_S) == 0

    assert await left.tell(ERASED_S) == 1
    assert await left.mailed() == ["Bert", "Bert"]


async def test_a_group_that_chooses_longer_forgets_what_it_told(left: Leaver) -> None:
    await left.tell(TOLD_S)
    await retention.keep_left(left.node, None, 300)

    assert await left.erase(ERASED_S) == await left.tell(ERASED_S) == 0

    assert await left.told() == []


async def test_a_group_that_chose_nothing_tells_and_erases_nobody(left: Leaver) -> None:
    await left.node.pool.execute("DELETE FROM retention")
    assert await retention.left_days(left.node) is None

    assert await left.tell(50 * TOLD_S) == await left.erase(50 * TOLD_S) == 0


async def test_who_is_not_at_zero_is_neither_told_nor_erased_until_it_is(left: Leaver) -> None:
    await left.becomes(ACTIVE)
    await left.world.ask("pay", payer="002", payee="001", amount_minor=5)
    await left.becomes(GONE)
    assert await left.tell(TOLD_S) == 0

    await left.becomes(ACTIVE)
    await left.world.ask("pay", payer="001", payee="002", amount_minor=5)
    await left.becomes(GONE)
    assert await left.tell(TOLD_S + 60) == 1


async def test_what_is_under_way_puts_the_notice_off(left: Leaver) -> None:
    await left.becomes(ACTIVE)
    asked = await left.world.ask("trade.ask", by="001", payer="002", amount_minor=5)
    await left.becomes(GONE)
    assert await left.tell(TOLD_S) == 0
    await left.becomes(ACTIVE)
    await left.world.ask("trade.decline", by="002", trade=asked["id"])
    await left.becomes(GONE)

    assert await left.tell(TOLD_S) == 1


async def test_what_is_under_way_puts_it_off_until_it_is_looked_at_again(left: Leaver) -> None:
    await left.tell(TOLD_S)
    late = left.node.machine.books.ledger.balances.base  # as another group may book, late
    late[account(left.world, "002")] = 5
    assert await left.erase(ERASED_S) == 0
    assert await left.told() == [("002", TOLD_S)]
    late[account(left.world, "002")] = 0

    assert await left.erase(ERASED_S + DAY_S) == 1


async def test_who_has_no_address_is_erased_all_the_same(left: Leaver) -> None:
    await left.node.pool.execute("UPDATE plain.person SET address = '' WHERE name = 'Bert'")

    assert await left.tell(TOLD_S) == 1
    assert await left.mailed() == []
    assert await left.erase(ERASED_S) == 1


async def test_it_is_a_mail_that_nobody_can_stop(left: Leaver) -> None:
    pool, bert = left.node.pool, account(left.world, "002")
    await pool.execute("INSERT INTO mail_choice VALUES ($1, 0, 'left', 0)", bert)

    assert await left.tell(TOLD_S) == 1

    assert await pool.fetchval("SELECT stop_url FROM plain.mail WHERE kind = 'left'") == ""


async def test_a_mail_that_cannot_be_put_down_leaves_no_notice(
    left: Leaver, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = office_of(left.node)

    async def dies(*_: object) -> bool:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(office, "put", dies)
        with pytest.raises(ConnectionError):
            await left.tell(TOLD_S)
    assert await left.told() == []

    assert await left.tell(TOLD_S) == 1
    assert await left.mailed() == ["Bert"]


async def test_a_notice_that_another_round_wrote_meanwhile_is_told_by_that_one(
    left: Leaver,
) -> None:
    office, bert = office_of(left.node), account(left.world, "002")
    people = await office.people(bert)
    for at_s in (1, 2):
        notice, leavers = (
            Notice(bert, left.begun_s, left.begun_s + at_s),
            Leavers(left.node, office),
        )
        await leavers._tell(notice, leavers._letters(people, notice, 180))

    assert await left.told() == [("002", 1)]
    assert await left.mailed() == ["Bert"]


async def test_a_running_node_tells_with_its_other_reminders(left: Leaver) -> None:
    for _ in range(2):
        await Reminders(left.node, office_of(left.node)).round(left.begun_s + TOLD_S)

    assert await left.mailed() == ["Bert"]


async def test_a_running_node_erases_with_its_other_erasing(
    left: Leaver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await left.tell(TOLD_S)
    monkeypatch.setattr(erasing, "TICK_S", 0.01)
    monkeypatch.setattr(erasing, "now_s", lambda: left.begun_s + ERASED_S)

    async def erased() -> bool:
        return left.is_erased()

    await at_work(erasing.run(left.node), erased)

    assert left.is_erased()


async def test_the_register_says_that_the_groups_own_choice_did_it(left: Leaver) -> None:
    await left.tell(TOLD_S)
    await left.erase(ERASED_S)

    found = await looks_about(left.node, account(left.world, "001"))
    entries = [one for one in found if one.what is What.LEFT_ERASED]
    assert [(one.by_account, one.about, one.times, one.name) for one in entries] == [(0, 0, 1, "")]
    assert await looks_about(left.node, account(left.world, "002")) == found


async def test_since_when_somebody_is_gone_is_filled_in_from_the_log(left: Leaver) -> None:
    number = account(left.world, "002")
    since_s = left.node.machine.books.ledger.accounts[number].left_s
    assert since_s is not None
    settings = left.world.folder.settings()
    await left.node.pool.execute("UPDATE account SET left_s = NULL")
    assert (await verify_log(left.world.folder)).findings
    await left.world.stop()
    await rebuild_tables(settings.database, settings.database_owner)
    await left.world.start()

    assert left.node.machine.books.ledger.accounts[number].left_s == since_s
    assert (await verify_log(left.world.folder)).findings == []
