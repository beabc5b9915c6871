"""Mails about people: signing in, a thank-you, a post that ends, what is not in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from federation.mail.addresses import name_in_text, one_line, paragraph
from federation.mail.compose.asking import acting_url
from federation.mail.compose.trade_facts import QUOTE_LENGTH_MAX
from federation.mail.kinds import MailKind
from federation.mail.letter import Button, Parts, render, words_for
from federation.mail.links import Purpose
from federation.words.days import day

if TYPE_CHECKING:
    from federation.mail.letter import Desk, Letter, Recipient

TITLE_LENGTH_MAX = 80
MINUTE_S = 60
DAY_S = 86_400
LINK_LASTS_S = 30 * 86_400
"""How long a post can be renewed from the mail that said it would end."""


def login(
    desk: Desk, to: Recipient, *, link: str, code: str, about: str, expires_at_s: int, at_s: int
) -> Letter:
    """Somebody wants to sign in; `about` names this attempt, `link` is its page with a button."""
    said = words_for(to)
    group = name_in_text(desk.group)
    parts = Parts(
        subject=said.say("%(code)s is je code voor %(group)s", code=code, group=group),
        paragraphs=(
            said.say(
                "Je wilt je aanmelden bij %(group)s. Tik op de knop, of typ deze code over op de "
                "pagina waar je begon.",
                group=group,
            ),
        ),
        code=code,
        buttons=(Button(said.say("Aanmelden"), link),),
        after=(
            said.count(
                "De knop en de code werken één keer, %(n)s minuut lang.",
                "De knop en de code werken één keer, %(n)s minuten lang.",
                max(1, (expires_at_s - at_s) // MINUTE_S),
            ),
            said.say(
                "Vroeg je dit niet zelf? Dan hoef je niets te doen: zonder deze mail komt niemand "
                "binnen. Geef de code aan niemand."
            ),
        ),
    )
    return render(
        desk, to, MailKind.LOGIN, parts, about=about, at_s=at_s, useful_until_s=expires_at_s
    )


class Ending(NamedTuple):
    """An offer or a want that ends soon, and until when one tap renews it."""

    post: str
    title: str
    want: bool
    ends_at_s: int
    renew_until_s: int


def ending(
    desk: Desk, to: Recipient, what: Ending, *, at_s: int, own: tuple[str, ...] = ()
) -> Letter:
    """An offer or a want ends soon; one tap renews it.

    `own` are words of the group itself, said first.
    """
    said = words_for(to)
    facts = {
        "title": one_line(what.title, TITLE_LENGTH_MAX),
        "day": day(what.ends_at_s, desk.zone, to.language),
    }
    if what.want:
        subject = said.say("Je vraag loopt af: %(title)s", **facts)
        first = said.say(
            "Je vraag “%(title)s” loopt af op %(day)s. Daarna zien anderen ze niet meer.", **facts
        )
    else:
        subject = said.say("Je aanbod loopt af: %(title)s", **facts)
        first = said.say(
            "Je aanbod “%(title)s” loopt af op %(day)s. Daarna zien anderen het niet meer.",
            **facts,
        )
    until = day(what.renew_until_s, desk.zone, to.language, year=True)
    renew = acting_url(
        desk,
        to,
        Purpose.RENEW,
        f"{what.post}:{what.renew_until_s}",
        until_s=what.ends_at_s + LINK_LASTS_S,
    )
    parts = Parts(
        subject=subject,
        paragraphs=(*own, first),
        buttons=(
            Button(said.say("Verleng tot %(day)s", day=until), renew),
            Button(said.say("Eerst bekijken"), desk.page(f"/posts/{what.post}")),
        ),
        after=(said.say("Doe je niets, dan blijft je tekst bewaard; verlengen kan ook later."),),
    )
    return render(
        desk, to, MailKind.ENDING, parts, about=f"{what.post}:{what.ends_at_s}", at_s=at_s
    )


def thanked(
    desk: Desk,
    to: Recipient,
    *,
    trade: str,
    who: str,
    group: str,
    note: str,
    public: bool,
    at_s: int,
) -> Letter:
    """Somebody thanks for a trade; `public` when others may read it too."""
    said = words_for(to)
    paragraphs = [said.say("%(who)s bedankt je:", who=_who(who, group))]
    if public:
        paragraphs.append(said.say("Ook anderen kunnen dit bij jou lezen."))
    parts = Parts(
        subject=said.say("%(who)s bedankt je", who=_who(who, group)),
        paragraphs=tuple(paragraphs),
        quote=paragraph(note, QUOTE_LENGTH_MAX),
        buttons=(Button(said.say("Bekijk"), desk.page(f"/trades/{trade}")),),
    )
    return render(desk, to, MailKind.THANKED, parts, about=trade, at_s=at_s)


def reported(desk: Desk, to: Recipient, *, report: str, at_s: int) -> Letter:
    """A member told the coordinators of something; whom and what only their page says."""
    said = words_for(to)
    parts = Parts(
        subject=said.say("Een lid meldt dat er iets niet in orde is"),
        paragraphs=(
            said.say(
                "Een lid vertelde de kerngroep dat er iets niet in orde is. Over wie en wat het "
                "gaat, staat niet in deze mail: dat lees je op de pagina van de kerngroep."
            ),
        ),
        buttons=(Button(said.say("Lees de melding"), desk.page("/group/reports")),),
        after=(
            said.say("Zorgde je ervoor? Zeg het daar, dan weten de anderen van de kerngroep het."),
        ),
    )
    return render(desk, to, MailKind.REPORTED, parts, about=report, at_s=at_s)


def address_marked(
    desk: Desk,
    to: Recipient,
    *,
    member: str,
    code: str,
    address: str,
    reason: str,
    at_s: int,
) -> Letter:
    """Mails to a member do not arrive; said to a coordinator."""
    said = words_for(to)
    facts = {"member": name_in_text(member), "code": one_line(code, TITLE_LENGTH_MAX)}
    parts = Parts(
        subject=said.say("Mails aan %(member)s (%(code)s) komen niet aan", **facts),
        paragraphs=(
            said.say(
                "Een mail aan %(member)s (%(code)s) kwam terug. Naar %(address)s sturen we niets "
                "meer.",
                address=one_line(address),
                **facts,
            ),
            said.say(
                "Er gaat niets verloren: op de pagina's staat alles. Vraag een ander adres en pas "
                "het aan, of zet dit adres weer aan als het werkt."
            ),
        ),
        quote=paragraph(reason, QUOTE_LENGTH_MAX),
        buttons=(Button(said.say("Naar dit lid"), desk.page(f"/members/{facts['code']}")),),
    )
    about = f"{facts['code']}:{address}"[:100]
    return render(desk, to, MailKind.ADDRESS_MARKED, parts, about=f"{about}:{at_s}", at_s=at_s)


def _who(name: str, group: str) -> str:
    said = name_in_text(name)
    return f"{said} ({name_in_text(group)})" if group else said
