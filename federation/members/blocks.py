"""Wanting no messages of somebody, and telling the coordinators of something that is not right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from federation.group.agreeing import BlockMember, HandleReport, MakeReport
from federation.members.acting import actor, derived_key, needed
from federation.members.agreeing_queries import SQL
from federation.members.people import Party, names_of, party, peer_names, peer_party
from federation.members.thread_views import load
from federation.node.statements import texts_of
from schemas.encoding import b64
from schemas.errors import Code, RefusedError
from schemas.openings import NOTE_LENGTH_MAX, ReportText
from schemas.thread_bodies import PeerMember

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.members.threads import Recipient
    from federation.node.service import Node

REPORTS_MAX: Final = 500


class ShownReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report as coordinators read it."""

    report: str
    by: Party
    text: str
    quoted: str = ""
    handled_by: str = ""
    """Code of the coordinator who has seen to it."""


async def block(node: Node, reader: Reader, other: Recipient, *, blocked: bool = True) -> None:
    """Want no messages of another member, or again; own choice, told to nobody.

    Raises:
        RefusedError: `account_same`, `account_unknown`, `malformed`, `forbidden`.

    """
    who = actor(reader)
    peer = PeerMember(node=other.node, pseudonym=other.pseudonym) if other.node else None
    await node.do(BlockMember(who.account, other.account, peer, blocked))


async def blocked(node: Node, reader: Reader) -> list[Party]:
    """Give whose messages a member does not want."""
    account = actor(reader).account
    standing = node.machine.books.agreeing.blocks.values()
    found = [one for one in standing if one.account == account and one.blocked]
    names = await names_of(node, {one.other for one in found if one.other})
    told = await peer_names(node, account, {one.pseudonym for one in found})
    return [
        party(node, one.other, names)
        if one.other
        else peer_party(node, one.node, one.pseudonym, told.get(one.pseudonym, ""))
        for one in found
    ]


async def report(
    node: Node, reader: Reader, text: str, *, key: str, thread: str = "", message: str = ""
) -> None:
    """Tell the coordinators; with a thread whom it is about, and the message that is quoted.

    Coordinators read no threads: only what is quoted here, by one who was written to.

    Raises:
        InputError: `not_found`, `text_missing`, `malformed`, `too_large`.
        RefusedError: `conflict`, `forbidden`.

    """
    who = actor(reader)
    text = needed(text, length_max=NOTE_LENGTH_MAX)
    other, peer, quoted = None, None, ""
    if thread:
        shown = (await load(node, who, thread)).shown
        other = shown.other.account
        if shown.line:
            peer = PeerMember(node=shown.other.node, pseudonym=shown.other.pseudonym)
        quoted = next((m.text for m in shown.messages if m.id == message), "")
    await node.do(MakeReport(key, who.account, text, quoted, other, peer))


async def reports(node: Node, reader: Reader) -> list[ShownReport]:
    """Give what members reported, open ones first; for coordinators.

    Raises:
        RefusedError: `forbidden`.

    """
    _require_coordinator(reader)
    rows = await node.pool.fetch(SQL["reports"], REPORTS_MAX)
    texts = await texts_of(node, [row["seq"] for row in rows])
    said = {seq: text for (seq, _), found in texts.items() for text in found}
    names = await names_of(node, {row["account"] for row in rows})
    accounts = node.machine.books.ledger.accounts
    return [
        ShownReport(
            report=b64(row["report"]),
            by=party(node, row["account"], names),
            text=text.text if isinstance(text := said.get(row["seq"]), ReportText) else "",
            quoted=text.quoted if isinstance(text, ReportText) else "",
            handled_by="" if row["handled_by"] is None else accounts[row["handled_by"]].code,
        )
        for row in rows
    ]


async def handle_report(node: Node, reader: Reader, name: str) -> None:
    """Note that the reader, a coordinator, has seen to a report; the first who does is kept.

    Raises:
        RefusedError: `forbidden`.

    """
    _require_coordinator(reader)
    if reader.account is None:
        raise RefusedError(Code.FORBIDDEN, field="account")
    key = derived_key("handled", name, reader.account)
    await node.do(HandleReport(key, name, reader.account))


def _require_coordinator(reader: Reader) -> None:
    if not reader.coordinator:
        raise RefusedError(Code.FORBIDDEN, field="account")
