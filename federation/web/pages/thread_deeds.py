"""What somebody does on the page of a thread, read from its form and handed to one use case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.members import threads
from federation.members.threads import ProposalForm
from federation.words.texts import later
from schemas.openings import NOTE_LENGTH_MAX
from schemas.proposals import PricedBy, Reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from federation.web.forms import Form
    from federation.web.visit import Visit

NEITHER = later("Schrijf wat je anders wilt, of vul een ander aantal in.")


async def answer_yes(visit: Visit, name: str, form: Form) -> None:
    """Say yes to what stood there."""
    to = form.value("standing")
    await threads.answer(visit.node, visit.reader, name, Reply.YES, to=to)


async def answer_no(visit: Visit, name: str, form: Form) -> None:
    """Say kindly no, with a word or without."""
    text = form.text("text", most=NOTE_LENGTH_MAX, lines=True)
    if form.fine:
        to = form.value("standing")
        await threads.answer(visit.node, visit.reader, name, Reply.RATHER_NOT, to=to, text=text)


async def answer_but(visit: Visit, name: str, form: Form) -> None:
    """Say yes, but: another number is a proposal, words alone are an answer."""
    typed = form.value("amount").strip()
    if typed and typed != form.value("before"):
        await propose(visit, name, form)
        return
    text = form.text("text", most=NOTE_LENGTH_MAX, lines=True)
    if not text:
        form.fail("text", NEITHER)
    if form.fine:
        to = form.value("standing")
        await threads.answer(visit.node, visit.reader, name, Reply.YES_BUT, to=to, text=text)


async def propose(visit: Visit, name: str, form: Form) -> None:
    """Propose a number."""
    wanted = proposal(visit, form)
    text = form.text("text", most=NOTE_LENGTH_MAX, lines=True)
    if form.fine:
        await threads.propose(
            visit.node,
            visit.reader,
            name,
            wanted,
            key=form.command_key(visit.member),
            text=text,
            instead_of=form.value("standing"),
        )


async def say(visit: Visit, name: str, form: Form) -> None:
    """Write a word."""
    text = form.text("text", most=NOTE_LENGTH_MAX, lines=True, required=True)
    if form.fine:
        key = form.command_key(visit.member)
        await threads.write(visit.node, visit.reader, name, text, key=key)


def proposal(visit: Visit, form: Form) -> ProposalForm:
    """Read a proposal in the reader's own unit."""
    gives = form.value("gives") != "no"
    return ProposalForm(
        gives=gives,
        amount_minor=form.amount("amount", visit.unit.rate.decimals),
        fixed=PricedBy.PAYER if gives else PricedBy.PAYEE,
        day=form.value("day"),
    )


DEEDS: dict[str, Callable[[Visit, str, Form], Awaitable[None]]] = {
    "yes": answer_yes,
    "no": answer_no,
    "but": answer_but,
    "propose": propose,
    "say": say,
}
