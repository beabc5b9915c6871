"""Categories of offers and wants, for coordinators and editors: one more, their order, an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.members import categories
from federation.members.categories import NAME_MAX, Category
from federation.web.routes import Audience, Pages
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.forms import Form
    from federation.web.visit import Visit

pages = Pages()


@pages.get("/group/categories", Audience.EDITORS)
async def show_categories(visit: Visit) -> web.Response:
    """List them, those of the lower level under theirs."""
    return await _page(visit, await visit.blank())


@pages.post("/group/categories", Audience.EDITORS)
async def add_category(visit: Visit) -> web.Response:
    """Make one more, on the upper level or under another."""
    form = await visit.form()
    name = form.text("name", most=NAME_MAX, required=True)
    parent = form.choice("parent", ("", *await _upper(visit)))
    async with visit.trying(form):
        if form.fine:
            over, key = int(parent) if parent else None, form.command_key(visit.member)
            await categories.place(visit.node, visit.reader, name, parent=over, key=key)
    if not form.fine:
        return await _page(visit, form, status=422)
    await visit.sent()
    return visit.go("/group/categories", notice="saved")


@pages.get("/group/categories/{category}", Audience.EDITORS)
async def show_category(visit: Visit) -> web.Response:
    """Show one as a form, with what else can be done with it."""
    one = await _one(visit)
    known = {"name": one.name, "parent": "" if one.parent is None else str(one.parent)}
    return await _one_page(visit, one, await visit.blank(**known))


@pages.post("/group/categories/{category}", Audience.EDITORS)
async def change_category(visit: Visit) -> web.Response:
    """Call it something else, or put it below another."""
    one, form = await _one(visit), await visit.form()
    name = form.text("name", most=NAME_MAX, required=True)
    parent = form.choice("parent", ("", *await _upper(visit)))
    async with visit.trying(form):
        if form.fine:
            over, key = int(parent) if parent else None, form.command_key(visit.member)
            await categories.change(
                visit.node, visit.reader, one.category, name, parent=over, key=key
            )
    if not form.fine:
        return await _one_page(visit, one, form, status=422)
    await visit.sent()
    return visit.go("/group/categories", notice="saved")


@pages.post("/group/categories/{category}/move", Audience.EDITORS)
async def move_category(visit: Visit) -> web.Response:
    """Let it stand one place higher or lower."""
    one, form = await _one(visit), await visit.form()
    up = form.choice("to", ("up", "down")) == "up"
    async with visit.trying(form):
        if form.fine:
            key = form.command_key(visit.member)
            await categories.move(visit.node, visit.reader, one.category, up=up, key=key)
    if not form.fine:
        return await _one_page(visit, one, form, status=422)
    return visit.go(f"/group/categories/{one.category}", notice="saved")


@pages.get("/group/categories/{category}/end", Audience.EDITORS)
async def ask_end(visit: Visit) -> web.Response:
    """Ask where what stands in it goes on."""
    return await _end_page(visit, await _one(visit), await visit.blank())


@pages.post("/group/categories/{category}/end", Audience.EDITORS)
async def end_category(visit: Visit) -> web.Response:
    """End it; what stood in it stands in the other."""
    one, form = await _one(visit), await visit.form()
    into = form.choice("into", ("", *await _others(visit, one)))
    async with visit.trying(form):
        if form.fine:
            key, other = form.command_key(visit.member), int(into) if into else None
            await categories.end(visit.node, visit.reader, one.category, into=other, key=key)
    if not form.fine:
        return await _end_page(visit, one, form, status=422)
    await visit.sent()
    return visit.go("/group/categories", notice="category-ended")


async def _one(visit: Visit) -> Category:
    number = visit.request.match_info["category"]
    for one in await categories.categories(visit.node):
        if str(one.category) == number:
            return one
    raise InputError(Code.NOT_FOUND, field="category")


async def _upper(visit: Visit, besides: int | None = None) -> dict[str, str]:
    """Give those of the upper level by their number, as a form names it."""
    found = await categories.categories(visit.node)
    return {
        str(one.category): one.name
        for one in found
        if one.parent is None and one.category != besides
    }


async def _others(visit: Visit, one: Category) -> dict[str, str]:
    """Give every other category with the one above it, by number."""
    found = await categories.categories(visit.node)
    names = {other.category: other.name for other in found}
    return {
        str(other.category): other.name
        if other.parent is None
        else f"{names.get(other.parent, '')} · {other.name}"
        for other in found
        if one.category not in (other.category, other.parent)
    }


async def _page(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    known = await categories.categories(visit.node)
    upper = [one for one in known if one.parent is None]
    return visit.show(
        "categories.html",
        status=status,
        form=form,
        tree=[(one, [low for low in known if low.parent == one.category]) for one in upper],
        parents={"": "", **await _upper(visit)},
    )


async def _one_page(visit: Visit, one: Category, form: Form, *, status: int = 200) -> web.Response:
    parents = {"": "", **await _upper(visit, one.category)}
    return visit.show("category.html", status=status, one=one, form=form, parents=parents)


async def _end_page(visit: Visit, one: Category, form: Form, *, status: int = 200) -> web.Response:
    others = {"": "", **await _others(visit, one)}
    return visit.show("category_end.html", status=status, one=one, form=form, others=others)
