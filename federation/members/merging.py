"""Making one of two accounts that are the same member: what it comes to first, then all of it.

The rules are `federation.group.merging`; here is read what the two say, and joined: nothing that
stood in one alone is lost.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace

from federation.group import doubles as pairs
from federation.group import member_list as lists
from federation.group import merging as rules
from federation.group.categories import living
from federation.group.member_commands import PlacePost
from federation.group.members import described_seq, subject_of
from federation.group.merging import MergeMembers, MovedPerson, MovedPost
from federation.group.posts import LIFETIME_MAX_S
from federation.members import member_list, pictures, words
from federation.members.known_sessions import known_sessions
from federation.members.profiles import CONTACTS_MAX, checked, member_text
from federation.members.submitting import actor_of, submit
from federation.node.queries import SQL
from federation.node.service import now_s
from federation.node.statements import texts_of
from schemas import bodies
from schemas.encoding import b64
from schemas.errors import Code, Refusal, RefusedError
from schemas.member_bodies import Picture
from schemas.openings import MemberText, PersonText, PostText

if TYPE_CHECKING:
    from federation.group.doubles import Double
    from federation.members.reader import Reader
    from federation.node.service import Node
    from projections.books import Books
    from projections.ledger import Account

_BODY: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(bodies.AnyBody)
_JOINED: Final = ("hobbies", "comment", "skills", "admin_comment")
_FILLED: Final = ("full_name", "postcode", "birthdate", "place", "language")
_LONG_MAX: Final = 2_000


class Merging(NamedTuple):
    """What making one of two comes to."""

    account: Account
    into: Account
    left: MemberText
    """What is written about the double now."""
    text: MemberText
    """What will be written about the one that goes on."""
    balance_minor: int
    """What moves."""
    after_minor: int
    persons: tuple[PersonText, ...]
    posts: tuple[str, ...]
    refusal: Refusal | None
    """Why it cannot be; nothing when it can."""


async def doubles(node: Node, reader: Reader) -> list[Double]:
    """Give members who may be one person twice.

    Raises:
        RefusedError: `forbidden`.

    """
    wanted = lists.Wanted(shown=lists.Shown.HERE)
    return pairs.doubles(await member_list.listed(node, reader, wanted, now_s=now_s()))


async def preview(node: Node, reader: Reader, account: int, into: int) -> Merging:
    """Say what it would come to.

    Raises:
        RefusedError: `forbidden`, `account_unknown`, `account_same`.

    """
    refusal = rules.refused(node.machine.books, actor_of(reader), account, into, now_s=now_s())
    ledger = node.machine.books.ledger
    if account not in ledger.accounts or into not in ledger.accounts or account == into:
        raise RefusedError.of(refusal or Refusal(Code.ACCOUNT_SAME, {"field": "into"}))
    member_list.require(reader)
    left, text = await _text(node, account), await _text(node, into)
    command = await _command(node, reader, account, into, key="", description="")
    return Merging(
        account=ledger.accounts[account],
        into=ledger.accounts[into],
        left=left,
        text=combined(text, left),
        balance_minor=ledger.balance(account),
        after_minor=ledger.balance(account) + ledger.balance(into),
        persons=tuple(person.text for person in command.persons),
        posts=tuple(moved.anew.text.title for moved in command.posts),
        refusal=refusal,
    )


async def merge(
    node: Node, reader: Reader, account: int, into: int, *, key: str, description: str
) -> None:
    """Let one account go on for two, once for a key.

    Raises:
        RefusedError: the refusals of `rules.merge`.

    """
    member_list.require(reader)
    refusal = rules.refused(node.machine.books, actor_of(reader), account, into, now_s=now_s())
    if refusal is not None:
        raise RefusedError.of(refusal)
    command = await _command(node, reader, account, into, key=key, description=description)
    shown = [one for moved in command.posts for one in moved.anew.pictures]
    if command.text.picture is not None:
        shown.append(command.text.picture)
    await pictures.hand_over(node, account, into, shown)
    await submit(node, command)
    known_sessions(node).forget()


def combined(text: MemberText, other: MemberText) -> MemberText:
    """Give what is written about the one that goes on, with what only the double said. Pure.

    Its own words come first: its name and the address by which it signs in stay as they are.
    """
    known = {(one.kind.casefold(), words.address_key(one.value)) for one in text.contacts}
    more = [
        one
        for one in other.contacts
        if (one.kind.casefold(), words.address_key(one.value)) not in known
    ]
    said: dict[str, str] = {
        name: getattr(text, name) or getattr(other, name) for name in ("name", *_FILLED)
    }
    for name in _JOINED:
        own, theirs = getattr(text, name), getattr(other, name)
        both = own if theirs in own else f"{own}\n\n{theirs}".strip()
        said[name] = both if len(both) <= _LONG_MAX else own
    contacts, picture = (*text.contacts, *more)[:CONTACTS_MAX], text.picture or other.picture
    return replace(text, contacts=contacts, picture=picture, **said)


async def _text(node: Node, account: int) -> MemberText:
    return await member_text(node, account) or MemberText(name="")


async def _command(
    node: Node, reader: Reader, account: int, into: int, *, key: str, description: str
) -> MergeMembers:
    books = node.machine.books
    left, text = await _text(node, account), await _text(node, into)
    joined = combined(text, left)
    # what is written of the double from now on: its name, and nothing by which one is reached
    gone = MemberText(name=left.name, full_name=left.full_name, admin_comment=description)
    return MergeMembers(
        key=key,
        actor=actor_of(reader),
        account=account,
        into=into,
        seen_seqs=(described_seq(books, account), described_seq(books, into)),
        text=checked(joined) if joined.name else joined,
        left=gone,
        persons=await _persons(node, account, key),
        posts=await _posts(node, reader, account, into, key),
        description=description,
    )


async def _persons(node: Node, account: int, key: str) -> tuple[MovedPerson, ...]:
    here = [person for person in node.machine.books.members.persons_of(account) if person.here]
    texts = await texts_of(node, [person.seq for person in here]) if here else {}
    moved = []
    for person in here:
        found = texts.get((person.seq, person.subject), ())
        text = next((one for one in found if isinstance(one, PersonText)), None)
        said = sha256(f"ruilbrug/subject/v1\n{key}\n{person.person}".encode()).digest()[:16]
        text = text or PersonText(name="", address="")
        moved.append(MovedPerson(person.person, b64(said), text))
    return tuple(moved)


def stands_in(books: Books, category: int | None) -> int | None:
    """Give the category in which a post is placed anew; none of one that has ended. Pure."""
    ended = category is None or living(books.members, category) is None
    return None if ended else category


async def _posts(
    node: Node, reader: Reader, account: int, into: int, key: str
) -> tuple[MovedPost, ...]:
    books, at_s = node.machine.books, now_s()
    numbers = rules.standing_posts(books, account, now_s=at_s)
    places = {books.members.posts[number].seq: number for number in numbers}
    rows = await node.pool.fetch(SQL["event_bodies"], list(places))
    said = {row["seq"]: _BODY.decode(row["body"]) for row in rows}
    texts = await texts_of(node, list(places)) if places else {}
    moved = []
    for seq, number in sorted(places.items(), key=lambda item: item[1]):
        found = texts.get((seq, subject_of(books, account)), ())
        text = next((one for one in found if isinstance(one, PostText)), None)
        post = books.members.posts[number]
        if text is None:
            text = PostText(title="")
        shown: tuple[Picture, ...] = getattr(said.get(seq), "pictures", ())
        more = {
            name: getattr(said[seq], name)
            for name in ("goods", "price", "visibility")
            if hasattr(said.get(seq), name)
        }
        anew = PlacePost(
            key=key,
            actor=actor_of(reader),
            account=into,
            want=post.want,
            text=text,
            expires_at_s=min(post.expires_at_s or at_s + LIFETIME_MAX_S, at_s + LIFETIME_MAX_S),
            category=stands_in(books, post.category),
            pictures=shown,
            **more,
        )
        moved.append(MovedPost(number, anew))
    return tuple(moved)
