"""Search over all groups' posts: one box, one list, from tables of this node alone.

Promises: nothing that the reader may not see, that has ended, expired, is paused, or was not
refreshed for 7 days; each page is at most three statements that an index answers; pages that
follow each other neither repeat nor lose a post while nothing changes. Asks no other node.
"""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from federation.members.found import FoundRow, hits
from federation.members.known_words import known_words
from federation.members.placed_words import placed_words
from federation.members.plane import WIDE_M, Point, on_map, squares_around
from federation.members.postcodes import Spot, read_spot
from federation.members.reader import visibilities
from federation.members.search_order import LATER, Order, open_to, plain
from federation.members.search_queries import SEARCH
from federation.members.search_shapes import Cursor, Kind, Page, Scope, Side, Sort
from federation.node.patience import connection_in_time
from schemas.encoding import b64, encode, parse, unb64
from schemas.errors import Code, InputError, VerificationError

if TYPE_CHECKING:
    from asyncpg import Record

    from events.log_store import AnyConnection
    from federation.members.reader import Reader
    from federation.members.search_shapes import Query
    from federation.node.service import Node

PAGE: Final = 20
TOTAL_MAX: Final = 200
SORTED_MAX: Final = 1000
"""So many in a neighbourhood are put in order at once."""
GROUPS_FEW: Final = 3
"""The posts of so few groups are put in order at once."""
FEW: Final = 5
"""Fewer than this, and typing errors are forgiven."""
FRESH_S: Final = 7 * 24 * 3600
NEAR_KM: Final = 25
"""What "in the neighbourhood" means when no distance is given."""
RINGS_M: Final = (10_000.0, 30_000.0)
SPANS_S: Final = (30 * 24 * 3600, 120 * 24 * 3600)
SQUARES_WITHIN_M: Final = 60_000
"""Wider circles hold so much of the country that squares do not help."""
TEXT_LENGTH_MAX: Final = 200
WORDS_MAX: Final = 8
WORD_LENGTH_MAX: Final = 50
_ELSEWHERE: Final = Point(0.0, 0.0)
_CURSOR: Final = msgspec.json.Decoder(Cursor)


class _Asked(NamedTuple):
    """A query as the statements take it."""

    wanted: str | None
    seen: list[str]
    reader: int | None
    now_s: int
    fresh_from_s: int
    want: bool | None
    goods: bool | None
    node: str | None
    categories: list[str] | None
    here: Point
    within_m: float | None
    squares: tuple[int, ...] | None

    @property
    def narrow(self) -> bool:
        """Whether words in a neighbourhood are asked for: one plan is quick for all such."""
        return self.wanted is not None and self.squares is not None

    @property
    def bound(self) -> int:
        """From how many on they are not all looked at."""
        return SORTED_MAX if self.narrow else TOTAL_MAX + 1

    @property
    def near(self) -> tuple[Any, ...]:
        """Say what is narrow as `plain.findable_near` takes it."""
        assert self.wanted is not None, "of what is not narrow"
        assert self.within_m is not None, "of what is not narrow"
        around = squares_around(self.here, int(self.within_m), WIDE_M)
        return (*self[:-1], placed_words(self.wanted, around))

    def within(self, within_m: float | None) -> _Asked:
        """Ask the same within another distance."""
        squares = None
        if within_m is not None and within_m <= SQUARES_WITHIN_M:
            squares = squares_around(self.here, int(within_m))
        return self._replace(within_m=within_m, squares=squares)


async def search(node: Node, reader: Reader, query: Query, *, now_s: int) -> Page:
    """Give one page of the posts that a reader looks for.

    Raises:
        InputError: `place_unknown` when `near` is no place; `malformed` when `page` is none of
            `Page.next`.
        StorageError: `database_unavailable`.

    """
    after = _read_cursor(query.page)
    async with contextlib.AsyncExitStack() as stack:
        connection = await stack.enter_async_context(connection_in_time(node.pool))
        asked, here = await _begin(connection, node, reader, query, now_s=now_s)
        if not asked.narrow:
            connection = await stack.enter_async_context(connection_in_time(node.finder))
        parts = _parts(query, asked, located=here is not None)
        order = Order.of(parts, open_to(node.machine.books, reader.subject_account))
        if after is not None and after.order not in (*order.parts, "alike"):
            raise InputError(Code.MALFORMED, field="page", reason="of another search")
        rows: list[Record] = []
        following, total = None, after.total if after is not None else 0
        alike = after is not None and after.order == "alike"
        if not alike and total < asked.bound:
            rows, following, total = await _few(connection, asked, order, after)
            alike = after is None and asked.wanted is not None and total < FEW
        if alike:
            rows, following, total = await _alike(
                connection, asked, order, after, few=rows, text=written_words(query.text)
            )
        elif total >= asked.bound:
            if asked.narrow:
                connection = await stack.enter_async_context(connection_in_time(node.finder))
            rows, following = await _many(connection, asked, order, after, total)
    found = [FoundRow.of(row, located=here is not None) for row in rows]
    return Page(
        hits=hits(node, reader.subject_account, found, now_s=now_s),
        total=min(total, TOTAL_MAX),
        more=total > TOTAL_MAX,
        next="" if following is None else b64(encode(following)),
        forgiven=alike,
        located=here is not None,
    )


