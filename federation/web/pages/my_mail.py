"""Which mails I get, in which language, at which hours; and what to do when they come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.mail import bounces, choices
from federation.mail.choices import Habit
from federation.mail.kinds import choosable, words_of
from federation.mail.quiet import NIGHTS, NO_NIGHT
from federation.members.profiles import person
from federation.web.forms import Form
from federation.web.languages import NAMES, read_language
from federation.web.routes import Pages
from federation.words.texts import later
from schemas.member_bodies import Role

if TYPE_CHECKING:
    from aiohttp import web

    from federation.mail.bounces import Marked
    from federation.web.visit import Visit

KIND: Final = "kind-"
BY_KEY: Final = {f"{night.evening}-{night.morning}": night for night in NIGHTS}
_ANY_HOUR: Final = later("Op elk uur")
_NOT_BETWEEN: Final = later("Niet tussen %(evening)s en %(morning)s uur")

pages = Pages()


@pages.get("/me/mail")
async def show_mail(visit: Visit) -> web.Response:
    """Show what somebody has chosen."""
    pool, member = visit.node.pool, visit.member
    unwanted = await choices.unwanted(pool, member.account, member.person)
    habit = await choices.habit(pool, member.account, member.person)
    kinds = choosable(coordinator=member.is_role(Role.COORDINATOR))
    values = {KIND + kind.value: "1" for kind in kinds if kind not in unwanted}
    language = "" if habit.language is None else habit.language.value
    night = f"{habit.night.evening}-{habit.night.morning}"
    return await _page(visit, Form.filled(**values, language=language, night=night))


@pages.post("/me/mail")
async def save_mail(visit: Visit) -> web.Response:
    """Note what somebody chooses, or that an address works again."""
    form, pool, member = await visit.form(), visit.node.pool, visit.member
    if form.flag("works"):
        await bounces.works_again(pool, await _address(visit))
        return visit.go("/me/mail", notice="mail-works")
    night = form.choice("night", BY_KEY)
    if not form.fine:
        return await _page(visit, form, status=422)
    coordinator = member.is_role(Role.COORDINATOR)
    wanted = [kind for kind in choosable(coordinator=coordinator) if form.flag(KIND + kind.value)]
    who = (member.account, member.person)
    await choices.choose_all(pool, *who, wanted, coordinator=coordinator, now_s=visit.now_s)
    await choices.set_habit(pool, *who, Habit(read_language(form.value("language")), BY_KEY[night]))
    return visit.go("/me/mail", notice="saved")


async def mark(visit: Visit) -> Marked | None:
    """Give the mark of the reader's address, if mails come back from it."""
    return await bounces.mark_of(visit.node.pool, visit.member.account, await _address(visit))


async def _address(visit: Visit) -> str:
    known = await person(visit.node, visit.member.account, visit.member.person)
    return "" if known is None else known.address


async def _page(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    said = visit.texts.say
    nights = {
        key: said(_ANY_HOUR)
        if night == NO_NIGHT
        else said(_NOT_BETWEEN, evening=night.evening, morning=night.morning)
        for key, night in BY_KEY.items()
    }
    kinds = choosable(coordinator=visit.member.is_role(Role.COORDINATOR))
    return visit.show(
        "my_mail.html",
        status=status,
        form=form,
        kinds=[(KIND + kind.value, words_of(kind, visit.texts)) for kind in kinds],
        nights=nights,
        languages={"": "", **{key.value: name for key, name in NAMES.items()}},
        address=await _address(visit),
        mark=await mark(visit),
    )
