"""What an event says in plain words: statements that fill the schema `plain`. Does no I/O.

A text that was erased, or did not come back after a recovery, leaves its row without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from federation.members.reader import former_visibility
from federation.members.words import address_key, sign_in_address
from schemas import bodies
from schemas.board_bodies import ItemChanged, ItemPlaced, ItemRemoved
from schemas.bodies import AccountKind
from schemas.content_bodies import (
    CategoriesOrdered,
    CategoryChanged,
    CategoryEnded,
    PostHidden,
    PostUnhidden,
)
from schemas.encoding import encode, unb64
from schemas.ids import SAFE_INTEGER
from schemas.member_bodies import Post, Price, PriceKind, Visibility
from schemas.openings import BoardText, MemberText, NameText, PersonText, PostText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from projections.ledger import Settings

FOREVER: Final = SAFE_INTEGER
PRICE_DIGITS_MAX: Final = 9
_HOURS: Final = ("uur", "uren", "hour", "heure", "h")


class Place(NamedTuple):
    """Where a postcode is: the municipality's name and a point in it."""

    name: str
    latitude: float | None
    longitude: float | None


Locate = "Callable[[str], Place | None]"
"""Finds the place of a postcode, nothing when it is unknown."""
Statement = tuple[str, tuple[Any, ...]]
"""Name of a query and its parameters."""


class Scene(NamedTuple):
    """What reading an event needs beside it."""

    texts: list[Any]
    """The texts of the event that could be opened."""
    now_s: int
    locate: Callable[[str], Place | None]
    settings: Settings | None

    def text(self, kind: type[Any]) -> Any:
        """Give the text of a kind, nothing when it is gone."""
        return next((text for text in self.texts if isinstance(text, kind)), None)

    def place(self, postcode: str, name: str) -> tuple[str, str, float | None, float | None]:
        """Give postcode, place and point of what is written."""
        found = self.locate(postcode) if postcode else None
        if found is None:
            return postcode, name, None, None
        return postcode, name or found.name, found.latitude, found.longitude


def statements(body: Any, scene: Scene) -> Iterator[Statement]:
    """Give what an event changes, in order; nothing for most kinds."""
    step = _STEPS.get(type(body))
    if step is not None:
        yield from step(body, scene)


def _opened(body: bodies.AccountOpened, scene: Scene) -> Iterator[Statement]:
    if body.kind is not AccountKind.MEMBER or body.subject is None:
        return
    since_s = body.at_s if body.since_s is None else body.since_s
    subject = unb64(body.subject)
    yield "open_member", (body.account, body.code, body.status.value, since_s, subject)
    yield "write_person", (body.account, 0, "", "", "", "", subject)
    text = scene.text(MemberText)
    if text is not None:
        yield from _said_of_member(body.account, subject, text, scene)


def _described(body: bodies.MemberDescribed, scene: Scene) -> Iterator[Statement]:
    subject = unb64(body.texts[0].subject) if body.texts else b""
    text = scene.text(MemberText) or MemberText(name="")
    yield from _said_of_member(body.account, subject, text, scene)
    yield "move_posts", (body.account,)


def _said_of_member(
    account: int, subject: bytes, text: MemberText, scene: Scene
) -> Iterator[Statement]:
    about, skills = text.comment, text.skills or text.hobbies
    where = scene.place(text.postcode, text.place)
    picture = None if text.picture is None else encode(text.picture).decode()
    yield "describe_member", (account, text.name, *where, about, skills, picture)
    yield "drop_contacts", (account,)
    for ordinal, contact in enumerate(text.contacts):
        access = former_visibility(contact.access).value
        row = (account, ordinal, contact.kind, contact.value, access, contact.comment)
        yield "write_contact", row
    address = sign_in_address(text)
    key = address_key(address)
    yield "write_person", (account, 0, text.name, address, key, text.language, subject)


def _status(body: bodies.AccountStatusSet, scene: Scene) -> Iterator[Statement]:
    yield "set_status", (body.account, body.status.value)
    yield "show_posts", (body.account, scene.now_s)


