"""Whatever one node can ask another stands in docs/protocol.md, with an example that it answers."""

from __future__ import annotations

import re
from collections import defaultdict
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from aiohttp.test_utils import make_mocked_request

from events.signing import PrivateKey
from federation.node.app import make_app
from federation.node.settings import NodeSettings
from schemas.encoding import b32
from tests.vectors.make import PAGE

if TYPE_CHECKING:
    from aiohttp import web

PREFIX = "/federation/v1/"
ASKED = re.compile(r"\b(GET|POST) (/federation/v1/[^\s`?]*)")


def served_by(role: str) -> web.Application:
    """Make the application of a node, of which nothing but this is read for it."""
    node: Any = SimpleNamespace(
        id=b32(bytes(32)),
        identity=SimpleNamespace(http=PrivateKey(bytes(32))),
        peers=None,
        parts=defaultdict(object),
        settings=NodeSettings(
            name="Alfa",
            role=cast("Any", role),
            public_url="https://alfa.example",
            listen_port=1,
            database="",
        ),
    )
    return make_app(node)


@pytest.mark.parametrize("role", ["group", "umbrella"])
async def test_the_page_has_an_example_of_whatever_a_node_answers(role: str) -> None:
    app = served_by(role)
    asked = set(ASKED.findall(PAGE.read_text(encoding="utf-8")))
    routes = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }

    found = set()
    for method, path in asked:
        match = await app.router.resolve(make_mocked_request(method, path))
        if match.http_exception is None and match.route.resource is not None:
            found.add((method, match.route.resource.canonical))
    missing = {(method, path) for method, path in routes - found - asked if PREFIX in path}

    assert not missing, f"docs/protocol.md shows nobody asking: {sorted(missing)}"
