"""The umbrella's directory: the groups of its register, with what each says about itself.

A group that does not answer keeps its place in the list, and the page says how old its words are.
One that no longer wants to be listed with a text says so by having no card: then only what the
register holds is left, its name and address.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import structlog

from events.note import NoteSigner
from events.recovery import STORAGE_TROUBLE
from events.signing import PublicKey
from federation.members.postcodes import distance_m, place_of
from federation.node.origins import log_origin
from federation.node.patience import connection_in_time
from federation.node.service import now_s as clock
from federation.public import page
from federation.public.card import card_of, read_card, sign_card, texts_of, unit_names_of
from federation.public.queries import SQL
from schemas.errors import Code, RefusedError, RuilbrugError
from schemas.group_card import CARD_BYTES_MAX
from schemas.keys import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from federation.members.postcodes import Spot
    from federation.node.peers import Peer
    from federation.node.service import Node
    from federation.public.card import UnitNames
    from schemas.group_card import GroupCard

log = structlog.get_logger()

CARD_PATH: Final = "/federation/v1/card"
FETCH_EVERY_S: Final = 6 * 3_600
FETCH_TIMEOUT_S: Final = 5.0
AT_ONCE: Final = 8
STALE_S: Final = 7 * 86_400
"""After so long the list says how old a group's words are."""
_HOUR_S: Final = 3_600


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A group of the directory."""

    node: str
    name: str
    url: str
    postcode: str = ""
    lead: dict[str, str] = {}
    join: dict[str, str] = {}
    contact: str = ""
    told_at_s: int | None = None
    """When its own words were last fetched; none: it says nothing about itself."""
    stale: bool = False

    @property
    def spot(self) -> Spot | None:
        """Where it is, as far as it says so."""
        place = place_of(self.postcode)
        return None if place is None else place.spot

    def place(self, language: str) -> str:
        """Give the name of its place; empty when it is not known."""
        place = place_of(self.postcode)
        return "" if place is None else place.name(language)


class Near(NamedTuple):
    """A group with how far it is; none where one of the two places is not known."""

    group: Listed
    away_m: int | None


def own_card(node: Node, kept: page.Kept, *, now_s: int) -> bytes:
    """Give this group's signed card; the same bytes for an hour, as long as its page is the same.

    Raises:
        RefusedError: `not_found` when the group does not want to be found.

    """
    if not kept.page.findable or node.settings.role != "group":
        raise RefusedError(Code.NOT_FOUND, field="card")
    made_at_s = max(now_s - now_s % _HOUR_S, kept.changed_at_s)
    configured = node.machine.books.ledger.settings
    card = card_of(
        kept.page,
        node=node.id,
        name=node.settings.name,
        made_at_s=made_at_s,
        unit=None if configured is None else configured.unit,
    )
    return sign_card(card, NoteSigner(log_origin(node.settings.public_url), node.identity.log))


def in_order(groups: Iterable[Listed], here: Spot | None) -> list[Near]:
    """Put the nearest first; those whose place is not known come last, by name.

    Without `here` all are ordered by name.
    """
    found = [
        Near(one, None if here is None or one.spot is None else distance_m(here, one.spot))
        for one in groups
    ]
    return sorted(
        found,
        key=lambda near: (
            near.away_m is None,
            near.away_m or 0,
            near.group.name.casefold(),
            near.group.node,
        ),
    )


async def listed(node: Node, *, now_s: int) -> list[Listed]:
    """Give the groups that are in the register, each with its own words."""
    async with connection_in_time(node.pool) as connection:
        rows = {row["node"]: row for row in await connection.fetch(SQL["read_cards"])}
    found = []
    for peer in _registered(node):
        row = rows.get(peer.node)
        card = None if row is None else _card(node, peer, row["note"], now_s=now_s)
        if row is None or card is None:
            found.append(Listed(node=peer.node, name=peer.name, url=peer.url))
            continue
        found.append(
            Listed(
                node=peer.node,
                name=peer.name,
                url=peer.url,
                postcode=card.postcode,
                lead=texts_of(card.lead),
                join=texts_of(card.join),
                contact=card.contact,
                told_at_s=row["fetched_at_s"],
                stale=now_s - row["fetched_at_s"] >= STALE_S,
            )
        )
    return found


async def unit_names(node: Node, nodes: Iterable[str], *, now_s: int) -> dict[str, UnitNames]:
    """Give what groups call their units, of those that say so in their cards."""
    wanted = [peer for peer in map(node.peers.get, set(nodes)) if peer is not None]
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["cards_of"], [peer.node for peer in wanted])
    notes = {row["node"]: row["note"] for row in rows}
    read = node.parts.setdefault(_ReadCards, _ReadCards())
    found = {
        peer.node: read.unit_names(node, peer, notes[peer.node], now_s=now_s)
        for peer in wanted
        if peer.node in notes
    }
    return {one: names for one, names in found.items() if names is not None}


class _ReadCards:
    """The last card that was read of each group: pages ask all the time, a signature costs."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[object, UnitNames | None]] = {}

    def unit_names(self, node: Node, peer: Peer, note: bytes, *, now_s: int) -> UnitNames | None:
        """Read a card, unless the same one was read before under the same keys and address."""
        made_of = note, peer.url, node.peers.history(peer.node)
        known, names = self._read.get(peer.node, (None, None))
        if known != made_of:
            card = _card(node, peer, note, now_s=now_s)
            names = None if card is None else unit_names_of(card)
            self._read[peer.node] = made_of, names
        return names


