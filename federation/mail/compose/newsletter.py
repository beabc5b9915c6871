"""The mails of the newsletter: the link that confirms an address, and an issue. Pure."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from federation.mail.addresses import name_in_text
from federation.mail.kinds import MailKind
from federation.mail.letter import Button, Parts, Recipient, render, words_for

if TYPE_CHECKING:
    from federation.mail.letter import Desk, Letter
    from schemas.texts.words import Language

STRANGER: Final = 0
"""The account under which the outbox keeps mails to who is no member."""
CONFIRM_PATH: Final = "/newsletter/confirm/"
STOP_PATH: Final = "/newsletter/stop/"


def confirmation(
    desk: Desk,
    address: str,
    language: Language,
    *,
    person: int,
    token: str,
    umbrella: bool,
    at_s: int,
    lasts_s: int,
) -> Letter:
    """Somebody asked for the newsletter with this address; the link is its page with a button."""
    to = Recipient(STRANGER, person, "", address, language)
    said = words_for(to)
    group = name_in_text(desk.group)
    asked = (
        said.say("Iemand vroeg de E-Flash van %(group)s op dit adres. Was jij dat?", group=group)
        if umbrella
        else said.say(
            "Iemand vroeg de nieuwsbrief van %(group)s op dit adres. Was jij dat?", group=group
        )
    )
    parts = Parts(
        subject=said.say("Wil je nieuws van %(group)s krijgen?", group=group),
        paragraphs=(asked, said.say("Tik dan op de knop. Pas daarna krijg je mails.")),
        buttons=(Button(said.say("Ja, ik wil dit krijgen"), desk.page(CONFIRM_PATH + token)),),
        after=(
            said.say(
                "Was jij het niet? Dan hoef je niets te doen: zonder die knop bewaren we je adres "
                "niet. De knop werkt drie dagen."
            ),
        ),
    )
    return render(
        desk,
        to,
        MailKind.NEWSLETTER_ASKED,
        parts,
        about=sha256(token.encode()).hexdigest(),
        at_s=at_s,
        useful_until_s=at_s + lasts_s,
    )


def issue_letter(
    desk: Desk,
    to: Recipient,
    *,
    subject: str,
    text: str,
    about: str,
    stop_url: str,
    at_s: int,
    own: tuple[str, ...] = (),
) -> Letter:
    """Give an issue for one who reads it; every line of its text is a paragraph.

    `own` are words of the group at its end, the same in each issue.
    """
    said = words_for(to)
    lines = tuple(line.strip() for line in text.split("\n") if line.strip())
    parts = Parts(
        subject=subject,
        paragraphs=lines,
        after=(
            *own,
            said.say(
                "Je krijgt deze mail omdat je erom vroeg bij %(group)s.",
                group=name_in_text(desk.group),
            ),
        ),
    )
    return render(
        desk, to, MailKind.NEWSLETTER, parts, about=about, at_s=at_s, own_stop_url=stop_url
    )
