"""Rows of a search in the words of their reader: the template puts them down, and decides nothing.

A page has twenty of them. Worded by macros of the template they were a sixth of what it cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from federation.web import template_words
from federation.web.reasons import reason_of
from federation.web.render import post_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from federation.members.search_shapes import Hit
    from federation.words.texts import Texts

BETWEEN = Markup(" · ")


class HitRow(NamedTuple):
    """What one row says; what is empty is left out."""

    path: str
    want: bool
    title: Markup
    who: str
    away: str
    """How far it is; known instead of `place`."""
    place: str
    price: str
    reason: str
    """Why it cannot be booked now."""
    picture: str
    """The address of its first picture."""


def rows_of(hits: Iterable[Hit], account: int | None, words: Texts) -> list[HitRow]:
    """Word hits for the member of an account; for somebody who is not signed in without reasons."""
    return [_row(hit, account, words) for hit in hits]


def _row(hit: Hit, account: int | None, words: Texts) -> HitRow:
    own = account is not None and hit.account == account
    far = "" if own or hit.distance_m is None else template_words.away(hit.distance_m, words)
    reason = None if account is None else reason_of(hit)
    return HitRow(
        path=post_path(hit),
        want=hit.want,
        title=template_words.name_as_it_reads(hit.title),
        who=words.say("van jou") if own else _who(hit),
        away=far,
        place="" if far or not hit.place else template_words.name_as_it_reads(hit.place),
        price=template_words.shown_price(hit.price, words),
        reason="" if reason is None else words.say(reason.sentence, **reason.facts),
        picture=_picture(hit),
    )


def _who(hit: Hit) -> Markup:
    group = template_words.name_as_it_reads(hit.group_name)
    if not hit.poster_name:
        return group
    return template_words.name_as_it_reads(hit.poster_name) + BETWEEN + group


def _picture(hit: Hit) -> str:
    return template_words.picture_path(hit.node, hit.pictures[0], "small") if hit.pictures else ""
