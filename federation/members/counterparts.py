"""Whom a member can write to, give to or ask: members of the group, and of others as far as known.

Another group's member is known by its offers and wants there, by its card where it lets itself be
found by name, by a trade or a thread, or by its letscode, for which the other group is asked. Names
come as that member has told them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from federation.members import profiles
from federation.members.agreeing_queries import SQL
from federation.members.bookable import line_with_peer
from federation.members.home import SQL as HOME
from federation.members.people import Party, names_of, party, peer_names, peer_party
from federation.members.search import FRESH_S
from federation.node.payees import payee_pseudonym
from federation.node.use_cases import account_by_code, find_peer
from schemas.amounts import Unit
from schemas.bodies import AccountKind
from schemas.encoding import unb64
from schemas.errors import Code, InputError, VerificationError

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.service import Node

FOUND_MAX: Final = 12
LETTERS_MIN: Final = 2
"""Fewer letters do not look through other groups."""
PSEUDONYM_SIZE: Final = 32


async def find(node: Node, reader: Reader, words: str, *, now_s: int) -> list[Party]:
    """Give members by a part of their name or code: of the group first, then of other groups.

    Of other groups only those with which units can pass now.
    """
    own = await profiles.profiles(node, reader, said=words, limit=FOUND_MAX + 1)
    found = [
        Party(account=one.account, code=one.code, name=one.name)
        for one in own
        if one.account != reader.subject_account and one.status.books()
    ]
    open_to = [line.peer for line in node.machine.books.lines.values() if line.open()]
    if len(words) < LETTERS_MIN or not open_to:
        return found[:FOUND_MAX]
    rows = await node.pool.fetch(
        SQL["named_elsewhere"], open_to, words, now_s, now_s - FRESH_S, FOUND_MAX
    )
    others = [
        replace(peer_party(node, row["node"], row["member"], row["name"]), place=row["place"])
        for row in rows
    ]
    return [*found[:FOUND_MAX], *others]


async def by_code(node: Node, code: str) -> Party:
    """Give a member of the group by its letscode.

    Raises:
        InputError: `account_unknown`, also for an account that is nobody's.

    """
    account = account_by_code(node, code, field="payee")
    if account.kind is AccountKind.CLEARING:
        raise InputError(Code.ACCOUNT_UNKNOWN, field="payee")
    return party(node, account.account, await names_of(node, [account.account]))


async def by_pseudonym(node: Node, reader: Reader, group: str, pseudonym: str) -> Party:
    """Give a member of another group, as an offer or a trade names it.

    Raises:
        InputError: `peer_unknown`, `not_found` for what is no pseudonym.

    """
    peer = find_peer(node, group)
    try:
        unb64(pseudonym, size=PSEUDONYM_SIZE)
    except VerificationError as error:
        raise InputError(Code.NOT_FOUND, field="payee") from error
    account = reader.subject_account or 0
    names = await peer_names(node, account, [pseudonym])
    return peer_party(node, peer.node, pseudonym, names.get(pseudonym, ""))


async def by_code_elsewhere(node: Node, reader: Reader, group: str, code: str) -> Party:
    """Give a member of another group by its letscode; the other group is asked the first time.

    Raises:
        InputError: `peer_unknown`.
        RefusedError: `payee_unknown`.
        PeerUnavailable: the other group cannot be asked now.

    """
    peer = find_peer(node, group)
    pseudonym = await payee_pseudonym(node, peer, code)
    found = await by_pseudonym(node, reader, peer.node, pseudonym)
    return Party(
        code=code, name=found.name, node=peer.node, group=peer.name, pseudonym=found.pseudonym
    )


async def party_of(node: Node, reader: Reader, *, code: str, group: str, person: str) -> Party:
    """Give whom an address names: a member of the group by code, of another by code or pseudonym.

    Raises:
        InputError, RefusedError, PeerUnavailable: as the three above.

    """
    if not group:
        return await by_code(node, code)
    if person:
        return await by_pseudonym(node, reader, group, person)
    return await by_code_elsewhere(node, reader, group, code)


async def unit_of(node: Node, peer: str) -> Unit | None:
    """Give another group's unit: its rate as agreed, its name as its offers say, else empty."""
    line = line_with_peer(node.machine.books, peer)
    if line is None or line.terms is None:
        return None
    rows = await node.pool.fetch(HOME["partner_units"], [peer])
    singular, plural = (rows[0]["unit_singular"], rows[0]["unit_plural"]) if rows else ("", "")
    return Unit(singular=singular, plural=plural, rate=line.terms.other(line.us).rate)


def groups(node: Node) -> dict[str, str]:
    """Give the groups with which units can pass now, by their node, in the order of their names."""
    lines = node.machine.books.lines.values()
    known = (peer for peer in node.peers.all() if peer.standing != "umbrella")
    open_to = {line.peer for line in lines if line.open()}
    found = sorted((peer.name.casefold(), peer) for peer in known if peer.node in open_to)
    return {peer.node: peer.name for _, peer in found}
