"""A whole digest, over real feeds and tables: near first, other groups' too, and nothing twice."""

from __future__ import annotations

from typing import Any

import pytest

from federation.mail import digest_choices
from federation.mail.digest import DAY_S, Block, Rhythm
from federation.mail.digest_choices import Wish
from federation.mail.digest_days import month_due_s
from federation.members import activities, board, feed_serving, roles
from federation.members.activities import ActivityForm
from federation.members.projector import reached
from federation.members.reader import OPERATOR, Reader
from federation.node.service import now_s
from federation.node.use_cases import new_key
from schemas.board_bodies import ItemKind
from tests.federation.mail.test_digest_round import Week, begun
from tests.federation.mail.test_office import account
from tests.federation.world.conftest import World, WorldNode
from tests.federation.world.feed_posts import read_feed

GENT, GENTBRUGGE, SINT_AMANDSBERG, ANTWERPEN, LUIK = "9000", "9050", "9040", "2000", "4000"


class Two:
    """Group alfa, whose digests have begun, and beta, whose offers it reads."""

    def __init__(self, week: Week, beta: WorldNode) -> None:
        self.week = week
        self.here = week.node
        self.beta = beta

    def reader(self, code: str) -> Reader:
        return roles.reader_of(self.here.node, account(self.here, code))

    async def offer(self, title: str, postcode: str = "", **said: Any) -> int:
        """Let Marc of beta offer something."""
        fields = {"expires_at_s": now_s() + 300 * DAY_S, "visibility": "interlets", **said}
        made = await self.beta.ask("post.place", by="001", title=title, postcode=postcode, **fields)
        return int(made["post"])

    async def read(self) -> None:
        """Read what beta offers, and let that be as late as the edition is."""
        for node in (self.here, self.beta):
            await reached(node.node, node.node.sequencer.size - 1)
        await read_feed(self.here, self.beta)
        await self.here.node.pool.execute(
            "UPDATE plain.post SET refreshed_at_s = $1 WHERE node <> ''", self.week.due_s
        )

    async def tell(self, kind: ItemKind, title: str, days: int = 0) -> None:
        starts_at_s = self.week.due_s + days * DAY_S if days else now_s()
        form = board.ItemForm(title=title, text="Komt allen", starts_at_s=starts_at_s)
        await board.place(self.here.node, OPERATOR, kind, form, key=new_key())

    async def together(self, title: str, days: int) -> int:
        """Let Anna ask who comes along, so many days after the edition."""
        starts = self.week.due_s + days * DAY_S
        form = ActivityForm(title, starts, starts + 3600, "Breng een schaar mee.", "Park")
        made = await activities.place(self.here.node, self.reader("001"), form, key=new_key())
        return made.activity

    async def wish(self, code: str, rhythm: Rhythm, *blocks: Block) -> None:
        wanted = Wish(rhythm, frozenset(blocks or Block))
        await digest_choices.set_wish(self.here.node.pool, account(self.here, code), 0, wanted)

    async def told(self) -> dict[str, list[str]]:
        """Write the edition, and give what each was told, in its order."""
        await self.read()
        await self.week.edition()
        rows = await self.here.node.pool.fetch(
            "DELETE FROM plain.mail WHERE kind = 'digest' RETURNING name, text"
        )
        return {
            row["name"]: [line[2:] for line in row["text"].splitlines() if line.startswith("* ")]
            for row in rows
        }


@pytest.fixture
async def two(world: World, monkeypatch: pytest.MonkeyPatch) -> Two:
    monkeypatch.setattr(feed_serving, "REST", 0)
    week = await begun(world)
    beta = await world.make("beta", 60)
    await world.link(week.node, beta)
    await beta.ask("member.add", code="001", name="Marc")
    for code, postcode in (("001", GENT), ("002", GENTBRUGGE), ("003", ANTWERPEN)):
        await week.node.ask("member.describe", code=code, postcode=postcode)
    return Two(week, beta)


async def test_all_blocks_stand_in_order_and_the_nearest_come_first(two: Two) -> None:
    place = two.week.place
    await place("003", "Ver brei")
    await place("001", "Soep")
    await place("002", "Zaag")
    await two.offer("Kaas uit Luik", LUIK)
    await two.offer("Nergens")
    await two.offer("Ladder om de hoek", SINT_AMANDSBERG)
    await two.offer("Geheim", SINT_AMANDSBERG, visibility="members")
    await two.tell(ItemKind.NEWS, "Feest")
    await two.tell(ItemKind.DATE, "Ruilbeurs", days=3)
    await two.tell(ItemKind.DATE, "Over een half jaar", days=180)
    await two.together("Haag snoeien", days=2)

    told = await two.told()

    first = ["Feest", "Haag snoeien", "Ruilbeurs"]
    assert told["Anna"] == [*first, "Zaag", "Ver brei", "Ladder om de hoek", "Nergens"]
    assert told["Bert"] == [*first, "Soep", "Ver brei", "Ladder om de hoek", "Nergens"]
    assert told["Carla"][:3] == first
    assert sorted(told["Carla"][3:5]) == ["Soep", "Zaag"]
    assert told["Carla"][5:] == ["Nergens"], "what other groups offer from afar is left out"


