"""The mail to each member of a group that stops: the link to all its data. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.mail.addresses import name_in_text
from federation.mail.kinds import MailKind
from federation.mail.letter import Button, Parts, render, words_for
from federation.mail.links import DATA_PATH, Purpose, make_link, write_token

if TYPE_CHECKING:
    from federation.mail.letter import Desk, Letter, Recipient

DAY_S = 86_400


def data_letter(desk: Desk, to: Recipient, *, node: str, until_s: int, at_s: int) -> Letter:
    """Give the mail that hands out a member's data; its link works until a day."""
    said = words_for(to)
    group = name_in_text(desk.group)
    link = make_link(
        desk.secret,
        Purpose.DATA,
        account=to.account,
        person=to.person,
        subject=node,
        expires_at_s=until_s,
    )
    parts = Parts(
        subject=said.say("%(group)s stopt: haal je gegevens op", group=group),
        paragraphs=(
            said.say(
                "%(group)s houdt op te bestaan. Alles wat je hier schreef en ruilde kun je "
                "meenemen: je boekingen, je vraag en aanbod met de foto's, je gesprekken.",
                group=group,
            ),
        ),
        buttons=(
            Button(
                said.say("Mijn gegevens ophalen"),
                desk.page(DATA_PATH + write_token(desk.secret, link)),
            ),
        ),
        after=(
            said.count(
                "De knop werkt %(n)s dag lang. Wie deze mail heeft, kan ze gebruiken: stuur ze "
                "niet door.",
                "De knop werkt %(n)s dagen lang. Wie deze mail heeft, kan ze gebruiken: stuur ze "
                "niet door.",
                (until_s - at_s) // DAY_S,
            ),
        ),
    )
    return render(
        desk, to, MailKind.CLOSING, parts, about=node[:40], at_s=at_s, useful_until_s=until_s
    )
