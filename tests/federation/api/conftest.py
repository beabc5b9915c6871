"""A group with two members, a coordinator and an auditor, asked over its API."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import aiohttp
import pytest

from federation.node.settings import NodeLimits
from schemas.errors import RefusedError
from tests.federation.world.conftest import World, WorldNode

TIMEOUT = aiohttp.ClientTimeout(20)


class Answer(NamedTuple):
    status: int
    headers: Any
    text: str
    json: Any


class Asker:
    """Somebody who asks a node over HTTP: with a token, or without one."""

    def __init__(self, url: str, session: aiohttp.ClientSession, secret: str = "") -> None:
        self._url = url
        self._session = session
        self.secret = secret

    async def ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        data: bytes | AsyncIterator[bytes] | None = None,
    ) -> Answer:
        sent = dict(headers or {})
        if self.secret:
            sent.setdefault("Authorization", f"Bearer {self.secret}")
        if key is not None:
            sent["Idempotency-Key"] = f'"{key}"'
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        async with self._session.request(
            method,
            f"{self._url}/api/v1{path}",
            json=json,
            data=data,
            headers=sent,
            allow_redirects=False,
        ) as response:
            text = (await response.read()).decode(errors="replace")
            is_json = response.content_type.endswith("json")
            found = await response.json(content_type=None) if is_json else None
            return Answer(response.status, response.headers, text, found)

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.ask("GET", path, **more)

    async def post(self, path: str, json: Any, key: str, **more: Any) -> Answer:
        return await self.ask("POST", path, json=json, key=key, **more)


class Group:
    """A running group and those who ask it."""

    def __init__(self, node: WorldNode, session: aiohttp.ClientSession) -> None:
        self.world_node = node
        self.node = node.node
        self._session = session

    def asker(self, secret: str = "") -> Asker:
        return Asker(self.node.settings.public_url, self._session, secret)

    async def token(self, role: str, account: str = "", **more: Any) -> Asker:
        if role == "coordinator":
            account = account or "003"
        if role != "member" and account:
            with contextlib.suppress(RefusedError):  # it has the role already
                await self.world_node.ask("member.role", code=account, role=role)
        made = await self.world_node.ask(
            "token.new", name=f"{role} {account}", role=role, account=account, **more
        )
        return self.asker(made["secret"])


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=TIMEOUT) as made:
        yield made


@pytest.fixture
async def group(world: World, session: aiohttp.ClientSession) -> Group:
    """A group that answers as fast as tests ask."""
    limits = NodeLimits(token_requests_at_once=100_000, stranger_requests_at_once=100_000)
    node = await world.make("alfa", 20, limits=limits)
    await world.add_members(node)
    await node.ask("member.add", code="003", name="Lid 003")
    return Group(node, session)
