"""Groups that are reached by mail: who they are, what is open with them, and what may be asked.

Members see names, pauses and whether a trade fits; contacts, balances and what groups said of
statements are for coordinators. What a contact does comes from `federation.mail.partner_links`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from federation.group import partner_commands
from federation.group.agreeing import DeclineAsked
from federation.group.partners import ask_refused
from federation.members.acting import actor, derived_key, needed, said
from federation.members.collective import require
from federation.members.people import names_of
from federation.members.submitting import actor_of
from federation.members.thread_messages import group_texts, open_texts
from federation.members.trade_reading import read_trade
from federation.migrate.accounts import OLD_PARTNER_NAME
from federation.node.service import now_s
from federation.node.statements import texts_of
from projections import tables_agreeing
from projections.agreeing import RequestPhase
from projections.ledger import code_key
from projections.room import room_to_give, room_to_take
from schemas.bodies import AccountKind
from schemas.errors import Code, InputError, RefusedError
from schemas.openings import DESCRIPTION_LENGTH_MAX, PersonText
from schemas.proposals import NAME_LENGTH_MAX

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.members.trade_views import ShownTrade
    from federation.node.service import Node
    from projections.agreeing import Request
    from projections.partners import MonthAnswer, Partner
    from schemas.errors import Refusal

REASON_LENGTH_MAX: Final = 500


class OpenTrade(msgspec.Struct, frozen=True, kw_only=True):
    """A trade that waits for the contact of a group."""

    request: str
    member: int
    member_name: str
    gives: bool
    """The member gives the units: somebody of the group helped it."""
    amount_minor: int
    description: str
    person: str
    at_s: int
    expires_at_s: int


class ShownPartner(msgspec.Struct, frozen=True, kw_only=True):
    """A group without a node, as members see it."""

    account: int
    code: str
    name: str
    by_mail: bool
    """It has a contact; else it is an account that came along, and nothing can be booked."""
    paused: bool = False
    reason: str = ""


class PartnerDetails(ShownPartner, frozen=True, kw_only=True):
    """The same, as coordinators see it."""

    balance_minor: int
    lower_minor: int | None
    upper_minor: int | None
    held_in_minor: int
    """Set apart of what it may still receive."""
    held_out_minor: int
    """Set apart of what it may still give."""
    contact: str = ""
    address: str = ""
    language: str = ""
    open: tuple[OpenTrade, ...] = ()
    answers: tuple[MonthAnswer, ...] = ()
    """What it said of statements, the newest month first."""
    reasons: dict[int, str] = {}
    """Why it did not agree, by the place of the answer."""


class PartnerForm(msgspec.Struct, frozen=True, kw_only=True):
    """What a coordinator says of a group that is to be reached by mail."""

    group: str
    contact: str
    address: str
    language: str
    lower_minor: int
    upper_minor: int
    code: str = ""
    account: int | None = None


async def choices(node: Node, reader: Reader) -> list[ShownPartner]:
    """Give the groups with which a member can trade by mail, by name.

    Raises:
        RefusedError: `forbidden` for who is not a member here.

    """
    actor(reader)
    found = await _shown(node, list(node.machine.books.agreeing.partners.values()))
    active = node.machine.books.ledger.accounts
    usable = [one for one in found if active[one.account].status.books()]
    return sorted(usable, key=lambda one: one.name.casefold())


async def partners(node: Node, reader: Reader) -> list[PartnerDetails]:
    """Give every group that has an account here without a node, those with a contact first.

    Raises:
        RefusedError: `forbidden` for who is no coordinator.

    """
    require(reader)
    accounts = node.machine.books.ledger.accounts.values()
    found = [a.account for a in accounts if a.kind is AccountKind.OLD_PARTNER]
    every = [await details(node, reader, account) for account in found]
    return sorted(every, key=lambda one: (not one.by_mail, one.name.casefold()))


async def details(node: Node, reader: Reader, account: int) -> PartnerDetails:
    """Give one of them, with everything that a coordinator needs.

    Raises:
        InputError: `not_found`.
        RefusedError: `forbidden` for who is no coordinator.

    """
    require(reader)
    return await of_account(node, account)


async def of_account(node: Node, account: int) -> PartnerDetails:
    """Give the same to whoever runs the node: mails and statements are written from it.

    Raises:
        InputError: `not_found`.

    """
    books = node.machine.books
    found, partner = books.ledger.accounts.get(account), books.agreeing.partners.get(account)
    if found is None or found.kind is not AccountKind.OLD_PARTNER:
        raise InputError(Code.NOT_FOUND, field="partner")
    contact = PersonText(name="", address="")
    if partner is not None:
        contact = await _contact(node, partner)
    answers = () if partner is None else partner.answers[::-1]
    reasons = await group_texts(node, [one.seq for one in answers])
    shown = msgspec.structs.asdict(await _shown_account(node, account, partner))
    return PartnerDetails(
        **shown,
        balance_minor=books.ledger.balance(account),
        lower_minor=None if found.unlimited else found.lower_minor,
        upper_minor=None if found.unlimited else found.upper_minor,
        held_in_minor=books.ledger.held_upper.get(account) or 0,
        held_out_minor=books.ledger.held_lower.get(account) or 0,
        contact=contact.name,
        address=contact.address,
        language=contact.language,
        open=tuple(await open_with(node, account)),
        answers=answers,
        reasons={seq: text.text for seq, text in reasons.items()},
    )


async def _contact(node: Node, partner: Partner) -> PersonText:
    texts = await texts_of(node, [partner.reached_seq])
    own = texts.get((partner.reached_seq, partner.subject), [])
    said_ = [text for text in own if isinstance(text, PersonText)]
    return said_[0] if said_ else PersonText(name="", address="")


async def _shown(node: Node, found: list[Partner]) -> list[ShownPartner]:
    return [await _shown_account(node, one.account, one) for one in found]


async def _shown_account(node: Node, account: int, partner: Partner | None) -> ShownPartner:
    code = node.machine.books.ledger.accounts[account].code
    name = (await names_of(node, [account])).get(account, "")
    seq = None if partner is None else partner.paused_seq
    reasons = await group_texts(node, [seq]) if seq is not None else {}
    return ShownPartner(
        account=account,
        code=code,
        name=name.removeprefix(OLD_PARTNER_NAME.format(group="")) or code,
        by_mail=partner is not None,
        paused=seq is not None,
        reason="" if seq is None else getattr(reasons.get(seq), "text", ""),
    )


async def open_with(node: Node, account: int) -> list[OpenTrade]:
    """Give what waits for the contact of a group, the oldest first; not what it is for.

    That is between the member and the contact.
    """
    requests = [
        request
        for request in node.machine.books.agreeing.requests.values()
        if request.confirms == account and request.phase is RequestPhase.OPEN
    ]
    found = [await open_trade(node, one) for one in sorted(requests, key=lambda r: r.at_s)]
    return [msgspec.structs.replace(one, description="") for one in found]


async def open_trade(node: Node, request: Request) -> OpenTrade:
    """Give a trade with a group as its contact needs it."""
    gives = request.payee == request.confirms
    member = request.payer if gives else request.payee
    names = await names_of(node, [member])
    text = (await open_texts(node, member, [request.first_seq])).get(request.first_seq)
    return OpenTrade(
        request=request.request,
        member=member,
        member_name=names.get(member, ""),
        gives=gives,
        amount_minor=request.amount_minor,
        description=getattr(text, "description", ""),
        person=getattr(text, "payee_real" if gives else "payer_real", ""),
        at_s=request.at_s,
        expires_at_s=request.expires_at_s,
    )


def refused_now(
    node: Node, reader: Reader, partner: int, amount_minor: int, *, gives: bool
) -> Refusal | None:
    """Say whether a trade could be asked for now, before it is."""
    member = actor(reader).account
    books = node.machine.books
    return ask_refused(books, member, partner, amount_minor, gives=gives, now_s=now_s())


def room_with(node: Node, reader: Reader, partner: int, *, gives: bool) -> int | None:
    """Give how much could be asked for at most, by the limits of both; `None` for no limit."""
    ledger, member = node.machine.books.ledger, actor(reader).account
    payer, payee = (member, partner) if gives else (partner, member)
    rooms = (
        room_to_give(ledger, ledger.accounts[payer], now_s=now_s()),
        room_to_take(ledger, ledger.accounts[payee], now_s=now_s()),
    )
    known = [room for room in rooms if room is not None]
    return min(known) if known else None


async def ask(
    node: Node,
    reader: Reader,
    partner: int,
    amount_minor: int,
    *,
    gives: bool,
    person: str,
    description: str,
    key: str,
) -> ShownTrade:
    """Ask the contact of a group whether a trade is right; its units stand apart until then.

    Raises:
        InputError: `text_missing`, `malformed`, `too_large`.
        RefusedError: the refusals of `federation.group.partners.ask_refused`, `conflict`.

    """
    who = actor(reader)
    command = partner_commands.AskPartner(
        key=key,
        member=who.account,
        partner=partner,
        gives=gives,
        amount_minor=amount_minor,
        description=said(description, field="description", length_max=DESCRIPTION_LENGTH_MAX),
        person=needed(person, field="person", length_max=NAME_LENGTH_MAX),
        entered_by=who.entered_by,
    )
    await node.do(command)
    return await read_trade(node, reader, key)


async def reach(node: Node, reader: Reader, form: PartnerForm, *, key: str) -> int:
    """Let a group be reached by mail, or at another contact; gives its account.

    Raises:
        InputError: `text_missing`, `malformed`, `too_large`.
        RefusedError: the refusals of `federation.group.partners.reach`, `conflict`.

    """
    contact = PersonText(
        name=needed(form.contact, field="contact", length_max=NAME_LENGTH_MAX),
        address=form.address,
        language=form.language,
    )
    command = partner_commands.ReachPartner(
        key=key,
        actor=actor_of(reader),
        group=needed(form.group, field="group", length_max=NAME_LENGTH_MAX),
        contact=contact,
        subject=await _subject(node, form.account, contact, key),
        lower_minor=form.lower_minor,
        upper_minor=form.upper_minor,
        account=form.account,
        code=form.code,
    )
    answer: Any = await node.do(command)
    if answer.replayed and form.account is None:
        return node.machine.books.ledger.codes[code_key(form.code)]
    return int(answer.value) if form.account is None else form.account


async def _subject(node: Node, account: int | None, contact: PersonText, key: str) -> str:
    """Give whose data key seals a contact: its own of before, while it is the same one."""
    partner = None if account is None else node.machine.books.agreeing.partners.get(account)
    if partner is not None:
        known = await _contact(node, partner)
        if (known.name, known.address) == (contact.name, contact.address):
            return partner.subject
    return derived_key("partner contact", key)


async def pause(
    node: Node, reader: Reader, account: int, *, paused: bool, reason: str, key: str
) -> None:
    """Admit no new trades with a group for now, or again.

    Raises:
        InputError: `malformed`, `too_large`.
        RefusedError: the refusals of `federation.group.partners.pause`, `conflict`.

    """
    text = said(reason, field="reason", length_max=REASON_LENGTH_MAX)
    await node.do(partner_commands.PausePartner(key, actor_of(reader), account, paused, text))


async def request_of(node: Node, account: int, name: str) -> Request:
    """Give a trade that a group is asked to confirm, whatever became of it.

    Raises:
        RefusedError: `not_found`, also for another group.

    """
    async with node.pool.acquire() as connection:
        found = await tables_agreeing.read_requests(connection, [name])
    if not found or found[0].confirms != account:
        raise RefusedError(Code.NOT_FOUND, field="link")
    return found[0]


async def confirm(node: Node, account: int, name: str, *, expected_minor: int) -> None:
    """Book a trade as the contact of a group; once more is the same.

    Raises:
        RefusedError: the refusals of `federation.group.partners.confirm`.

    """
    request = await request_of(node, account, name)
    shown = await open_trade(node, request)
    key = derived_key("partner confirms", name)
    await node.do(
        partner_commands.ConfirmTrade(
            key, name, account, expected_minor, shown.description, shown.person
        )
    )


async def refuse(node: Node, account: int, name: str, reason: str) -> None:
    """Refuse a trade as the contact of a group, with the reason; once more is the same.

    Raises:
        InputError: `text_missing`, `malformed`, `too_large`.
        RefusedError: `not_found`, `already_decided` when it was confirmed.

    """
    await request_of(node, account, name)
    text = needed(reason, field="reason", length_max=REASON_LENGTH_MAX)
    await node.do(DeclineAsked(name, account, text))
