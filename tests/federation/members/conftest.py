"""A group with three members and somebody who looks, for tests of what members do."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from federation.members import roles
from federation.members.feed import FeedReader
from federation.members.reader import OPERATOR, Reader
from federation.node.service import Node, now_s
from federation.node.use_cases import account_by_code, new_key
from schemas.member_bodies import Role
from tests.federation.world.conftest import World, WorldNode

DAY_S = 86_400


class Group(NamedTuple):
    """A node with members 001 Anna, 002 Bert, 003 Carla; Carla is a coordinator."""

    world: WorldNode

    @property
    def node(self) -> Node:
        return self.world.node

    def account(self, code: str) -> int:
        return account_by_code(self.node, code).account

    def reader(self, code: str, *, acting_for: str = "") -> Reader:
        other = self.account(acting_for) if acting_for else None
        return roles.reader_of(self.node, self.account(code), acting_for=other)

    async def ask(self, name: str, /, **arguments: Any) -> Any:
        return await self.world.ask(name, **arguments)

    async def post(self, by: str = "001", /, **said: Any) -> dict[str, Any]:
        fields = {"title": "Fiets herstellen", "expires_at_s": later()} | said
        found: dict[str, Any] = await self.ask("post.place", by=by, **fields)
        return found


def later(days: int = 30) -> int:
    return now_s() + days * DAY_S


@pytest.fixture
async def group(world: World) -> Group:
    node = await world.make("alfa", 20)
    made = Group(node)
    for code, name in (("001", "Anna"), ("002", "Bert"), ("003", "Carla")):
        await node.ask("member.add", code=code, name=name)
    await roles.give_role(
        node.node,
        OPERATOR,
        made.account("003"),
        Role.COORDINATOR,
        key=new_key(),
    )
    return made


@pytest.fixture
def no_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no node read feeds: what a test writes as another group's is not in that group's feed."""

    async def run(_: FeedReader) -> None:
        pass

    monkeypatch.setattr(FeedReader, "run", run)
