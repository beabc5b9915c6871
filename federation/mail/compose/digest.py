"""The digest as a letter: news, dates, what is new at home and in other groups. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.mail.addresses import name_in_text, one_line, paragraph
from federation.mail.digest import Rhythm
from federation.mail.kinds import MailKind
from federation.mail.letter import Button, Line, Parts, Section, render, words_for
from federation.words import markup
from federation.words.days import day, moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from federation.mail.digest import Date, Digest, Near, Story
    from federation.mail.letter import Desk, Letter, Recipient
    from federation.words.texts import Texts
    from schemas.openings import BoardWords

TITLE_LENGTH_MAX: Final = 80
NAME_LENGTH_MAX: Final = 40
BEGINNING_LENGTH_MAX: Final = 160
"""So much of a news item stands in the mail; the rest is on its page."""
USEFUL_S: Final = 3 * 86_400
"""After so long it would tell of dates that are over."""
NEARBY_M: Final = 1_000


def digest(
    desk: Desk,
    to: Recipient,
    found: Digest,
    rhythm: Rhythm,
    *,
    due_s: int,
    own: tuple[str, ...] = (),
    test: str = "",
) -> Letter:
    """Write a digest.

    `own` are words of the group itself, said first; `test` names one that somebody sends to itself
    to look at.
    """
    said = words_for(to)
    group, when = name_in_text(desk.group), day(due_s, desk.zone, to.language)
    subject = said.say("Nieuw bij %(group)s, %(day)s", group=group, day=when)
    if rhythm is Rhythm.WEEKLY:
        first = said.say("Dit is er nieuw sinds vorige week.")
    else:
        first = said.say("Dit is er nieuw sinds vorige maand.")
    if test:
        subject = said.say("Proef: %(subject)s", subject=subject)
        first = said.say("Dit is een proef, alleen voor jou. Zo ziet de overzichtsmail er uit.")
    parts = Parts(
        subject=subject,
        paragraphs=(*own, first),
        sections=sections(desk, to, found),
        buttons=(Button(said.say("Naar de groep"), desk.page("/home")),),
    )
    about = f"test:{test}" if test else str(due_s)
    return render(
        desk, to, MailKind.DIGEST, parts, about=about, at_s=due_s, useful_until_s=due_s + USEFUL_S
    )


def sections(desk: Desk, to: Recipient, found: Digest) -> tuple[Section, ...]:
    """Give the lists of a digest that are not empty."""
    return tuple(section for section in _sections(desk, to, found) if section.lines)


def _sections(desk: Desk, to: Recipient, found: Digest) -> Iterable[Section]:
    said = words_for(to)
    yield Section(said.say("Nieuws"), tuple(_story(desk, to, one) for one in found.stories))
    yield Section(said.say("Wat er te doen is"), tuple(_date(desk, to, one) for one in found.dates))
    yield Section(
        said.say("Nieuw bij ons"),
        tuple(_near(desk, to, near) for near in found.here),
        _more(desk, said, found.more_here),
    )
    yield Section(
        said.say("Nieuw bij andere groepen in de buurt"),
        tuple(_near(desk, to, near) for near in found.elsewhere),
        _more(desk, said, found.more_elsewhere),
    )


def _story(desk: Desk, to: Recipient, story: Story) -> Line:
    other = _other(story.others, to)
    text = story.text if other is None else other.text
    beginning = paragraph(markup.plain(text), BEGINNING_LENGTH_MAX).replace("\n", " ")
    title = one_line(story.title if other is None else other.title, TITLE_LENGTH_MAX)
    return Line(title, beginning, desk.page(f"/news/{story.item}"))


def _date(desk: Desk, to: Recipient, date: Date) -> Line:
    when = moment(date.starts_at_s, desk.zone, to.language)
    facts = [when, one_line(date.place, NAME_LENGTH_MAX)]
    other = _other(date.others, to)
    title = one_line(date.title if other is None else other.title, TITLE_LENGTH_MAX)
    return Line(title, _joined(facts), desk.page(date.path))


def _other(others: tuple[BoardWords, ...], to: Recipient) -> BoardWords | None:
    """Give what is told in the language of who reads it; nothing where it is not."""
    return next((said for said in others if said.language is to.language), None)


def _near(desk: Desk, to: Recipient, near: Near) -> Line:
    said, post = words_for(to), near.post
    facts = [
        said.say("vraag") if post.want else said.say("aanbod"),
        _name(post.poster),
        _name(post.group),
        one_line(post.place, NAME_LENGTH_MAX),
        "" if near.away_m is None else _away(near.away_m, said),
    ]
    name = f"{post.node}.{post.post}" if post.node else post.post
    return Line(one_line(post.title, TITLE_LENGTH_MAX), _joined(facts), desk.page(f"/posts/{name}"))


def _name(name: str) -> str:
    return name_in_text(one_line(name, NAME_LENGTH_MAX))


def _away(metres: int, said: Texts) -> str:
    if metres < NEARBY_M:
        return said.say("vlakbij")
    return said.say("%(km)s km", km=round(metres / 1000))


def _more(desk: Desk, said: Texts, count: int) -> Button | None:
    if not count:
        return None
    words = said.count("En nog %(n)s: bekijk alles", "En nog %(n)s: bekijk alles", count)
    return Button(words, desk.page("/search?sort=new"))


def _joined(facts: Iterable[str]) -> str:
    return " · ".join(fact for fact in facts if fact)
