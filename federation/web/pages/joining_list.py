"""Who wants to become a member, for coordinators: let in with a code, or told why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members import joining as applicants
from federation.members.joining import CODE_MAX, next_code
from federation.web import joining
from federation.web.forms import Form
from federation.web.routes import Audience, Pages
from federation.words.texts import later
from schemas.bodies import AccountKind, AccountStatus

if TYPE_CHECKING:
    from aiohttp import web

    from federation.members.joining import Applicant
    from federation.web.visit import Visit

PATH: Final = "/group/joining"
REASON_MAX: Final = 500
STATUSES: Final = {
    AccountStatus.ACTIVE: later("Lid: kan meteen ruilen, als nieuwkomer"),
    AccountStatus.INFORMATION: later("Wil eerst meer weten: nog geen lid"),
}
COORDINATORS: Final = Audience.COORDINATORS

pages = Pages()


@pages.get(PATH, COORDINATORS)
async def show_list(visit: Visit) -> web.Response:
    """Show who waits, and whether others may ask."""
    return visit.show(
        "joining_list.html",
        form=Form.filled(),
        found=await applicants.waiting(visit.node, visit.reader),
        is_open=await applicants.is_open(visit.node),
        url=f"{visit.node.settings.public_url}{joining.PATH}",
    )


@pages.post(PATH, COORDINATORS)
async def set_open(visit: Visit) -> web.Response:
    """Let strangers ask, or no longer."""
    form = await visit.form()
    await applicants.set_open(visit.node, visit.reader, is_open=form.value("open") == "yes")
    return visit.go(PATH, notice="saved")


@pages.get(f"{PATH}/{{applicant}}", COORDINATORS)
async def show_one(visit: Visit) -> web.Response:
    """Show what somebody wrote, with both answers."""
    who = await applicants.applicant(visit.node, visit.reader, visit.part("applicant"))
    accounts = visit.node.machine.books.ledger.accounts.values()
    code = next_code(one.code for one in accounts if one.kind is AccountKind.MEMBER)
    return _one(visit, who, await visit.blank(code=code, status=AccountStatus.ACTIVE.value))


@pages.post(f"{PATH}/{{applicant}}", COORDINATORS)
async def let_in(visit: Visit) -> web.Response:
    """Let somebody in under a code."""
    form = await visit.form()
    who = await applicants.applicant(visit.node, visit.reader, visit.part("applicant"))
    code = form.text("code", most=CODE_MAX, required=True)
    status = form.choice("status", [one.value for one in STATUSES])
    if who is not None and form.fine:
        async with visit.trying(form):
            wanted = AccountStatus(status)
            await joining.approve(
                visit.node, visit.reader, who, code=code, status=wanted, now_s=visit.now_s
            )
    if who is None or not form.fine:
        return _one(visit, who, form, status=422)
    await visit.sent()
    return visit.go(PATH, notice="applicant-in")


@pages.get(f"{PATH}/{{applicant}}/decline", COORDINATORS)
async def ask_reason(visit: Visit) -> web.Response:
    """Ask why not."""
    who = await applicants.applicant(visit.node, visit.reader, visit.part("applicant"))
    return _no(visit, who, await visit.blank())


@pages.post(f"{PATH}/{{applicant}}/decline", COORDINATORS)
async def decline(visit: Visit) -> web.Response:
    """Say no, with the reason."""
    form = await visit.form()
    who = await applicants.applicant(visit.node, visit.reader, visit.part("applicant"))
    reason = form.text("reason", most=REASON_MAX, required=True, lines=True)
    if who is None or not form.fine:
        return _no(visit, who, form, status=422)
    await joining.decline(visit.node, visit.reader, who, reason=reason, now_s=visit.now_s)
    await visit.sent()
    return visit.go(PATH, notice="applicant-out")


def _one(visit: Visit, who: Applicant | None, form: Form, *, status: int = 200) -> web.Response:
    named = {one.value: visit.texts.say(words) for one, words in STATUSES.items()}
    page = {"who": who, "form": form, "statuses": named, "code_max": CODE_MAX}
    return visit.show("joining_one.html", status=410 if who is None else status, **page)


def _no(visit: Visit, who: Applicant | None, form: Form, *, status: int = 200) -> web.Response:
    page = {"who": who, "form": form, "most": REASON_MAX}
    return visit.show("joining_decline.html", status=410 if who is None else status, **page)
