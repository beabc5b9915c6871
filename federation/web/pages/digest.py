"""The digest for coordinators: on which morning it goes out, how it looks, and one to oneself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from babel.dates import get_day_names

from federation.mail import digest_choices
from federation.mail.compose import digest as compose
from federation.mail.digest_choices import Setting
from federation.mail.digest_days import WEEK, next_due_s
from federation.mail.digest_round import digests_of
from federation.mail.office import office_of
from federation.web.forms import Form
from federation.web.routes import Audience, Pages
from schemas.errors import RefusedError

if TYPE_CHECKING:
    from aiohttp import web

    from federation.mail.letter import Section
    from federation.web.visit import Visit

NEVER: Final = "never"
DAYS: Final = tuple(str(day) for day in range(WEEK))

pages = Pages()


@pages.get("/group/digest", Audience.COORDINATORS)
async def show_digest(visit: Visit) -> web.Response:
    """Show when it goes out, and what it would tell the reader now."""
    setting = await digest_choices.setting(visit.node.pool)
    day = str(setting.weekday) if setting.active else NEVER
    return await _page(visit, await visit.blank(day=day))


@pages.post("/group/digest", Audience.COORDINATORS)
async def save_digest(visit: Visit) -> web.Response:
    """Choose when it goes out, or mail one to oneself."""
    form = await visit.form()
    if form.flag("test"):
        return await _test(visit, form)
    day = form.choice("day", (*DAYS, NEVER))
    if not form.fine:
        return await _page(visit, form, status=422)
    before = await digest_choices.setting(visit.node.pool)
    wanted = before._replace(active=False) if day == NEVER else Setting(weekday=int(day))
    await digest_choices.set_setting(visit.node, visit.reader, wanted)
    await visit.sent()
    return visit.go("/group/digest", notice="saved")


async def _test(visit: Visit, form: Form) -> web.Response:
    digests, member = digests_of(visit.node), visit.member
    sent = False
    if digests is not None:
        key = form.command_key(member)
        try:
            sent = await digests.test(member.account, member.person, key=key)
        except RefusedError:
            sent = False
    return visit.go("/group/digest", notice="digest-test" if sent else "digest-no-test")


async def _page(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    setting = await digest_choices.setting(visit.node.pool)
    zone = visit.place.zone
    next_s = next_due_s(visit.now_s, zone, setting.weekday) if setting.active else None
    names = get_day_names(locale=visit.language.value)
    days = {day: names[int(day)] for day in DAYS}
    return visit.show(
        "digest.html",
        status=status,
        form=form,
        days={**days, NEVER: visit.texts.say("Nooit")},
        next_s=next_s,
        sections=await _sections(visit),
        mails=digests_of(visit.node) is not None,
    )


async def _sections(visit: Visit) -> tuple[Section, ...]:
    """Give what the reader would be told now; nothing for who has no address."""
    digests, member = digests_of(visit.node), visit.member
    if digests is None:
        return ()
    try:
        one, chosen = await digests.preview(member.account, member.person)
    except RefusedError:
        return ()
    to = one.to._replace(language=visit.language)
    return compose.sections(office_of(visit.node).desk(), to, chosen)
