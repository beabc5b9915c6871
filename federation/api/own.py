"""Operations about what is a member's own: mails, devices, thanks, who looked, its data, its end.

They are about the member of the token and nobody else, not even one whom it helps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

from federation.api import own_shapes as shapes
from federation.api.access import reader_for
from federation.api.members import so
from federation.api.operation import MEMBER, ZIP, Call, KeyUse, Operation
from federation.api.shapes import Empty
from federation.mail import bounces, choices, digest_choices
from federation.mail.choices import Habit
from federation.mail.digest import Block
from federation.mail.digest_choices import Wish
from federation.mail.kinds import choosable
from federation.mail.quiet import NIGHTS, Night
from federation.members import erasing as erasing_use_cases
from federation.members.data_zip import Packing, data_of
from federation.members.devices import devices_of, end_device
from federation.members.profiles import person
from federation.members.roles import roles_of
from federation.node.looked import EVERYBODY, looks_about
from federation.node.retention import looked_days
from federation.node.service import now_s
from federation.node.use_cases import new_key
from federation.public import web_thanks
from federation.words.texts import texts
from schemas.errors import Code, InputError
from schemas.member_bodies import Role

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from federation.mail.kinds import MailKind

MEMBER_ITSELF: Final = 0
"""A token speaks for the member, not for others of its household."""


class Holder(NamedTuple):
    """Who asks with a token, as somebody with devices."""

    account: int
    person: int = MEMBER_ITSELF
    session: int = 0


async def mail(call: Call, _: None) -> shapes.Mail:
    """Tell which mails the member of the token gets."""
    pool, account = call.node.pool, _account(call)
    kinds, address = _kinds(call, account), await _address(call, account)
    unwanted = await choices.unwanted(pool, account, MEMBER_ITSELF)
    habit = await choices.habit(pool, account, MEMBER_ITSELF)
    mark = await bounces.mark_of(pool, account, address)
    wish = await digest_choices.wish(pool, account, MEMBER_ITSELF)
    return shapes.Mail(
        wanted=tuple(kind for kind in kinds if kind not in unwanted),
        may_choose=kinds,
        language=habit.language,
        evening=habit.night.evening,
        morning=habit.night.morning,
        may_choose_hours=tuple(shapes.Hours(**night._asdict()) for night in NIGHTS),
        digest=shapes.Digest(
            rhythm=wish.rhythm, blocks=tuple(one for one in Block if one in wish.blocks)
        ),
        address=address,
        marked_at_s=None if mark is None else mark.marked_at_s,
    )


async def mail_choose(call: Call, asked: shapes.MailChosen) -> shapes.Mail:
    """Choose which mails the member of the token gets, as a whole."""
    pool, account = call.node.pool, _account(call)
    kinds, night = _kinds(call, account), Night(asked.evening, asked.morning)
    if not set(asked.wanted) <= set(kinds):
        raise InputError(Code.MALFORMED, field="wanted", reason="one of may_choose")
    if night not in NIGHTS:
        raise InputError(Code.MALFORMED, field="evening", reason="one of may_choose_hours")
    await choices.choose_all(
        pool,
        account,
        MEMBER_ITSELF,
        asked.wanted,
        coordinator=_coordinates(call, account),
        now_s=now_s(),
    )
    await choices.set_habit(pool, account, MEMBER_ITSELF, Habit(asked.language, night))
    if asked.digest is not None:
        wish = Wish(asked.digest.rhythm, frozenset(asked.digest.blocks))
        await digest_choices.set_wish(pool, account, MEMBER_ITSELF, wish)
    return await mail(call, None)


async def mail_works(call: Call, _: Empty) -> shapes.Mail:
    """Say that the address of the member works again: mails are sent there as before."""
    await bounces.works_again(call.node.pool, await _address(call, _account(call)))
    return await mail(call, None)


async def devices(call: Call, _: None) -> shapes.Devices:
    """Tell where the member of the token is signed in to its pages."""
    found = await devices_of(call.node, _holder(call), now_s=now_s())
    return shapes.Devices(
        devices=tuple(
            shapes.Device(
                device=str(one.session),
                name=one.device,
                begun_at_s=one.begun_at_s,
                seen_at_s=one.seen_at_s,
            )
            for one in found
        )
    )


async def device_end(call: Call, _: Empty) -> shapes.Devices:
    """Sign the member of the token out on a device; somebody else's is left alone."""
    await end_device(call.node, _holder(call), int(call.places["device"]), now_s=now_s())
    return await devices(call, None)


