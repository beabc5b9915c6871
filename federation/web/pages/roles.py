"""Who does what for the group: giving a member a role and taking it, each with a page that asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.members import profiles, roles
from federation.members.role_words import ROLES
from federation.web.pages.member_page import PATH, account_of
from federation.web.routes import Audience, Pages
from schemas.errors import Code, InputError
from schemas.member_bodies import Role

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.forms import Form
    from federation.web.visit import Visit
    from projections.ledger import Account

ASKING = PATH + "/roles/{role}"

pages = Pages()


@pages.get("/group/roles", Audience.COORDINATORS)
async def show_roles(visit: Visit) -> web.Response:
    """List each role with what it lets do, and who has it."""
    held = {}
    for role in ROLES:
        found = [
            await profiles.person(visit.node, one) for one in roles.with_role(visit.node, role)
        ]
        held[role] = [one for one in found if one is not None]
    return visit.show("roles.html", roles=ROLES, held=held)


@pages.get(f"{PATH}/roles", Audience.COORDINATORS)
async def show_member_roles(visit: Visit) -> web.Response:
    """List the roles with what this member has of them."""
    account = account_of(visit)
    held = roles.roles_of(visit.node, account.account)
    return visit.show(
        "member_roles.html",
        account=account,
        person_of=await profiles.person(visit.node, account.account),
        roles=ROLES,
        held=held,
    )


@pages.get(ASKING, Audience.COORDINATORS)
async def ask_role(visit: Visit) -> web.Response:
    """Say what giving or taking this one does, and ask."""
    return await _asking(visit, account_of(visit), _role(visit), await visit.blank())


@pages.post(ASKING, Audience.COORDINATORS)
async def set_role(visit: Visit) -> web.Response:
    """Give it, or take it, as the page asked; what is so already stays so."""
    form, account, role = await visit.form(), account_of(visit), _role(visit)
    gives = form.choice("do", ("give", "take")) == "give"
    held = role in roles.roles_of(visit.node, account.account)
    if form.fine and held is not gives:
        change = roles.give_role if gives else roles.take_role
        async with visit.trying(form):
            key = form.command_key(visit.member)
            await change(visit.node, visit.reader, account.account, role, key=key)
    if not form.fine:
        return await _asking(visit, account, role, form, status=422)
    await visit.sent()
    return visit.go("/group/roles", notice="role-given" if gives else "role-taken")


def _role(visit: Visit) -> Role:
    try:
        return Role(visit.request.match_info["role"])
    except ValueError as error:
        raise InputError(Code.NOT_FOUND, field="role") from error


async def _asking(
    visit: Visit, account: Account, role: Role, form: Form, *, status: int = 200
) -> web.Response:
    return visit.show(
        "role_really.html",
        status=status,
        account=account,
        person_of=await profiles.person(visit.node, account.account),
        role=role,
        words=ROLES[role],
        gives=role not in roles.roles_of(visit.node, account.account),
        own=account.account == visit.reader.account,
        form=form,
    )
