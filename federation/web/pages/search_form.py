"""What may be asked of a search, as the fields of its page; an unknown word asks for nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from markupsafe import Markup

from federation.members.categories import categories
from federation.members.feed_of import feed_of
from federation.members.search_shapes import Kind, Query, Scope, Side, Sort
from federation.web.forms import Form
from federation.web.sessions import COOKIE_LASTS_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from federation.members.categories import Category
    from federation.node.peers import Peer
    from federation.node.service import Node
    from federation.web.visit import Visit

COOKIE: Final = "-scope"
DISTANCES_KM: Final = (2, 5, 10, 25, 50, 100)
FILTERS: Final = ("side", "kind", "category", "group", "within", "near", "sort")
"""What lies behind a button until one of them is used."""
WRITTEN_MAX: Final = 200
"""A page may have any place in it."""
_LENGTH_MAX: Final = 200
_NODE: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
_USUAL: Final = {"side": Side.BOTH.value, "kind": Kind.BOTH.value, "sort": Sort.NEAR.value}


class Choices(NamedTuple):
    """What the fields offer."""

    categories: tuple[Category, ...]
    groups: dict[str, str]
    """Names of groups by their node, the own one first."""


def asked(visit: Visit) -> Form:
    """Give what stands in the address; the scope is the one that was chosen last."""
    values = {name: visit.query(name)[:_LENGTH_MAX] for name in ("q", *FILTERS)}
    fit = {
        "side": values["side"] in set(Side),
        "kind": values["kind"] in set(Kind),
        "sort": values["sort"] in set(Sort),
        "within": values["within"] in {str(km) for km in DISTANCES_KM},
        "group": bool(_NODE.fullmatch(values["group"])),
    }
    for name, fine in fit.items():
        if not fine or values[name] == _USUAL.get(name):
            values[name] = ""
    return Form.filled(**values, scope=_scope(visit))


def _scope(visit: Visit) -> str:
    kept = visit.request.cookies.get(visit.place.cookie(COOKIE), "")
    for said in (visit.query("scope"), kept):
        if said in set(Scope):
            return said
    return Scope.ALL.value


def read(form: Form, page: str) -> Query:
    """Give what a search takes."""
    value = form.value
    return Query(
        text=value("q"),
        side=Side(value("side") or Side.BOTH),
        kind=Kind(value("kind") or Kind.BOTH),
        category=value("category"),
        group=value("group"),
        within_km=form.number("within"),
        near=value("near"),
        scope=Scope(value("scope")),
        sort=Sort(value("sort") or Sort.NEAR),
        page=page,
    )


class _Kept(NamedTuple):
    """What the fields offer, and the filters as they were written with it."""

    shown: Mapping[str, Peer]
    choices: Choices
    written: dict[tuple[object, ...], Markup]


async def filters(visit: Visit, form: Form) -> Markup:
    """Write the fields behind the button; most pages have those of a page before."""
    kept = await _kept(visit.node)
    asked = (visit.language, visit.person is None, *map(form.value, FILTERS))
    found = kept.written.get(asked)
    if found is None or form.errors:
        values = {"form": form, "choices": kept.choices, "person": visit.person}
        html = visit.place.renderer.render("search_filters.html", visit.language, values)
        found = Markup(html)  # noqa: S704 - a template of ours has escaped what is not
        if not form.errors:
            if len(kept.written) >= WRITTEN_MAX:
                kept.written.clear()
            kept.written[asked] = found
    return found


async def _kept(node: Node) -> _Kept:
    """Give categories and groups to choose from, the same until something changes."""
    shown, known = feed_of(node).choices.shown(), await categories(node)
    kept = cast("_Kept | None", node.parts.get(_Kept))
    if kept is None or kept.shown is not shown or kept.choices.categories is not known:
        peers = sorted(shown.values(), key=lambda peer: peer.name.casefold())
        groups = {node.id: node.settings.name, **{peer.node: peer.name for peer in peers}}
        kept = node.parts[_Kept] = _Kept(shown, Choices(known, groups), {})
    return kept


def remember(visit: Visit, form: Form, response: web.Response) -> web.Response:
    """Keep a scope that was chosen, on this device."""
    scope = form.value("scope")
    if scope == visit.query("scope") != visit.request.cookies.get(visit.place.cookie(COOKIE)):
        visit.place.set_cookie(response, COOKIE, scope, lasts_s=COOKIE_LASTS_S)
    return response
