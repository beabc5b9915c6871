"""A thread as its page shows it: words, what was proposed in both units, and what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.members import agreed, occasions, profiles
from federation.members.people import names_of
from federation.web.units import unit_of
from federation.words.amounts import number
from projections.threads import ThreadState
from schemas.openings import NOTE_LENGTH_MAX

if TYPE_CHECKING:
    from aiohttp import web

    from federation.members.people import Party
    from federation.members.thread_views import ShownProposal, ShownThread
    from federation.web.forms import Form
    from federation.web.visit import Visit


async def show(
    visit: Visit, thread: ShownThread, form: Form | None = None, *, status: int = 200
) -> web.Response:
    """Answer with the page of a thread."""
    about = await occasions.about(visit.node, visit.reader, thread, now_s=visit.now_s)
    form = form or await visit.blank()
    both = {
        message.proposal.id: agreed.both_sides(visit.node, message.proposal, thread.other.node)
        for message in thread.messages
        if message.proposal is not None
    }
    own = None if thread.standing is None else both.get(thread.standing.id, (None, None))[0]
    if own is not None:
        form.values.setdefault("amount", number(own, visit.unit.rate.decimals, visit.language))
    away = is_away(visit, thread.other)
    deeds = deeds_now(thread, away=away)
    return visit.show(
        "thread.html",
        status=status,
        form=form,
        thread=thread,
        about=about,
        both=both,
        helpers=await _helpers(visit, thread),
        their_unit=await unit_of(visit, thread.other),
        gives=direction(thread, about),
        contacts=await _contacts(visit, thread),
        away=away,
        deeds=deeds,
        stray=bool(form.errors) and (form.value("do") or "say") not in deeds,
        text_max=NOTE_LENGTH_MAX,
    )


def direction(thread: ShownThread, about: occasions.About | None) -> bool | None:
    """Tell whether the reader gives the units; nothing when only the two can know.

    As proposed before; else who takes up an offer gives, and who takes up a want is given.
    """
    proposed: list[ShownProposal] = [m.proposal for m in thread.messages if m.proposal is not None]
    if proposed:
        return proposed[-1].gives
    if about is None or not about.title:
        return None
    return about.want is not thread.own_start


async def _helpers(visit: Visit, thread: ShownThread) -> dict[int, str]:
    """Give the names of those who wrote in somebody's name."""
    accounts = {m.entered_by for m in thread.messages if m.entered_by is not None}
    return await names_of(visit.node, accounts) if accounts else {}


async def _contacts(visit: Visit, thread: ShownThread) -> list[Any]:
    """Give how to reach the other, once the two have answered each other."""
    if not thread.released:
        return []
    if thread.line or thread.other.account is None:
        return list(thread.contacts)
    return list((await profiles.profile(visit.node, thread.other.account, visit.reader)).contacts)


def deeds_now(thread: ShownThread, *, away: bool) -> frozenset[str]:
    """Give what has a form on the page now; what was typed for another one moves into these."""
    if thread.blocked or away:
        return frozenset()
    if thread.can_answer:
        return frozenset({"say", "yes", "no", "but"})
    if thread.state is ThreadState.BOOKED or thread.trade:
        return frozenset({"say"})
    return frozenset({"say", "propose"})


def is_away(visit: Visit, other: Party) -> bool:
    """Tell whether the other is no longer active in the group."""
    if other.account is None:
        return False
    account = visit.node.machine.books.ledger.accounts[other.account]
    return not account.status.books()
