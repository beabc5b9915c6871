"""Trades of a member, loaded from log and tables and put together for `trade_views`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from federation.members.agreeing_queries import SQL
from federation.members.people import Party, names_of, party, peer_names, peer_party
from federation.members.thanks_loading import thanks_for
from federation.members.thread_messages import group_texts, open_texts
from federation.members.trade_views import (
    Action,
    Booking,
    Related,
    ShownThanks,
    ShownTrade,
    of_booking,
    of_request,
    of_transfer,
    with_group_by_mail,
)
from federation.node.queries import SQL as NODE
from projections import tables_agreeing
from projections.agreeing import Request, RequestPhase
from projections.lines import Transfer
from schemas import bodies
from schemas.bodies import CollectiveBooked
from schemas.encoding import unb64
from schemas.errors import Code, InputError, VerificationError
from schemas.openings import PeerText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.node.service import Node

PATH_SIZE: Final = 16
OPEN_MAX: Final = 500
"""So many trades of a member on their way, of each kind, are looked at."""
_BODY: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(bodies.AnyBody)
_PEER: Final = msgspec.json.Decoder(PeerText)
_REQUEST: Final = msgspec.json.Decoder(Request)
_TRANSFER: Final = msgspec.json.Decoder(Transfer)


class Found(NamedTuple):
    """What tables and log hold of some trades of one member."""

    bookings: list[tuple[int, Booking]]
    requests: list[Request]
    transfers: list[Transfer]


async def load_trades(node: Node, account: int, *, before: int, limit: int) -> list[ShownTrade]:
    """Give what is not done, and then the newest of what is done before a place in the log."""
    pool = node.pool
    rows = await pool.fetch(SQL["bookings_of"], account, before, limit)
    bookings = _bookings((row["seq"], row["body"]) for row in rows)
    rows = [
        *await pool.fetch(SQL["open_requests_of"], account, OPEN_MAX),
        *await pool.fetch(SQL["requests_of"], account, before, limit),
    ]
    requests = [_REQUEST.decode(row["state"]) for row in rows]
    rows = await pool.fetch(SQL["transfers_of"], account, before, limit, OPEN_MAX)
    transfers = [_TRANSFER.decode(row["state"]) for row in rows]
    ended = [r for r in requests if r.phase is not RequestPhase.BOOKED]
    shown = await _shown(node, account, Found(bookings, ended, transfers))
    waiting = [one for one in shown if not one.seq]
    done = sorted((o for o in shown if 0 < o.seq < before), key=lambda o: o.seq, reverse=True)
    waiting.sort(key=lambda one: one.at_s, reverse=True)
    return [*waiting, *done[:limit]]


async def load_trade(node: Node, account: int, name: str) -> ShownTrade:
    """Give one trade of a member by its id.

    Raises:
        InputError: `not_found`, also for a trade between others.

    """
    shown = await _shown(node, account, await _named(node, account, name))
    if not shown:
        raise InputError(Code.NOT_FOUND, field="trade")
    return shown[0]


async def _named(node: Node, account: int, name: str) -> Found:
    """Find what an id names: a trade between groups, a request, a booking, a place in the log."""
    if name.isascii() and name.isdigit() and len(name) < PATH_SIZE:
        return Found(await _at(node, account, int(name)), [], [])
    try:
        key = unb64(name, size=PATH_SIZE)
    except VerificationError as error:
        raise InputError(Code.NOT_FOUND, field="trade") from error
    rows = await node.pool.fetch(SQL["transfers_named"], account, name)
    if rows:
        return Found([], [], [_TRANSFER.decode(row["state"]) for row in rows][:1])
    async with node.pool.acquire() as connection:
        requests = await tables_agreeing.read_requests(connection, [name])
    if requests:
        request = requests[0]
        if account not in (request.payer, request.payee):
            return Found([], [], [])
        if request.phase is RequestPhase.BOOKED:
            return Found(await _at(node, account, request.last_seq), [], [])
        return Found([], requests, [])
    used = await node.pool.fetch(SQL["used_keys"], [key])
    return Found(await _at(node, account, used[0]["seq"]) if used else [], [], [])


async def _at(node: Node, account: int, seq: int) -> list[tuple[int, Booking]]:
    found = _bookings(
        (row["seq"], row["body"]) for row in await node.pool.fetch(SQL["event_at"], seq)
    )
    return [
        (at, body) for at, body in found if any(leg.account == account for leg in body.postings)
    ]


def _bookings(rows: Any) -> list[tuple[int, Booking]]:
    """Decode bookings inside the group; what moved by trades between groups is left out."""
    decoded = ((seq, None if body is None else _BODY.decode(body)) for seq, body in rows)
    return [
        (seq, body) for seq, body in decoded if isinstance(body, Booking) and len(body.postings) > 1
    ]


async def _shown(node: Node, account: int, found: Found) -> list[ShownTrade]:
    related = await _related(node, account, found)
    shown = [of_booking(account, seq, body, related) for seq, body in found.bookings]
    shown += [of_request(account, request, related) for request in found.requests]
    shown = await _by_mail(node, account, shown, found, related)
    shown += await _between(node, account, found.transfers)
    thanks = await thanks_for(node, account, [(one.id, one.seq, one.between) for one in shown])
    return [_thanked(one, thanks.get(one.id, ())) for one in shown]


async def _by_mail(
    node: Node, account: int, shown: list[ShownTrade], found: Found, related: Related
) -> list[ShownTrade]:
    """Show trades with groups that are reached by mail as such, with the reason of a refusal."""
    partners = {one.account for one in node.machine.books.agreeing.partners.values()}
    if not any(one.other.account in partners for one in shown):
        return shown
    first = {r.request: r.first_seq for r in found.requests}
    ends = [r.last_seq for r in found.requests if r.phase is RequestPhase.REFUSED]
    reasons = await open_texts(node, account, ends)
    return [
        with_group_by_mail(one, related.texts.get(first.get(one.id, one.seq)), reasons.get(one.seq))
        if one.other.account in partners
        else one
        for one in shown
    ]


def _thanked(shown: ShownTrade, thanks: tuple[ShownThanks, ...]) -> ShownTrade:
    own = any(one.own for one in thanks)
    actions = tuple(one for one in shown.actions if not (own and one is Action.THANK))
    return msgspec.structs.replace(shown, thanks=thanks, actions=actions)


async def _related(node: Node, account: int, found: Found) -> Related:
    """Gather what is known around bookings and requests inside the group."""
    legs = {leg.account for _, body in found.bookings for leg in body.postings}
    parties = {party for r in found.requests for party in (r.payer, r.payee)}
    names = await names_of(node, legs | parties)
    seqs = [seq for seq, _ in found.bookings]
    to_all = [seq for seq, body in found.bookings if isinstance(body, CollectiveBooked)]
    asked = node.machine.books.agreeing.requests.base.values()
    async with node.pool.acquire() as connection:
        reversed_by = await tables_agreeing.read_reversals(connection, seqs) if seqs else {}
    return Related(
        people={one: party(node, one, names) for one in legs | parties},
        reversed=reversed_by,
        asked_back={
            request.reverses: request.request for request in asked if request.reverses is not None
        },
        texts={
            **await open_texts(node, account, [*seqs, *(r.first_seq for r in found.requests)]),
            **await group_texts(node, to_all),
        },
    )


async def _between(node: Node, account: int, transfers: Sequence[Transfer]) -> list[ShownTrade]:
    """Show trades with other groups."""
    if not transfers:
        return []
    own = [seq for t in transfers for seq in {t.first_seq, t.last_seq} if t.account]
    texts = await open_texts(node, account, own, _PEER)
    asked = await _asked_texts(node, account, [t.path for t in transfers if t.request])
    rows = await node.pool.fetch(SQL["transfers_reversing"], [t.path for t in transfers])
    reversing = [_TRANSFER.decode(row["state"]) for row in rows]
    said = {
        t.key(): texts.get(t.first_seq) or texts.get(t.last_seq) or asked.get(t.path)
        for t in transfers
    }
    others = {t.key(): _pseudonym(t, said[t.key()]) for t in transfers}
    names = await peer_names(node, account, list(others.values()))
    entered = await _entered(node, own)
    return [
        of_transfer(
            transfer,
            _peer(node, transfer, others[transfer.key()], names),
            description="" if (text := said[transfer.key()]) is None else text.description,
            reversals=[one for one in reversing if one.reverses == transfer.path],
            rate=_their_rate(node, transfer),
            entered_by=entered.get(transfer.first_seq) or entered.get(transfer.last_seq),
        )
        for transfer in transfers
    ]


async def _entered(node: Node, seqs: Sequence[int]) -> dict[int, int]:
    """Tell which of these own events somebody entered in the member's name, and who."""
    found = {}
    for row in await node.pool.fetch(NODE["event_bodies"], seqs) if seqs else ():
        body = None if row["body"] is None else _BODY.decode(row["body"])
        if isinstance(body, bodies.PrepareBody | bodies.RequestBody) and body.entered_by:
            found[row["seq"]] = body.entered_by
    return found


def _pseudonym(transfer: Transfer, text: PeerText | None) -> str:
    if transfer.direction == "out" and transfer.payee:
        return transfer.payee
    if text is None:
        return ""
    return text.payee if transfer.direction == "out" else text.payer


def _peer(node: Node, transfer: Transfer, pseudonym: str, names: dict[str, str]) -> Party:
    peer = node.machine.books.lines[transfer.line].peer
    return peer_party(node, peer, pseudonym, names.get(pseudonym, ""))


def _their_rate(node: Node, transfer: Transfer) -> Any:
    line = node.machine.books.lines[transfer.line]
    terms = line.terms_of(transfer.terms_rev) or line.terms
    return None if terms is None else terms.other(line.us).rate


async def _asked_texts(node: Node, account: int, paths: Sequence[str]) -> dict[str, PeerText]:
    """Open what came with requests of other groups."""
    found = {}
    for row in await node.pool.fetch(SQL["request_of_text"], account, paths) if paths else ():
        plain = node.machine.keyring.open(row["subject"], row["commitment"], row["sealed"])
        if plain is not None:
            found[row["path"]] = _PEER.decode(plain[1])
    return found