def written_words(text: str) -> str:
    """Give the words that count of what was typed: the first few, without what is no word."""
    plain = "".join(c if c.isprintable() else " " for c in text[:TEXT_LENGTH_MAX])
    words = [w[:WORD_LENGTH_MAX] for w in plain.split() if any(_says(c) for c in w)]
    return " ".join(words[:WORDS_MAX])


def _says(character: str) -> bool:
    """Tell whether a character can be looked for: a letter, a digit, a picture; no punctuation."""
    return character.isalnum() or ord(character) >= 0x2190  # noqa: PLR2004 - arrows, symbols, emoji


async def _begin(
    connection: AnyConnection, node: Node, reader: Reader, query: Query, *, now_s: int
) -> tuple[_Asked, Spot | None]:
    """Read a query and find out where the reader looks from.

    The database is asked for what is not said in the query, and for what is not known by now.
    """
    here = None
    if query.near.strip():
        here = read_spot(query.near)
        if here is None:
            raise InputError(Code.PLACE_UNKNOWN, field="near")
    text = written_words(query.text)
    category = written_words(query.category)
    known, categories = known_words(node), None
    if here is None or category or not known.knows(text):
        row = await connection.fetchrow(SEARCH["beginning"], text, category, reader.subject_account)
        assert row is not None
        if here is None and row["latitude"] is not None and row["longitude"] is not None:
            here = Spot(row["latitude"], row["longitude"])
        known.keep(text, row["wanted"] if text else None)
        categories = row["categories"]
    within_km = query.within_km or (NEAR_KM if query.scope is Scope.NEAR else None)
    own = query.scope is Scope.GROUP or query.group == node.id
    asked = _Asked(
        wanted=known.wanted(text),
        seen=sorted(visibilities(reader)),
        reader=reader.subject_account,
        now_s=now_s,
        fresh_from_s=now_s - FRESH_S,
        want={Side.OFFER: False, Side.WANT: True}.get(query.side),
        goods={Kind.SERVICE: False, Kind.GOODS: True}.get(query.kind),
        node="" if own else query.group or None,
        categories=categories,
        here=_ELSEWHERE if here is None else on_map(here),
        within_m=None,
        squares=None,
    )
    if here is not None and within_km is not None:
        asked = asked.within(within_km * 1000.0)
    return asked, here


def _parts(query: Query, asked: _Asked, *, located: bool) -> tuple[str, ...]:
    """Name the parts of the list in their order; what fits better is a part of its own."""
    if query.sort is Sort.FIT and asked.wanted is not None:
        return ("fit", "rest")
    return ("near",) if located and query.sort is not Sort.NEW else ("new",)


async def _few(
    connection: AnyConnection, asked: _Asked, order: Order, after: Cursor | None
) -> tuple[list[Record], Cursor | None, int]:
    """Read a page and how much there is; of `asked.bound` or more only that it is so many."""
    place: tuple[bool | float | str | None, ...] = (None, None, None, None, None)
    later = None
    if after is not None:
        away, rest = 0.0 if order.newest else after.away, plain(after.order) == "rest"
        place = (rest, away, after.placed_at_s, after.node, after.post)
        later = after.order.endswith(LATER)
    few, told = (SEARCH["few_near"], asked.near) if asked.narrow else (SEARCH["few"], asked)
    how = (order.newest, order.fit, asked.bound)
    rows = await connection.fetch(few, *told, *how, *place, PAGE + 1, order.open_to, later)
    if not rows:
        return [], None, 0 if after is None else after.total
    total = rows[0]["total"]
    if len(rows) <= PAGE:
        return rows, None, total
    last = rows[PAGE - 1]
    return (
        rows[:PAGE],
        _behind(last, order.part(rest=last["rest"], later=last["later"]), total),
        total,
    )


def _behind(last: Record, part: str, total: int) -> Cursor:
    return Cursor(
        order=part,
        total=total,
        away=last["away"],
        placed_at_s=last["placed_at_s"],
        node=last["node"],
        post=last["post"],
    )


async def _many(
    connection: AnyConnection,
    asked: _Asked,
    order: Order,
    after: Cursor | None,
    total: int,
) -> tuple[list[Record], Cursor | None]:
    """Read a page of many posts, over the border of two parts when it lies there."""
    found: list[tuple[str, Record]] = []
    parts = order.parts if after is None else order.parts[order.parts.index(after.order) :]
    for part in parts:
        rows = await _part(connection, asked, order, part, after, limit=PAGE + 1 - len(found))
        found += [(part, row) for row in rows]
        after = None
        if len(found) > PAGE:
            break
    if len(found) <= PAGE:
        return [row for _, row in found], None
    part, last = found[PAGE - 1]
    return [row for _, row in found[:PAGE]], _behind(last, part, total)


