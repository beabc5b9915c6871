"""Offers and wants of a node of the tests, written into the tables of its projection."""

from __future__ import annotations

from typing import Any

from federation.members import projector
from federation.members.feed_of import feed_of
from federation.node.service import now_s
from schemas.encoding import encode, unb64
from tests.federation.world.conftest import WorldNode, eventually

NAMED = "UPDATE plain.member SET name = 'Marc Peeters', postcode = '3000' WHERE account = $1"
CONTACT = """
INSERT INTO plain.contact (account, ordinal, kind, value, access)
VALUES ($1, 0, 'tel', '0470 00 00 00', 'public'), ($1, 1, 'mail', 'marc@example.org', 'public')
"""
PLACE = """
INSERT INTO plain.post (post, account, title, text, want, goods, category_name, price_kind,
    price_minor, per_hour, decimals, unit_singular, unit_plural, postcode, visibility,
    placed_at_s, expires_at_s, pictures, shown, ended)
SELECT post, account, title, text, want, goods, category_name, price_kind,
    price_minor, per_hour, decimals, unit_singular, unit_plural, postcode, visibility,
    placed_at_s, expires_at_s, pictures, shown, ended
FROM jsonb_populate_record(NULL::plain.post, $1::jsonb)
ON CONFLICT (node, post) DO UPDATE SET title = excluded.title, visibility = excluded.visibility,
    expires_at_s = excluded.expires_at_s, shown = excluded.shown, ended = excluded.ended
"""
MEMBER = "UPDATE plain.member SET status = $2, paused_until_s = $3 WHERE account = $1"


async def read_feed(node: WorldNode, other: WorldNode) -> None:
    """Have one feed read as it is now: a list that was made a moment ago is made anew."""
    feed_of(other.node).server._again = 0.0
    reader = feed_of(node.node).reader
    visits = reader.visits.get(other.node.id, 0) + (other.node.id in reader._running)
    await node.ask("feed.read", group=other.name)
    await eventually(lambda: reader.visits.get(other.node.id, 0) > visits)


class Posts:
    """What a node's member 001, Marc Peeters, offers and wants."""

    def __init__(self, node: WorldNode, account: int, subject: bytes) -> None:
        self._node = node
        self._account = account
        self.subject = subject
        self._said: dict[str, dict[str, Any]] = {}

    @classmethod
    async def of(cls, node: WorldNode) -> Posts:
        accounts = node.node.machine.books.ledger.accounts.values()
        member = next(account for account in accounts if account.code == "001")
        assert member.subject is not None
        await projector.reached(node.node, node.node.sequencer.size - 1)
        posts = cls(node, member.account, unb64(member.subject))
        await posts.execute(NAMED, member.account)
        await posts.execute(CONTACT, member.account)
        return posts

    async def place(self, post: str, *, title: str, **fields: Any) -> None:
        unit = self._node.node.machine.books.ledger.settings
        assert unit is not None
        self._said[post] = {
            "post": post,
            "account": self._account,
            "title": title,
            "text": "",
            "want": False,
            "goods": False,
            "category_name": "",
            "price_kind": "talk",
            "per_hour": unit.unit.rate.per_hour,
            "decimals": unit.unit.rate.decimals,
            "unit_singular": unit.unit.singular,
            "unit_plural": unit.unit.plural,
            "postcode": "",
            "visibility": "interlets",
            "placed_at_s": now_s() - 100,
            "expires_at_s": now_s() + 10_000,
            "pictures": [],
            "shown": True,
            "ended": False,
        }
        await self.change(post, **fields)

    async def change(self, post: str, **fields: Any) -> None:
        self._said[post] |= fields
        await self.execute(PLACE, encode(self._said[post]).decode())

    async def member(self, *, status: str = "active", paused_until_s: int = 0) -> None:
        await self.execute(MEMBER, self._account, status, paused_until_s)

    async def execute(self, statement: str, *arguments: Any) -> None:
        await self._node.node.pool.execute(statement, *arguments)
