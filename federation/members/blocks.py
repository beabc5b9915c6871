"""Wanting no messages of somebody, and telling the coordinators of something that is not right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from federation.group.agreeing import BlockMember, HandleReport, MakeReport
from federation.group.messages import ReadBy, read_by, reads_report
from federation.members import words
from federation.members.acting import actor, derived_key, needed
from federation.members.agreeing_queries import SQL
from federation.members.people import Party, names_of, party, peer_names, peer_party
from federation.members.roles import with_role
from federation.members.thread_views import load
from federation.node.statements import texts_of
from schemas.encoding import b64, unb64
from schemas.errors import Code, InputError, RefusedError, VerificationError
from schemas.member_bodies import Role
from schemas.openings import NOTE_LENGTH_MAX, ReportText
from schemas.thread_bodies import PeerMember, ReportMade

if TYPE_CHECKING:
    from asyncpg import Record

    from federation.members.one_post import SeenPost
    from federation.members.reader import Reader
    from federation.members.threads import Recipient
    from federation.node.service import Node

REPORTS_MAX: Final = 500
_BODY: Final = msgspec.json.Decoder(ReportMade)


class ShownReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report as coordinators read it."""

    report: str
    by: Party
    text: str
    quoted: str = ""
    at_s: int = 0
    about: Party | None = None
    """Whom it is about, if anybody."""
    post: int | None = None
    """The offer or want that it is about."""
    handled_by: str = ""
    """Code of the coordinator who has seen to it."""
    handled_name: str = ""
    note: str = ""
    """What the coordinators keep of how it was seen to."""


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
) -> ReadBy:
    """Tell the coordinators; with a thread whom it is about, and the message that is quoted.

    Coordinators read no threads: only what is quoted here, by one who was written to. Gives who
    reads it.

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
    return read_by(with_role(node, Role.COORDINATOR), other)


async def report_post(node: Node, reader: Reader, text: str, seen: SeenPost, *, key: str) -> ReadBy:
    """Tell the coordinators of an offer or a want, with its title; gives who reads it.

    Raises:
        InputError: `text_missing`, `malformed`, `too_large`.
        RefusedError: `conflict`, `forbidden`.

    """
    who, hit = actor(reader), seen.hit
    text = needed(text, length_max=NOTE_LENGTH_MAX)
    peer = PeerMember(node=hit.node, pseudonym=hit.poster) if hit.node else None
    post = None if hit.node else int(hit.post)
    await node.do(MakeReport(key, who.account, text, hit.title, hit.account, peer, post))
    return read_by(with_role(node, Role.COORDINATOR), hit.account)


async def reports(node: Node, reader: Reader) -> list[ShownReport]:
    """Give what members reported, open ones first; for coordinators, and not about themselves.

    Raises:
        RefusedError: `forbidden`.

    """
    _require_coordinator(reader)
    found = await node.pool.fetch(SQL["reports"], REPORTS_MAX)
    made = {row["seq"]: _BODY.decode(row["body"]) for row in found}
    made = {seq: body for seq, body in made.items() if reads_report(reader.account, body.other)}
    rows = [row for row in found if row["seq"] in made]
    closed = [row["handled_seq"] for row in rows if row["handled_seq"] is not None]
    texts = await texts_of(node, [*made, *closed])
    said = {seq: text for (seq, _), found in texts.items() for text in found}
    named = {(row["account"], made[row["seq"]].other, row["handled_by"]) for row in rows}
    names = await names_of(node, {one for few in named for one in few if one is not None})
    return [await _shown(node, row, made[row["seq"]], said, names) for row in rows]


async def _shown(
    node: Node, row: Record, body: ReportMade, said: dict[int, Any], names: dict[int, str]
) -> ShownReport:
    text, note = said.get(row["seq"]), said.get(row["handled_seq"])
    about = None
    if body.other is not None:
        about = party(node, body.other, names)
    elif body.peer is not None:
        peer, pseudonym = body.peer.node, body.peer.pseudonym
        told = await peer_names(node, body.account, [pseudonym])
        about = peer_party(node, peer, pseudonym, told.get(pseudonym, ""))
    by = row["handled_by"]
    return ShownReport(
        report=b64(row["report"]),
        by=party(node, row["account"], names),
        text=text.text if isinstance(text, ReportText) else "",
        quoted=text.quoted if isinstance(text, ReportText) else "",
        at_s=body.at_s,
        about=about,
        post=body.post,
        handled_by="" if by is None else node.machine.books.ledger.accounts[by].code,
        handled_name="" if by is None else names.get(by, ""),
        note=note.text if isinstance(note, ReportText) else "",
    )


async def open_reports(node: Node, reader: Reader) -> int:
    """Give how many of the reports that a coordinator reads nobody has seen to.

    Raises:
        RefusedError: `forbidden`.

    """
    _require_coordinator(reader)
    rows = await node.pool.fetch(SQL["open_reports"], REPORTS_MAX)
    made = (_BODY.decode(row["body"]) for row in rows)
    return sum(reads_report(reader.account, body.other) for body in made)


async def handle_report(node: Node, reader: Reader, name: str, note: str = "") -> None:
    """Note that the reader, a coordinator, has seen to a report; the first who does is kept.

    With a note for the other coordinators, kept as the report is.

    Raises:
        InputError: `not_found`, also for one that the reader does not read; `too_large`.
        RefusedError: `forbidden`.

    """
    _require_coordinator(reader)
    if reader.account is None:
        raise RefusedError(Code.FORBIDDEN, field="account")
    if not await _is_there(node, reader, name):
        raise InputError(Code.NOT_FOUND, field="report")
    key = derived_key("handled", name, reader.account)
    note = words.paragraphs(note, "note", NOTE_LENGTH_MAX)
    try:
        await node.do(HandleReport(key, name, reader.account, note))
    except RefusedError as error:  # the same coordinator, with other words: the first counts
        if error.code is not Code.CONFLICT:
            raise


async def _is_there(node: Node, reader: Reader, name: str) -> bool:
    """Tell whether there is a report under this name for this reader; none ever goes away."""
    try:
        report = unb64(name)
    except VerificationError:
        return False
    body = await node.pool.fetchval(SQL["report_named"], report)
    return body is not None and reads_report(reader.account, _BODY.decode(body).other)


def _require_coordinator(reader: Reader) -> None:
    if not reader.coordinator:
        raise RefusedError(Code.FORBIDDEN, field="account")
