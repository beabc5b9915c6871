"""Reading the umbrella's register: which groups there are, their keys, and who has left.

Signed, in pages, from where the last page ended. What the register says about keys is believed no
more than what a group says itself: statements prove themselves. So an umbrella can withhold, and
cannot invent. Lines are the auditors' matter and change nothing here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from federation.node.peers import Peer
from federation.node.queries import SQL
from schemas.encoding import encode, parse
from schemas.errors import Code, PeerUnavailable, RuilbrugError
from schemas.messages import FollowedEntry, RegisterPage
from schemas.register_bodies import GroupAdmitted, GroupKeyStated, GroupLeft

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from asyncpg import Pool, Record

    from federation.node.peers import Peers
    from federation.peer.client import PeerClient
    from schemas.evidence import SignedEvent
    from schemas.keys import SignedKeyStatement
    from schemas.messages import RegisterChange

log = structlog.get_logger()

PAGES_MAX: Final = 1_000
"""So many are read at once: 200,000 changes. The next reading goes on there."""
_PAGE: Final = msgspec.json.Decoder(RegisterPage)
_FOLLOWED: Final = msgspec.json.Decoder(FollowedEntry)


class RegisterReader:
    """Keeps the peers up to date by the register of one umbrella."""

    def __init__(
        self,
        pool: Pool[Record],
        peers: Peers,
        client: PeerClient,
        *,
        own: Callable[[], tuple[SignedKeyStatement, ...]],
        node: str,
        umbrella: str,
    ) -> None:
        """Take who asks, whom it asks, and where its own key statements are found."""
        self._pool = pool
        self._peers = peers
        self._client = client
        self._own = own
        self._node = node
        self._umbrella = umbrella
        self._told = 0
        """How many of the own statements the umbrella has taken in from this process."""

    async def read(self) -> None:
        """Tell the umbrella of own keys that are new, and read what is new in its register."""
        try:
            await self._tell_keys()
            for _ in range(PAGES_MAX):
                if not await self._read_page():
                    return
        except (RuilbrugError, msgspec.MsgspecError) as error:
            log.warning("register_unavailable", kind=type(error).__name__)

    async def followed(self, event: SignedEvent) -> str | None:
        """Show an event, and ask which entry of its log counts there, whatever became of its key.

        Raises:
            PeerUnavailable: the umbrella does not answer; ask again later.

        """
        umbrella = self._peers.require(self._umbrella)
        path = "/federation/v1/register/followed"
        try:
            answer = await self._client.post(umbrella.node, umbrella.url, path, encode(event))
            return parse(_FOLLOWED, answer).id
        except msgspec.MsgspecError as error:
            raise PeerUnavailable(Code.PEER_WRONG, reason="register") from error

    async def _get(self, path: str) -> bytes:
        umbrella = self._peers.require(self._umbrella)
        return await self._client.get(umbrella.node, umbrella.url, path)

    async def _tell_keys(self) -> None:
        own = self._own()
        if len(own) <= self._told:
            return
        umbrella = self._peers.require(self._umbrella)
        path = "/federation/v1/register/keys"
        try:
            await self._client.post(umbrella.node, umbrella.url, path, encode(own))
        except RuilbrugError as error:
            log.warning("own_keys_not_recorded", code=error.code)
        else:
            self._told = len(own)

    async def _read_page(self) -> bool:
        """Read one page, and tell whether there is another."""
        after = await self._pool.fetchval(SQL["register_cursor"], self._umbrella)
        after = -1 if after is None else after
        page = parse(_PAGE, await self._get(f"/federation/v1/register?after={after}"))
        places = [change.seq for change in page.changes]
        if places != sorted({*places}) or not all(place > after for place in places):
            raise PeerUnavailable(Code.PEER_WRONG, reason="register")
        if not places:
            return False
        await self._take(page.changes)
        await self._pool.execute(SQL["write_register_cursor"], self._umbrella, places[-1])
        return page.more

    async def _take(self, changes: Sequence[RegisterChange]) -> None:
        stated: dict[str, list[SignedKeyStatement]] = {}
        for change in changes:
            said = change.said
            if getattr(said, "node", self._node) == self._node:
                continue
            match said:
                case GroupAdmitted():
                    peer = Peer(said.node, said.url, said.name, "registered")
                    await self._peers.add(peer)
                case GroupLeft():
                    await self._peers.leave(said.node)
                case GroupKeyStated():
                    stated.setdefault(said.node, []).append(said.statement)
        for node, statements in stated.items():
            known = self._peers.statements(node)
            fresh = [one for one in statements if one not in known]
            if fresh and not await self._peers.learn(node, (*known, *fresh)):
                await self._peers.refresh(node)
