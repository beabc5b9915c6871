"""All that a member wrote and did here, as tables for people; only its own.

What can be long is read a page at a time, while it is sent: it is never in memory as a whole.

Everybody of a household gets what belongs to the account. Acting for somebody else gives nothing of
theirs: what is another's is theirs to fetch. What coordinators noted about a member is the
member's own too (GDPR article 15): their page says so before they write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec.structs import replace

from federation.members import activities, moderation, pictures, posts, profiles, roles, statement
from federation.members.acting import Actor
from federation.members.devices import devices_of
from federation.members.people import names_of, party
from federation.members.thread_messages import thread_names
from federation.members.thread_views import load_many
from federation.members.threads import NEWEST
from federation.members.trades import trades_of
from schemas.errors import Code, InputError, RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable

    from federation.members.devices import SignedIn
    from federation.members.people import Party
    from federation.members.reader import Reader
    from federation.members.statement import Line
    from federation.members.thread_views import ShownMessage, ShownThread
    from federation.members.trade_views import ShownTrade
    from federation.node.service import Node

PAGE: Final = 200
THREADS: Final = 20
"""So many threads are read at a time, each with all its messages."""
PICTURES: Final = "pictures"
EVERYTHING: Final = 2**62


class At(NamedTuple):
    """A moment; seconds."""

    at_s: int


class Amount(NamedTuple):
    """An amount in minor units of some unit."""

    minor: int
    decimals: int


Rows = list[dict[str, Any]]
"""Rows of one table: text, numbers, truth, `At`, `Amount`, or nothing."""


class Table(NamedTuple):
    """What it is about, and where its rows come from."""

    name: str
    pages: Callable[[], AsyncGenerator[Rows]]
    """Reads them anew each time, some at a time."""


def own(reader: Reader) -> Reader:
    """Give the reader as itself, whoever it acts for.

    Raises:
        RefusedError: `forbidden` for who is not a member here.

    """
    if reader.account is None:
        raise RefusedError(Code.FORBIDDEN, field="account")
    return replace(reader, acting_for=None)


async def tables(node: Node, reader: Reader, person: SignedIn, *, now_s: int) -> list[Table]:
    """Give all tables but pictures, in the order in which people look for them.

    The devices are this person's own; nobody else's of the household.

    Raises:
        RefusedError: `forbidden` for who is not a member here.

    """
    me = own(reader)
    account = me.account
    assert account is not None
    return [
        Table("statement", lambda: _statement(node, me)),
        _read("profile", await _profile(node, account)),
        _read("persons", await _persons(node, account)),
        _read("helpers", await _helpers(node, account)),
        _read("posts", await _posts(node, me)),
        Table("messages", lambda: _messages(node, account)),
        Table("trades", lambda: _trades(node, me)),
        Table("thanks", lambda: _thanks(node, me)),
        _read("activities", await _activities(node, me)),
        _read("devices", await _devices(node, person, now_s=now_s)),
    ]


def _read(name: str, rows: Rows) -> Table:
    """Give a table that is short, and read already."""

    async def pages() -> AsyncGenerator[Rows]:
        yield rows

    return Table(name, pages)


async def pictures_of(node: Node, reader: Reader) -> AsyncIterator[tuple[str, bytes]]:
    """Give the pictures of the own profile and posts, one after the other; none that is gone."""
    me = own(reader)
    assert me.account is not None
    shown = await posts.posts_of(node, me.account, me, all_of_them=True)
    text = await profiles.member_text(node, me.account)
    face = () if text is None or text.picture is None else (text.picture,)
    every = (*face, *(picture for post in shown for picture in post.pictures))
    for digest in dict.fromkeys(picture.digest for picture in every):
        try:
            yield picture_name(digest), await pictures.read(node, digest, me)
        except InputError:
            continue


def picture_name(digest: str) -> str:
    """Give what the file of a picture is called."""
    return f"{digest[:16]}.jpg"


async def _statement(node: Node, me: Reader) -> AsyncGenerator[Rows]:
    assert me.account is not None
    decimals = _decimals(node)
    before: tuple[int, int] | None = statement.LAST
    while before is not None:
        wanted = statement.Wanted(before=before)
        page = await statement.statement(node, me.account, me, wanted, limit=PAGE)
        yield [_booking(line, decimals) for line in page.lines]
        before = page.next


def _booking(line: Line, decimals: int) -> dict[str, Any]:
    theirs = line.their_minor
    return {
        "at": At(line.at_s),
        "code": line.other_code,
        "name": line.other_name,
        "group": line.other_group,
        "description": line.description,
        "amount": Amount(line.amount_minor, decimals),
        "balance": Amount(line.balance_minor, decimals),
        "theirs": None if theirs is None else Amount(theirs, line.their_decimals),
        "their_unit": "" if line.their_unit is None else line.their_unit[1],
    }


def _decimals(node: Node) -> int:
    settings = node.machine.books.ledger.settings
    return 0 if settings is None else settings.unit.rate.decimals


async def _profile(node: Node, account: int) -> Rows:
    text = await profiles.member_text(node, account)
    if text is None:
        return []
    names = (
        *("name", "full_name", "postcode", "place", "birthdate", "comment", "hobbies"),
        *("skills", "language", "admin_comment"),
    )
    shares = node.machine.books.members.shares_name(account)
    own = [
        *((name, getattr(text, name), "") for name in names),
        ("name_shared", shares, "interlets"),
        ("picture", "" if text.picture is None else picture_name(text.picture.digest), "members"),
    ]
    said = [{"field": n, "value": v, "visibility": seen, "comment": ""} for n, v, seen in own]
    told = [
        {"field": c.kind, "value": c.value, "visibility": c.access, "comment": c.comment}
        for c in text.contacts
    ]
    return [row for row in (*said, *told) if row["value"]]


async def _persons(node: Node, account: int) -> Rows:
    return [
        {"number": one.person, "name": one.name, "address": one.address, "language": one.language}
        for one in await profiles.persons_of(node, account)
    ]


async def _helpers(node: Node, account: int) -> Rows:
    helping, helped = roles.helpers_of(node, account), roles.may_act_for(node, account)
    names = await names_of(node, [*helping, *helped])
    rows = []
    for helps_me, numbers in ((True, helping), (False, helped)):
        for number in numbers:
            other = party(node, number, names)
            rows.append({"code": other.code, "name": other.name, "helps_me": helps_me})
    return rows


async def _posts(node: Node, me: Reader) -> Rows:
    assert me.account is not None
    decimals = _decimals(node)
    found = await posts.posts_of(node, me.account, me, all_of_them=True)
    hidden = await moderation.reasons(node, [post.post for post in found])
    return [
        {
            "number": post.post,
            "want": post.want,
            "title": post.title,
            "text": post.text,
            "category": post.category_name,
            "goods": post.goods,
            "price": None
            if post.price.amount_minor is None
            else Amount(post.price.amount_minor, decimals),
            "price_for": post.price.kind.value,
            "place": f"{post.postcode} {post.place}".strip(),
            "visibility": post.visibility.value,
            "at": At(post.placed_at_s),
            "until": None if post.expires_at_s >= posts.FOREVER else At(post.expires_at_s),
            "ended": post.ended,
            "hidden_because": hidden.get(post.post, ""),
            "pictures": " ".join(picture_name(picture.digest) for picture in post.pictures),
        }
        for post in found
    ]


async def _messages(node: Node, account: int) -> AsyncGenerator[Rows]:
    """Give every message of every thread, those with somebody who is blocked too."""
    before, decimals = NEWEST, _decimals(node)
    while names := await thread_names(node, account, before=before, limit=THREADS):
        found = [name for name, _ in names]
        for loaded in await load_many(node, Actor(account), found, whole=True):
            thread = loaded.shown
            yield [_message(thread, message, decimals) for message in thread.messages]
        before = (names[-1][1], names[-1][0])


def _message(thread: ShownThread, message: ShownMessage, decimals: int) -> dict[str, Any]:
    proposal = message.proposal
    return {
        "thread": thread.thread,
        "at": At(message.at_s),
        "own": message.own,
        **_other(thread.other),
        "text": message.text,
        "answer": "" if message.reply is None else message.reply.value,
        "proposed": None
        if proposal is None
        else Amount(proposal.amount_minor, 0 if thread.line else decimals),
    }


def _other(other: Party) -> dict[str, Any]:
    return {"code": other.code, "name": other.name, "group": other.group}


async def _trade_pages(node: Node, me: Reader) -> AsyncIterator[list[ShownTrade]]:
    """Give trades, what is not done and then the newest first."""
    before = EVERYTHING
    while found := await trades_of(node, me, before=before, limit=PAGE):
        yield found
        places = [one.seq for one in found if one.seq]
        if not places:
            return
        before = min(places)


async def _trades(node: Node, me: Reader) -> AsyncGenerator[Rows]:
    decimals = _decimals(node)
    async for found in _trade_pages(node, me):
        yield [_trade(one, decimals) for one in found]


def _trade(one: ShownTrade, decimals: int) -> dict[str, Any]:
    rate = one.other_rate
    return {
        "id": one.id,
        "at": At(one.at_s),
        "gives": one.gives,
        **_other(one.other),
        "amount": Amount(one.own_minor, decimals),
        "theirs": Amount(one.other_minor, decimals if rate is None else rate.decimals),
        "description": one.description,
        "state": one.state.value,
    }


async def _thanks(node: Node, me: Reader) -> AsyncGenerator[Rows]:
    """Give the words of thanks that belong to trades."""
    async for found in _trade_pages(node, me):
        yield [
            {
                "trade": one.id,
                "at": At(word.at_s),
                "own": word.own,
                **_other(one.other),
                "text": word.text,
                "public": word.public,
            }
            for one in found
            for word in one.thanks
        ]


async def _activities(node: Node, me: Reader) -> Rows:
    known = node.machine.books.agreeing.activities.base.values()
    mine = [a.activity for a in known if me.account in (a.account, *a.joined)]
    rows = []
    for number in mine:
        one = await activities.show(node, me, number)
        rows.append(
            {
                "number": one.activity,
                "title": one.title,
                "text": one.text,
                "place": one.place,
                "at": At(one.starts_at_s),
                "until": At(one.ends_at_s),
                "own": one.own,
                "comes": one.comes,
            }
        )
    return rows


async def _devices(node: Node, person: SignedIn, *, now_s: int) -> Rows:
    return [
        {"device": one.device, "at": At(one.begun_at_s), "seen": At(one.seen_at_s)}
        for one in await devices_of(node, person, now_s=now_s)
    ]
