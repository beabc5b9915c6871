"""One member as coordinators see it: status, limits, notes, household, helpers, what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from msgspec.structs import replace

from federation.group.commands import SetLimits, SetStatus
from federation.members import member_history, profiles
from federation.members.member_list import require
from federation.members.people import names_of
from federation.members.submitting import actor_of
from federation.node.use_cases import account_by_code
from federation.web import history_words, limit_fields
from federation.web.member_cells import ROLES, STANDINGS
from federation.web.routes import Audience, Pages
from federation.words.texts import later
from projections.room import is_newcomer, limits
from schemas.bodies import AccountKind, AccountStatus
from schemas.errors import Code, InputError
from schemas.openings import MemberText

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.forms import Form
    from federation.web.visit import Visit
    from projections.ledger import Account

PATH: Final = "/group/members/{code}"
NOTE_MAX: Final = 2_000
STATUSES: Final = {
    AccountStatus.INFORMATION: later("Wil meer weten: nog geen lid, boekt niets"),
    AccountStatus.ACTIVE: later("Lid"),
    AccountStatus.LEAVING: later("Vertrekt: het saldo gaat enkel nog naar nul"),
    AccountStatus.INACTIVE: later("Weg: meldt zich niet meer aan en boekt niets"),
}
COORDINATORS: Final = Audience.COORDINATORS
_NAMELESS: Final = later("Naam niet gekend")

pages = Pages()


@pages.get(PATH, COORDINATORS)
async def show_member(visit: Visit) -> web.Response:
    """Show all that coordinators may know of a member."""
    account = account_of(visit)
    found = await member_history.history(visit.node, visit.reader, account.account)
    ledger = visit.node.machine.books.ledger
    text = await profiles.member_text(visit.node, account.account)
    profile = await profiles.profile(visit.node, account.account, visit.reader)
    helpers = [await profiles.person(visit.node, helper) for helper in profile.helpers]
    return visit.show(
        "member_page.html",
        account=account,
        profile=profile,
        text=text or MemberText(name=""),
        standing=STANDINGS[history_words.standing(visit, account)],
        statuses=STATUSES,
        roles=ROLES,
        helpers=[helper for helper in helpers if helper is not None],
        bounds=limits(ledger, account, now_s=visit.now_s),
        newcomer=is_newcomer(ledger, account, now_s=visit.now_s),
        merged_into=member_history.merged_into(account, found),
        changes=[(one, history_words.said(visit, one)) for one in found],
    )


@pages.get(f"{PATH}/status", COORDINATORS)
async def ask_status(visit: Visit) -> web.Response:
    """Show the status as a form."""
    account = account_of(visit)
    return await _status(visit, account, await visit.blank(status=account.status.value))


@pages.post(f"{PATH}/status", COORDINATORS)
async def save_status(visit: Visit) -> web.Response:
    """Give the member another status; what is so already stays so."""
    form, account = await visit.form(), account_of(visit)
    status = form.choice("status", [one.value for one in STATUSES])
    if form.fine:
        async with visit.trying(form):
            command = SetStatus(account.account, AccountStatus(status), actor_of(visit.reader))
            await visit.node.do(command)
    if not form.fine:
        return await _status(visit, account, form, code=422)
    return await _done(visit, account)


@pages.get(f"{PATH}/limits", COORDINATORS)
async def ask_limits(visit: Visit) -> web.Response:
    """Show the member's own limits as a form."""
    account = account_of(visit)
    known = limit_fields.filled(account, visit.unit.rate.decimals)
    return await _limits(visit, account, await visit.blank(**known))


@pages.post(f"{PATH}/limits", COORDINATORS)
async def save_limits(visit: Visit) -> web.Response:
    """Replace the member's own limits; an empty field follows the group."""
    form, account = await visit.form(), account_of(visit)
    own = limit_fields.read(form, visit.unit.rate.decimals)
    if form.fine and own != limit_fields.of(account):
        async with visit.trying(form):
            actor = actor_of(visit.reader)
            await visit.node.do(SetLimits(account.account, **own._asdict(), actor=actor))
    if not form.fine:
        return await _limits(visit, account, form, code=422)
    return await _done(visit, account)


@pages.get(f"{PATH}/note", COORDINATORS)
async def ask_note(visit: Visit) -> web.Response:
    """Show the coordinators' note about the member as a form."""
    account = account_of(visit)
    text = await profiles.member_text(visit.node, account.account)
    known = "" if text is None else text.admin_comment
    form = await visit.blank(note=known, known=known)
    return await _note(visit, account, form)


@pages.post(f"{PATH}/note", COORDINATORS)
async def save_note(visit: Visit) -> web.Response:
    """Replace the note, unless somebody else changed it meanwhile."""
    form, account = await visit.form(), account_of(visit)
    said = form.text("note", most=NOTE_MAX, lines=True)
    text = await profiles.member_text(visit.node, account.account) or MemberText(name="")
    now = text.admin_comment
    if now not in (said, form.text("known", most=NOTE_MAX, lines=True)):
        form.fail("note", _MEANWHILE, now=now)
        form.values["known"] = now
        form.again()
    if form.fine and said != now:
        async with visit.trying(form):
            asked, key = replace(text, admin_comment=said), form.command_key(visit.member)
            await profiles.describe(visit.node, visit.reader, account.account, asked, key=key)
    if not form.fine:
        return await _note(visit, account, form, code=422)
    return await _done(visit, account)


_MEANWHILE: Final = later(
    "Iemand anders van de kerngroep schreef hier intussen: “%(now)s”. Voeg samen wat je wilt "
    "bewaren, en druk nog eens."
)


def account_of(visit: Visit) -> Account:
    """Give the member whom the address names, to coordinators."""
    require(visit.reader)
    found = account_by_code(visit.node, visit.request.match_info["code"], field="code")
    if found.kind is not AccountKind.MEMBER:
        raise InputError(Code.ACCOUNT_UNKNOWN, field="code")
    return found


async def _done(visit: Visit, account: Account) -> web.Response:
    await visit.sent()
    return visit.go(member_path(account.code), notice="saved")


def member_path(code: str) -> str:
    """Give the address of a member's page for coordinators."""
    return f"/group/members/{quote(code, safe='')}"


async def called(visit: Visit, account: Account) -> str:
    """Say what a member is called; who is erased, or never said, has no name."""
    names = await names_of(visit.node, [account.account])
    return names.get(account.account) or visit.texts.say(_NAMELESS)


async def _note(visit: Visit, account: Account, form: Form, *, code: int = 200) -> web.Response:
    page = {"account": account, "called": await called(visit, account), "form": form}
    return visit.show("member_note.html", status=code, most=NOTE_MAX, **page)


async def _status(visit: Visit, account: Account, form: Form, *, code: int = 200) -> web.Response:
    named = {one.value: visit.texts.say(words) for one, words in STATUSES.items()}
    page = {"account": account, "called": await called(visit, account), "form": form}
    return visit.show("member_status.html", status=code, statuses=named, **page)


async def _limits(visit: Visit, account: Account, form: Form, *, code: int = 200) -> web.Response:
    settings = visit.node.machine.books.ledger.settings
    group = None if settings is None else settings.limits
    page = {"account": account, "called": await called(visit, account), "form": form}
    return visit.show("member_limits.html", status=code, group_limits=group, **page)
