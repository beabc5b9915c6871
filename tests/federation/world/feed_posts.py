"""Offers and wants of a node of the tests, as its projection holds them."""

from __future__ import annotations

import json
from typing import Any

from federation.node.service import now_s
from schemas.encoding import unb64
from tests.federation.world.conftest import WorldNode

MEMBER = """
INSERT INTO plain.member (account, code, name, status, postcode, since_s, subject)
VALUES ($1, '001', 'Marc Peeters', 'active', '3000', 1, $2)
ON CONFLICT (account) DO UPDATE SET name = excluded.name
"""


class Posts:
    """Writes into the tables of one node's projection; its member 001 places everything."""

    def __init__(self, node: WorldNode, account: int, subject: bytes) -> None:
        self._node = node
        self._account = account
        self.subject = subject

    @classmethod
    async def of(cls, node: WorldNode) -> Posts:
        accounts = node.node.machine.books.ledger.accounts.values()
        member = next(account for account in accounts if account.code == "001")
        assert member.subject is not None
        subject = unb64(member.subject)
        await node.node.pool.execute(MEMBER, member.account, subject)
        return cls(node, member.account, subject)

    async def place(self, post: str, *, title: str, **fields: Any) -> None:
        said = {
            "node": "",
            "post": post,
            "account": self._account,
            "title": title,
            "want": False,
            "visibility": "interlets",
            "placed_at_s": now_s() - 100,
            "expires_at_s": now_s() + 10_000,
            **fields,
        }
        if "pictures" in said:
            said["pictures"] = json.dumps(said["pictures"])
        await self.execute(*_insert("plain.post", said))

    async def change(self, post: str, **fields: Any) -> None:
        await self.execute(*_update("plain.post", fields, "node = '' AND post", post))

    async def member(self, **fields: Any) -> None:
        await self.execute(*_update("plain.member", fields, "account", self._account))

    async def execute(self, statement: str, *arguments: Any) -> None:
        await self._node.node.pool.execute(statement, *arguments)


def _insert(table: str, said: dict[str, Any]) -> tuple[Any, ...]:
    places = ", ".join(f"${at + 1}" for at in range(len(said)))
    return (
        " ".join(("INSERT INTO", table, f"({', '.join(said)}) VALUES ({places})")),
        *said.values(),
    )


def _update(table: str, fields: dict[str, Any], key: str, value: Any) -> tuple[Any, ...]:
    sets = ", ".join(f"{name} = ${at + 2}" for at, name in enumerate(fields))
    return (" ".join(("UPDATE", table, "SET", sets, "WHERE", key, "= $1")), value, *fields.values())
