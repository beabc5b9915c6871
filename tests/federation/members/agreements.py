"""Two members who have agreed on a proposal that nobody has booked yet."""

from __future__ import annotations

from tests.federation.members.conftest import Group
from tests.federation.members.test_agreement import arrived, pseudonym
from tests.federation.world.conftest import WorldNode


async def agreed_inside(group: Group) -> str:
    """Let 001 propose to give 002 eight units, and 002 say yes; gives the thread."""
    said = {"code": "002", "gives": True, "amount_minor": 8}
    begun = await group.ask("thread.start", by="001", **said)
    name, to = begun["thread"], begun["standing"]["id"]
    await group.ask("thread.answer", by="002", thread=name, reply="yes", to=to)
    return str(name)


async def agreed_between(a: WorldNode, b: WorldNode, *, gives: bool = True) -> str:
    """Let 001 of one group propose something to 002 of the other, who says yes; gives the thread.

    Both have heard of it.
    """
    marc = await pseudonym(a, b, "002")
    said = {"group": "beta", "pseudonym": marc, "gives": gives, "amount_minor": 24}
    begun = await a.ask("thread.start", by="001", **said)
    name, to = begun["thread"], begun["standing"]["id"]
    await arrived(a, b)
    await b.ask("thread.answer", by="002", thread=name, reply="yes", to=to)
    await arrived(a, b)
    return str(name)
