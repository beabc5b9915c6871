"""What a booking is to be, as the address or the form says it: whom, about what, how much.

Each screen hands on what the ones before it found out, so that back, reload and a second tab show
the same again; the form's key travels with it, so what is sent twice is booked once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.members import counterparts, occasions
from federation.members.booked_lately import Intended
from federation.members.giving import Seen, quoted
from federation.web import booked_lately, refusals
from federation.web.forms import Form, Said
from federation.web.units import unit_of
from federation.words.amounts import amount, number
from federation.words.texts import later
from schemas.errors import InputError, RefusedError
from schemas.openings import DESCRIPTION_LENGTH_MAX

if TYPE_CHECKING:
    from aiohttp import web

    from federation.members.occasions import Occasion
    from federation.members.people import Party
    from federation.members.trades import ShownQuote
    from federation.web.booked_lately import ShownLately
    from federation.web.visit import Visit
    from schemas.amounts import Unit

WHOM: Final = ("to", "node", "person", "code")
ABOUT: Final = ("post", "offer")
TYPED: Final = ("amount", "description")
KEPT: Final = "kept"
"""In the address when what was typed for somebody who is gone is to stand there for another.

Words stay out of the address: they are kept as what was typed on this page and not sent.
"""
NEVER_ASKED: Final = "q"
"""In the address when somebody looks for a person: nothing kept is brought back then."""
_CHANGED: Final = later("Het is nu %(own)s. Nog goed?")
_CHANGED_THERE: Final = later("Bij de ander is het nu %(other)s. Nog goed?")


class Wanted(NamedTuple):
    """What was found out so far."""

    other: Party | None = None
    occasion: Occasion | None = None
    unit: Unit | None = None
    """The other side's."""
    quote: ShownQuote | None = None
    refusal: Said | None = None
    """Why it could not be booked now."""


async def asked(visit: Visit) -> Form:
    """Read the address; without a word of whom, what was typed here and could not be sent."""
    form = Form.posted((n, v) for n, v in visit.request.query.items() if n != "done")
    if form.flag(KEPT):
        typed = (await visit.blank()).values
        form.values = {n: typed[n] for n in TYPED if n in typed} | form.values
        return form
    if any(form.value(name) for name in (*WHOM, *ABOUT)) or NEVER_ASKED in form.values:
        return form
    form = await visit.blank()
    named = any(form.value(name) for name in (*WHOM, *ABOUT))
    if not named and any(form.value(name) for name in TYPED):
        form.values[KEPT] = "yes"
    return form


async def keep(visit: Visit, form: Form, path: str = "") -> None:
    """Keep how much and what for, whoever it is for in the end."""
    await visit.keep(path, **{name: form.value(name) for name in TYPED})
    form.values[KEPT] = "yes"


async def elsewhere(visit: Visit, form: Form, path: str) -> web.Response:
    """Let somebody else be chosen, on the screen at `path`, with the words that stood here."""
    await keep(visit, form, path)
    return visit.go(path, **{NEVER_ASKED: "", KEPT: "yes"})


async def read(visit: Visit, form: Form, *, gives: bool) -> Wanted:
    """Find out whom and what a form is about, and what would be booked; what is wrong is noted."""
    group = visit.node.peers.get(form.value("node"))
    async with refusals.trying(visit, form, group="" if group is None else group.name):
        occasion = await _occasion(visit, form)
        other = await _whom(visit, form) if occasion is None else occasion.other
        if other is None:
            return Wanted()
        unit = await unit_of(visit, other)
        if occasion is not None and not form.value("amount") and occasion.own_minor is not None:
            decimals = visit.unit.rate.decimals
            form.values["suggested"] = number(occasion.own_minor, decimals, visit.language)
        return _numbers(visit, form, Wanted(other, occasion, unit), gives=gives)
    return Wanted()


async def _occasion(visit: Visit, form: Form) -> Occasion | None:
    """Give the offer or want; one that is gone meanwhile stands in nobody's way."""
    node, offer, post = form.value("node"), form.value("offer"), form.number("post")
    try:
        if offer:
            return await occasions.elsewhere(
                visit.node, visit.reader, node, offer, now_s=visit.now_s
            )
        if post is not None:
            return await occasions.here(visit.node, visit.reader, post, now_s=visit.now_s)
    except (InputError, RefusedError):
        if not any(form.value(name) for name in ("to", "person", "code")):
            raise
    return None


async def _whom(visit: Visit, form: Form) -> Party | None:
    node, person, code = form.value("node"), form.value("person"), form.value("code").strip()
    own = form.value("to").strip()
    if not (own or (node and (person or code))):
        return None
    return await counterparts.party_of(
        visit.node, visit.reader, code=code if node else own, group=node, person=person
    )


def _numbers(visit: Visit, form: Form, wanted: Wanted, *, gives: bool) -> Wanted:
    """Add what would be booked, once there is an amount."""
    if not form.value("amount").strip() or wanted.other is None:
        return wanted
    own_minor = form.amount("amount", visit.unit.rate.decimals)
    if not own_minor:
        return wanted
    try:
        quote = quoted(visit.node, visit.reader, wanted.other, own_minor, gives=gives)
    except (InputError, RefusedError) as error:
        refusals.note(visit, form, error, field="amount", group=wanted.other.group)
        return wanted
    refusal = refusals.of_refusal(visit, quote.refusal, group=wanted.other.group)
    if quote.refusal is not None and quote.refusal.code in refusals.GONE:
        form.gone = True
    return wanted._replace(quote=quote, refusal=refusal)


def seen(form: Form) -> Seen:
    """Give the numbers that stood on the page."""
    return Seen(form.number("own") or 0, form.number("theirs") or 0)


def description(form: Form) -> str:
    """Read what it was for."""
    return form.text("description", most=DESCRIPTION_LENGTH_MAX)


async def lately(visit: Visit, form: Form, wanted: Wanted, *, gives: bool) -> ShownLately | None:
    """Give what this may be again, with the words that stand in the form now."""
    if wanted.other is None or wanted.quote is None:
        return None
    intended = Intended(gives, wanted.other, wanted.quote.own_minor, description(form))
    return await booked_lately.look(visit, form, intended, books=gives)


def changed(visit: Visit, form: Form, wanted: Wanted) -> Said | None:
    """Say how the numbers have changed since the page was made; nothing when they have not."""
    quote, before = wanted.quote, seen(form)
    if quote is None or wanted.unit is None or (quote.own_minor, quote.other_minor) == before:
        return None
    if quote.own_minor != before.own_minor:
        return Said(_CHANGED, {"own": amount(quote.own_minor, visit.unit, visit.language)})
    return Said(_CHANGED_THERE, {"other": amount(quote.other_minor, wanted.unit, visit.language)})


def handed_on(wanted: Wanted, form: Form | None = None) -> dict[str, str]:
    """Give the fields that name the person and the post, for the next screen.

    With a form also that what was typed before goes along.
    """
    other, occasion = wanted.other, wanted.occasion
    assert other is not None
    fields = {"to": other.code} if not other.node else {"node": other.node}
    if other.node:
        fields |= {"code": other.code} if other.code else {"person": other.pseudonym}
    if occasion is not None:
        fields |= {"offer" if other.node else "post": occasion.post}
    if form is not None and form.flag(KEPT):
        fields[KEPT] = "yes"
    return fields
