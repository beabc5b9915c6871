"""Cards of members in the feed between running nodes: who is told, to whom, and until when."""

from __future__ import annotations

import json
from typing import Any

import pytest

from events.restore import Mode
from federation.group.commands import SetStatus
from federation.members import feed as feed_module
from federation.members import feed_serving
from federation.members.feed_of import feed_of
from federation.members.projector import reached
from federation.node.service import now_s
from federation.node.use_cases import account_by_code
from schemas.bodies import AccountStatus
from schemas.encoding import b64
from tests.federation.world.conftest import World, WorldNode, eventually
from tests.federation.world.feed_posts import read_feed
from tests.federation.world.test_feed import ANOTHER_GENERATION, linked, read

CARDS_OF = "SELECT card, member, name, place, refreshed_at_s FROM plain.card WHERE node = $1"
EPOCH = b64(b"e" * 16)


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the list whenever somebody asks."""
    monkeypatch.setattr(feed_serving, "REST", 0)


async def names(node: WorldNode, other: WorldNode) -> list[str]:
    """Give the names of another group's members that are here."""
    return sorted(row["name"] for row in await node.node.pool.fetch(CARDS_OF, other.node.id))


async def sharing(world: World, *more: str) -> tuple[WorldNode, ...]:
    """Make groups of which the last shares names: Marc's (001) alone, though 002 is there too."""
    nodes = await linked(world, "alfa", *more, "beta")
    last = nodes[-1]
    await last.ask("member.describe", code="001", name="Marc Peeters", postcode="3000")
    await last.ask("member.describe", code="002", name="Lies Maes", postcode="3000")
    for node in nodes[:-1]:
        await world.agree(node, last)
    await last.ask("group.share_names", names_shared=True)
    await last.ask("member.share_name", code="001", by="001", shares=True)
    return tuple(nodes)


async def test_who_said_yes_is_known_by_name_and_place_and_by_nothing_else(world: World) -> None:
    a, b = await sharing(world)

    status = await read(a, b)

    assert status["trouble"] == ""
    assert status["left_out"] == {}
    (card,) = await a.node.pool.fetch(CARDS_OF, b.node.id)
    assert (card["name"], card["place"]) == ("Marc Peeters", "Leuven")
    page = await b.node.client.get(a.node.id, a.node.settings.public_url, feed_module.PATH)
    assert b'"card"' not in page
    entries = json.loads(await told(a, b))["entries"]
    assert [sorted(entry) for entry in entries] == [
        ["card", "entry", "member", "n", "name", "place"]
    ]


async def told(node: WorldNode, other: WorldNode, query: str = "?cards=1") -> bytes:
    """Ask a node for the first page of its feed."""
    feed_of(other.node).server._again = 0.0
    path = feed_module.PATH + query
    return await node.node.client.get(other.node.id, other.node.settings.public_url, path)


async def test_who_does_not_ask_for_cards_gets_neither_them_nor_their_ends(world: World) -> None:
    """An earlier release counts an unknown entry as malformed."""
    a, b = await sharing(world)
    first = json.loads(await told(a, b, ""))
    await read(a, b)
    await b.ask("member.share_name", code="001", by="001", shares=False)

    page = json.loads(await told(a, b, ""))

    assert first["entries"] == page["entries"] == []
    assert page["next"] == 2, "its cursor goes on over what it is not told"
    assert page["epoch"] == first["epoch"] != json.loads(await told(a, b))["epoch"]
    (gone,) = json.loads(await told(a, b))["entries"]
    assert (gone["entry"], gone["n"], sorted(gone)) == ("card_gone", 2, ["card", "entry", "n"])


async def test_names_go_only_where_units_can_pass(world: World) -> None:
    a, b = await sharing(world)
    c = await world.make("gamma", 30)
    for one, other in ((b, c), (c, b)):
        await one.ask("line.invite", invitation=other.invitation)
    await read(a, b)
    await read(c, b)
    assert (await names(a, b), await names(c, b)) == (["Marc Peeters"], [])

    await world.agree(c, b)
    await b.ask("line.freeze", group="alfa")
    await read(a, b)
    await read(c, b)
    assert (await names(a, b), await names(c, b)) == ([], ["Marc Peeters"])

    await b.ask("line.unfreeze", group="alfa")
    await read(a, b)
    assert await names(a, b) == ["Marc Peeters"]


