"""The command line about members, offers and wants."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from click.testing import CliRunner, Result
from PIL import Image

from federation.cli.main import cli
from federation.node.control import control_socket
from schemas.errors import RuilbrugError
from tests.federation.cli.test_commands import group
from tests.federation.world.conftest import World


async def ruilbrug(folder: Path, *arguments: str) -> Result:
    """Run the command in a thread: the node answers from this one."""
    return await asyncio.to_thread(CliRunner().invoke, cli, ["--node", str(folder), *arguments])


def code(result: Result) -> str:
    assert isinstance(result.exception, RuilbrugError)
    return result.exception.code


async def test_members_and_posts_are_kept_from_the_command_line(
    world: World, tmp_path: Path
) -> None:
    node = await group(world)
    folder, photo = node.folder.path, tmp_path / "fiets.png"
    Image.new("RGB", (20, 10)).save(photo)
    spring, later = (f"{(datetime.now(UTC) + timedelta(days)).date()}" for days in (90, 200))
    until = ("--until", spring)
    commands = (
        (("member", "describe", "001", "--name", "Anna", "--postcode", "3000")
         + ("--contact", "mail", "anna@voorbeeld.invalid", "members"), "001: Anna (active)"),
        (("member", "join", "001", "Dirk", "dirk@voorbeeld.invalid"), "Dirk is person 1 of 001."),
        (("member", "who", "DIRK@voorbeeld.invalid"), "001, person 1: Dirk"),
        (("member", "leave", "001", "1"), "Person 1 no longer signs in for 001."),
        (("member", "helper", "001", "002"), "002 may act for 001."),
        (("member", "helper", "001", "002", "--dismiss"), "002 no longer acts for 001."),
        (("member", "role", "002", "coordinator"), "002 is coordinator."),
        (("member", "rules", "--see-balances", "--by", "002"), "Members see each other's balance."),
        (("member", "names", "--shared", "--by", "002"), "Who says yes is found by name"),
        (("member", "names", "--not-shared"), "Names stay here."),
        (("retention",), "Who looked at whom is kept for 365 days."),
        (("retention", "--looked-days", "90", "--by", "002"), "is kept for 90 days."),
        (("retention",), "Who looked at whom is kept for 90 days."),
        (("retention",), "Who left is not erased by itself."),
        (("retention", "--left-days", "400"), "Who left is told after 400 days, then erased."),
        (("retention", "--looked-days", "80"), "Who left is told after 400 days, then erased."),
        (("retention", "--left-days", "never"), "kept for 80 days.\nWho left is not erased"),
        (("category", "place", "Fietsen"), "Fietsen is category 1."),
        (("category", "list"), "1: Fietsen"),
        (("post", "place", "001", "--title", "Fiets herstellen", "--category", "1", *until)
         + ("--price", "8", "--per", "hour", "--picture", str(photo), "--by", "001"),
         f"1: offer of Anna, Fiets herstellen; 8 per hour; until {spring}; members"),
        (("post", "change", "1", "--title", "Fiets gezocht", "--want", *until, "--by", "001"),
         "1: want of Anna, Fiets gezocht; to be talked about"),
        (("member", "pause", "001", "--until", spring), f"away until {spring}"),
        (("post", "show", "1"), "not shown now"),
        (("member", "resume", "001"), "001: Anna"),
        (("post", "end", "1"), "; ended;"),
        (("post", "list", "001"), "nothing"),
        (("post", "list", "001", "--all"), "1: want of Anna"),
        (("post", "renew", "1", "--until", later), f"until {later}"),
        (("member", "search", "anna"), "001"),
        (("member", "show", "001", "--by", "002"), "balance: 0"),
    )  # fmt: skip

    async with control_socket(node.node):
        for command, said in commands:
            done = await ruilbrug(folder, *command)
            assert done.exit_code == 0, (command, done.output, done.exception)
            assert said in done.stdout, (command, done.stdout)
        shown = await ruilbrug(folder, "post", "show", "1", "--json")
        refused = await ruilbrug(folder, "post", "end", "1", "--by", "003")
        not_theirs = await ruilbrug(folder, "member", "role", "001", "auditor", "--by", "001")

    assert json.loads(shown.stdout)["title"] == "Fiets gezocht"
    assert (code(refused), code(not_theirs)) == ("account_unknown", "forbidden")
