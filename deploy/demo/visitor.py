"""Somebody who looks at the pages of a node of the demo without a browser, signed in by mail."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote

import aiohttp

if TYPE_CHECKING:
    from types import TracebackType

TRIES: Final = 100
PAUSE_S: Final = 0.1
_TICKET: Final = re.compile(r'name="form" value="([^"]+)"')
_MAIL: Final = re.compile(r'href="(/mailbox/[^"/]+)"')
_LINK: Final = re.compile(r'href="(/login/[^"/]+)"')


class Visitor:
    """One browser's worth of cookies; use it as a context."""

    def __init__(self, url: str, address: str) -> None:
        """Take the address of the node, and the mail address of who visits it."""
        self.url = url
        self._address = address
        self._browser = aiohttp.ClientSession(
            base_url=url,
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            headers={"Accept-Language": "nl-BE"},
        )

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Forget the cookies."""
        await self._browser.close()

    async def mailed_link(self) -> str:
        """Ask for a mail as the page does, and give the path of its link, as `/mailbox` shows it.

        Raises:
            TimeoutError: no mail came.

        """
        before = await self._mails()
        await self.send("/login", address=self._address)
        for _ in range(TRIES):
            for mail in await self._mails():
                link = None if mail in before else _LINK.search(await self.read(mail))
                if link is not None:
                    return link[1]
            await asyncio.sleep(PAUSE_S)
        raise TimeoutError(f"no mail came for {self._address}")

    async def sign_in(self) -> None:
        """Come in by a mailed link."""
        await self.send(await self.mailed_link())

    async def read(self, path: str) -> str:
        """Open a page or a file.

        Raises:
            aiohttp.ClientResponseError: it is not there.

        """
        async with self._browser.get(path, raise_for_status=True) as answer:
            return (await answer.read()).decode(errors="replace")

    async def send(self, path: str, **fields: str) -> str:
        """Open a page, fill in its form, and give the page that comes of it.

        Raises:
            aiohttp.ClientResponseError: one of them is not there, or refuses.

        """
        ticket = _TICKET.search(await self.read(path))
        asked = fields if ticket is None else {"form": ticket[1], **fields}
        sent = self._browser.post(
            path, data=asked, headers={"Origin": self.url}, raise_for_status=True
        )
        async with sent as answer:
            return await answer.text()

    async def _mails(self) -> list[str]:
        return _MAIL.findall(await self.read(f"/mailbox?to={quote(self._address)}"))
