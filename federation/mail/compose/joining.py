"""Mails to who comes in: by asking (confirm, you are one already, welcome, not now), or moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.mail.addresses import name_in_text, paragraph
from federation.mail.compose.trade_facts import QUOTE_LENGTH_MAX
from federation.mail.kinds import MailKind
from federation.mail.letter import Button, Parts, render, words_for

if TYPE_CHECKING:
    from federation.mail.letter import Desk, Letter, Recipient
    from federation.words.texts import Texts

DAY_S = 86_400


def confirm(desk: Desk, to: Recipient, *, link: str, about: str, lasts_s: int, at_s: int) -> Letter:
    """Somebody asked to join with this address: was it its owner?"""
    said = words_for(to)
    group = name_in_text(desk.group)
    parts = Parts(
        subject=said.say("Wil je lid worden van %(group)s?", group=group),
        paragraphs=(
            said.say(
                "Iemand vulde met dit mailadres in dat hij of zij lid wil worden van %(group)s. "
                "Was jij dat? Tik dan op de knop. Daarna leest de kerngroep je vraag.",
                group=group,
            ),
        ),
        buttons=(Button(said.say("Ja, dat was ik"), link),),
        after=(
            said.count(
                "De knop werkt %(n)s dag lang.",
                "De knop werkt %(n)s dagen lang.",
                lasts_s // DAY_S,
            ),
            said.say("Was jij het niet? Dan hoef je niets te doen: alles wordt vanzelf gewist."),
        ),
    )
    until_s = at_s + lasts_s
    return render(desk, to, MailKind.JOINING, parts, about=about, at_s=at_s, useful_until_s=until_s)


def known_already(desk: Desk, to: Recipient, *, about: str, at_s: int) -> Letter:
    """Somebody asked to join with the address of a member."""
    said = words_for(to)
    group = name_in_text(desk.group)
    parts = Parts(
        subject=said.say("Je bent al lid van %(group)s", group=group),
        paragraphs=(
            said.say(
                "Iemand vulde met dit mailadres in dat hij of zij lid wil worden van %(group)s. "
                "Dat hoeft niet: met dit adres meld je je al aan.",
                group=group,
            ),
        ),
        buttons=(Button(said.say("Aanmelden"), desk.page("/login")),),
    )
    return render(desk, to, MailKind.JOINING, parts, about=about, at_s=at_s)


def welcome(
    desk: Desk,
    to: Recipient,
    *,
    link: str,
    about: str,
    lasts_s: int,
    at_s: int,
    own: tuple[str, ...] = (),
) -> Letter:
    """A coordinator let somebody in; the link signs in and leads to the choice how to.

    `own` are words of the group itself, said first.
    """
    said = words_for(to)
    group = name_in_text(desk.group)
    parts = Parts(
        subject=said.say("Welkom bij %(group)s", group=group),
        paragraphs=(
            *own,
            said.say("Fijn dat je erbij bent! De kerngroep van %(group)s zei ja.", group=group),
            said.say(
                "Tik op de knop, kies hoe je je aanmeldt, en zet er gerust al bij wat je goed kunt "
                "en hoe anderen je bereiken."
            ),
        ),
    )
    parts = _let_in(parts, said, link, lasts_s)
    until_s = at_s + lasts_s
    return render(desk, to, MailKind.JOINING, parts, about=about, at_s=at_s, useful_until_s=until_s)


def invitation(
    desk: Desk,
    to: Recipient,
    *,
    link: str,
    about: str,
    lasts_s: int,
    at_s: int,
    own: tuple[str, ...] = (),
) -> Letter:
    """The group has moved in; the link lets in and leads to the choice how to sign in.

    `own` are words of the group itself, said first.
    """
    said = words_for(to)
    group = name_in_text(desk.group)
    parts = Parts(
        subject=said.say("%(group)s is verhuisd: welkom", group=group),
        paragraphs=(
            *own,
            said.say(
                "De ruilgroep %(group)s werkt voortaan met Ruilbrug. Je saldo, je vraag en je "
                "aanbod zijn meeverhuisd. Je oude wachtwoord niet: dat hebben we nooit gelezen.",
                group=group,
            ),
            said.say("Tik op de knop en kies zelf hoe je je voortaan aanmeldt."),
        ),
    )
    parts = _let_in(parts, said, link, lasts_s)
    return render(
        desk, to, MailKind.LOGIN, parts, about=about, at_s=at_s, useful_until_s=at_s + lasts_s
    )


def _let_in(parts: Parts, said: Texts, link: str, lasts_s: int) -> Parts:
    """Add the button that lets in, and for how long it does."""
    lasts = said.count(
        "De knop werkt één keer, %(n)s dag lang. Daarna vraag je gewoon zelf een nieuwe.",
        "De knop werkt één keer, %(n)s dagen lang. Daarna vraag je gewoon zelf een nieuwe.",
        lasts_s // DAY_S,
    )
    return parts._replace(buttons=(Button(said.say("Kom binnen"), link),), after=(lasts,))


def declined(
    desk: Desk,
    to: Recipient,
    *,
    reason: str,
    about: str,
    at_s: int,
    own: tuple[str, ...] = (),
) -> Letter:
    """A coordinator said no, with the reason; `own` are words of the group behind it."""
    said = words_for(to)
    group = name_in_text(desk.group)
    parts = Parts(
        subject=said.say("Je vraag om lid te worden van %(group)s", group=group),
        paragraphs=(
            said.say(
                "Dank je voor je vraag. Lid worden van %(group)s lukt nu niet. De kerngroep "
                "schreef je waarom:",
                group=group,
            ),
        ),
        quote=paragraph(reason, QUOTE_LENGTH_MAX),
        after=(*own, said.say("Wat je over jezelf invulde, is gewist.")),
    )
    return render(desk, to, MailKind.JOINING, parts, about=about, at_s=at_s)