async def keep(node: Node) -> None:
    """Fetch every group's card again and again; the task of an umbrella."""
    while True:
        try:
            await fetch_all(node, now_s=clock())
        except (*STORAGE_TROUBLE, RuilbrugError) as error:
            log.warning("directory_not_kept", kind=type(error).__name__)
        await asyncio.sleep(FETCH_EVERY_S)


async def fetch_all(node: Node, *, now_s: int) -> None:
    """Fetch the card of every group in the register once, a few at a time."""
    free = asyncio.Semaphore(AT_ONCE)

    async def fetch(peer: Peer) -> None:
        async with free:
            await _fetch(node, peer, now_s=now_s)

    async with asyncio.TaskGroup() as tasks:
        for peer in _registered(node):
            tasks.create_task(fetch(peer), name=f"card {peer.node[:8]}")


async def _fetch(node: Node, peer: Peer, *, now_s: int) -> None:
    try:
        note = await node.client.get_unsigned(
            peer.url, CARD_PATH, timeout_s=FETCH_TIMEOUT_S, bytes_max=CARD_BYTES_MAX
        )
    except RefusedError:
        async with connection_in_time(node.pool) as connection:
            await connection.execute(SQL["drop_card"], peer.node)
        return
    except RuilbrugError as error:
        log.info("card_unavailable", peer=peer.node, code=str(error.code))
        return
    card = _card(node, peer, note, now_s=now_s)
    if card is None:
        return
    async with connection_in_time(node.pool) as connection:
        await connection.execute(SQL["keep_card"], peer.node, note, card.made_at_s, now_s)


def _card(node: Node, peer: Peer, note: bytes, *, now_s: int) -> GroupCard | None:
    """Read a card by the key that speaks for the group now; none when it is not the group's."""
    history = node.peers.history(peer.node)
    held = None if history is None else history.current(Role.LOG)
    if held is None:
        return None
    try:
        return read_card(
            note,
            node=peer.node,
            origin=log_origin(peer.url),
            key=PublicKey.of_text(held.key),
            now_s=now_s,
        )
    except RuilbrugError as error:
        log.warning("card_forged", peer=peer.node, code=str(error.code))
        return None


def _registered(node: Node) -> list[Peer]:
    return [peer for peer in node.peers.all() if peer.standing == "registered"]
