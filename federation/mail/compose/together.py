"""Mails about doing things together: who comes along, what changes, what begins soon. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from federation.mail.addresses import name_in_text, one_line
from federation.mail.kinds import MailKind
from federation.mail.letter import Button, Parts, render, words_for
from federation.words.days import moment

if TYPE_CHECKING:
    from federation.mail.letter import Desk, Letter, Recipient
    from federation.words.texts import Texts

TITLE_LENGTH_MAX: Final = 80
PLACE_LENGTH_MAX: Final = 120


class Gathering(msgspec.Struct, frozen=True, kw_only=True):
    """What is done together."""

    activity: int
    title: str
    place: str = ""
    starts_at_s: int

    def facts(self, desk: Desk, to: Recipient) -> dict[str, str]:
        """Give what its sentences say."""
        return {
            "title": one_line(self.title, TITLE_LENGTH_MAX),
            "when": moment(self.starts_at_s, desk.zone, to.language),
        }

    def where(self, said: Texts) -> str:
        """Say where it is; empty when nobody said so."""
        place = one_line(self.place, PLACE_LENGTH_MAX)
        return said.say("Waar: %(place)s.", place=place) if place else ""


def joined(
    desk: Desk, to: Recipient, what: Gathering, *, who: str, comes: bool, news: str, at_s: int
) -> Letter:
    """Tell who organises it that somebody comes along, or does not after all."""
    said, facts = words_for(to), {**what.facts(desk, to), "who": name_in_text(who)}
    if comes:
        subject = said.say("%(who)s komt mee: %(title)s", who=facts["who"], title=facts["title"])
        first = said.say("%(who)s komt mee naar “%(title)s”, %(when)s.", **facts)
    else:
        subject = said.say(
            "%(who)s komt toch niet: %(title)s", who=facts["who"], title=facts["title"]
        )
        first = said.say("%(who)s komt toch niet naar “%(title)s”, %(when)s.", **facts)
    return _render(desk, to, what, (subject, first), news, at_s)


def changed(desk: Desk, to: Recipient, what: Gathering, *, news: str, at_s: int) -> Letter:
    """Tell who comes along that something is different now."""
    said, facts = words_for(to), what.facts(desk, to)
    subject = said.say("Er verandert iets: %(title)s", title=facts["title"])
    first = said.say("Bij “%(title)s” is iets veranderd. Het begint %(when)s.", **facts)
    return _render(desk, to, what, (subject, first, what.where(said)), news, at_s)


def called_off(desk: Desk, to: Recipient, what: Gathering, *, news: str, at_s: int) -> Letter:
    """Tell who would come along that it does not take place."""
    said, facts = words_for(to), what.facts(desk, to)
    subject = said.say("Gaat niet door: %(title)s", title=facts["title"])
    first = said.say("“%(title)s” van %(when)s gaat niet door.", **facts)
    return _render(desk, to, what, (subject, first), news, at_s)


def soon(desk: Desk, to: Recipient, what: Gathering, *, at_s: int) -> Letter:
    """Remind whoever comes along."""
    said, facts = words_for(to), what.facts(desk, to)
    subject = said.say("Binnenkort: %(title)s", title=facts["title"])
    first = said.say("“%(title)s” begint %(when)s. Jij doet mee.", **facts)
    after = said.say("Kun je toch niet? Zeg het op de pagina, dan weten de anderen het.")
    letter = (subject, first, what.where(said), after)
    return _render(desk, to, what, letter, f"soon:{what.starts_at_s}", at_s, what.starts_at_s)


def _render(
    desk: Desk,
    to: Recipient,
    what: Gathering,
    written: tuple[str, ...],
    news: str,
    at_s: int,
    useful_until_s: int | None = None,
) -> Letter:
    """Write the letter: subject first, then what is not empty."""
    subject, *rest = written
    parts = Parts(
        subject=subject,
        paragraphs=tuple(line for line in rest if line),
        buttons=(Button(words_for(to).say("Bekijk"), desk.page(f"/activities/{what.activity}")),),
    )
    about = f"{what.activity}:{news}"
    return render(
        desk, to, MailKind.TOGETHER, parts, about=about, at_s=at_s, useful_until_s=useful_until_s
    )
