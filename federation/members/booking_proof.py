"""The proof of a booking for the member whom it concerns: what it would show, and the file.

For the account's own people and who may act for them; for who sees the books too, without what it
was for (`federation.group.rights.reads_words`). That members see each other's balances gives nobody
a proof of somebody else's booking.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from federation.group.commands import GROUP_SUBJECT
from federation.group.rights import reads_words
from federation.members.reader import is_own, looks_at
from federation.node.receipts import NewestCheckpoint, booking_on, is_ready, write_proof
from federation.node.witnessed import witnessed_checkpoint
from schemas.bodies import AccountKind
from schemas.encoding import unb64
from schemas.errors import Code, RefusedError

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.receipts import LoggedBooking
    from federation.node.service import Node


SHOWN: Final = (AccountKind.MEMBER, AccountKind.GROUP, AccountKind.OLD_PARTNER)
"""Accounts that stand for somebody; the others are what a trade between groups goes by."""


class ShownProof(msgspec.Struct, frozen=True, kw_only=True):
    """What the proof of a booking says about an account, before it is taken along."""

    seq: int
    at_s: int
    account: int
    """By this number the account stands in the proof."""
    own_minor: int
    """Below zero when units were given."""
    others: int
    """So many accounts of other members stand in it too."""
    group: str
    """With which other group the booking is; empty inside the own one."""
    opens_text: bool
    """It shows what the booking was for, when that was said."""
    ready: bool


async def shown_proof(node: Node, reader: Reader, account: int, seq: int) -> ShownProof:
    """Say what the proof of a booking will show.

    Raises:
        RefusedError: `not_found`, also for a booking of others; `proof_gone`.

    """
    _require(reader, account)
    booking = await booking_on(node, account, seq)
    legs = booking.postings()
    books = node.machine.books
    others = [books.ledger.accounts[leg.account] for leg in legs if leg.account != account]
    across = [books.lines[one.line] for one in others if one.line is not None]
    peer = node.peers.get(across[0].peer) if across else None
    return ShownProof(
        seq=seq,
        at_s=booking.at_s(),
        account=account,
        own_minor=sum(leg.amount_minor for leg in legs if leg.account == account),
        others=sum(one.kind in SHOWN for one in others),
        group="" if peer is None else peer.name,
        opens_text=_opens_text(node, reader, account, booking),
        ready=await is_ready(booking, _newest(node)),
    )


async def proof_file(
    node: Node, reader: Reader, account: int, seq: int, *, words: bool = True
) -> bytes:
    """Give the proof of a booking as a `.tlog-proof` file; with `words` what this reader reads.

    Raises:
        RefusedError: `not_found`, also for a booking of others; `proof_gone`; `proof_not_ready`.

    """
    _require(reader, account)
    booking = await booking_on(node, account, seq)
    subject = None
    if words and _opens_text(node, reader, account, booking):
        own = node.machine.books.ledger.accounts[account].subject
        subject = unb64(GROUP_SUBJECT if own is None or booking.to_all() else own)
    return await write_proof(node, booking, _newest(node), subject=subject)


def _newest(node: Node) -> NewestCheckpoint:
    return partial(witnessed_checkpoint, node)


def _require(reader: Reader, account: int) -> None:
    if not (is_own(reader, account) or reader.auditor):
        raise RefusedError(Code.NOT_FOUND, field="booking")


def _opens_text(node: Node, reader: Reader, account: int, booking: LoggedBooking) -> bool:
    of_group = node.machine.books.ledger.accounts[account].kind is AccountKind.GROUP
    return reads_words(looks_at(reader, account), of_group=of_group, to_all=booking.to_all())
