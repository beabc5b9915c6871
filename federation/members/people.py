"""What members are called, and how members of other groups may reach them.

Names are opened from the log, so they do not wait for the projector.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from federation.group.commands import GROUP_SUBJECT
from federation.members.agreeing_queries import SQL
from federation.node.statements import texts_of
from schemas.bodies import AccountKind
from schemas.openings import MemberText, NameText, NoteText
from schemas.proposals import CONTACT_LENGTH_MAX, CONTACTS_MAX, NAME_LENGTH_MAX, ToldContact

if TYPE_CHECKING:
    from collections.abc import Collection

    from federation.node.service import Node

_NOTE: Final = msgspec.json.Decoder(NoteText)


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """The other side of a thread or a trade: a member of ours, or of another group."""

    account: int | None = None
    code: str = ""
    name: str = ""
    """Empty when it was erased, or never said."""
    node: str = ""
    """The other group's node; empty inside the group."""
    group: str = ""
    pseudonym: str = ""
    place: str = ""
    """Where it lives, of who was found in another group by name and says so."""


async def names_of(node: Node, accounts: Collection[int]) -> dict[int, str]:
    """Give the names of some accounts; who was erased has none, the group has its own."""
    books = node.machine.books
    found = [books.ledger.accounts[a] for a in accounts if a in books.ledger.accounts]
    places = {
        account.account: books.members.described.get(account.account) or account.opened_seq
        for account in found
    }
    texts = await texts_of(node, sorted(set(places.values()))) if places else {}
    names = {}
    for account in found:
        own = texts.get((places[account.account], account.subject or GROUP_SUBJECT), [])
        for text in own:
            if isinstance(text, MemberText | NameText):
                names[account.account] = text.name
        if account.kind is AccountKind.GROUP:
            names[account.account] = node.settings.name
    return names


def party(node: Node, account: int, names: dict[int, str]) -> Party:
    """Give a member of ours as the other side."""
    found = node.machine.books.ledger.accounts[account]
    return Party(account=account, code=found.code, name=names.get(account, ""))


def peer_party(node: Node, peer: str, pseudonym: str, name: str = "") -> Party:
    """Give a member of another group as the other side."""
    found = node.peers.get(peer)
    group = found.name if found else ""
    return Party(node=peer, group=group, pseudonym=pseudonym, name=name)


async def peer_names(node: Node, account: int, pseudonyms: Collection[str]) -> dict[str, str]:
    """Give what members of other groups are called: as they told, else as their feeds say."""
    wanted = sorted(set(pseudonyms) - {""})
    if not wanted:
        return {}
    rows = await node.pool.fetch(SQL["names_of_posters"], wanted)
    found = {row["poster"]: row["poster_name"] for row in rows}
    for row in await node.pool.fetch(SQL["names_told"], account, wanted):
        plain = node.machine.keyring.open(row["subject"], row["commitment"], row["sealed"])
        name = "" if plain is None else _NOTE.decode(plain[1]).name
        if name:
            found[row["sender"]] = name
    return found


async def told_name(node: Node, account: int) -> str:
    """Give the name of a member as another group is told it."""
    names = await names_of(node, [account])
    return names.get(account, "")[:NAME_LENGTH_MAX]


async def told_contacts(node: Node, account: int) -> tuple[ToldContact, ...]:
    """Give what members of other groups may know of how to reach a member."""
    rows = await node.pool.fetch(SQL["contacts_told"], account, CONTACTS_MAX)
    return tuple(
        ToldContact(kind=row["kind"][:20], value=row["value"])
        for row in rows
        if row["kind"] and 1 <= len(row["value"]) <= CONTACT_LENGTH_MAX
    )
