"""What everybody sees of the group: its page and figures; and the form that writes the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from federation.members import joining
from federation.members.postcodes import SOURCES
from federation.members.reader import ANONYMOUS
from federation.members.search import search
from federation.members.search_shapes import Query, Scope, Sort
from federation.public import page, quarters, web_thanks
from federation.web.hit_rows import rows_of
from federation.web.joining import PATH
from federation.web.languages import NAMES
from federation.web.pages import flows
from federation.web.quarter_chart import draw_quarters
from federation.web.routes import Audience, Pages
from federation.words.texts import later

if TYPE_CHECKING:
    from aiohttp import web

    from federation.public.page import Kept, PublicPage
    from federation.web.forms import Form
    from federation.web.visit import Visit

POSTS: Final = 5
TEXTS: Final = {"lead": page.LEAD_MAX, "text": page.TEXT_MAX, "join": page.TEXT_MAX}
SWITCHES: Final = ("posts", "thanks", "figures", "findable")
SAVED_MEANWHILE: Final = later(
    "Iemand anders heeft deze bladzijde intussen bewaard. Jouw tekst staat hieronder nog. "
    "Vergelijk met wat er nu op de openbare bladzijde staat, en bewaar dan opnieuw."
)

pages = Pages()


async def show_front(visit: Visit) -> web.Response:
    """Show the group to everybody, as its coordinators want it."""
    kept = (await page.read(visit.node)).page
    return visit.show("public.html", **await _facts(visit, kept))


@pages.get("/about", Audience.EVERYBODY)
async def show_about(visit: Visit) -> web.Response:
    """Show the same to who is signed in: for them `/` is the start page."""
    return await show_front(visit)


@pages.get("/figures", Audience.EVERYBODY)
async def show_figures(visit: Visit) -> web.Response:
    """Show the figures of all quarters, or that there are none."""
    kept = (await page.read(visit.node)).page
    found = await quarters.published(visit.node, now_s=visit.now_s) if kept.figures else []
    return visit.show(
        "public_figures.html",
        quarters=found,
        names={one.name: quarter_text(visit, one.name) for one in found},
        picture=draw_quarters(found),
        findable=kept.findable,
    )


@pages.get("/group/public", Audience.COORDINATORS)
async def show_form(visit: Visit) -> web.Response:
    """Show the form with what the page says now."""
    kept = await page.read(visit.node)
    return await _form(visit, await visit.blank(**_filled(kept)))


@pages.post("/group/public", Audience.COORDINATORS)
async def save(visit: Visit) -> web.Response:
    """Write the page, unless somebody else did meanwhile."""
    form = await visit.form()
    written, version = _read(form), form.number("version") or 0
    if form.fine:
        async with visit.trying(form):
            saved = await page.save(
                visit.node, visit.reader, written, version=version, now_s=visit.now_s
            )
            if not saved:
                form.fail("", SAVED_MEANWHILE)
                form.values["version"] = str((await page.read(visit.node)).version)
    if not form.fine:
        return await _form(visit, form, status=422)
    await visit.sent()
    return visit.go("/about", notice="saved")


def quarter_text(visit: Visit, name: str) -> str:
    """Name a quarter in words."""
    year, _, quarter = name.partition("-Q")
    return flows.quarter_name(int(year), int(quarter), visit.texts)


async def _facts(visit: Visit, said: PublicPage) -> dict[str, Any]:
    node, language = visit.node, visit.language
    posts = await _posts(visit) if said.posts else []
    figures = await quarters.published(node, now_s=visit.now_s) if said.figures else []
    return {
        "said": said,
        "lead": page.said_in(said.lead, language),
        "text": page.said_in(said.text, language),
        "join": page.said_in(said.join, language),
        "join_path": PATH if await joining.is_open(node) else "",
        "place": said.place(language),
        "posts": posts,
        "thanks": await web_thanks.for_everybody(node) if said.thanks else [],
        "newest": figures[0] if figures else None,
        "newest_name": quarter_text(visit, figures[0].name) if figures else "",
        "umbrella_url": node.settings.umbrella_url(),
        "url": node.settings.public_url,
        "sources": SOURCES,
    }


async def _posts(visit: Visit) -> list[Any]:
    """Give the newest offers and wants of the group that are for everybody."""
    query = Query(scope=Scope.GROUP, sort=Sort.NEW)
    found = await search(visit.node, ANONYMOUS, query, now_s=visit.now_s)
    return rows_of(found.hits[:POSTS], None, visit.texts)


async def _form(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    return visit.show("public_edit.html", status=status, form=form, languages=NAMES, most=TEXTS)


def _filled(kept: Kept) -> dict[str, str]:
    said = kept.page
    filled = {
        f"{name}-{language.value}": getattr(said, name).get(language.value, "")
        for name in TEXTS
        for language in NAMES
    }
    filled |= {name: "yes" if getattr(said, name) else "" for name in SWITCHES}
    return {
        **filled,
        "postcode": said.postcode,
        "contact": said.contact,
        "version": str(kept.version),
    }


def _read(form: Form) -> PublicPage:
    texts: dict[str, dict[str, str]] = {}
    for name, most in TEXTS.items():
        typed = {
            one.value: form.text(f"{name}-{one.value}", most=most, lines=name != "lead")
            for one in NAMES
        }
        texts[name] = {language: text for language, text in typed.items() if text}
    return page.PublicPage(
        lead=texts["lead"],
        text=texts["text"],
        join=texts["join"],
        postcode=form.text("postcode", most=10),
        contact=form.address("contact", required=False),
        **{name: form.flag(name) for name in SWITCHES},
    )
