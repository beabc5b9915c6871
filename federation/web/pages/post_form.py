"""An offer or a want as a form: what it holds, field by field, its pictures, and back."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final

from federation.members import calendar, pictures, profiles, words
from federation.members.categories import categories
from federation.members.posts import FOREVER, PostForm
from federation.members.search_shapes import Kind, Side
from federation.web import dates
from federation.web.visit import FORM_BYTES_MAX
from federation.words.amounts import number
from federation.words.texts import later
from schemas.errors import Code, InputError
from schemas.member_bodies import PICTURES_MAX, Picture, Price, PriceKind, Visibility

if TYPE_CHECKING:
    from collections.abc import Mapping

    from federation.members.posts import ShownPost
    from federation.web.forms import Form
    from federation.web.visit import Visit

BYTES_MAX: Final = 40 * 2**20 + FORM_BYTES_MAX
"""Some large pictures of a phone, in one go."""
LASTS_MONTHS: Final = (1, 3, 6, 12)
USUAL_MONTHS: Final = 12
"""A year: nobody looks after an offer more often, and a mail asks before it ends."""
_MONTHS: Final = 12
_POSTCODE: Final = re.compile(r"[0-9A-Za-z -]{0,10}")
_KEPT: Final = re.compile(r"([A-Za-z0-9_-]{43})\.([1-9][0-9]{0,8})")
_NO_POSTCODE: Final = later("Dit lijkt geen postcode. Een postcode ziet eruit als 9000.")
_NO_DAY: Final = later("Kies tot wanneer dit blijft staan.")
_TOO_MANY: Final = later("Hoogstens %(most)s foto's. De eerste zijn bewaard.")
_WRONG: Final = {
    Code.PICTURE_UNREADABLE: later(
        "Foto %(n)s kunnen we niet lezen. Kies een gewone foto (JPEG, PNG, WebP of GIF). De rest "
        "is bewaard."
    ),
    Code.PICTURE_TOO_MANY_PIXELS: later(
        "Foto %(n)s is veel te groot voor ons. Maak ze kleiner en kies ze opnieuw. De rest is "
        "bewaard."
    ),
    Code.TOO_LARGE: later(
        "Foto %(n)s is te zwaar: hoogstens 10 MB. Maak ze kleiner en kies ze opnieuw. De rest is "
        "bewaard."
    ),
}
_NOT_TAKEN: Final = later("Foto %(n)s lukte niet: %(said)s")


def blank(visit: Visit) -> dict[str, str]:
    """Give what a new offer holds before anything was typed."""
    rate = visit.unit.rate
    return {
        "side": Side.WANT.value if visit.query("side") == Side.WANT else Side.OFFER.value,
        "kind": Kind.SERVICE.value,
        "price-kind": PriceKind.HOUR.value,
        "price": number(rate.minor_per_hour(), rate.decimals, visit.language),
        "visibility": Visibility.INTERLETS.value,
        "until": usual_end(visit),
    }


async def values_of(visit: Visit, post: ShownPost) -> dict[str, str]:
    """Give what stands in each field for an offer or a want that is there.

    A place that is its member's own stays out: the post moves along with its member.
    """
    lives = await profiles.profile(visit.node, post.account, visit.reader)
    elsewhere = (post.postcode, post.place) != (lives.postcode, lives.place)
    amount, decimals = post.price.amount_minor, visit.unit.rate.decimals
    going_on = visit.now_s < post.expires_at_s < FOREVER
    last_day = calendar.date_of(post.expires_at_s - 1, visit.place.zone) if going_on else None
    return {
        "side": (Side.WANT if post.want else Side.OFFER).value,
        "kind": (Kind.GOODS if post.goods else Kind.SERVICE).value,
        "title": post.title,
        "text": post.text,
        "category": "" if post.category is None else str(post.category),
        "price-kind": post.price.kind.value,
        "price": "" if amount is None else number(amount, decimals, visit.language),
        "postcode": post.postcode if elsewhere else "",
        "place": post.place if elsewhere else "",
        "visibility": post.visibility.value,
        "until": last_day.isoformat() if last_day else usual_end(visit),
        **_fields_of(post.pictures),
    }


def _fields_of(kept: tuple[Picture, ...]) -> dict[str, str]:
    return {f"picture-{n}": f"{one.digest}.{one.size}" for n, one in enumerate(kept)}


def kept_pictures(form: Form) -> tuple[Picture, ...]:
    """Give the pictures that a form holds, each once, in their order."""
    found = (_KEPT.fullmatch(form.value(f"picture-{n}")) for n in range(PICTURES_MAX))
    kept = (Picture(digest=one[1], size=int(one[2])) for one in found if one is not None)
    return tuple(dict.fromkeys(kept))


async def take_pictures(visit: Visit, form: Form, *, account: int) -> None:
    """Take in what was sent along: it stays in the form, whatever else is wrong with it."""
    kept = dict.fromkeys(kept_pictures(form))
    for n, upload in enumerate(form.files.get("picture", ()), 1):
        if len(kept) >= PICTURES_MAX:
            form.fail("picture", _TOO_MANY, most=PICTURES_MAX)
            break
        try:
            stored = await pictures.store(visit.node, visit.reader, upload, account=account)
        except InputError as error:
            form.fail("picture", _WRONG.get(error.code, _NOT_TAKEN), n=n, said=visit.explain(error))
        else:
            kept[stored.picture] = None
    for n in range(PICTURES_MAX):
        form.values.pop(f"picture-{n}", None)
    form.values |= _fields_of(tuple(kept))


async def read(visit: Visit, form: Form, post: ShownPost | None = None) -> PostForm:
    """Read the form of a new post, or of one that is there; what is wrong stands by its field.

    One that is there may stay in its category although that has ended.
    """
    known = {str(found.category) for found in await categories(visit.node)}
    if post is not None and post.category is not None:
        known.add(str(post.category))
    category = form.choice("category", {"", *known})
    postcode = form.text("postcode", most=10)
    if not _POSTCODE.fullmatch(postcode):
        form.fail("postcode", _NO_POSTCODE)
    return PostForm(
        want=form.choice("side", (Side.OFFER, Side.WANT)) == Side.WANT,
        goods=form.choice("kind", (Kind.SERVICE, Kind.GOODS)) == Kind.GOODS,
        title=form.text("title", most=words.TITLE_MAX, required=True),
        text=form.text("text", most=words.TEXT_MAX, lines=True),
        category=int(category) if category in known else None,
        price=_price(visit, form),
        postcode=postcode,
        place=form.text("place", most=words.NAME_MAX),
        visibility=_visibility(form),
        expires_at_s=end_of(visit, form),
        pictures=kept_pictures(form),
    )


def _visibility(form: Form) -> Visibility:
    said = form.choice("visibility", Visibility)
    return Visibility(said) if said in set(Visibility) else Visibility.MEMBERS


def _price(visit: Visit, form: Form) -> Price:
    """Read the guide price; an amount counts only where it is for something."""
    kind = form.choice("price-kind", PriceKind)
    if kind not in (PriceKind.HOUR, PriceKind.PIECE):
        return Price(kind=PriceKind.TALK)
    amount_minor = form.amount("price", visit.unit.rate.decimals)
    return Price(kind=PriceKind(kind), amount_minor=amount_minor or None)


def end_of(visit: Visit, form: Form) -> int:
    """Read the last day on which an offer or a want stands, and give the second after it."""
    day = dates.read_day(form.value("until"))
    if day is None:
        form.fail("until", _NO_DAY)
        return 0
    return calendar.end_of(day, visit.place.zone)


def usual_end(visit: Visit) -> str:
    """Give the day until which something stands when nobody says otherwise."""
    return months_on(calendar.date_of(visit.now_s, visit.place.zone), USUAL_MONTHS).isoformat()


def ends(visit: Visit, form: Form) -> Mapping[str, tuple[int, str]]:
    """Give the days to choose from, each with how many months that is; 0: what was chosen before.

    A day and no length, so that the same form sent twice says the same.
    """
    today = calendar.date_of(visit.now_s, visit.place.zone)
    days = {months_on(today, months): months for months in LASTS_MONTHS}
    chosen = dates.read_day(form.value("until"))
    if chosen is not None and chosen >= today:
        days.setdefault(chosen, 0)
    return {
        day.isoformat(): (months, dates.day_text(day, visit.language))
        for day, months in sorted(days.items())
    }


def months_on(day: date, months: int) -> date:
    """Give the same day some months on, or the last one of a shorter month."""
    whole = day.year * _MONTHS + day.month - 1 + months
    first = date(whole // _MONTHS, whole % _MONTHS + 1, 1)
    following = date((whole + 1) // _MONTHS, (whole + 1) % _MONTHS + 1, 1)
    return first.replace(day=min(day.day, (following - first).days))
