"""A mail that a coordinator writes to members of the group. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.mail.addresses import name_in_text
from federation.mail.kinds import MailKind
from federation.mail.letter import Parts, render, words_for
from federation.words import markup

if TYPE_CHECKING:
    from federation.mail.letter import Desk, Letter, Recipient


def said(desk: Desk, to: Recipient, *, subject: str, text: str, sender: str) -> Parts:
    """Give all that the mail says to one who gets it, with who wrote it."""
    words = words_for(to)
    facts = {"name": name_in_text(sender), "group": name_in_text(desk.group)}
    wrote = (
        words.say("Geschreven door %(name)s, van de kerngroep van %(group)s.", **facts)
        if sender
        else words.say("Geschreven door de kerngroep van %(group)s.", group=facts["group"])
    )
    return Parts(subject=subject, paragraphs=(), written=markup.blocks(text), after=(wrote,))


def member_letter(
    desk: Desk,
    to: Recipient,
    *,
    subject: str,
    text: str,
    sender: str,
    about: str,
    at_s: int,
) -> Letter:
    """Give the mail for one who gets it; `about` tells these words from others."""
    parts = said(desk, to, subject=subject, text=text, sender=sender)
    return render(desk, to, MailKind.GROUP, parts, about=about, at_s=at_s)
