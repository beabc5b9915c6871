"""Messages, blocks, reports and thanks inside the group: what may be written to whom. Pure.

What a message means for its thread is derived by `projections.threads`; here only who may write.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from federation.group.commands import GROUP_SUBJECT
from federation.group.members import active_refused
from federation.group.requests import for_each
from federation.group.transfers import amount_refused
from federation.line.drafts import Draft, LocalDraft
from projections.agreeing import Block
from schemas import bodies
from schemas.errors import Code, Refusal
from schemas.openings import MessageText, ReportText, ThanksText

if TYPE_CHECKING:
    from collections.abc import Collection, Generator

    from federation.group.agreeing import (
        BlockMember,
        GiveThanks,
        HandleReport,
        MakeReport,
        WriteMessage,
    )
    from projections.books import Books


def write(
    books: Books, command: WriteMessage, *, now_s: int
) -> Generator[Draft, str, str | Refusal]:
    """Write to another member of the group.

    Refusals, in this order: `account_same`, `account_unknown`, `account_inactive`,
    `member_blocked`, `malformed` when it says nothing, `amount_not_positive`, `amount_too_large`.
    """
    if command.sender == command.recipient:
        return Refusal(Code.ACCOUNT_SAME, {"field": "recipient"})
    refusal = active_refused(books, command.sender, "sender")
    refusal = refusal or active_refused(books, command.recipient, "recipient")
    if refusal is not None:
        return refusal
    blocks = books.agreeing.blocks_member
    if blocks(command.recipient, command.sender) or blocks(command.sender, command.recipient):
        return Refusal(Code.MEMBER_BLOCKED, {"field": "recipient"})
    if not (command.text or command.answer or command.proposal):
        return Refusal(Code.MALFORMED, {"field": "text", "reason": "it is empty"})
    if command.proposal is not None:
        refusal = amount_refused(command.proposal.amount_minor)
        if refusal is not None:
            return refusal
    parties = (command.sender, command.recipient)
    texts = for_each(books, parties, MessageText(text=command.text)) if command.text else ()
    return (
        yield LocalDraft(
            bodies.MessageWritten(
                v=1,
                at_s=now_s,
                message=command.key,
                thread=command.thread,
                sender=command.sender,
                recipient=command.recipient,
                offer=command.offer,
                answer=command.answer,
                proposal=command.proposal,
                entered_by=command.entered_by,
            ),
            texts,
        )
    )


def block(books: Books, command: BlockMember, *, now_s: int) -> Generator[Draft, str, Any]:
    """Block another member, or let it write again; once more changes nothing.

    Refusals, in this order: `malformed` unless it names one, `account_same`, `account_unknown`.
    """
    if (command.other is None) == (command.peer is None):
        return Refusal(Code.MALFORMED, {"field": "other", "reason": "name one member"})
    if command.other == command.account:
        return Refusal(Code.ACCOUNT_SAME, {"field": "other"})
    for account in (command.account, command.other):
        if account is not None and account not in books.ledger.accounts:
            return Refusal(Code.ACCOUNT_UNKNOWN, {"field": "other"})
    wanted = Block(
        account=command.account,
        other=command.other or 0,
        node="" if command.peer is None else command.peer.node,
        pseudonym="" if command.peer is None else command.peer.pseudonym,
        blocked=command.blocked,
    )
    before = books.agreeing.blocks.get(wanted.key())
    if (before is not None and before.blocked) != command.blocked:
        body = bodies.MemberBlocked if command.blocked else bodies.MemberUnblocked
        yield LocalDraft(
            body(
                v=1,
                at_s=now_s,
                account=command.account,
                other=command.other,
                peer=command.peer,
            )
        )
    return command.blocked


def report(books: Books, command: MakeReport, *, now_s: int) -> Generator[Draft, str, Any]:
    """Tell the coordinators. Refuses an `account_unknown` or `account_inactive`."""
    refusal = active_refused(books, command.account, "account")
    if refusal is not None:
        return refusal
    return (
        yield LocalDraft(
            bodies.ReportMade(
                v=1,
                at_s=now_s,
                report=command.key,
                account=command.account,
                other=command.other,
                peer=command.peer,
                post=command.post,
            ),
            ((GROUP_SUBJECT, ReportText(text=command.text, quoted=command.quoted)),),
        )
    )


class ReadBy(StrEnum):
    """Who reads a report, as whoever made it is told."""

    ALL = "all"
    """Every coordinator."""
    OTHERS = "others"
    """The coordinators but the one it is about."""
    NOBODY = "nobody"
    """It is kept for a later coordinator."""


def reads_report(account: int | None, about: int | None) -> bool:
    """Tell whether a coordinator with this account reads a report about a member, if about any.

    A household shares one account, so nobody in it reads a report about somebody of it either.
    """
    return about is None or account != about


def report_readers(coordinators: Collection[int], about: int | None) -> frozenset[int]:
    """Give those of the coordinators who read a report about a member, if about any."""
    return frozenset(one for one in coordinators if reads_report(one, about))


def read_by(coordinators: Collection[int], about: int | None) -> ReadBy:
    """Say who reads a report about a member, if about any."""
    readers = report_readers(coordinators, about)
    if not readers:
        return ReadBy.NOBODY
    return ReadBy.ALL if about not in coordinators else ReadBy.OTHERS


def handle_report(command: HandleReport, *, now_s: int) -> Generator[Draft, str, Any]:
    """Note that a coordinator has seen to a report, with a word for the other coordinators."""
    body = bodies.ReportHandled(
        v=1, at_s=now_s, report=command.report, entered_by=command.entered_by
    )
    texts = ((GROUP_SUBJECT, ReportText(text=command.note)),) if command.note else ()
    return (yield LocalDraft(body, texts))


def thank(books: Books, command: GiveThanks, *, now_s: int) -> Generator[Draft, str, Any]:
    """Thank for a booking of two legs, by either of the two.

    Refusals, in this order: `not_found` when it is no such booking of the two, `malformed` without
    a text.
    """
    original = books.agreeing.originals.get(command.trade)
    legs = set() if original is None else {leg.account for leg in original.postings}
    if not {command.account, command.other} <= legs or command.account == command.other:
        return Refusal(Code.NOT_FOUND, {"field": "trade"})
    if not command.text:
        return Refusal(Code.MALFORMED, {"field": "text", "reason": "it is empty"})
    return (
        yield LocalDraft(
            bodies.ThanksGiven(
                v=1,
                at_s=now_s,
                trade=command.trade,
                account=command.account,
                other=command.other,
                public=command.public,
                entered_by=command.entered_by,
            ),
            for_each(books, (command.account, command.other), ThanksText(text=command.text)),
        )
    )
