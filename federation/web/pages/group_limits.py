"""How far balances of members may go: the group's limits as a form, with what they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.group.commands import SetGroupLimits
from federation.group.limit_examples import examples
from federation.members.submitting import actor_of
from federation.web.routes import Audience, Pages
from federation.words.texts import later
from schemas.amounts import format_minor
from schemas.limit_bodies import DAYS_MAX, PERCENT_MAX, Limits

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.forms import Form
    from federation.web.visit import Visit

LOWER: Final = ("lower", "soft-lower", "newcomer-lower")
UPPER: Final = ("upper", "soft-upper", "newcomer-upper")
_NUMBER: Final = later("Schrijf een getal van 0 tot %(most)s.")

pages = Pages()


@pages.get("/group/limits", Audience.COORDINATORS)
async def show_limits(visit: Visit) -> web.Response:
    """Show the limits as they are."""
    return _page(visit, await visit.blank(**_filled(visit, _now(visit))))


@pages.post("/group/limits", Audience.COORDINATORS)
async def save_limits(visit: Visit) -> web.Response:
    """Replace them, all at once; what is so already stays so."""
    form = await visit.form()
    asked = _read(visit, form)
    if form.fine and asked != _now(visit):
        async with visit.trying(form):
            key = form.command_key(visit.member)
            await visit.node.do(SetGroupLimits(key, actor_of(visit.reader), asked))
    if not form.fine:
        return _page(visit, form, status=422)
    await visit.sent()
    return visit.go("/group/limits", notice="saved")


def _page(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    rows = examples(visit.unit, _now(visit))
    return visit.show("group_limits.html", status=status, form=form, examples=rows)


def _now(visit: Visit) -> Limits:
    settings = visit.node.machine.books.ledger.settings
    return Limits() if settings is None else settings.limits


def _filled(visit: Visit, limits: Limits) -> dict[str, str]:
    """Give the fields as they are typed: how far below or above zero, without a sign."""
    decimals = visit.unit.rate.decimals
    filled = {}
    for name in (*LOWER, *UPPER):
        minor = getattr(limits, f"{name.replace('-', '_')}_minor")
        filled[name] = "" if minor is None else _written(abs(minor), decimals)
    filled["newcomer-days"] = str(limits.newcomer_days)
    filled["growth-percent"] = str(limits.growth_percent)
    filled["growth-most"] = _written(limits.growth_most_minor, decimals)
    return filled


def _written(minor: int, decimals: int) -> str:
    return format_minor(minor, decimals).replace(".", ",")


def _read(visit: Visit, form: Form) -> Limits:
    """Read the limits; notes what is wrong."""
    decimals = visit.unit.rate.decimals
    far = {name: _distance(form, name, decimals) for name in (*LOWER, *UPPER)}
    below = {name: None if far[name] is None else -(far[name] or 0) for name in LOWER}
    return Limits(
        lower_minor=below["lower"],
        upper_minor=far["upper"],
        soft_lower_minor=below["soft-lower"],
        soft_upper_minor=far["soft-upper"],
        newcomer_days=_count(form, "newcomer-days", DAYS_MAX),
        newcomer_lower_minor=below["newcomer-lower"],
        newcomer_upper_minor=far["newcomer-upper"],
        growth_percent=_count(form, "growth-percent", PERCENT_MAX),
        growth_most_minor=_distance(form, "growth-most", decimals) or 0,
    )


def _distance(form: Form, name: str, decimals: int) -> int | None:
    """Read how far from zero; nothing where the field is left empty, which is no limit."""
    typed = form.value(name).strip()
    if not typed:
        return None
    return 0 if typed.strip("0,.") == "" else form.amount(name, decimals)


def _count(form: Form, name: str, most: int) -> int:
    typed = form.value(name).strip() or "0"
    if not (typed.isascii() and typed.isdigit()) or len(typed) > len(str(most)):
        form.fail(name, _NUMBER, most=most)
        return 0
    if int(typed) > most:
        form.fail(name, _NUMBER, most=most)
    return min(int(typed), most)