def _joined(body: bodies.PersonJoined, scene: Scene) -> Iterator[Statement]:
    text = scene.text(PersonText) or PersonText(name="", address="")
    key, subject = address_key(text.address), unb64(body.subject)
    row = (body.account, body.person, text.name, text.address, key, text.language, subject)
    yield "write_person", row


def _reached(body: bodies.PartnerReached, scene: Scene) -> Iterator[Statement]:
    """Let the contact of a group without a node be mailed; it signs in nowhere."""
    text = scene.text(PersonText) or PersonText(name="", address="")
    yield "drop_person", (body.account, body.contact - 1)
    said = (text.name, text.address, "", text.language)
    yield "write_person", (body.account, body.contact, *said, unb64(body.subject))


def _left(body: bodies.PersonLeft, _: Scene) -> Iterator[Statement]:
    yield "drop_person", (body.account, body.person)


def _appointed(body: bodies.HelperAppointed, _: Scene) -> Iterator[Statement]:
    yield "write_helper", (body.account, body.helper)


def _dismissed(body: bodies.HelperDismissed, _: Scene) -> Iterator[Statement]:
    yield "drop_helper", (body.account, body.helper)


def _given(body: bodies.RoleGiven, _: Scene) -> Iterator[Statement]:
    yield "write_role", (body.account, body.role.value)


def _taken(body: bodies.RoleTaken, _: Scene) -> Iterator[Statement]:
    yield "drop_role", (body.account, body.role.value)


def _erased(body: bodies.MemberErased, _: Scene) -> Iterator[Statement]:
    nobody = (body.account,)
    yield "describe_member", (body.account, "", "", "", None, None, "", "", None)
    for name in ("drop_contacts", "drop_persons", "drop_own_posts", "drop_helpers", "drop_roles"):
        yield name, nobody


def _category(body: bodies.CategoryPlaced, scene: Scene) -> Iterator[Statement]:
    text = scene.text(NameText)
    yield "write_category", (body.category, body.parent, "" if text is None else text.name)


def _recategorised(body: CategoryChanged, scene: Scene) -> Iterator[Statement]:
    text = scene.text(NameText) or NameText(name="")
    yield "change_category", (body.category, body.parent, text.name)
    yield "rename_in_posts", (body.category, text.name)


def _ordered(body: CategoriesOrdered, _: Scene) -> Iterator[Statement]:
    yield "unorder_categories", ()
    for ordinal, category in enumerate(body.categories, 1):
        yield "order_category", (category, ordinal)


def _category_ended(body: CategoryEnded, _: Scene) -> Iterator[Statement]:
    for name in ("move_to_category", "move_categories"):
        yield name, (body.category, body.into)
    yield "drop_category", (body.category,)


def _imported(body: bodies.PostImported, scene: Scene) -> Iterator[Statement]:
    text = scene.text(PostText) or PostText(title="")
    settings = scene.settings
    price = former_price(text, 0 if settings is None else settings.unit.rate.decimals)
    visibility = former_visibility(text.access) if text.access else Visibility.MEMBERS
    expires_at_s = FOREVER if body.expires_at_s is None else body.expires_at_s
    said = (body.want, text.goods, body.category, price, visibility, expires_at_s)
    yield "write_post", _post_row(body, said, text, body.pictures, scene)


def _placed(body: Post, scene: Scene) -> Iterator[Statement]:
    text = scene.text(PostText) or PostText(title="")
    said = (body.want, body.goods, body.category, body.price, body.visibility, body.expires_at_s)
    yield "write_post", _post_row(body, said, text, body.pictures, scene)


def _post_row(
    body: Post | bodies.PostImported,
    said: tuple[bool, bool, int | None, Price, Visibility, int],
    text: PostText,
    pictures: tuple[Any, ...],
    scene: Scene,
) -> tuple[Any, ...]:
    want, goods, category, price, visibility, expires_at_s = said
    own_place = bool(text.postcode or text.place)
    return (
        str(body.post),
        body.account,
        want,
        goods,
        category,
        text.title,
        text.text,
        price.kind.value,
        price.amount_minor,
        *_unit(scene.settings),
        own_place,
        *scene.place(text.postcode, text.place),
        visibility.value,
        body.at_s,
        expires_at_s,
        encode(pictures).decode(),
        scene.now_s,
    )