async def test_nothing_is_told_twice_whatever_becomes_of_it(two: Two) -> None:
    made = await two.here.ask(
        "post.place", by="001", title="Soep", expires_at_s=now_s() + 200 * DAY_S
    )
    ladder = await two.offer("Ladder", SINT_AMANDSBERG)
    await two.tell(ItemKind.NEWS, "Feest")
    await two.tell(ItemKind.DATE, "Ruilbeurs", days=20)
    bees = await two.together("Haag snoeien", days=20)
    once = (await two.told())["Bert"]

    later_s = now_s() + 250 * DAY_S
    await two.here.ask("post.renew", by="001", post=made["post"], expires_at_s=later_s)
    said = {"title": "Ladder, ook hoge", "expires_at_s": later_s, "visibility": "interlets"}
    await two.beta.ask("post.place", by="001", post=ladder, **said)
    starts = two.week.due_s + 21 * DAY_S
    form = ActivityForm("Haag snoeien, een dag later", starts, starts + 60, "", "Park")
    anna = two.reader("001")
    await activities.place(two.here.node, anna, form, key=new_key(), activity=bees)
    await two.here.node.pool.execute("DELETE FROM plain.post WHERE node <> ''")  # all comes anew
    two.week.next()
    await two.offer("Boor", SINT_AMANDSBERG)
    twice = await two.told()
    two.week.next()

    assert sorted(once) == ["Feest", "Haag snoeien", "Ladder", "Ruilbeurs", "Soep"]
    assert twice["Bert"] == ["Boor"]
    assert await two.told() == {}, "nothing new: no mail"


async def test_what_has_ended_before_its_edition_is_not_told(two: Two) -> None:
    made = await two.here.ask("post.place", by="001", title="Soep", expires_at_s=now_s() + 99_999)
    ladder = await two.offer("Ladder", SINT_AMANDSBERG)
    bees = await two.together("Haag snoeien", days=2)
    await two.read()
    await two.here.ask("post.end", by="001", post=made["post"])
    await two.beta.ask("post.end", by="001", post=ladder)
    await activities.cancel(two.here.node, two.reader("001"), bees)

    assert await two.told() == {}


async def test_weekly_and_monthly_tell_the_same_things_once_each(two: Two) -> None:
    await two.wish("002", Rhythm.MONTHLY)
    weekly: list[list[str]] = []
    monthly: list[str] = []
    monthly_at: list[int] = []
    for week in range(5):  # at least one of five mornings is the first of its month
        await two.week.place("003", f"Hier {week}")
        await two.offer(f"Elders {week}", SINT_AMANDSBERG)
        told = await two.told()
        weekly.append(told["Anna"])
        first = month_due_s(two.week.due_s, two.week.office.zone) == two.week.due_s
        assert ("Bert" in told) is first
        if "Bert" in told:
            monthly += told["Bert"]
            monthly_at.append(week)
        two.week.next()

    assert weekly == [[f"Hier {week}", f"Elders {week}"] for week in range(5)]
    assert monthly_at
    so_far = range(monthly_at[-1] + 1)
    assert sorted(monthly) == sorted(
        [f"{where} {n}" for where in ("Hier", "Elders") for n in so_far]
    )


@pytest.mark.parametrize(
    ("block", "first", "second"),
    [
        (Block.NEWS, ["Feest"], ["Nieuws"]),
        (Block.DATES, ["Haag snoeien", "Ruilbeurs"], ["Nog een haag"]),
        (Block.HERE, ["Zaag"], ["Boek"]),
        (Block.ELSEWHERE, ["Ladder"], ["Boor"]),
    ],
)
async def test_a_reader_gets_the_chosen_block_alone_in_each_edition(
    two: Two, block: Block, first: list[str], second: list[str]
) -> None:
    await two.wish("001", Rhythm.WEEKLY, block)
    await two.wish("002", Rhythm.WEEKLY, *(set(Block) - {block}))
    everything = set()
    for news, date, post, offer in (
        ("Feest", "Haag snoeien", "Zaag", "Ladder"),
        ("Nieuws", "Nog een haag", "Boek", "Boor"),
    ):
        if news == "Feest":
            await two.tell(ItemKind.DATE, "Ruilbeurs", days=4)
        await two.tell(ItemKind.NEWS, news)
        await two.together(date, days=3)
        await two.week.place("003", post)
        await two.offer(offer, SINT_AMANDSBERG)
        told = await two.told()
        wanted = first if news == "Feest" else second
        assert told["Anna"] == wanted
        assert set(told["Bert"]).isdisjoint(wanted)
        everything |= {*told["Anna"], *told["Bert"]}
        two.week.next()

    assert len(everything) == 9
