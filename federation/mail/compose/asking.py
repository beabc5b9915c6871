"""Mails about what waits for somebody: a request to give, a proposal. Pure.

Their links act: the page behind each has one button, and works until the step has its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.mail.compose.trade_facts import becomes_words
from federation.mail.kinds import MailKind
from federation.mail.letter import Button, Parts, render, words_for
from federation.mail.links import DO_PATH, Purpose, make_link, write_token
from federation.mail.naming import begun
from federation.words.days import moment

if TYPE_CHECKING:
    from federation.mail.compose.trade_facts import Trade
    from federation.mail.letter import Desk, Letter, Recipient


def asked(
    desk: Desk,
    to: Recipient,
    trade: Trade,
    *,
    balance_after_minor: int,
    answer_until_s: int,
    at_s: int,
    reverses: bool = False,
) -> Letter:
    """Somebody gave help and waits for the consent of who received it.

    With `reverses`, somebody asks to have a trade reversed: what was given is given back.
    """
    said = words_for(to)
    subject, first = _request_words(desk, to, trade, reverses=reverses)
    becomes = becomes_words(balance_after_minor, desk, to)
    exactly = f"{trade.id}:{trade.amount_minor}"
    parts = Parts(
        subject=subject,
        paragraphs=(
            first,
            f"{said.say('Er is nog niets geboekt.')} {becomes}",
        ),
        quote=trade.quote(),
        buttons=(
            Button(
                said.say("Ja, boek het"),
                acting_url(desk, to, Purpose.ACCEPT, exactly, until_s=answer_until_s),
            ),
            Button(
                said.say("Nee, dit klopt niet"),
                acting_url(desk, to, Purpose.DECLINE, trade.id, until_s=answer_until_s),
            ),
            Button(said.say("Eerst bekijken"), trade.page(desk)),
        ),
        after=(
            said.say(
                "Je kunt antwoorden tot %(when)s. Daarna vervalt de vraag vanzelf en verandert er "
                "niets.",
                when=moment(answer_until_s, desk.zone, to.language),
            ),
        ),
    )
    return render(
        desk,
        to,
        MailKind.ASKED,
        parts,
        about=trade.id,
        at_s=at_s,
        useful_until_s=answer_until_s,
    )


def _request_words(desk: Desk, to: Recipient, trade: Trade, *, reverses: bool) -> tuple[str, str]:
    said = words_for(to)
    facts = {"who": trade.who(), "amount": trade.mine(desk, to)}
    if reverses:
        subject = said.say("%(who)s vraagt om een ruil terug te draaien", **facts)
        first = said.say(
            "%(who)s vraagt om een ruil terug te draaien. Is dat goed, dan geef je %(amount)s "
            "terug.",
            **facts,
        )
    else:
        subject = said.say("%(who)s gaf hulp en wacht op je antwoord", **facts)
        first = said.say(
            "%(who)s schrijft dat je hulp kreeg. Klopt dat, dan geef je %(amount)s.", **facts
        )
    theirs = trade.theirs(to)
    if theirs:
        more = said.say("%(name)s krijgt %(theirs)s.", name=trade.name(), theirs=theirs)
        first += " " + begun(more, said)
    return subject, first


def proposed(
    desk: Desk,
    to: Recipient,
    trade: Trade,
    *,
    proposal: str,
    gives: bool,
    answer_until_s: int,
    at_s: int,
) -> Letter:
    """Somebody proposes a trade in a thread; `trade.id` names the thread.

    `gives` tells whether who is mailed would give the units, that is, receive the help.
    """
    said = words_for(to)
    facts = {"who": trade.who(), "amount": trade.mine(desk, to)}
    first = (
        said.say("%(who)s stelt voor: jij krijgt hulp en geeft %(amount)s.", **facts)
        if gives
        else said.say("%(who)s stelt voor: jij geeft hulp en krijgt %(amount)s.", **facts)
    )
    theirs = trade.theirs(to)
    if theirs:
        first += " " + said.say("Bij %(name)s is dat %(theirs)s.", name=trade.name(), theirs=theirs)
    about = f"{trade.id}:{proposal}"
    parts = Parts(
        subject=said.say("%(who)s stelt iets voor", who=trade.who()),
        paragraphs=(first, said.say("Er is nog niets geboekt.")),
        quote=trade.quote(),
        buttons=(
            Button(
                said.say("Ja"), acting_url(desk, to, Purpose.AGREE, about, until_s=answer_until_s)
            ),
            Button(said.say("Ja, maar …"), desk.page(f"/threads/{trade.id}")),
            Button(
                said.say("Liever niet"),
                acting_url(desk, to, Purpose.TURN_DOWN, about, until_s=answer_until_s),
            ),
        ),
        after=(
            said.say(
                "Deze knoppen werken tot %(when)s; daarna antwoord je op de pagina van het "
                "gesprek.",
                when=moment(answer_until_s, desk.zone, to.language),
            ),
        ),
    )
    return render(
        desk,
        to,
        MailKind.ASKED,
        parts,
        about=about,
        at_s=at_s,
        useful_until_s=answer_until_s,
    )


def acting_url(desk: Desk, to: Recipient, purpose: Purpose, subject: str, *, until_s: int) -> str:
    """Give the address of the page that asks for one tap."""
    link = make_link(
        desk.secret,
        purpose,
        account=to.account,
        person=to.person,
        subject=subject,
        expires_at_s=until_s,
    )
    return desk.page(DO_PATH + write_token(desk.secret, link))