async def test_each_reading_group_knows_a_member_by_another_name(world: World) -> None:
    a, c, b = await sharing(world, "gamma")
    await read(a, b)
    await read(c, b)

    (one,) = await a.node.pool.fetch(CARDS_OF, b.node.id)
    (other,) = await c.node.pool.fetch(CARDS_OF, b.node.id)

    assert one["member"] != other["member"]
    account = account_by_code(b.node, "001")
    subject = await b.node.pool.fetchval(
        "SELECT subject FROM pseudonym WHERE reader = $1 AND pseudonym = $2",
        a.node.id,
        one["member"],
    )
    assert b64(subject) == account.subject, "who answers to it is found by it"


ENDS: list[tuple[str, list[tuple[str, dict[str, Any]]]]] = [
    ("says no", [("member.share_name", {"code": "001", "by": "001", "shares": False})]),
    ("says no for it", [("member.share_name", {"code": "001", "shares": False})]),
    ("the group", [("group.share_names", {"names_shared": False})]),
    ("is away", [("member.pause", {"code": "001"})]),
    ("is away a while", [("member.pause", {"code": "001", "until_s": 9})]),
    (
        "leaves",
        [
            ("pay", {"payer": "001", "payee": "002", "amount_minor": 5, "description": "x"}),
            ("status", {"status": AccountStatus.LEAVING}),
        ],
    ),
    ("is gone", [("status", {"status": AccountStatus.INACTIVE})]),
    ("is erased", [("member.erase", {"code": "001"})]),
]


@pytest.mark.parametrize(("why", "deeds"), ENDS, ids=[why for why, _ in ENDS])
async def test_a_card_goes_with_the_reason_for_it(
    world: World, why: str, deeds: list[tuple[str, dict[str, Any]]]
) -> None:
    a, b = await sharing(world)
    await b.ask("member.share_name", code="002", by="002", shares=True)
    await read(a, b)
    assert await names(a, b) == ["Lies Maes", "Marc Peeters"]

    for name, said in deeds:
        if name == "status":
            await b.node.do(SetStatus(account_by_code(b.node, "001").account, said["status"]))
            continue
        until = {"until_s": now_s() + 10_000} if "until_s" in said else {}
        await b.ask(name, **said | until)
    await reached(b.node, b.node.sequencer.size - 1)
    (_, ended) = json.loads(await told(a, b))["entries"]
    status = await read(a, b)

    everybody = why == "the group"
    assert await names(a, b) == ([] if everybody else ["Lies Maes"])
    assert ended["entry"] == "card_gone"
    assert (status["trouble"], status["left_out"]) == ("", {})


async def test_who_is_back_or_called_otherwise_is_known_as_it_is_now(world: World) -> None:
    a, b = await sharing(world)
    await b.ask("member.pause", code="001")
    await read(a, b)
    assert await names(a, b) == []

    await b.ask("member.resume", code="001")
    await b.ask("member.describe", code="001", name="Marc P.", place="Gent", postcode="")
    await read(a, b)

    (card,) = await a.node.pool.fetch(CARDS_OF, b.node.id)
    assert (card["name"], card["place"]) == ("Marc P.", "Gent")


async def test_what_was_withdrawn_while_nobody_read_is_gone_after_the_next_pass(
    world: World,
) -> None:
    a, b = await sharing(world)
    await read(a, b)
    await b.ask("member.share_name", code="001", by="001", shares=False)
    await b.stop()
    await b.start()
    await eventually(lambda: b.node.gate.mode is Mode.OPEN)

    await read(a, b)

    assert await names(a, b) == []


async def test_a_reader_whose_own_tables_were_lost_reads_every_card_again(world: World) -> None:
    a, b = await sharing(world)
    await read(a, b)
    await a.node.pool.execute("DELETE FROM plain.card")
    await a.node.pool.execute(ANOTHER_GENERATION)

    await read(a, b)

    assert await names(a, b) == ["Marc Peeters"]


