"""One group over time, the lines and what lags, for auditors."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from federation.node.remembered import last_full_audit
from federation.umbrella import flow_views
from federation.umbrella.flows import calendar_day, day_of
from federation.umbrella.noting import all_findings
from federation.web.course_chart import draw_course
from federation.web.dates import month_letter, month_text
from federation.web.pages import flows
from federation.web.routes import Audience, Pages
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from aiohttp import web

    from federation.umbrella.flow_views import Course
    from federation.web.visit import Visit

pages = Pages()


@pages.get("/flows/groups/{group}", Audience.AUDITORS)
async def show_group(visit: Visit) -> web.Response:
    """Show where a group stood over two years, against its limits, and its lines."""
    groups = await flows.named_groups(visit)
    group = groups.get(visit.request.match_info["group"])
    if group is None:
        raise InputError(Code.NOT_FOUND, field="group")
    course = await flow_views.course(visit.node, group.node, now_s=visit.now_s)
    lines, _ = await flow_views.lines(visit.node, now_s=visit.now_s, group=group.node)
    return visit.show(
        "flow_group.html",
        group_shown=group,
        groups=groups,
        course=course,
        changed=course.changed(),
        months=_months(visit, course),
        chart=draw_course(course.net_units, course.may_be_owed_units, course.may_owe_units),
        lines=lines,
        today=day_of(visit.now_s),
        fresh=flows.freshness(visit),
    )


@pages.get("/flows/lines", Audience.AUDITORS)
async def show_lines(visit: Visit) -> web.Response:
    """List how lines stand, the largest debts first."""
    after = visit.number("after")
    lines, more = await flow_views.lines(visit.node, now_s=visit.now_s, after=after)
    return visit.show(
        "flow_lines.html",
        groups=await flows.named_groups(visit),
        lines=lines,
        today=day_of(visit.now_s),
        fresh=flows.freshness(visit),
        after=after,
        more=more,
        step=flow_views.LINES_SHOWN,
    )


@pages.get("/flows/logs", Audience.AUDITORS)
async def show_logs(visit: Visit) -> web.Response:
    """List how far each group was followed, and what is paid and not credited yet."""
    groups = await flows.named_groups(visit)
    return visit.show(
        "flow_logs.html",
        groups=groups,
        logs=await flow_views.followed(visit.node, groups),
        lags=await flow_views.lags(visit.node),
        open_count=sum(one.known.solved is None for one in await all_findings(visit.node)),
        today=day_of(visit.now_s),
        fresh=flows.freshness(visit),
        anew=await asyncio.to_thread(last_full_audit, visit.node.folder),
        full_every_s=visit.node.settings.audit.full_every_s,
    )


def _months(visit: Visit, course: Course) -> list[tuple[str, str]]:
    """Name the months of a course, long and short: each ends where the next begins."""
    said = [calendar_day(day - 1) for day in course.days]
    return [
        (month_text(day, visit.language), f"{month_letter(day, visit.language)} '{day:%y}")
        for day in said
    ]
