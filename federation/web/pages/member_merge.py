"""Members who stand in the list twice: who may be, what merging comes to, and doing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.group.doubles import Why
from federation.members import merging
from federation.node.use_cases import account_by_code
from federation.web.pages.member_page import PATH, account_of, called, member_path
from federation.web.routes import Audience, Pages
from federation.words.texts import later
from schemas.errors import Code, InputError, RefusedError

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.forms import Form
    from federation.web.visit import Visit
    from projections.ledger import Account

COORDINATORS: Final = Audience.COORDINATORS
CODE_MAX: Final = 40
WHY: Final = {
    Why.MAIL: later("hetzelfde mailadres"),
    Why.PHONE: later("dezelfde telefoon"),
    Why.NAME: later("dezelfde naam en postcode"),
}
DESCRIPTION: Final = later("Samengevoegd: %(one)s gaat verder als %(other)s.")

pages = Pages()


@pages.get("/group/doubles", COORDINATORS)
async def show_doubles(visit: Visit) -> web.Response:
    """Show who may be one person twice."""
    found = await merging.doubles(visit.node, visit.reader)
    return visit.show("member_doubles.html", found=found, why=WHY)


@pages.get(f"{PATH}/merge", COORDINATORS)
async def ask(visit: Visit) -> web.Response:
    """Ask with whom, and show what it would come to."""
    account, into = account_of(visit), visit.query("into")[:CODE_MAX]
    form = await visit.blank(**({"into": into} if into else {}))
    other = _other(visit, form) if into else None
    return await _show(visit, form, account, other, status=200 if form.fine else 422)


@pages.post(f"{PATH}/merge", COORDINATORS)
async def merge(visit: Visit) -> web.Response:
    """Make one of the two that were shown."""
    form, account = await visit.form(), account_of(visit)
    into = _other(visit, form)
    if into is None or not form.flag("sure"):
        return await _show(visit, form, account, into, status=200 if form.fine else 422)
    described = visit.texts.say(DESCRIPTION, one=account.code, other=into.code)
    try:
        await merging.merge(
            visit.node,
            visit.reader,
            account.account,
            into.account,
            key=form.command_key(visit.member),
            description=described,
        )
    except RefusedError as error:
        if error.code is not Code.ALREADY_SO:  # else a second press: it is done
            form.fail("", "%(said)s", said=visit.explain(error))
            form.again()
            return await _show(visit, form, account, into, status=422)
    await visit.sent()
    return visit.go(member_path(into.code), notice="merged")


def _other(visit: Visit, form: Form) -> Account | None:
    said = form.text("into", most=CODE_MAX, required=True)
    if not form.fine:
        return None
    try:
        return account_by_code(visit.node, said, field="into")
    except InputError as error:
        form.fail("into", "%(said)s", said=visit.explain(error))
        return None


async def _show(
    visit: Visit, form: Form, account: Account, into: Account | None, *, status: int = 200
) -> web.Response:
    found = None
    if into is not None:
        try:
            found = await merging.preview(visit.node, visit.reader, account.account, into.account)
        except RefusedError as error:
            form.fail("into", "%(said)s", said=visit.explain(error))
            status = 422
    refusal = None if found is None or found.refusal is None else RefusedError.of(found.refusal)
    return visit.show(
        "member_merge.html",
        status=status,
        form=form,
        account=account,
        called=await called(visit, account),
        found=found,
        refused="" if refusal is None else visit.explain(refusal),
        phones={"tel", "gsm"},
    )