async def test_cards_go_with_their_group_and_with_its_silence(world: World) -> None:
    a, b = await sharing(world)
    await read(a, b)
    await a.ask("feed.choose", group="beta", shown_here=False)
    await feed_of(a.node).reader.sweep()
    assert await names(a, b) == []

    await a.ask("feed.choose", group="beta", shown_here=True)
    await read(a, b)
    assert await names(a, b) == ["Marc Peeters"]
    await b.ask("feed.choose", group="alfa", reads_ours=False)
    await read(a, b)
    assert await names(a, b) == []

    await b.ask("feed.choose", group="alfa", reads_ours=True)
    await read(a, b)
    old = now_s() - feed_module.FRESH_S - 1
    await a.node.pool.execute("UPDATE plain.card SET refreshed_at_s = $1", old)
    await feed_of(a.node).reader.sweep()
    assert await names(a, b) == []
    await read(a, b)
    assert await names(a, b) == ["Marc Peeters"], "it is read anew when it is heard of again"


async def test_what_is_read_again_and_again_stays_fresh(world: World) -> None:
    a, b = await sharing(world)
    await read(a, b)
    old = now_s() - feed_module.TOUCH_S - 1
    await a.node.pool.execute("UPDATE plain.card SET refreshed_at_s = $1", old)

    await read(a, b)

    (card,) = await a.node.pool.fetch(CARDS_OF, b.node.id)
    assert now_s() - card["refreshed_at_s"] < 60


async def test_cards_and_posts_share_pages_and_none_is_left_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await sharing(world)
    monkeypatch.setattr(feed_serving, "ENTRIES_MAX", 2)
    for number in range(3, 9):
        code = f"{number:03}"
        await b.ask("member.add", code=code, name=f"Lid {number}")
        await b.ask("member.share_name", code=code, by=code, shares=True)
        await b.ask(
            "post.place",
            code=code,
            title=f"Post {number}",
            visibility="interlets",
            expires_at_s=now_s() + 9_999,
        )

    assert (await read(a, b))["trouble"] == ""

    assert await names(a, b) == [*(f"Lid {number}" for number in range(3, 9)), "Marc Peeters"]
    assert await a.node.pool.fetchval("SELECT count(*) FROM plain.post WHERE node <> ''") == 6


def lie(node: WorldNode, *entries: Any) -> None:
    """Let a node tell these entries, properly signed, to whoever reads its feed."""
    last = max(entry["n"] for entry in entries)
    page = {"epoch": EPOCH, "entries": entries, "next": last, "more": False}

    async def told(caller: str, after: str, *, cards: bool = False) -> bytes:
        del caller, after
        assert cards
        return json.dumps(page).encode()

    feed_of(node.node).server.page = told  # type: ignore[method-assign]


def card(n: int, **fields: Any) -> dict[str, Any]:
    return {
        "entry": "card",
        "n": n,
        "card": b64(n.to_bytes(16, "big")),
        "member": b64(n.to_bytes(32, "big")),
        "name": f"Lid {n}",
        **fields,
    }


async def test_of_bad_cards_nothing_enters_and_the_others_do(world: World) -> None:
    a, b = await linked(world, "alfa", "beta")
    markup = '<script>alert("x")</script>'
    lie(
        b,
        card(1, name="x" * 101),
        card(2, name="Jan\u0007"),
        card(3, name="Jan\u202e"),
        card(4, name="Jan\nPiet"),
        card(5, place="x" * 101),
        card(6, place="Gent\u2028"),
        card(7, mail="jan@voorbeeld.invalid"),
        card(8, member=b64(b"kort")),
        card(9, name="   "),
        card(10, name=""),
        card(11, name=markup, place="  Gent "),
        card(12),
    )

    status = await read(a, b)

    assert await names(a, b) == [markup, "Lid 12"], "markup is text like any other"
    assert status["left_out"] == {"malformed": 9, "name": 1}
    lie(b, card(13, card=card(12)["card"], name="Jan\u0007"))
    await read_feed(a, b)
    assert await names(a, b) == [markup], "what it cannot show is not kept under its name"


async def test_more_cards_than_a_group_has_members_are_read_no_further(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await linked(world, "alfa", "beta")
    monkeypatch.setattr(feed_module, "CARDS_MAX", 2)
    lie(b, card(1), card(2), card(3))

    status = await read(a, b)

    assert status["trouble"].startswith("peer_wrong")
    assert await names(a, b) == []
