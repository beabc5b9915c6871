"""The commands of the control socket about groups that are reached by mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from federation.members import partner_reversals, partners, words
from federation.members.partners import PartnerForm
from federation.members.thread_commands import Deed
from federation.node.control_shapes import ControlCommand
from federation.node.use_cases import account_by_code
from projections.ledger import code_key
from schemas.ids import Amount, Count

if TYPE_CHECKING:
    from federation.node.service import Node


class OnePartner(Deed, frozen=True, kw_only=True):
    """A group by the code of its account here."""

    code: str


class Reach(OnePartner, frozen=True, kw_only=True):
    """Reach a group by mail; one that has an account under this code keeps it."""

    group: str
    contact: str
    address: str
    language: str = ""
    lower_minor: Amount
    upper_minor: Amount


class Pause(OnePartner, frozen=True, kw_only=True):
    """No new trades for now, with a reason, or again."""

    resume: bool = False
    reason: str = ""


class AskIt(OnePartner, frozen=True, kw_only=True):
    """A member traded with somebody of the group."""

    amount_minor: Amount
    person: str
    gives: bool = False
    description: str = ""


class GiveBackIt(OnePartner, frozen=True, kw_only=True):
    """Give a confirmed trade back, by its place in the log."""

    original: Count
    description: str


def _account(node: Node, asked: OnePartner) -> int:
    return account_by_code(node, asked.code, field="partner").account


async def listed(node: Node, asked: Deed) -> Any:
    """Give every group that has an account here without a node."""
    return await partners.partners(node, asked.reader(node))


async def show(node: Node, asked: OnePartner) -> Any:
    """Give one of them, with its newest booked trades."""
    reader, account = asked.reader(node), _account(node, asked)
    found = await partners.details(node, reader, account)
    return {"partner": found, "booked": await partner_reversals.booked_with(node, reader, account)}


async def reach(node: Node, asked: Reach) -> Any:
    """Let a group be reached by mail."""
    known = node.machine.books.ledger.codes.get(code_key(asked.code))
    form = PartnerForm(
        group=asked.group,
        contact=asked.contact,
        address=words.mail_address(asked.address),
        language=asked.language,
        lower_minor=asked.lower_minor,
        upper_minor=asked.upper_minor,
        code=asked.code,
        account=known,
    )
    account = await partners.reach(node, asked.reader(node), form, key=asked.once())
    return await partners.details(node, asked.reader(node), account)


async def pause(node: Node, asked: Pause) -> Any:
    """Pause a group, or let it go on."""
    reader, account = asked.reader(node), _account(node, asked)
    await partners.pause(
        node, reader, account, paused=not asked.resume, reason=asked.reason, key=asked.once()
    )
    return await partners.details(node, reader, account)


async def ask(node: Node, asked: AskIt) -> Any:
    """Ask the contact of a group whether a trade is right."""
    return await partners.ask(
        node,
        asked.reader(node),
        _account(node, asked),
        asked.amount_minor,
        gives=asked.gives,
        person=asked.person,
        description=asked.description,
        key=asked.once(),
    )


async def reverse(node: Node, asked: GiveBackIt) -> Any:
    """Give a confirmed trade back, and have the contact told."""
    seq = await partner_reversals.reverse(
        node,
        asked.reader(node),
        _account(node, asked),
        asked.original,
        reason=asked.description,
        key=asked.once(),
    )
    return {"seq": seq}


COMMANDS: Final = {
    "partner.list": ControlCommand(Deed, listed),
    "partner.show": ControlCommand(OnePartner, show),
    "partner.reach": ControlCommand(Reach, reach),
    "partner.pause": ControlCommand(Pause, pause),
    "partner.ask": ControlCommand(AskIt, ask),
    "partner.reverse": ControlCommand(GiveBackIt, reverse),
}
