"""Mails to a member about what those who run the group did: something hidden, a task given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.mail.addresses import name_in_text, one_line, paragraph
from federation.mail.compose.trade_facts import QUOTE_LENGTH_MAX
from federation.mail.kinds import MailKind
from federation.mail.letter import Button, Parts, render, words_for
from federation.members.role_words import ROLES

if TYPE_CHECKING:
    from federation.mail.letter import Desk, Letter, Recipient
    from schemas.member_bodies import Role

TITLE_LENGTH_MAX = 80


def hidden(
    desk: Desk, to: Recipient, *, post: str, title: str, reason: str, about: str, at_s: int
) -> Letter:
    """The group hides an offer or a want of who reads this, and says why."""
    said = words_for(to)
    title = one_line(title, TITLE_LENGTH_MAX)
    parts = Parts(
        subject=said.say("Even niet te zien: %(title)s", title=title),
        paragraphs=(
            said.say(
                "De kerngroep verbergt “%(title)s”. Niemand anders ziet het nu. Dit is waarom:",
                title=title,
            ),
        ),
        quote=paragraph(reason, QUOTE_LENGTH_MAX),
        buttons=(
            Button(said.say("Bekijk en pas aan"), desk.page(f"/posts/{post}")),
            Button(said.say("Schrijf de kerngroep"), desk.page(f"/posts/{post}/report")),
        ),
        after=(
            said.say(
                "Er is niets weg, en wat afgesproken of geboekt is, blijft. Pas aan wat niet klopt "
                "en schrijf het de kerngroep: dan kan zij het weer tonen. Ben je het er niet mee "
                "eens? Schrijf dat ook."
            ),
        ),
    )
    return render(desk, to, MailKind.HIDDEN, parts, about=about, at_s=at_s)


def shown_again(
    desk: Desk, to: Recipient, *, post: str, title: str, about: str, at_s: int
) -> Letter:
    """The group shows it again."""
    said = words_for(to)
    title = one_line(title, TITLE_LENGTH_MAX)
    parts = Parts(
        subject=said.say("Weer te zien: %(title)s", title=title),
        paragraphs=(
            said.say("De kerngroep toont “%(title)s” weer. Je hoeft niets te doen.", title=title),
        ),
        buttons=(Button(said.say("Bekijk"), desk.page(f"/posts/{post}")),),
    )
    return render(desk, to, MailKind.HIDDEN, parts, about=about, at_s=at_s)


def role_changed(
    desk: Desk, to: Recipient, *, role: Role, gives: bool, about: str, at_s: int
) -> Letter:
    """Somebody has a task in the group from now on, or has it no more."""
    said = words_for(to)
    words = ROLES[role]
    facts = {"role": said.say(words.name), "group": name_in_text(desk.group)}
    if gives:
        subject = said.say("Je taak bij %(group)s: %(role)s", **facts)
        paragraphs: tuple[str, ...] = (
            said.say("Je bent nu %(role)s van %(group)s. Dit kun je daarmee:", **facts),
            said.say(words.about),
        )
        after = said.say("Wist je hier niet van? Zeg het aan de kerngroep.")
    else:
        subject = said.say("Je bent geen %(role)s meer van %(group)s", **facts)
        paragraphs = (
            said.say(
                "Je bent geen %(role)s meer van %(group)s. Dank je wel voor wat je deed. Lid blijf "
                "je gewoon.",
                **facts,
            ),
        )
        after = said.say("Klopt dit niet? Zeg het aan de kerngroep.")
    parts = Parts(
        subject=subject,
        paragraphs=paragraphs,
        buttons=(Button(said.say("Naar de groep"), desk.page("/group")),),
        after=(after,),
    )
    return render(desk, to, MailKind.ROLE, parts, about=about, at_s=at_s)