def _unit(settings: Settings | None) -> tuple[int | None, int | None, str, str]:
    if settings is None:
        return None, None, "", ""
    unit = settings.unit
    return unit.rate.per_hour, unit.rate.decimals, unit.singular, unit.plural


def former_price(text: PostText, decimals: int) -> Price:
    """Read the guide price of a former system: whole units, per hour when it says so."""
    said = text.price.strip()
    if not said.isascii() or not said.isdigit() or len(said) > PRICE_DIGITS_MAX or not int(said):
        return Price(kind=PriceKind.TALK)
    words = text.price_unit.casefold().replace("/", " ").split()
    kind = PriceKind.HOUR if any(word in _HOURS for word in words) else PriceKind.PIECE
    return Price(kind=kind, amount_minor=int(said) * 10**decimals)


def _renewed(body: bodies.PostRenewed, scene: Scene) -> Iterator[Statement]:
    yield "renew_post", (str(body.post), body.expires_at_s)
    yield "show_post", (str(body.post), scene.now_s)


def _ended(body: bodies.PostEnded, _: Scene) -> Iterator[Statement]:
    yield "end_post", (str(body.post),)


def _hidden(body: PostHidden, _: Scene) -> Iterator[Statement]:
    yield "hide_post", (str(body.post),)


def _unhidden(body: PostUnhidden, scene: Scene) -> Iterator[Statement]:
    yield "unhide_post", (str(body.post),)
    yield "show_post", (str(body.post), scene.now_s)


def _paused(body: bodies.PostsPaused, scene: Scene) -> Iterator[Statement]:
    until_s = FOREVER if body.until_s is None else body.until_s
    yield "set_pause", (body.account, until_s)
    yield "show_posts", (body.account, scene.now_s)


def _resumed(body: bodies.PostsResumed, scene: Scene) -> Iterator[Statement]:
    yield "set_pause", (body.account, 0)
    yield "show_posts", (body.account, scene.now_s)


def _configured(body: bodies.GroupConfigured, _: Scene) -> Iterator[Statement]:
    unit = body.unit
    yield "set_unit", (unit.rate.per_hour, unit.rate.decimals, unit.singular, unit.plural)


def _told(body: ItemPlaced | ItemChanged, scene: Scene) -> Iterator[Statement]:
    text = scene.text(BoardText) or BoardText(title="")
    file = (None, None) if body.file is None else (unb64(body.file.digest), body.file.size)
    said = (text.title, text.text, text.place, body.starts_at_s, body.ends_at_s, text.file_name)
    others = encode(text.others).decode()
    yield "write_item", (body.item, body.kind.value, *said, *file, body.at_s, others)


def _removed(body: ItemRemoved, _: Scene) -> Iterator[Statement]:
    yield "drop_item", (body.item,)


_STEPS: Final[dict[type[msgspec.Struct], Callable[[Any, Scene], Iterator[Statement]]]] = {
    bodies.AccountOpened: _opened,
    bodies.MemberDescribed: _described,
    bodies.AccountStatusSet: _status,
    bodies.PersonJoined: _joined,
    bodies.PersonLeft: _left,
    bodies.PartnerReached: _reached,
    bodies.HelperAppointed: _appointed,
    bodies.HelperDismissed: _dismissed,
    bodies.RoleGiven: _given,
    bodies.RoleTaken: _taken,
    bodies.MemberErased: _erased,
    bodies.CategoryPlaced: _category,
    bodies.PostImported: _imported,
    bodies.PostPlaced: _placed,
    bodies.PostChanged: _placed,
    bodies.PostRenewed: _renewed,
    bodies.PostEnded: _ended,
    PostHidden: _hidden,
    PostUnhidden: _unhidden,
    CategoryChanged: _recategorised,
    CategoriesOrdered: _ordered,
    CategoryEnded: _category_ended,
    bodies.PostsPaused: _paused,
    bodies.PostsResumed: _resumed,
    bodies.GroupConfigured: _configured,
    ItemPlaced: _told,
    ItemChanged: _told,
    ItemRemoved: _removed,
}