async def _part(
    connection: AnyConnection,
    asked: _Asked,
    order: Order,
    part: str,
    after: Cursor | None,
    *,
    limit: int,
) -> list[Record]:
    """Read rows of one part behind a place.

    First those of the last weeks or of the nearest places: all of them come before the others, so
    what fills the page is the page.
    """
    headed = {"fit": True, "rest": False}.get(plain(part))
    which, few = (order.open_to, order.now(part)), _of_few_groups(order, part)
    place: tuple[float | str | None, ...] = (None, None, None, None)
    if after is not None:
        place = (after.away, after.placed_at_s, after.node, after.post)
    rows: list[Record] = []
    if order.newest:
        for from_s in (None,) if few else _spans(asked, after):
            rows = await connection.fetch(
                SEARCH["newest"], *asked, headed, *place[1:], limit, from_s, *which
            )
            if len(rows) == limit:
                break
        return rows
    for within_m in (asked.within_m,) if few else _rings(asked, after):
        ring = asked.within(within_m)
        rows = await connection.fetch(SEARCH["nearest"], *ring, headed, *place, limit, *which)
        if len(rows) == limit:
            break
    return rows


def _of_few_groups(order: Order, part: str) -> bool:
    """Tell whether a part holds what few groups have: an index by group finds it."""
    return bool(order.now(part)) and len(order.open_to or ()) <= GROUPS_FEW


def _rings(asked: _Asked, after: Cursor | None) -> list[float | None]:
    """Give the distances to try, the last being what was asked for."""
    if asked.node is not None or (asked.within_m is not None and asked.within_m <= RINGS_M[-1]):
        return [asked.within_m]  # so few that they are sorted at once
    beyond = 0.0 if after is None else after.away
    widest = math.inf if asked.within_m is None else asked.within_m
    return [*(ring for ring in RINGS_M if beyond < ring < widest), asked.within_m]


def _spans(asked: _Asked, after: Cursor | None) -> list[int | None]:
    """Give the times to try from, the last being the beginning."""
    if asked.node is not None or asked.squares is not None:
        return [None]
    before_s = asked.now_s if after is None else after.placed_at_s
    return [*(before_s - span_s for span_s in SPANS_S), None]


async def _alike(
    connection: AnyConnection,
    asked: _Asked,
    order: Order,
    after: Cursor | None,
    *,
    few: list[Record],
    text: str,
) -> tuple[list[Record], Cursor | None, int]:
    """Read the few that were found and, behind them, what is like what was asked for.

    What is like it in the neighbourhood is enough, when it fills a page: the rest is a guess.
    """
    if after is not None:
        few, _, _ = await _few(connection, asked, order, None)
    exact = [(row["node"], row["post"]) for row in few]
    like: list[Record] = []
    for within_m in (asked.within_m,) if order.newest else _rings(asked, None)[-2:]:
        ring = asked.within(within_m)._replace(wanted=text)
        like = await connection.fetch(SEARCH["alike"], *ring, TOTAL_MAX)
        if len(like) >= PAGE:
            break
    key = {"near": _nearest, "new": _newest}.get(order.parts[0], _likest)
    names = exact + [
        name for row in sorted(like, key=key) if (name := (row["node"], row["post"])) not in exact
    ]
    behind = {(row["node"], row["post"]) for row in few if row["later"]}
    names.sort(key=lambda name: name in behind or order.later(name[0]))
    skip = 0 if after is None else after.skip
    here = names[skip : skip + PAGE]
    rows = await connection.fetch(
        SEARCH["some_posts"], [node for node, _ in here], [post for _, post in here], asked.here
    )
    total = min(len(names), TOTAL_MAX)
    if skip + PAGE >= len(names):
        return rows, None, total
    return rows, Cursor(order="alike", total=total, skip=skip + PAGE), total


def _nearest(row: Record) -> tuple[Any, ...]:
    return (row["away"], -row["placed_at_s"], row["node"], row["post"])


def _newest(row: Record) -> tuple[Any, ...]:
    return (-row["placed_at_s"], row["node"], row["post"])


def _likest(row: Record) -> tuple[Any, ...]:
    return (-row["likeness"], *_nearest(row))


def _read_cursor(page: str) -> Cursor | None:
    if not page:
        return None
    try:
        cursor = parse(_CURSOR, unb64(page, field="page"))
    except (msgspec.MsgspecError, VerificationError) as error:
        raise InputError(Code.MALFORMED, field="page", reason="no page of a search") from error
    if not math.isfinite(cursor.away) or "\0" in cursor.node + cursor.post:
        raise InputError(Code.MALFORMED, field="page", reason="no page of a search")
    return cursor
