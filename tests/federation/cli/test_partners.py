"""Groups by mail over the command line: reached, traded with, paused, and a trade given back."""

from __future__ import annotations

from federation.members.partners import confirm
from federation.node.control import control_socket
from federation.node.use_cases import account_by_code
from schemas.encoding import b64
from tests.federation.cli.test_commands import ruilbrug
from tests.federation.world.conftest import World

ASKED = b64(bytes(15) + b"\x01")


async def test_a_group_by_mail_is_reached_traded_with_and_set_right(world: World) -> None:
    node = await world.make("alfa", 20)
    await world.add_members(node)
    await node.ask("member.role", code="002", role="coordinator")
    folder = node.folder.path

    async def told(*command: str) -> str:
        done = await ruilbrug(folder, "partner", *command)
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout

    async with control_socket(node.node):
        contact = ("--group", "LETS Gent", "--contact", "Griet", "--address")
        limits = ("--lower", "-100", "--upper", "100")
        reached = await told("reach", "002", "GENT", *contact, "griet@voorbeeld.be", *limits)
        wrong = await ruilbrug(folder, "partner", "reach", "002", "X", *contact, "x", *limits)
        not_hers = await ruilbrug(folder, "partner", "list", "001")
        asked = await told(
            "ask", "001", "GENT", "8", "--gives", "--person", "Rita", "-d", "Ramen", "--key", ASKED
        )
        waits = await told("list", "002")
        account = account_by_code(node.node, "GENT").account
        await confirm(node.node, account, ASKED, expected_minor=8)
        shown = await told("show", "002", "GENT")
        event = shown.partition("event ")[2].partition(":")[0]
        back = await told("reverse", "002", "GENT", event, "-d", "Dubbel")
        after = await told("show", "002", "GENT")
        paused = await told("pause", "002", "GENT", "--reason", "Verlof")
        again = await told("pause", "002", "GENT", "--resume")

    assert "GENT: LETS Gent, balance 0, by mail (Griet)" in reached
    assert wrong.returncode != 0
    assert not_hers.returncode != 0
    assert "gives 8" in asked
    assert "1 wait for it" in waits
    assert "+8 Lid 001, Rita: Ramen" in shown
    assert "given back by event" in back
    assert "Ramen (reversed)" in after
    assert "-8 Lid 001, Rita: Dubbel (reverses)" in after
    assert ", paused" in paused
    assert ", paused" not in again
