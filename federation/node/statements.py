"""Reading what members and coordinators look at: statements, names, trades."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from federation.group.commands import GROUP_SUBJECT
from federation.group.rights import reads_words
from federation.node.queries import SQL
from federation.node.use_cases import account_by_code
from projections import tables
from projections.lines import Transfer
from projections.trade_state import TradeState, trade_state
from schemas import bodies, cores
from schemas.encoding import b64
from schemas.openings import MemberText, NameText, PeerText, PersonalText, TransferText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.group.rights import Looks
    from federation.node.service import Node
    from projections.ledger import Account

_PERSONAL: Final = msgspec.json.Decoder(PersonalText)
_PEER: Final = msgspec.json.Decoder(PeerText)
_BODY: Final = msgspec.json.Decoder(bodies.AnyBody)
_ACROSS: Final = ("path", "their_minor", "their_decimals", "peer", "person")
_LINE_EVENT: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(cores.LineEvent)


async def transfers_of(node: Node, path: str) -> list[Transfer]:
    """Give the trades with a path, as far as they have come."""
    async with node.pool.acquire() as connection:
        return await tables.read_transfers(connection, [path])


async def shown_transfers(node: Node, path: str) -> list[tuple[Transfer, TradeState]]:
    """Give the trades with a path and how each stands, a booked reversal told."""
    async with node.pool.acquire() as connection:
        found = await tables.read_related(connection, [path])
    return [
        (transfer, trade_state(transfer, [t for t in found if t.reverses == path]))
        for transfer in found
        if transfer.path == path
    ]


async def names(node: Node, accounts: Sequence[Account] | None = None) -> dict[int, str]:
    """Give the name of each member and old partner account; an erased member has none."""
    found: dict[int, str] = {}
    if accounts is None:
        accounts = list(node.machine.books.ledger.accounts.values())
    described = node.machine.books.members.described
    newest = [described.get(account.account) or account.opened_seq for account in accounts]
    texts = await texts_of(node, newest)
    for account, seq in zip(accounts, newest, strict=True):
        key = (seq, account.subject or GROUP_SUBJECT)
        for text in texts.get(key, ()):
            if isinstance(text, MemberText | NameText):
                found[account.account] = text.name
    return found


async def texts_of(
    node: Node, seqs: list[int]
) -> dict[tuple[int, str], list[PersonalText | PeerText]]:
    """Open the texts of some events, by event and subject; what was erased is left out."""
    found: dict[tuple[int, str], list[PersonalText | PeerText]] = {}
    for row in await node.pool.fetch(SQL["texts_of"], seqs):
        plain = node.machine.keyring.open(row["subject"], row["commitment"], row["sealed"])
        if plain is None:
            continue
        decoder: Any = _PERSONAL if row["layer"] == "personal" else _PEER
        key = (row["seq"], b64(row["subject"]))
        found.setdefault(key, []).append(decoder.decode(plain[1]))
    return found


async def page(
    node: Node,
    code: str,
    *,
    looks: Looks,
    from_s: int,
    until_s: int,
    before: tuple[int, int],
    limit: int,
) -> dict[str, Any]:
    """Give a page of an account's statement, newest first, with the other side.

    With the text where `looks` reads it; else that is empty.

    Raises:
        InputError: `account_unknown`.

    """
    account = account_by_code(node, code)
    async with node.pool.acquire() as connection:
        rows = await tables.read_statement(
            connection,
            account.account,
            from_s=from_s,
            until_s=until_s,
            before=before,
            limit=min(limit, 500),
        )
    seqs = [row.seq for row in rows]
    found = {row["seq"]: row for row in await node.pool.fetch(SQL["event_bodies"], seqs)}
    told = await traded(node, account.subject or "", [bytes(r["core"]) for r in found.values()])
    texts = await texts_of(node, seqs)
    lines: list[dict[str, Any]] = []
    for row in rows:
        body = _BODY.decode(found[row.seq]["body"])
        other = _other_side(node, account.account, body)
        own = texts.get((row.seq, _text_subject(account, body)), [])
        trade = told.get(row.seq, {})
        lines.append(
            {
                "seq": row.seq,
                "ordinal": row.ordinal,
                "at_s": row.at_s,
                "amount_minor": row.amount_minor,
                "balance_minor": row.balance_minor,
                "other": other,
                "description": _words(account, looks, body, own, trade),
                **{name: trade[name] for name in _ACROSS if name in trade},
            }
        )
    last = rows[-1] if len(rows) == min(limit, 500) else None
    return {
        "code": account.code,
        "balance_minor": node.machine.books.ledger.balance(account.account),
        "lines": lines,
        "next": [last.seq, last.ordinal] if last else None,
    }


def _words(account: Account, looks: Looks, body: Any, own: list[Any], trade: dict[str, Any]) -> str:
    """Say what a booking was for, to who reads it."""
    of_group = account.kind is bodies.AccountKind.GROUP
    if not reads_words(looks, of_group=of_group, to_all=_to_all(body)):
        return ""
    said = next((text.description for text in own if isinstance(text, TransferText)), "")
    return said or str(trade.get("description", ""))


def _text_subject(account: Account, body: Any) -> str:
    """Tell whose key opens what a booking says to an account."""
    of_group = account.kind is bodies.AccountKind.GROUP
    return GROUP_SUBJECT if of_group or _to_all(body) else account.subject or ""


def _to_all(body: Any) -> bool:
    return isinstance(body, bodies.CollectiveBooked)


def _other_side(node: Node, account: int, body: Any) -> str:
    accounts = node.machine.books.ledger.accounts
    others = [accounts[p.account] for p in body.postings if p.account != account]
    if not others:
        return ""
    first = others[0]
    if first.line is not None:
        line = node.machine.books.lines[first.line]
        peer = node.peers.get(line.peer)
        return peer.name if peer else first.code
    return first.code


async def traded(
    node: Node, subject: str | None, core_bytes: list[bytes]
) -> dict[int, dict[str, Any]]:
    """Give path, the other side's person and amount, and the text of trades between groups.

    The text that is sealed for `subject`, or without one for whoever of the group traded.
    """
    decoded = [_LINE_EVENT.decode(data) for data in core_bytes if b'"type":"pay.' in data]
    wanted = {core.seq: (core.path, core.line) for core in decoded if hasattr(core, "path")}
    if not wanted:
        return {}
    async with node.pool.acquire() as connection:
        paths = sorted({path for path, _ in wanted.values()})
        found = await tables.read_transfers(connection, paths)
    transfers = {(transfer.path, transfer.line): transfer for transfer in found}
    texts = await texts_of(node, sorted({transfer.first_seq for transfer in found}))
    own_texts: dict[int, list[Any]] = {}
    for (first_seq, whose), said in texts.items():
        if subject in (None, whose):
            own_texts.setdefault(first_seq, []).extend(said)
    told = {}
    for seq, key in wanted.items():
        transfer = transfers.get(key)
        if transfer is not None:
            own = own_texts.get(transfer.first_seq, [])
            told[seq] = _told_of(
                node, transfer, next((x for x in own if isinstance(x, PeerText)), None)
            )
    return told


def _told_of(node: Node, transfer: Transfer, text: PeerText | None) -> dict[str, Any]:
    """Give what a statement says of a trade; decimals by the terms that were signed."""
    line = node.machine.books.lines[transfer.line]
    terms = line.terms_of(transfer.terms_rev) or line.terms
    out = transfer.direction == "out"
    said = "" if text is None else text.payee if out else text.payer
    return {
        "path": transfer.path,
        "peer": line.peer,
        "person": (transfer.payee if out else "") or said,
        "their_minor": transfer.payee_minor if out else transfer.payer_minor,
        "their_decimals": 0 if terms is None else terms.other(node.id).rate.decimals,
        "description": "" if text is None else text.description,
    }
