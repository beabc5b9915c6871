"""The mail to who left long ago: its data will be erased, and what it can do. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from federation.mail.addresses import name_in_text, one_line
from federation.mail.kinds import MailKind
from federation.mail.letter import Button, Parts, render, words_for
from federation.mail.links import DATA_PATH, Purpose, make_link, write_token
from federation.words.days import day

if TYPE_CHECKING:
    from federation.mail.letter import Desk, Letter, Recipient

CONTACT_LENGTH_MAX = 200


class Leaver(NamedTuple):
    """Since when somebody is gone, how long the group keeps that, and when it is erased."""

    left_s: int
    days: int
    erased_s: int
    contact: str
    """How to reach whoever answers for the data; empty where the group did not say."""


def erased_soon(desk: Desk, to: Recipient, what: Leaver, *, node: str, at_s: int) -> Letter:
    """Somebody left long ago; its data goes on a day, until which a link hands them out."""
    said = words_for(to)
    facts = {
        "group": name_in_text(desk.group),
        "left": day(what.left_s, desk.zone, to.language, year=True),
        "day": day(what.erased_s, desk.zone, to.language, year=True),
        "n": what.days,
    }
    link = make_link(
        desk.secret,
        Purpose.DATA,
        account=to.account,
        person=to.person,
        subject=node,
        expires_at_s=what.erased_s,
    )
    paragraphs = (
        said.say(
            "Je bent weg bij %(group)s sinds %(left)s. De groep bewaart gegevens van wie weg is "
            "%(n)s dagen. Op %(day)s wissen we de jouwe.",
            **facts,
        ),
        said.say(
            "Dan gaan je naam en je adres weg, je vraag en aanbod, je berichten en je bedankjes. "
            "Je boekingen blijven, zonder naam. Is dat goed voor jou? Dan hoef je niets te doen."
        ),
        said.say("Wil je ze zelf houden? Haal ze op vóór %(day)s.", **facts),
    )
    stays = [
        said.say(
            "Wil je terugkomen, of wil je niet gewist worden? Zeg het vóór %(day)s aan de "
            "kerngroep. Wie weer lid is, wissen we niet.",
            **facts,
        )
    ]
    if what.contact:
        contact = one_line(what.contact, CONTACT_LENGTH_MAX)
        stays.append(said.say("Zo bereik je ons: %(contact)s", contact=contact))
    parts = Parts(
        subject=said.say("%(group)s wist je gegevens op %(day)s", **facts),
        paragraphs=paragraphs,
        buttons=(
            Button(
                said.say("Mijn gegevens ophalen"),
                desk.page(DATA_PATH + write_token(desk.secret, link)),
            ),
        ),
        after=(
            *stays,
            said.say("Wie deze mail heeft, kan de knop gebruiken: stuur ze niet door."),
        ),
    )
    about = f"{what.left_s}:{at_s}"
    return render(
        desk, to, MailKind.LEFT, parts, about=about, at_s=at_s, useful_until_s=what.erased_s
    )
