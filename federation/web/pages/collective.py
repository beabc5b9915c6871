"""Booking for many at once: who and how much, then exactly each row, booked, and given back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from federation.group.collective import SHARES_MAX, Beyond
from federation.group.collective_recipes import Basis, Whom
from federation.members import collective
from federation.members.collective import Recipe
from federation.web.member_lines import read_members
from federation.web.routes import Audience, Pages
from federation.words.texts import later
from projections.ledger import code_key
from schemas.bodies import AccountKind
from schemas.errors import RefusedError
from schemas.openings import DESCRIPTION_LENGTH_MAX

if TYPE_CHECKING:
    from aiohttp import web

    from federation.members.collective import ShownPlan
    from federation.web.forms import Form
    from federation.web.visit import Visit

WHOM: Final = {
    Whom.ALL: later("Iedereen in de groep"),
    Whom.SETTLED: later("Leden, zonder nieuwkomers en vertrekkers"),
    Whom.NEWCOMERS: later("Enkel nieuwkomers"),
    Whom.LEAVERS: later("Enkel vertrekkers"),
}
BASES: Final = {
    Basis.EACH: later("Voor ieder evenveel: zoveel elk"),
    Basis.EQUAL: later("Samen zoveel, in gelijke delen"),
    Basis.BALANCE: later("Samen zoveel, naar wie boven nul staat"),
    Basis.GIVEN: later("Samen zoveel, naar de hulp die ieder al gaf"),
}
BEYOND: Final = {
    Beyond.SKIP: later("Sla dat lid over"),
    Beyond.LOWER: later("Boek wat nog kan"),
}
NOBODY: Final = later("Zo komt er niemand in aanmerking. Kies anders.")
_SHARES: Final = re.compile(r"(?:[0-9]{1,9}:[0-9]{1,16} ?)+")
_SENT: Final = ("side", "basis", "whom", "beyond", "amount", "members", "description")

pages = Pages()


@pages.get("/group/collective", Audience.TREASURERS)
async def ask(visit: Visit) -> web.Response:
    """Ask who takes part and for how much; below, what was booked so before."""
    named = {"members": named} if (named := visit.query("members")) else {}
    known = {"side": "members", "basis": Basis.EACH, "whom": Whom.ALL, "beyond": Beyond.SKIP}
    form = await visit.blank(**known, **named)
    return await _form(visit, form)


@pages.post("/group/collective", Audience.TREASURERS)
async def show_rows(visit: Visit) -> web.Response:
    """Show each row as it would be booked, or why it cannot be."""
    form = await visit.form()
    recipe = _recipe(visit, form)
    if recipe is None:
        return await _form(visit, form, status=422)
    planned = await collective.plan(visit.node, visit.reader, recipe)
    if not planned.shares:
        form.fail("", NOBODY)
        return await _form(visit, form, status=422, plan=planned)
    if planned.refusal is not None:
        form.fail("", "%(said)s", said=visit.explain(RefusedError.of(planned.refusal)))
        return await _form(visit, form, status=422, plan=planned)
    return visit.show(
        "collective_confirm.html",
        form=form,
        plan=planned,
        sent={name: form.value(name) for name in _SENT},
        shares=" ".join(f"{account}:{amount}" for account, amount in planned.shares),
        explain=lambda refusal: visit.explain(RefusedError.of(refusal)),
    )


@pages.post("/group/collective/confirm", Audience.TREASURERS)
async def book(visit: Visit) -> web.Response:
    """Book what was shown, once."""
    form = await visit.form()
    text = form.text("description", most=DESCRIPTION_LENGTH_MAX, required=True)
    one = collective.group_account(visit.node, visit.reader)
    made = None
    async with visit.trying(form):
        made = await collective.book(
            visit.node,
            visit.reader,
            one=one,
            gives=form.value("side") == "group",
            shares=_shares(form),
            description=text,
            key=form.command_key(visit.member),
        )
    if not form.fine or made is None:
        return await _form(visit, form, status=422)
    return visit.go(f"/group/collective/{made.seq}", notice="collective")


@pages.get("/group/collective/{seq}", Audience.TREASURERS)
async def show_one(visit: Visit) -> web.Response:
    """Show one booking with every part of it."""
    return await _one(visit, await visit.blank())


@pages.post("/group/collective/{seq}", Audience.TREASURERS)
async def give_back(visit: Visit) -> web.Response:
    """Give all of it back, once."""
    form = await visit.form()
    text = form.text("description", most=DESCRIPTION_LENGTH_MAX, required=True)
    made = None
    if form.fine:
        async with visit.trying(form):
            made = await collective.give_back(
                visit.node,
                visit.reader,
                visit.part("seq"),
                key=form.command_key(visit.member),
                description=text,
            )
    if not form.fine or made is None:
        return await _one(visit, form, status=422)
    return visit.go(f"/group/collective/{made.seq}", notice="collective-back")


async def _one(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    found = await collective.show(visit.node, visit.reader, visit.part("seq"))
    return visit.show("collective_one.html", status=status, form=form, found=found)


async def _form(
    visit: Visit, form: Form, *, status: int = 200, plan: ShownPlan | None = None
) -> web.Response:
    return visit.show(
        "collective.html",
        status=status,
        form=form,
        plan=plan,
        whom={one: visit.texts.say(words) for one, words in WHOM.items()},
        bases={one: visit.texts.say(words) for one, words in BASES.items()},
        beyond={one: visit.texts.say(words) for one, words in BEYOND.items()},
        made=await collective.made(visit.node, visit.reader),
        explain=lambda refusal: visit.explain(RefusedError.of(refusal)),
    )


def _recipe(visit: Visit, form: Form) -> Recipe | None:
    """Read what is to be booked; nothing when something is wrong with it."""
    one = collective.group_account(visit.node, visit.reader)
    accounts, decimals = visit.node.machine.books.ledger.accounts, visit.unit.rate.decimals
    members = {
        code_key(account.code): account.account
        for account in accounts.values()
        if account.kind is AccountKind.MEMBER
    }
    named = read_members(form, "members", members, decimals)
    all_own = bool(named) and all(amount is not None for _, amount in named)
    side = form.choice("side", ("members", "group"))
    basis = form.choice("basis", Basis)
    whom, beyond = form.choice("whom", Whom), form.choice("beyond", Beyond)
    amount = 0 if all_own and not form.value("amount") else form.amount("amount", decimals)
    form.text("description", most=DESCRIPTION_LENGTH_MAX, required=True)
    if not form.fine:
        return None
    return Recipe(
        one=one,
        gives=side == "group",
        basis=Basis(basis),
        amount_minor=amount,
        whom=Whom(whom),
        named=named,
        beyond=Beyond(beyond),
    )


def _shares(form: Form) -> tuple[tuple[int, int], ...]:
    """Read the parts as the page wrote them; what somebody changed in them is refused by rule."""
    said = form.value("shares")
    if not _SHARES.fullmatch(said):
        return ()
    pairs = [part.split(":") for part in said.split()[: SHARES_MAX + 1]]
    return tuple((int(account), int(amount)) for account, amount in pairs)
