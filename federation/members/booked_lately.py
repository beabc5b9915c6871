"""Whether what somebody is about to book may be what was booked a moment ago.

Whoever loses the connection while booking and starts over from home gets a new form, and with it
a new key: nothing tells any more that it is the same booking. Then the page says what was booked,
and books it again when told so. It asks, and prevents nobody. Programs have keys of their own and
are not asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.group.rights import reads_words
from federation.members.acting import account_of, actor
from federation.members.profiles import persons_of
from federation.members.reader import looks_at
from federation.members.trade_loading import load_trades
from federation.members.trade_reading import as_read
from federation.members.trades import NEWEST
from projections.trade_state import TradeState
from schemas.bodies import AccountKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from federation.members.people import Party
    from federation.members.reader import Reader
    from federation.members.trade_views import ShownTrade
    from federation.node.service import Node

LATELY_S: Final = 600
"""Long enough to find back a connection and start over; what is meant twice is rare within it."""
LOOKED_AT_MAX: Final = 50
"""So many of the newest that are done; nobody books more in this time by hand."""
_STANDS: Final = (
    TradeState.REQUESTED,
    TradeState.HELD,
    TradeState.COMMITTED,
    TradeState.SETTLED,
)
"""Anything else came to nothing, or was undone."""


class Intended(NamedTuple):
    """What is about to be booked or asked for."""

    gives: bool
    other: Party
    own_minor: int
    words: str | None = ""
    """What it is for; none where the reader may not read that of others: then it does not count."""
    person: str = ""
    """Who of a group without a node."""


class Lately(NamedTuple):
    """What may be the same, as the reader may read it."""

    trade: ShownTrade
    by_reader: bool
    """Nobody but the reader can have done it: no one shares the account or helps with it."""


def booked_lately(
    trades: Iterable[ShownTrade], intended: Intended, *, key: str, now_s: int
) -> ShownTrade | None:
    """Give the newest trade of the same account that `intended` may be again.

    Nothing once `key` is used: then the form was sent before, and its key tells all. Pure.
    """
    known = tuple(trades)
    if any(one.id == key for one in known):
        return None
    same = [one for one in known if now_s - one.at_s <= LATELY_S and _is_again(one, intended)]
    return max(same, key=lambda one: one.at_s, default=None)


def _is_again(one: ShownTrade, intended: Intended) -> bool:
    others_question = one.gives and one.state is TradeState.REQUESTED
    if one.state not in _STANDS or others_question or one.reverses or one.more or one.to_all:
        return False
    words = intended.words is None or _plain(one.description) == _plain(intended.words)
    return (
        (one.gives, one.own_minor) == (intended.gives, intended.own_minor)
        and _is_same_party(one.other, intended.other)
        and _plain(one.person) == _plain(intended.person)
        and words
    )


def _is_same_party(one: Party, other: Party) -> bool:
    if other.account is not None:
        return one.account == other.account
    # names of others change; who it is in the other group's feed does not
    return bool(other.pseudonym) and (one.node, one.pseudonym) == (other.node, other.pseudonym)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


async def look_lately(
    node: Node, reader: Reader, intended: Intended, *, key: str, now_s: int
) -> Lately | None:
    """Look whether what the reader is about to book may be booked already, by whomever for it.

    Raises:
        RefusedError: `forbidden` for who is not a member here.

    """
    who = actor(reader)
    of_group = account_of(node, who.account).kind is AccountKind.GROUP
    if not reads_words(looks_at(reader, who.account), of_group=of_group, to_all=False):
        intended = intended._replace(words=None)
    trades = await load_trades(node, who.account, before=NEWEST, limit=LOOKED_AT_MAX)
    found = booked_lately(trades, intended, key=key, now_s=now_s)
    if found is None:
        return None
    alone = len(await persons_of(node, who.account)) <= 1
    by_reader = alone and found.entered_by is None and who.entered_by is None
    return Lately(as_read(node, reader, found), by_reader)
