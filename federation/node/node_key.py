"""The key under which an aiohttp application holds its node."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from federation.node.service import Node

NODE: Final = web.AppKey("node", Node)
