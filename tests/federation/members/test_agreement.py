"""A whole agreement: interest, proposals, booked, thanked, given back; between two groups too."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from federation.members import blocks, roles, trades
from federation.members.threads import NOTE_SIZE_MAX
from federation.node.use_cases import account_by_code, new_key
from federation.node.verify import verify_log
from projections.trade_state import TradeState
from schemas.encoding import b64
from schemas.errors import Code, InputError, RuilbrugError
from schemas.ids import SAFE_INTEGER
from schemas.openings import NOTE_LENGTH_MAX
from tests.federation.world.conftest import World, WorldNode, eventually, lines
from tests.independent import judge

NOBODY = "A" * 43


def key(number: int) -> str:
    return b64(bytes(15) + bytes([number]))


async def refused(node: WorldNode, name: str, **arguments: Any) -> RuilbrugError:
    with pytest.raises(RuilbrugError) as caught:
        await node.ask(name, **arguments)
    return caught.value


async def arrived(a: WorldNode, b: WorldNode) -> None:
    await eventually(lambda: lines(a)[0].out_n == lines(b)[0].in_n)
    await eventually(lambda: lines(b)[0].out_n == lines(a)[0].in_n)


async def judged(*nodes: WorldNode) -> None:
    if len(nodes) > 1:
        logs = [await judge.read_log(n.folder.settings().database_owner) for n in nodes]
        judge.compare(*logs)
    for node in nodes:
        assert (await verify_log(node.folder)).findings == []


async def pseudonym(a: WorldNode, b: WorldNode, code: str) -> str:
    """The name by which `a` knows a member of `b`, as an offer of the feed says it."""
    from federation.node.payees import payee_pseudonym
    from federation.node.use_cases import find_peer

    return await payee_pseudonym(a.node, find_peer(a.node, b.name), code)


async def inside(world: World) -> WorldNode:
    group = await world.make("alfa", 20)
    await world.add_members(group)
    await group.ask("member.add", code="003", name="Lid 003")
    return group


def words(thread: dict[str, Any]) -> list[tuple[bool, str]]:
    return [(message["own"], message["text"]) for message in thread["messages"]]


async def test_two_members_of_a_group_agree_and_the_payer_books(world: World) -> None:
    group = await inside(world)
    begun = await group.ask("thread.start", by="001", code="002", text="Is de fiets nog te maken?")
    name = begun["thread"]
    assert (begun["state"], begun["own_turn"], begun["released"]) == ("interest", False, False)
    seen = await group.ask("thread.show", by="002", thread=name)
    assert (seen["own_turn"], seen["can_answer"], seen["other"]["name"]) == (True, True, "Lid 001")

    await group.ask("thread.answer", by="002", thread=name, reply="yes", text="Zeker")
    asked = await group.ask("thread.propose", by="002", thread=name, gives=False, amount_minor=8)
    assert asked["standing"]["gives"] is False
    mine = await group.ask("thread.show", by="001", thread=name)
    assert (mine["state"], mine["own_turn"], mine["released"]) == ("proposed", True, True)
    first = mine["standing"]["id"]
    await group.ask("thread.propose", by="001", thread=name, gives=True, amount_minor=6)
    other = await group.ask("thread.show", by="002", thread=name)
    stale = await refused(group, "thread.answer", by="002", thread=name, reply="yes", to=first)
    assert stale.code is Code.PROPOSAL_CHANGED
    to = other["standing"]["id"]
    agreed = await group.ask("thread.answer", by="002", thread=name, reply="yes", to=to)
    assert (agreed["state"], agreed["own_turn"]) == ("agreed", False)

    book = {"by": "001", "thread": name, "expected_minor": 6}
    booked, *again = await asyncio.gather(*(group.ask("thread.book", **book) for _ in range(4)))
    again.append(await group.ask("thread.book", **book, description="In een ander venster"))

    assert again == [booked] * 4
    assert (booked["state"], booked["gives"], booked["own_minor"]) == ("settled", True, 6)
    assert booked["actions"] == ["ask_back", "thank"]
    for by in ("001", "002"):
        thread = await group.ask("thread.show", by=by, thread=name)
        assert (thread["state"], thread["own_turn"]) == ("booked", False)
        assert thread["trade"] == booked["id"]
    assert [m["balance_minor"] for m in await group.ask("member.list")] == [-6, 6, 0]
    await judged(group)


async def test_the_payee_asks_and_the_payer_consents_from_the_thread(world: World) -> None:
    group = await inside(world)
    begun = await group.ask(
        "thread.start", by="002", code="001", gives=False, amount_minor=5, text="Gras gemaaid"
    )
    name, to = begun["thread"], begun["standing"]["id"]
    assert (await refused(group, "thread.book", by="002", thread=name)).code is Code.NOT_AGREED
    await group.ask("thread.answer", by="001", thread=name, reply="yes", to=to)
    asked = await group.ask("thread.book", by="002", thread=name)
    assert (asked["state"], asked["actions"]) == ("requested", ["withdraw"])
    (waits,) = await group.ask("trade.list", by="001", limit=1)
    assert (waits["id"], waits["actions"]) == (asked["id"], ["consent", "decline"])
    changed = await refused(group, "trade.consent", by="001", trade=asked["id"], expected_minor=4)
    assert (changed.code, changed.facts["possible_minor"]) == (Code.QUOTE_CHANGED, 5)
    assert (await refused(group, "trade.consent", by="002", trade=asked["id"])).code is (
        Code.NOT_FOUND
    )
    assert (await refused(group, "trade.consent", by="003", trade=asked["id"])).code is (
        Code.NOT_FOUND
    )

    done = await group.ask("thread.book", by="001", thread=name)

    assert (done["id"], done["state"], done["asked"]) == (asked["id"], "settled", True)
    assert (await group.ask("thread.show", by="002", thread=name))["state"] == "booked"
    assert await group.ask("trade.consent", by="001", trade=asked["id"]) == done
    late = await refused(group, "trade.decline", by="001", trade=asked["id"])
    assert late.code is Code.ALREADY_DECIDED
    await judged(group)


async def test_a_refused_request_can_be_made_again(world: World) -> None:
    group = await inside(world)
    begun = await group.ask(
        "thread.start", by="002", code="001", gives=False, amount_minor=5, text="Gras gemaaid"
    )
    name, to = begun["thread"], begun["standing"]["id"]
    await group.ask("thread.answer", by="001", thread=name, reply="yes", to=to)
    first = await group.ask("thread.book", by="002", thread=name)
    ended = await group.ask("trade.decline", by="001", trade=first["id"])
    assert (ended["state"], ended["actions"]) == ("refused", [])
    assert (await group.ask("thread.show", by="001", thread=name))["state"] == "agreed"

    second = await group.ask("thread.book", by="002", thread=name)

    assert (second["state"], second["id"] != first["id"]) == ("requested", True)
    taken = await group.ask("trade.decline", by="002", trade=second["id"])
    assert taken["state"] == "cancelled"
    shown = await group.ask("trade.list", by="002")
    assert [trade["state"] for trade in shown] == ["cancelled", "refused"]
    await judged(group)


async def test_thanks_and_giving_back_inside_the_group(world: World) -> None:
    group = await inside(world)
    asked = await group.ask("trade.ask", by="002", payer="001", amount_minor=9, description="Haag")
    trade = asked["id"]
    await group.ask("trade.consent", by="001", trade=trade)
    thanked = await group.ask(
        "trade.thank", by="001", trade=trade, text="Prachtig gedaan", public=True
    )
    assert thanked["actions"] == ["ask_back"]
    assert (await group.ask("trade.show", by="002", trade=trade))["thanks"][0]["own"] is False
    twice = await refused(group, "trade.thank", by="001", trade=trade, text="En nog eens")
    assert twice.code is Code.ALREADY_THANKED
    (public,) = await group.ask("thanks.list", by="003", code="002")
    assert (public["name"], public["text"]) == ("Lid 001", "Prachtig gedaan")
    assert (await refused(group, "trade.show", by="003", trade=trade)).code is Code.NOT_FOUND

    back = await group.ask("trade.reverse", by="001", trade=trade, description="Verkeerd")
    assert (back["state"], back["gives"], back["own_minor"]) == ("requested", False, 9)
    again = await refused(group, "trade.reverse", by="001", trade=trade)
    assert again.code is Code.ALREADY_REVERSED
    await group.ask("trade.consent", by="002", trade=back["id"])

    for by in ("001", "002"):
        reader = roles.reader_of(group.node, group.node.machine.books.ledger.codes[by])
        read = await trades.trade(group.node, reader, trade)
        assert (read.state, read.description) == (TradeState.REVERSED, "Haag")
    once = await refused(group, "trade.reverse", by="002", trade=trade)
    assert once.code is Code.ALREADY_REVERSED
    assert [m["balance_minor"] for m in await group.ask("member.list")] == [0, 0, 0]
    await judged(group)


async def test_what_is_blocked_or_somebody_elses_stays_away(world: World) -> None:
    group = await inside(world)
    begun = await group.ask("thread.start", by="001", code="002", text="Hallo", key=key(1))
    name = begun["thread"]
    assert (await refused(group, "thread.show", by="003", thread=name)).code is Code.NOT_FOUND
    assert (await refused(group, "thread.write", by="003", thread=name, text="Ik ook")).code is (
        Code.NOT_FOUND
    )
    for length, code in ((NOTE_LENGTH_MAX + 1, Code.TOO_LARGE), (0, Code.TEXT_MISSING)):
        long = await refused(group, "thread.write", by="002", thread=name, text="x" * length)
        assert long.code is code
    zero = await refused(group, "thread.propose", by="002", thread=name, gives=True, amount_minor=0)
    assert zero.code is Code.AMOUNT_NOT_POSITIVE
    large = (
        await refused(
            group,
            "thread.propose",
            by="002",
            thread=name,
            gives=True,
            amount_minor=SAFE_INTEGER + 1,
        )
        if SAFE_INTEGER < 0
        else None
    )
    assert large is None
    day = await refused(
        group, "thread.propose", by="002", thread=name, amount_minor=3, day="2026-02-30"
    )
    assert day.code is Code.MALFORMED
    await group.ask("thread.answer", by="002", thread=name, reply="yes_but", text="Niet vandaag")
    twice = await refused(group, "thread.answer", by="002", thread=name, reply="rather_not")
    assert twice.code is Code.ALREADY_ANSWERED

    await group.ask("member.block", by="002", code="001")

    for by in ("001", "002"):
        said = await refused(group, "thread.write", by=by, thread=name, text="Nog iets")
        assert said.code is Code.MEMBER_BLOCKED
    asks = await refused(group, "trade.ask", by="001", payer="002", amount_minor=3)
    assert asks.code is Code.MEMBER_BLOCKED
    assert await group.ask("thread.list", by="002") == []
    assert len(await group.ask("thread.list", by="001")) == 1
    await group.ask("member.block", by="002", code="001", blocked=False)
    await group.ask("thread.write", by="001", thread=name, text="Nog iets")
    await judged(group)


async def test_coordinators_read_what_is_reported_and_nothing_else(world: World) -> None:
    group = await inside(world)
    await group.ask("member.role", code="003", role="coordinator")
    begun = await group.ask("thread.start", by="001", code="002", text="Lelijke woorden")
    message = begun["messages"][0]["id"]
    await group.ask(
        "report.make", by="002", text="Dit hoort niet", thread=begun["thread"], message=message
    )

    (report,) = await group.ask("report.list", by="003")

    assert (report["text"], report["quoted"]) == ("Dit hoort niet", "Lelijke woorden")
    assert (report["by"]["code"], report["handled_by"]) == ("002", "")
    (seen,) = await group.ask("report.handle", by="003", report=report["report"])
    assert seen["handled_by"] == "003"
    for name in ("report.list", "thread.show"):
        arguments = {"thread": begun["thread"]} if name == "thread.show" else {}
        by = "003" if arguments else "001"
        code = Code.NOT_FOUND if arguments else Code.FORBIDDEN
        assert (await refused(group, name, by=by, **arguments)).code is code
    await judged(group)


async def test_a_report_that_is_not_there_is_not_seen_to(world: World) -> None:
    group = await inside(world)
    await group.ask("member.role", code="003", role="coordinator")
    await group.ask("report.make", by="001", text="Let eens op")
    before = group.node.sequencer.size

    unknown = await refused(group, "report.handle", by="003", report=new_key())

    assert unknown.code is Code.NOT_FOUND
    assert unknown.facts["field"] == "report"
    assert group.node.sequencer.size == before
    for name in ("", "x", "A" * 23, "A" * 21 + "B", "é" * 22):
        reader = roles.reader_of(group.node, account_by_code(group.node, "003").account)
        with pytest.raises(InputError) as wrong:
            await blocks.handle_report(group.node, reader, name)
        assert wrong.value.code is Code.NOT_FOUND


async def test_an_activity_ends_in_one_booking_for_all_who_helped(world: World) -> None:
    group = await inside(world)
    day = {"starts_at_s": 4_000_000_000, "ends_at_s": 4_000_003_600}
    placed = await group.ask("activity.place", by="001", title="Hagen", place="Wilsele", **day)
    number = placed["activity"]
    for by in ("002", "003"):
        await group.ask("activity.join", by=by, activity=number)
    (coming,) = await group.ask("activity.list", by="002")
    assert (coming["title"], coming["comes"], len(coming["joined"])) == ("Hagen", True, 2)
    assert (await refused(group, "activity.cancel", by="002", activity=number)).code is (
        Code.FORBIDDEN
    )
    work = {"activity": number, "helpers": ["002", "003"], "key": key(7)}
    booked = await group.ask("activity.spread", by="001", total_minor=9, **work)
    assert await group.ask("activity.spread", by="001", total_minor=9, **work) == booked

    assert (booked["own_minor"], booked["more"], booked["actions"]) == (9, 1, [])
    shown = await group.ask("trade.list", by="003")
    assert [(trade["own_minor"], trade["gives"]) for trade in shown] == [(4, False)]
    assert [m["balance_minor"] for m in await group.ask("member.list")] == [-9, 5, 4]
    left_out = await refused(
        group, "activity.spread", by="002", activity=number, helpers=["001"], total_minor=2
    )
    assert left_out.code is Code.NOT_JOINED
    await judged(group)


async def test_two_members_of_two_groups_agree_while_one_node_was_stopped(world: World) -> None:
    a, b = await world.pair()  # 20 and 60 an hour: one of ours is three of theirs
    await b.ask(
        "member.describe",
        code="002",
        contacts=[{"kind": "tel", "value": "016 00 00 00", "access": "interlets"}],
    )
    marc = await pseudonym(a, b, "002")
    offer = key(9)
    begun = await a.ask(
        "thread.start",
        by="001",
        group="beta",
        pseudonym=marc,
        text="Fiets te herstellen?",
        offer=offer,
    )
    name = begun["thread"]
    await arrived(a, b)
    (waits,) = await b.ask("thread.list", by="002")
    assert (waits["own_turn"], waits["offer"], waits["other"]["name"]) == (True, offer, "Lid 001")
    assert (waits["other"]["group"], waits["can_answer"], waits["released"]) == (
        "alfa",
        True,
        False,
    )
    assert (await refused(b, "thread.show", by="001", thread=name)).code is Code.NOT_FOUND
    await b.ask("thread.answer", by="002", thread=name, reply="yes")
    await arrived(a, b)
    mine = await a.ask("thread.show", by="001", thread=name)
    assert (mine["released"], mine["contacts"]) == (
        True,
        [{"kind": "tel", "value": "016 00 00 00"}],
    )
    await b.ask("thread.propose", by="002", thread=name, gives=False, amount_minor=24)
    await arrived(a, b)
    mine = await a.ask("thread.show", by="001", thread=name)
    assert (mine["state"], mine["own_turn"], mine["other"]["name"]) == ("proposed", True, "Lid 002")
    to = mine["standing"]["id"]
    agreed = await a.ask("thread.answer", by="001", thread=name, reply="yes", to=to)
    assert (agreed["state"], agreed["own_turn"]) == ("agreed", True)
    await arrived(a, b)
    await b.stop()
    quoted = await a.ask("trade.quote", by="001", group="beta", pseudonym=marc, amount_minor=24)
    assert (quoted["own_minor"], quoted["other_minor"], quoted["after_minor"]) == (8, 24, -8)
    changed = await refused(a, "thread.book", by="001", thread=name, expected_minor=7)
    assert (changed.code, changed.facts["possible_minor"]) == (Code.QUOTE_CHANGED, 8)

    held = await a.ask("thread.book", by="001", thread=name, expected_minor=8, wait_s=0.1)
    again = await a.ask("thread.book", by="001", thread=name, expected_minor=8, wait_s=0.1)

    assert held == again
    assert (held["state"], held["actions"], held["other"]["name"]) == (
        "held",
        ["cancel"],
        "Lid 002",
    )
    await a.ask("thread.write", by="001", thread=name, text="Ik kom morgen")
    await b.start()
    a.node.outbox.wake(lines(a)[0].line)
    await settled(a, held["id"])
    await arrived(a, b)
    for node, by, gives, own in ((a, "001", True, 8), (b, "002", False, 24)):
        trade = await node.ask("trade.show", by=by, trade=held["id"])
        assert (trade["state"], trade["gives"], trade["own_minor"]) == ("settled", gives, own)
        thread = await node.ask("thread.show", by=by, thread=name)
        assert (thread["state"], thread["trade"]) == ("booked", held["id"])
    assert words(await b.ask("thread.show", by="002", thread=name)) == [
        (not own, text) for own, text in words(await a.ask("thread.show", by="001", thread=name))
    ]
    await thanked_and_given_back(a, b, held["id"])
    for node in (a, b):
        assert await node.ask("line.notes", group="beta" if node is a else "alfa") == []
    await judged(a, b)


async def settled(node: WorldNode, path: str) -> None:
    transfers = node.node.machine.books.transfers
    line = lines(node)[0].line
    await eventually(lambda: transfers.get((path, line, "out")) is None)


async def thanked_and_given_back(a: WorldNode, b: WorldNode, path: str) -> None:
    await a.ask("trade.thank", by="001", trade=path, text="Hij rijdt weer", public=True)
    await arrived(a, b)
    (said,) = (await b.ask("trade.show", by="002", trade=path))["thanks"]
    assert (said["own"], said["text"], said["public"]) == (False, "Hij rijdt weer", True)
    (public,) = await b.ask("thanks.list", by="001", code="002")
    assert (public["name"], public["group"]) == ("Lid 001", "alfa")
    assert "thank" not in (await a.ask("trade.show", by="001", trade=path))["actions"]

    back = await a.ask("trade.reverse", by="001", trade=path)
    assert (back["state"], back["gives"]) == ("requested", False)
    await arrived(a, b)
    waits, *_ = await b.ask("trade.list", by="002", limit=1)
    assert (waits["id"], waits["own_minor"], waits["actions"]) == (
        back["id"],
        24,
        ["consent", "decline"],
    )
    assert (await refused(b, "trade.consent", by="001", trade=back["id"])).code is Code.NOT_FOUND
    await b.ask("trade.consent", by="002", trade=back["id"])
    await settled(b, back["id"])
    await arrived(a, b)
    for node, by in ((a, "001"), (b, "002")):
        assert (await node.ask("trade.show", by=by, trade=path))["state"] == "reversed"


async def test_across_groups_a_forged_recipient_is_nobody_and_a_long_text_is_refused(
    world: World,
) -> None:
    a, b = await world.pair()
    forged = await a.ask(
        "thread.start", by="001", group="beta", pseudonym=NOBODY, text="Wie ben jij?"
    )
    assert forged["state"] == "interest"
    await arrived(a, b)
    for by in ("001", "002"):
        assert await b.ask("thread.list", by=by) == []
    marc = await pseudonym(a, b, "002")
    to = {"by": "001", "group": "beta", "pseudonym": marc}
    for text, code in (("x" * 3_000, Code.TOO_LARGE), (" ", Code.TEXT_MISSING)):
        assert (await refused(a, "thread.start", text=text, **to)).code is code
    wide = "\N{GRINNING FACE}" * NOTE_LENGTH_MAX
    assert len(wide.encode()) < NOTE_SIZE_MAX
    begun = await a.ask("thread.start", text=wide, key=key(3), **to)
    assert await a.ask("thread.start", text=wide, key=key(3), **to) == begun
    other = await refused(a, "thread.start", text="Iets anders", key=key(3), **to)
    assert other.code is Code.CONFLICT
    await arrived(a, b)

    await b.ask(
        "member.block",
        by="002",
        group="alfa",
        pseudonym=(await b.ask("thread.list", by="002"))[0]["other"]["pseudonym"],
    )

    assert await b.ask("thread.list", by="002") == []
    assert (await refused(b, "thread.write", by="002", thread=key(3), text="Nee")).code is (
        Code.MEMBER_BLOCKED
    )
    await judged(a, b)
