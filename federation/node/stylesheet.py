"""The key under which an application holds what gives the address of its one stylesheet.

The room with the pages has the stylesheet; others that show a page link the same one, without
knowing that room. The address changes with what it gives, so it is asked for each page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from aiohttp import web

STYLESHEET: Final = web.AppKey[Callable[[], str]]("stylesheet")
