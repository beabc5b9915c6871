"""Mails about the end of a trade: booked, refused, expired, reversed. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from federation.mail.addresses import name_in_text
from federation.mail.compose.trade_facts import balance_words
from federation.mail.kinds import MailKind
from federation.mail.letter import Button, Parts, render, words_for
from federation.words.days import moment
from schemas.reasons import words_for as words_about
from schemas.texts.words import NOTHING_BOOKED

if TYPE_CHECKING:
    from federation.mail.compose.trade_facts import Trade
    from federation.mail.letter import Desk, Letter, Recipient
    from schemas.core_parts import FreezeReason, WireCode


class Seen(StrEnum):
    """Whether the other side has seen what was booked."""

    SAME_GROUP = "same_group"
    WAITING = "waiting"
    """Booked here; the other group's server has not answered yet."""
    CONFIRMED = "confirmed"


class Silent(StrEnum):
    """Who did not answer in time."""

    ME = "me"
    OTHER = "other"
    OTHER_GROUP = "other_group"
    """Its server could not be reached."""


def booked(
    desk: Desk,
    to: Recipient,
    trade: Trade,
    *,
    gave: bool,
    seen: Seen,
    balance_minor: int,
    at_s: int,
    entered_by: str = "",
) -> Letter:
    """A trade is booked; `gave` tells whether who is mailed gave the units."""
    said = words_for(to)
    facts = {"who": trade.who(), "amount": trade.mine(desk, to)}
    if gave:
        subject = said.say("Geboekt: je gaf %(who)s %(amount)s", **facts)
        first = said.say("Je gaf %(who)s %(amount)s.", **facts)
    else:
        subject = said.say("%(who)s gaf je %(amount)s", **facts)
        first = said.say("%(who)s gaf je %(amount)s.", **facts)
    theirs = trade.theirs(to)
    if theirs:
        first += " " + said.say("Bij %(name)s is dat %(theirs)s.", name=trade.name(), theirs=theirs)
    paragraphs = [first]
    if entered_by:
        paragraphs.append(said.say("%(name)s gaf dit in voor jou.", name=name_in_text(entered_by)))
    if seen is Seen.CONFIRMED:
        paragraphs.append(said.say("%(name)s ziet dit ook.", name=trade.name()))
    elif seen is Seen.WAITING:
        paragraphs.append(
            said.say(
                "%(group)s ziet het zodra het weer bereikbaar is; dat gaat vanzelf.",
                group=name_in_text(trade.other_group),
            )
        )
    paragraphs.append(balance_words(balance_minor, desk, to))
    words = said.say("Bekijk en bedank") if gave else said.say("Bekijk")
    parts = Parts(
        subject=subject,
        paragraphs=tuple(paragraphs),
        quote=trade.quote(),
        buttons=(Button(words, trade.page(desk)),),
        after=(said.say("Klopt er iets niet? Dat zeg je op dezelfde pagina."),),
    )
    return render(desk, to, MailKind.BOOKED, parts, about=f"{trade.id}:{seen}", at_s=at_s)


def held(desk: Desk, to: Recipient, trade: Trade, *, until_s: int, at_s: int) -> Letter:
    """Units are set apart, and the other group has not answered for a while."""
    said = words_for(to)
    facts = {"who": trade.who(), "amount": trade.mine(desk, to)}
    parts = Parts(
        subject=said.say("Aangevraagd: %(amount)s, voor %(who)s", **facts),
        paragraphs=(
            said.say(
                "We wachten op %(group)s. Wat je %(name)s geeft, %(amount)s, staat apart.",
                group=name_in_text(trade.other_group),
                amount=facts["amount"],
                name=trade.name(),
            ),
            said.say(
                "Lukt het niet voor %(when)s, dan krijg je ze terug; je hoeft niets te doen.",
                when=moment(until_s, desk.zone, to.language),
            ),
        ),
        quote=trade.quote(),
        buttons=(Button(said.say("Bekijk"), trade.page(desk)),),
    )
    return render(
        desk,
        to,
        MailKind.BOOKED,
        parts,
        about=f"{trade.id}:held",
        at_s=at_s,
        useful_until_s=until_s,
    )


def refused(
    desk: Desk,
    to: Recipient,
    trade: Trade,
    *,
    reason: WireCode | FreezeReason,
    at_s: int,
) -> Letter:
    """A trade was refused, or taken back by who began it."""
    said = words_for(to)
    facts = {"who": trade.who(), "amount": trade.mine(desk, to)}
    why = words_about(reason, to.language)
    parts = Parts(
        subject=said.say("Niet geboekt: %(amount)s, met %(who)s", **facts),
        paragraphs=(
            said.say("De ruil met %(who)s voor %(amount)s ging niet door.", **facts)
            + f" {why.what}",
            NOTHING_BOOKED[to.language],
            why.next_step,
        ),
        quote=trade.quote(),
        buttons=(Button(said.say("Bekijk"), trade.page(desk)),),
    )
    return render(desk, to, MailKind.REFUSED, parts, about=trade.id, at_s=at_s)


def expired(desk: Desk, to: Recipient, trade: Trade, *, silent: Silent, at_s: int) -> Letter:
    """A trade got no answer in time."""
    said = words_for(to)
    facts = {
        "who": trade.who(),
        "amount": trade.mine(desk, to),
        "group": name_in_text(trade.other_group),
    }
    match silent:
        case Silent.ME:
            first = said.say(
                "De vraag van %(who)s om %(amount)s te geven is vervallen: ze wachtte te lang op "
                "je antwoord.",
                **facts,
            )
        case Silent.OTHER:
            first = said.say(
                "Je vraag aan %(who)s over %(amount)s is vervallen: er kwam op tijd geen antwoord.",
                **facts,
            )
        case Silent.OTHER_GROUP:
            first = said.say(
                "De ruil met %(who)s voor %(amount)s is vervallen: %(group)s was te lang niet "
                "bereikbaar.",
                **facts,
            )
    parts = Parts(
        subject=said.say("Vervallen: %(amount)s, met %(who)s", **facts),
        paragraphs=(
            first,
            NOTHING_BOOKED[to.language],
            said.say("Je kunt altijd opnieuw beginnen."),
        ),
        quote=trade.quote(),
        buttons=(Button(said.say("Bekijk"), trade.page(desk)),),
    )
    return render(desk, to, MailKind.EXPIRED, parts, about=trade.id, at_s=at_s)


def reversed_(
    desk: Desk, to: Recipient, trade: Trade, *, gave: bool, balance_minor: int, at_s: int
) -> Letter:
    """A trade was reversed; `gave` tells whether who is mailed had given, and has it back now."""
    said = words_for(to)
    facts = {"who": trade.who(), "amount": trade.mine(desk, to)}
    first = (
        said.say("De ruil met %(who)s is teruggedraaid: je hebt %(amount)s terug.", **facts)
        if gave
        else said.say("De ruil met %(who)s is teruggedraaid: je gaf %(amount)s terug.", **facts)
    )
    parts = Parts(
        subject=said.say("Teruggedraaid: %(amount)s, met %(who)s", **facts),
        paragraphs=(first, balance_words(balance_minor, desk, to)),
        quote=trade.quote(),
        buttons=(Button(said.say("Bekijk"), trade.page(desk)),),
    )
    return render(desk, to, MailKind.REVERSED, parts, about=trade.id, at_s=at_s)
