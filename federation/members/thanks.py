"""Thanking for a trade: once by each of the two; its writer decides whether everybody reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from federation.group.agreeing import GiveThanks
from federation.line.commands import SendNote
from federation.members import people
from federation.members.acting import account_of, actor, derived_key, needed
from federation.members.thanks_loading import PublicThanks, public_thanks
from federation.members.threads import checked
from federation.members.trade_loading import load_trade
from federation.members.trade_reading import as_read, read_trade
from federation.members.trade_views import Action, ShownTrade
from federation.node.line_use_cases import line_with
from federation.node.payees import told_pseudonym
from schemas.errors import Code, InputError, RefusedError
from schemas.openings import NoteText
from schemas.proposals import Thanks

if TYPE_CHECKING:
    from federation.members.acting import Actor
    from federation.members.reader import Reader
    from federation.node.service import Node

__all__ = ["PublicThanks", "give", "public_thanks"]
THANKS_LENGTH_MAX: Final = 500


async def give(
    node: Node, reader: Reader, name: str, text: str, *, public: bool = False
) -> ShownTrade:
    """Thank for a trade of the reader's; the same words again are the same.

    Raises:
        InputError: `not_found`, `text_missing`, `malformed`, `too_large`, `line_not_open`.
        RefusedError: `already_thanked`, `not_agreed` for a trade that is not booked, `forbidden`.

    """
    who = actor(reader)
    found = await load_trade(node, who.account, name)
    text = needed(text, length_max=THANKS_LENGTH_MAX)
    for said in found.thanks:
        if said.own:
            if (said.text, said.public) != (text, public):
                raise RefusedError(Code.ALREADY_THANKED, field="trade")
            return as_read(node, reader, found)
    if Action.THANK not in found.actions:
        raise RefusedError(Code.NOT_AGREED, field="trade")
    command: Any = await _between(node, who, found, text, public=public) if found.between else None
    if command is None:
        assert found.other.account is not None
        command = GiveThanks(
            key=derived_key("thanks", found.id, who.account),
            trade=found.seq,
            account=who.account,
            other=found.other.account,
            text=text,
            public=public,
            entered_by=who.entered_by,
        )
    try:
        await node.do(command)
    except RefusedError as error:
        if error.code is Code.CONFLICT:
            raise RefusedError(Code.ALREADY_THANKED, field="trade") from error
        raise
    return await read_trade(node, reader, name)


async def _between(
    node: Node, who: Actor, found: ShownTrade, text: str, *, public: bool
) -> SendNote:
    subject = account_of(node, who.account).subject
    if subject is None or not found.other.pseudonym:
        raise InputError(Code.NOT_FOUND, field="trade")
    note = NoteText(
        v=1,
        thread=found.id,
        sender=await told_pseudonym(node, subject, found.other.node),
        recipient=found.other.pseudonym,
        text=text,
        thanks=Thanks(trade=found.id, public=public),
        name=await people.told_name(node, who.account),
    )
    line = line_with(node, found.other.node).line
    key = derived_key("thanks", found.id, who.account)
    return SendNote(line, who.account, checked(note), subject, key)
