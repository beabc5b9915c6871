"""The other groups that ours trades with, for coordinators: over a line, or by mail only."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from federation.members import partner_reversals, partners
from federation.members.collective import require
from federation.members.partner_statement import month_before, month_statement
from federation.members.partners import PartnerForm
from federation.node import line_use_cases
from federation.node.line_use_cases import Proposal
from federation.node.line_views import lines_with_partners, without_line
from federation.web.dates import month_text
from federation.web.limit_bar import draw_bar
from federation.web.line_words import doubts
from federation.web.routes import Audience, Pages
from federation.words.texts import later
from schemas.amounts import format_minor
from schemas.errors import Code, InputError
from schemas.proposals import NAME_LENGTH_MAX

if TYPE_CHECKING:
    from aiohttp import web

    from federation.members.partners import PartnerDetails
    from federation.web.forms import Form
    from federation.web.visit import Visit

LIMIT_HOURS: Final = 12
"""What a new group may give or receive more, when nobody says otherwise."""
CODE_LENGTH_MAX: Final = 40
LANGUAGES: Final = {"nl": "Nederlands", "fr": "Français", "en": "English"}
_NEEDS_AMOUNT: Final = later("Schrijf een getal, zoals 8 of 1,5.")
pages = Pages()


@pages.get("/group/partners", Audience.COORDINATORS)
async def show_partners(visit: Visit) -> web.Response:
    """Show every group that ours trades with, what needs somebody, and who else there is."""
    return await _overview(visit, await visit.blank())


@pages.post("/group/partners", Audience.COORDINATORS)
async def propose(visit: Visit) -> web.Response:
    """Propose a line to another group, with the limits that fit most."""
    form = await visit.form()
    peer = form.choice("peer", [one.peer for one in without_line(visit.node)])
    if form.fine:
        async with visit.trying(form):
            await line_use_cases.propose_terms(visit.node, peer, Proposal())
    if not form.fine:
        return await _overview(visit, form, status=422)
    return visit.go("/group/partners", notice="saved")


async def _overview(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    return visit.show(
        "partners.html",
        status=status,
        form=form,
        others=without_line(visit.node),
        lines=lines_with_partners(visit.node, now_s=visit.now_s),
        partners=await partners.partners(visit.node, visit.reader),
        closed=await visit.node.peers.closed(),
        umbrella_url=visit.node.settings.umbrella_url(),
        doubts=doubts,
    )


@pages.get("/group/partners/new", Audience.COORDINATORS)
async def show_form(visit: Visit) -> web.Response:
    """Show the form for a group by mail: a new one, or one with an account (`?account=`)."""
    return visit.show(
        "partner_edit.html", form=await visit.blank(**await _known(visit)), languages=LANGUAGES
    )


@pages.post("/group/partners/new", Audience.COORDINATORS)
async def save(visit: Visit) -> web.Response:
    """Reach it by mail from now on."""
    form = await visit.form()
    asked = _read(visit, form)
    account = 0
    if form.fine:
        async with visit.trying(form):
            key = form.command_key(visit.member)
            account = await partners.reach(visit.node, visit.reader, asked, key=key)
    if not form.fine:
        return visit.show("partner_edit.html", status=422, form=form, languages=LANGUAGES)
    await visit.sent()
    return visit.go(f"/group/partners/{account}", notice="saved")


@pages.get("/group/partners/{account}/trades/{seq}", Audience.COORDINATORS)
async def show_booked(visit: Visit) -> web.Response:
    """Show a confirmed trade, and ask why it is to be given back."""
    return await _booked(visit, await visit.blank())


@pages.post("/group/partners/{account}/trades/{seq}", Audience.COORDINATORS)
async def give_back(visit: Visit) -> web.Response:
    """Give it back, once, and let the contact be told."""
    form = await visit.form()
    account, seq = visit.part("account"), visit.part("seq")
    reason = form.text("description", most=partners.REASON_LENGTH_MAX, required=True)
    if form.fine:
        async with visit.trying(form):
            key = form.command_key(visit.member)
            await partner_reversals.reverse(
                visit.node, visit.reader, account, seq, reason=reason, key=key
            )
    if not form.fine:
        return await _booked(visit, form, status=422)
    await visit.sent()
    return visit.go(f"/group/partners/{account}", notice="partner-back")


async def _booked(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    account, seq = visit.part("account"), visit.part("seq")
    found = await partners.details(visit.node, visit.reader, account)
    booked = await partner_reversals.booked_with(visit.node, visit.reader, account)
    trade = next((one for one in booked if one.seq == seq), None)
    if trade is None:
        raise InputError(Code.NOT_FOUND, field="path")
    return visit.show("partner_back.html", status=status, form=form, found=found, trade=trade)


@pages.get("/group/partners/{account}", Audience.COORDINATORS)
async def show_partner(visit: Visit) -> web.Response:
    """Show a group by mail: where it stands, what is open, what it said."""
    return await _partner(visit, await visit.blank())


@pages.post("/group/partners/{account}", Audience.COORDINATORS)
async def pause_partner(visit: Visit) -> web.Response:
    """Pause it with a reason, or let it go on."""
    form = await visit.form()
    paused = form.choice("do", ("pause", "resume")) == "pause"
    reason = form.text("reason", most=partners.REASON_LENGTH_MAX, required=paused)
    if form.fine:
        async with visit.trying(form):
            await partners.pause(
                visit.node,
                visit.reader,
                visit.part("account"),
                paused=paused,
                reason=reason if paused else "",
                key=form.command_key(visit.member),
            )
    if not form.fine:
        return await _partner(visit, form, status=422)
    await visit.sent()
    return visit.go(visit.page_path, notice="saved")


async def _partner(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    found = await partners.details(visit.node, visit.reader, visit.part("account"))
    month = month_before(visit.now_s, visit.place.zone)
    return visit.show(
        "partner.html",
        status=status,
        form=form,
        found=found,
        bar=_bar(found),
        booked=await partner_reversals.booked_with(visit.node, visit.reader, found.account),
        statement=await month_statement(visit.node, found.account, month, words=False),
        month=lambda name: month_text(first_day(name), visit.language),
    )


def _bar(found: PartnerDetails) -> object:
    return draw_bar(
        found.balance_minor,
        lower=found.lower_minor,
        upper=found.upper_minor,
        held_in=found.held_in_minor,
        held_out=found.held_out_minor,
    )


async def _known(visit: Visit) -> dict[str, str]:
    """Fill the form with what is known, else with what fits most groups."""
    require(visit.reader)
    decimals = visit.unit.rate.decimals
    usual = LIMIT_HOURS * visit.unit.rate.minor_per_hour()
    if not visit.query("account"):
        far = _written(usual, decimals)
        return {"lower": far, "upper": far, "language": visit.language.value}
    found = await partners.details(visit.node, visit.reader, visit.number("account"))
    lower = usual if found.lower_minor is None else -found.lower_minor
    upper = usual if found.upper_minor is None else found.upper_minor
    return {
        "account": str(found.account),
        "group": found.name,
        "contact": found.contact,
        "address": found.address,
        "language": found.language or visit.language.value,
        "lower": _written(lower, decimals),
        "upper": _written(upper, decimals),
    }


def _written(minor: int, decimals: int) -> str:
    return format_minor(minor, decimals).replace(".", ",")


def _read(visit: Visit, form: Form) -> PartnerForm:
    decimals = visit.unit.rate.decimals
    account = form.number("account")
    return PartnerForm(
        group=form.text("group", most=NAME_LENGTH_MAX, required=True),
        contact=form.text("contact", most=NAME_LENGTH_MAX, required=True),
        address=form.address("address"),
        language=form.choice("language", LANGUAGES),
        lower_minor=-_distance(form, "lower", decimals),
        upper_minor=_distance(form, "upper", decimals),
        code=form.text("code", most=CODE_LENGTH_MAX, required=account is None),
        account=account,
    )


def _distance(form: Form, name: str, decimals: int) -> int:
    """Read how far from zero."""
    typed = form.value(name).strip()
    if not typed:
        form.fail(name, _NEEDS_AMOUNT)
        return 0
    return 0 if typed.strip("0,.") == "" else form.amount(name, decimals)


def first_day(month: str) -> date:
    """Give the first day of a month such as `2026-11`."""
    return date.fromisoformat(f"{month}-01")
