"""Agreeing over the command line: each command says in a line what came of it."""

from __future__ import annotations

import json
from typing import Any

from federation.node.control import control_socket
from schemas.encoding import b64
from tests.federation.cli.test_commands import ruilbrug
from tests.federation.world.conftest import World

THREAD, ASKED, NUMBER, KEY = (b64(bytes(15) + bytes([n])) for n in (1, 2, 3, 4))


async def test_members_agree_book_thank_and_do_something_together(world: World) -> None:
    node = await world.make("alfa", 20)
    await world.add_members(node)
    await node.ask("member.role", code="002", role="coordinator")
    folder = node.folder.path

    async def told(*command: str) -> str:
        done = await ruilbrug(folder, *command)
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout

    async def as_json(*command: str) -> Any:
        return json.loads(await told(*command, "--json"))

    async with control_socket(node.node):
        begun = await told("thread", "start", "001", "002", "Fiets kapot", "--key", THREAD)
        assert f"{THREAD}: with Lid 002, interest: Fiets kapot" in begun
        said = await told("thread", "propose", "002", THREAD, "6", "--text", "Graag")
        assert "proposed: Graag" in said
        shown = await as_json("thread", "show", "001", THREAD)
        to = shown["standing"]["id"]
        agreed = await told("thread", "answer", "001", THREAD, "yes", "--to", to)
        assert "agreed, your turn" in agreed
        assert "balance becomes -6" in await told("deal", "quote", "001", "002", "6")
        booked = await told("thread", "book", "001", THREAD, "--expected", "6", "-d", "Band")
        assert "gives 6 (Lid 002), settled; may ask_back, thank" in booked
        name = booked.partition(":")[0]
        assert "may ask_back\n" in await told("deal", "thank", "001", name, "Top", "--public")
        assert "booked" in await told("thread", "list", "002")
        asked = await told("deal", "ask", "002", "001", "3", "--key", ASKED, "-d", "Pomp")
        assert "requested; may withdraw" in asked
        assert "settled" in await told("deal", "consent", "001", ASKED, "--expected", "3")
        assert "settled" in await told("deal", "reverse", "002", name)
        assert "reversed" in await told("deal", "show", "001", name)
        day = ("4000000000", "4000003600")
        assert "1: Hagen, 0 come" in await told("activity", "place", "001", "Hagen", *day)
        assert "1: Hagen, 1 come" in await told("activity", "join", "002", "1")
        assert "gives 4" in await told("activity", "spread", "001", "1", "4", "002")
        together = ("002", "5", "--basis", "equal")
        planned = await told("collective", "plan", *together)
        assert "together 5; secretariaat then stands at 5" in planned
        booked = await told("collective", "book", *together, "-d", "Bijdrage", "--key", KEY)
        assert await told("collective", "book", *together, "-d", "Bijdrage", "--key", KEY) == booked
        assert "secretariaat gets 5, 2 members: Bijdrage" in booked
        event = booked.partition(":")[0].removeprefix("event ")
        back = await told("collective", "reverse", "002", event, "-d", "Vergissing")
        assert f"secretariaat gives 5, 2 members: Vergissing, gives back event {event}" in back
        assert ", given back by event" in await told("collective", "list", "002")
        assert "told, under" in await told("thread", "report", "001", "Kijk eens", "--key", NUMBER)
        assert "001: Kijk eens" in await told("thread", "reports", "002")
        assert "blocked" in await told("thread", "block", "001", "002")
        assert len(await as_json("deal", "list", "001")) == 6
        refused = await ruilbrug(folder, "thread", "write", "002", THREAD, "Hallo?")
        assert refused.returncode == 1
        assert refused.stderr.startswith("member_blocked: ")
