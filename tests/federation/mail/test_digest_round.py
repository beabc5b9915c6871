"""Digests of a running node: each edition once, after a crash too, and as each has chosen."""

from __future__ import annotations

import pytest

from federation.mail import choices, digest_choices
from federation.mail.digest import DAY_S, Block, Rhythm
from federation.mail.digest_choices import Setting, Wish
from federation.mail.digest_days import LATE_S, due_s, next_due_s
from federation.mail.digest_round import Digests
from federation.mail.kinds import MailKind
from federation.mail.office import PostOffice, office_of
from federation.mail.outbox import forget
from federation.members import board
from federation.members.projector import reached
from federation.members.reader import OPERATOR
from federation.node.service import now_s
from federation.node.use_cases import new_key
from schemas.board_bodies import ItemKind
from schemas.errors import Code, RefusedError
from tests.federation.mail.test_office import MAILBOX, account, with_mail
from tests.federation.world.conftest import World, WorldNode

FRIDAY = 4
WEEK_S = 7 * DAY_S
ALL = ["Anna", "Bert", "Carla"]


class Week:
    """A node whose digests have begun, and the editions after, at moments of the test."""

    def __init__(self, node: WorldNode) -> None:
        self.node = node
        self.office = office_of(node.node)
        self.due_s = next_due_s(now_s(), self.office.zone, FRIDAY)
        self.restart()

    def restart(self) -> None:
        self.digests = Digests(self.node.node, self.office)

    async def place(self, code: str, title: str) -> None:
        ends_s = now_s() + 300 * DAY_S
        await self.node.ask("post.place", by=code, title=title, expires_at_s=ends_s)
        await reached(self.node.node, self.node.node.sequencer.size - 1)

    async def edition(self, late_s: int = 0) -> int:
        return await self.digests.round(self.due_s + late_s)

    def next(self) -> None:
        self.due_s = next_due_s(self.due_s, self.office.zone, FRIDAY)

    async def mails(self) -> list[tuple[str, list[str]]]:
        """Give who was told which titles, and forget the mails."""
        rows = await self.node.node.pool.fetch(
            "DELETE FROM plain.mail WHERE kind = 'digest' RETURNING name, text"
        )
        return sorted(
            (
                row["name"],
                sorted(line[2:] for line in row["text"].splitlines() if line.startswith("* ")),
            )
            for row in rows
        )


@pytest.fixture
async def week(world: World) -> Week:
    return await begun(world)


async def begun(world: World) -> Week:
    node = await with_mail(world, MAILBOX)
    made = Week(node)
    await made.place("001", "Van vroeger")
    await made.digests._begin(due_s(now_s(), made.office.zone, FRIDAY))
    return made


async def test_an_edition_is_told_once_and_the_next_tells_what_came_since(week: Week) -> None:
    await week.place("001", "Fiets")

    assert await week.edition() == 2
    assert await week.mails() == [("Bert", ["Fiets"]), ("Carla", ["Fiets"])]
    for _ in range(2):
        week.restart()
        assert await week.edition(late_s=3600) == 0

    week.next()
    await week.place("002", "Taart")
    assert await week.edition() == 2
    assert await week.mails() == [("Anna", ["Taart"]), ("Carla", ["Taart"])]
    week.next()
    assert await week.edition() == 0  # nothing new: no mail


async def test_a_process_that_dies_between_two_goes_on_with_the_other(
    week: Week, monkeypatch: pytest.MonkeyPatch
) -> None:
    await week.place("001", "Fiets")
    put = PostOffice.put
    told: list[object] = []

    async def dies(self: PostOffice, connection: object, letter: object) -> bool:
        if told:
            raise SystemExit
        told.append(letter)
        return await put(self, connection, letter)  # type: ignore[arg-type]

    monkeypatch.setattr(PostOffice, "put", dies)
    with pytest.raises(SystemExit):
        await week.edition()
    monkeypatch.undo()
    await week.place("003", "Later")  # belongs to the next edition for everybody
    week.restart()

    assert await week.edition(late_s=60) == 1
    assert await week.mails() == [("Bert", ["Fiets"]), ("Carla", ["Fiets"])]
    week.next()
    assert await week.edition() == 2
    assert await week.mails() == [("Anna", ["Later"]), ("Bert", ["Later"])]