async def data(call: Call, asked: shapes.DataAsked) -> AsyncGenerator[bytes]:
    """Give all that the member of the token wrote and did here, as a ZIP of tables and pictures."""
    zone = ZoneInfo(call.node.settings.timezone)
    packing = Packing(texts(asked.language), zone, now_s())
    return data_of(call.node, reader_for(call), _holder(call), packing)


async def own_thanks(call: Call, _: None) -> shapes.AllOwnThanks:
    """Give the words of thanks that the member of the token wrote for the group to read."""
    found = await web_thanks.own(call.node, reader_for(call, _account(call)))
    return shapes.AllOwnThanks(
        thanks=tuple(
            shapes.OwnThanks(
                id=str(one.seq),
                name=one.other,
                text=one.text,
                at_s=one.at_s,
                everybody=one.everybody,
            )
            for one in found
        )
    )


async def thanks_choose(call: Call, asked: shapes.ThanksChosen) -> shapes.AllOwnThanks:
    """Choose, as a whole, which own words of thanks everybody on the web reads, without a name."""
    chosen = [int(number) for number in asked.everybody]
    await web_thanks.choose(call.node, reader_for(call, _account(call)), chosen, now_s=now_s())
    return await own_thanks(call, None)


async def looked(call: Call, _: None) -> shapes.Looks:
    """Tell who saw or changed something of the member of the token by a right of its own."""
    found = await looks_about(call.node, _account(call))
    return shapes.Looks(
        looks=tuple(
            shapes.Look(
                what=one.what,
                of_all=one.about == EVERYBODY,
                code=one.code or None,
                name=one.name,
                group=one.peer or None,
                times=one.times,
                last_at_s=one.last_at_s,
            )
            for one in found
        ),
        kept_days=await looked_days(call.node),
    )


async def erasing(call: Call, _: None) -> shapes.Erasing:
    """Tell whether the member of the token asked to be erased, and when that happens."""
    found = erasing_use_cases.erasing_of(call.node, _account(call))
    return shapes.Erasing(due_s=found.due_s, open=found.open, balance_minor=found.balance_minor)


async def erasing_set(call: Call, asked: shapes.ErasingSet) -> shapes.Erasing:
    """Ask to be erased after fourteen days to think, or stay after all."""
    deed = erasing_use_cases.ask if asked.erase else erasing_use_cases.withdraw
    account = _account(call)
    await so(deed(call.node, reader_for(call, account), account, key=new_key()))
    return await erasing(call, None)


def _holder(call: Call) -> Holder:
    return Holder(_account(call))


def _account(call: Call) -> int:
    assert call.token.account is not None, "a member's token has a member"
    return call.token.account


def _coordinates(call: Call, account: int) -> bool:
    return Role.COORDINATOR in roles_of(call.node, account)


def _kinds(call: Call, account: int) -> tuple[MailKind, ...]:
    return choosable(coordinator=_coordinates(call, account))


async def _address(call: Call, account: int) -> str:
    known = await person(call.node, account, MEMBER_ITSELF)
    return "" if known is None else known.address


OPERATIONS: Final = (
    Operation("mail", "GET", "/me/mail", MEMBER, mail, shapes.Mail),
    Operation(
        "mail_choose", "PUT", "/me/mail", MEMBER, mail_choose, shapes.Mail, shapes.MailChosen
    ),
    Operation(
        "mail_works",
        "POST",
        "/me/mail/works",
        MEMBER,
        mail_works,
        shapes.Mail,
        Empty,
        key=KeyUse.KEPT,
    ),
    Operation("devices", "GET", "/me/devices", MEMBER, devices, shapes.Devices),
    Operation(
        "device_end",
        "POST",
        "/me/devices/{device}/end",
        MEMBER,
        device_end,
        shapes.Devices,
        Empty,
        key=KeyUse.KEPT,
    ),
    Operation("own_thanks", "GET", "/me/thanks", MEMBER, own_thanks, shapes.AllOwnThanks),
    Operation(
        "thanks_choose",
        "PUT",
        "/me/thanks",
        MEMBER,
        thanks_choose,
        shapes.AllOwnThanks,
        shapes.ThanksChosen,
    ),
    Operation("looked", "GET", "/me/looked", MEMBER, looked, shapes.Looks),
    Operation("erasing", "GET", "/me/erasing", MEMBER, erasing, shapes.Erasing),
    Operation(
        "erasing_set",
        "PUT",
        "/me/erasing",
        MEMBER,
        erasing_set,
        shapes.Erasing,
        shapes.ErasingSet,
        codes=(Code.ACCOUNT_UNKNOWN, Code.NOT_YOURS, Code.TRADES_OPEN),
    ),
    Operation("data", "GET", "/me/data", MEMBER, data, bytes, shapes.DataAsked, gives=ZIP),
)
