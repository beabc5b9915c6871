"""All that a member wrote and did here, as tables for people; only its own.

Everybody of a household gets what belongs to the account. Acting for somebody else gives nothing of
theirs: what is another's is theirs to fetch. What coordinators noted about a member is theirs too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec.structs import replace

from federation.members import activities, pictures, posts, profiles, roles, statement
from federation.members.acting import Actor
from federation.members.people import names_of, party
from federation.members.thread_messages import thread_names
from federation.members.thread_views import load_many
from federation.members.threads import NEWEST
from federation.members.trades import trades_of
from schemas.errors import Code, InputError, RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from federation.members.people import Party
    from federation.members.reader import Reader
    from federation.node.service import Node

PAGE: Final = 200
PICTURES: Final = "pictures"
EVERYTHING: Final = 2**62


class At(NamedTuple):
    """A moment; seconds."""

    at_s: int


class Amount(NamedTuple):
    """An amount in minor units of some unit."""

    minor: int
    decimals: int


Row = dict[str, Any]
Table = tuple[str, list[Row]]
"""What it is about, and its rows: text, numbers, truth, `At`, `Amount`, or nothing."""


def own(reader: Reader) -> Reader:
    """Give the reader as itself, whoever it acts for.

    Raises:
        RefusedError: `forbidden` for who is not a member here.

    """
    if reader.account is None:
        raise RefusedError(Code.FORBIDDEN, field="account")
    return replace(reader, acting_for=None)


async def tables(node: Node, reader: Reader) -> list[Table]:
    """Give all tables but pictures, in the order in which people look for them.

    Raises:
        RefusedError: `forbidden` for who is not a member here.

    """
    me = own(reader)
    assert me.account is not None
    trades, words = await _trades(node, me)
    return [
        ("statement", [row async for row in _statement(node, me)]),
        ("profile", await _profile(node, me.account)),
        ("persons", await _persons(node, me.account)),
        ("helpers", await _helpers(node, me.account)),
        ("posts", await _posts(node, me)),
        ("messages", [row async for row in _messages(node, me.account)]),
        ("trades", trades),
        ("thanks", words),
        ("activities", await _activities(node, me)),
    ]


async def pictures_of(node: Node, reader: Reader) -> AsyncIterator[tuple[str, bytes]]:
    """Give the pictures of the own posts, one after the other; one that is gone is left out."""
    me = own(reader)
    assert me.account is not None
    shown = await posts.posts_of(node, me.account, me, all_of_them=True)
    for digest in dict.fromkeys(picture.digest for post in shown for picture in post.pictures):
        try:
            yield picture_name(digest), await pictures.read(node, digest, me)
        except InputError:
            continue


def picture_name(digest: str) -> str:
    """Give what the file of a picture is called."""
    return f"{digest[:16]}.jpg"


async def _statement(node: Node, me: Reader) -> AsyncIterator[Row]:
    assert me.account is not None
    decimals, before = _decimals(node), statement.LAST
    while True:
        wanted = statement.Wanted(before=before)
        page = await statement.statement(node, me.account, me, wanted, limit=PAGE)
        for line in page.lines:
            theirs = line.their_minor
            yield {
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
        if page.next is None:
            return
        before = page.next


def _decimals(node: Node) -> int:
    settings = node.machine.books.ledger.settings
    return 0 if settings is None else settings.unit.rate.decimals


async def _profile(node: Node, account: int) -> list[Row]:
    text = await profiles.member_text(node, account)
    if text is None:
        return []
    names = (
        *("name", "full_name", "postcode", "place", "birthdate", "comment", "hobbies"),
        *("skills", "language"),
    )
    said = [{"field": n, "value": getattr(text, n), "visibility": "", "comment": ""} for n in names]
    told = [
        {"field": c.kind, "value": c.value, "visibility": c.access, "comment": c.comment}
        for c in text.contacts
    ]
    return [row for row in (*said, *told) if row["value"]]


async def _persons(node: Node, account: int) -> list[Row]:
    return [
        {"number": one.person, "name": one.name, "address": one.address, "language": one.language}
        for one in await profiles.persons_of(node, account)
    ]


async def _helpers(node: Node, account: int) -> list[Row]:
    helping, helped = roles.helpers_of(node, account), roles.may_act_for(node, account)
    names = await names_of(node, [*helping, *helped])
    rows = []
    for helps_me, numbers in ((True, helping), (False, helped)):
        for number in numbers:
            other = party(node, number, names)
            rows.append({"code": other.code, "name": other.name, "helps_me": helps_me})
    return rows


async def _posts(node: Node, me: Reader) -> list[Row]:
    assert me.account is not None
    decimals = _decimals(node)
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
            "pictures": " ".join(picture_name(picture.digest) for picture in post.pictures),
        }
        for post in await posts.posts_of(node, me.account, me, all_of_them=True)
    ]


async def _messages(node: Node, account: int) -> AsyncIterator[Row]:
    """Give every message of every thread, those with somebody who is blocked too."""
    before, decimals = NEWEST, _decimals(node)
    while names := await thread_names(node, account, before=before, limit=PAGE):
        for loaded in await load_many(node, Actor(account), [name for name, _ in names]):
            thread = loaded.shown
            for message in thread.messages:
                proposal = message.proposal
                yield {
                    "thread": thread.thread,
                    "at": At(message.at_s),
                    "own": message.own,
                    **_other(thread.other),
                    "text": message.text,
                    "answer": "" if message.reply is None else message.reply.value,
                    "proposed": None
                    if proposal is None
                    else Amount(proposal.amount_minor, decimals if not thread.line else 0),
                }
        before = (names[-1][1], names[-1][0])


def _other(other: Party) -> Row:
    return {"code": other.code, "name": other.name, "group": other.group}


async def _trades(node: Node, me: Reader) -> tuple[list[Row], list[Row]]:
    """Give trades, the newest first, and the words of thanks that belong to them."""
    assert me.account is not None
    decimals, before = _decimals(node), EVERYTHING
    trades: dict[str, Row] = {}
    words: list[Row] = []
    while found := await trades_of(node, me, before=before, limit=PAGE):
        for one in found:
            if one.id in trades:
                continue
            rate = one.other_rate
            trades[one.id] = {
                "id": one.id,
                "at": At(one.at_s),
                "gives": one.gives,
                **_other(one.other),
                "amount": Amount(one.own_minor, decimals),
                "theirs": Amount(one.other_minor, decimals if rate is None else rate.decimals),
                "description": one.description,
                "state": one.state.value,
            }
            words += [
                {
                    "trade": one.id,
                    "at": At(word.at_s),
                    "own": word.own,
                    **_other(one.other),
                    "text": word.text,
                    "public": word.public,
                }
                for word in one.thanks
            ]
        places = [one.seq for one in found if one.seq]
        if not places or min(places) >= before:
            break
        before = min(places)
    return list(trades.values()), words


async def _activities(node: Node, me: Reader) -> list[Row]:
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
