"""What a group tells its members, over the command line."""

from __future__ import annotations

from pathlib import Path

from federation.node.control import control_socket
from tests.federation.cli.test_commands import ruilbrug
from tests.federation.world.conftest import World


async def test_news_and_documents_are_told_listed_and_removed(world: World, tmp_path: Path) -> None:
    node = await world.make("alfa", 20)
    await world.add_members(node)
    await node.ask("member.role", code="002", role="coordinator")
    paper = tmp_path / "huisregels.txt"
    paper.write_text("Wees lief.", "utf-8")

    async def told(*command: str, code: int = 0) -> str:
        done = await ruilbrug(node.folder.path, "board", *command)
        assert done.returncode == code, (command, done.stderr)
        return (done.stderr if code else done.stdout).strip()

    async with control_socket(node.node):
        rules = ("place", "002", "document", "Huisregels", "--file", str(paper))
        assert await told(*rules) == "told as number 1"
        assert await told("list", "001", "document") == "1: Huisregels"
        soup = ("place", "002", "date", "Soep", "--starts", "4000000000", "--ends", "4000003600")
        assert await told(*soup) == "told as number 2"
        assert await told("list", "001", "date") == "2: Soep"
        assert await told("remove", "002", "1") == "number 1 is gone"
        assert await told("list", "001", "document") == "nothing yet"
        assert (await told("place", "001", "news", "Ik ook", code=1)).startswith("forbidden: ")
        nowhere = ("place", "002", "document", "Weg", "--file", str(tmp_path / "weg.pdf"))
        assert (await told(*nowhere, code=1)).startswith("not_found: ")