async def test_lost_tables_begin_anew_and_repeat_nothing(week: Week) -> None:
    await week.place("001", "Fiets")
    await week.edition()
    await week.mails()
    await week.node.node.pool.execute("DELETE FROM plain.digest_progress")
    await week.node.node.pool.execute("DELETE FROM plain.digest_told")
    await week.node.node.pool.execute("DELETE FROM plain.digest_known")
    week.restart()

    assert await week.edition(late_s=60) == 0  # begins here
    week.next()
    await week.place("001", "Taart")
    assert await week.edition() == 2
    assert await week.mails() == [("Bert", ["Taart"]), ("Carla", ["Taart"])]


async def test_everybody_gets_what_it_has_chosen(week: Week) -> None:
    pool = week.node.node.pool
    anna, bert, carla = (account(week.node, code) for code in ("001", "002", "003"))
    await digest_choices.set_wish(pool, anna, 0, Wish(Rhythm.WEEKLY, frozenset({Block.NEWS})))
    await digest_choices.set_wish(pool, bert, 0, Wish(Rhythm.MONTHLY))
    await choices.choose(pool, carla, 0, MailKind.DIGEST, wanted=False, now_s=now_s())
    form = board.ItemForm(title="Feest", text="Komt allen", starts_at_s=now_s())
    await board.place(week.node.node, OPERATOR, ItemKind.NEWS, form, key=new_key())
    form = board.ItemForm(title="Ruilbeurs", starts_at_s=week.due_s + DAY_S)
    await board.place(week.node.node, OPERATOR, ItemKind.DATE, form, key=new_key())
    await week.place("003", "Fiets")

    told: list[tuple[str, list[str]]] = []
    for _ in range(6):
        await week.edition()
        told += await week.mails()
        week.next()

    everything = {("Anna", ("Feest",)), ("Bert", ("Feest", "Fiets", "Ruilbeurs"))}
    late = {("Anna", ("Feest",)), ("Bert", ("Feest", "Fiets"))}  # the fair was over by then
    assert {(name, tuple(titles)) for name, titles in told} in (everything, late)
    assert len(told) == 2


async def test_switched_off_or_far_too_late_nothing_goes(week: Week) -> None:
    await week.place("001", "Fiets")
    pool = week.node.node.pool
    await digest_choices.set_setting(week.node.node, OPERATOR, Setting(active=False))
    assert await week.edition() == 0
    await digest_choices.set_setting(week.node.node, OPERATOR, Setting())
    assert await week.edition(late_s=LATE_S) == 0
    week.next()

    assert await week.edition() == 2  # what was left out is told now
    assert await pool.fetchval("SELECT count(*) FROM plain.mail WHERE kind = 'digest'") == 2


async def test_a_test_goes_once_to_who_asks_and_uses_nothing_up(week: Week) -> None:
    await week.place("001", "Fiets")
    bert = account(week.node, "002")

    for _ in range(2):
        await week.digests.test(bert, 0, key="k1")
    assert await week.mails() == [("Bert", ["Fiets", "Van vroeger"])]
    with pytest.raises(RefusedError) as refused:
        await week.digests.test(bert, 5, key="k2")
    assert refused.value.code is Code.NOT_FOUND
    await week.edition()
    assert ("Bert", ["Fiets"]) in await week.mails()


async def test_erasing_forgets_what_somebody_chose_and_was_told(week: Week) -> None:
    await week.place("001", "Fiets")
    pool, bert = week.node.node.pool, account(week.node, "002")
    await digest_choices.set_wish(pool, bert, 0, Wish(Rhythm.WEEKLY, frozenset({Block.HERE})))
    await week.edition()

    async with pool.acquire() as connection:
        await forget(connection, bert)

    left = await pool.fetchval(
        "SELECT (SELECT count(*) FROM digest_choice WHERE account = $1)"
        " + (SELECT count(*) FROM plain.digest_told WHERE account = $1)"
        " + (SELECT count(*) FROM plain.mail WHERE account = $1)",
        bert,
    )
    assert left == 0
