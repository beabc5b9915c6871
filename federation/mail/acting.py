"""What stands behind an acting link: a page with one button, and what the button does.

Opening a link reads and asks; only posting to it acts. Twice is harmless: the use case knows what
was done, and the page then says how it stands. A link lets its holder do this one thing and see
what it is about, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.mail.acts import ACTS, number
from federation.mail.compose.trade_facts import becomes_words
from federation.mail.letter import Recipient
from federation.mail.links import Purpose, read_token, two_parts
from federation.mail.naming import begun, called
from federation.mail.office import office_of
from federation.mail.people import people
from federation.mail.writing import Writer
from federation.members import posts
from federation.members.acting import Actor
from federation.members.roles import reader_of
from federation.members.thread_views import load
from federation.members.trade_views import Action
from federation.words.amounts import amount
from federation.words.days import day
from federation.words.texts import later, texts
from projections.trade_state import TradeState
from schemas.errors import Code, InputError, RefusedError
from schemas.proposals import Reply

if TYPE_CHECKING:
    from federation.mail.links import Link
    from federation.node.service import Node
    from federation.words.texts import Texts
    from schemas.texts.words import Language


class Question(NamedTuple):
    """What the page behind a link says."""

    title: str
    lines: tuple[str, ...]
    page: str
    """Where this goes on, for who is signed in."""
    button: str = ""
    """Empty when there is nothing left to do by this link."""
    known: bool = True
    """False for a link that is none of ours, or about something that is gone."""


_STANDS: Final = {
    TradeState.REQUESTED: later("Dit wacht op een antwoord. Er is nog niets geboekt."),
    TradeState.HELD: later("Dit is aangevraagd. We wachten op de andere groep."),
    TradeState.COMMITTED: later(
        "Dit is geboekt. De andere groep ziet het zodra ze weer bereikbaar is; dat gaat vanzelf."
    ),
    TradeState.SETTLED: later("Dit is geboekt, en de andere ziet het ook."),
    TradeState.REFUSED: later("Hier werd nee gezegd. Er is niets geboekt."),
    TradeState.CANCELLED: later("Dit werd teruggenomen. Er is niets geboekt."),
    TradeState.EXPIRED: later("Deze vraag is vervallen. Er is niets geboekt."),
    TradeState.REVERSED: later("Dit is teruggedraaid."),
}


async def open_link(node: Node, token: str, *, now_s: int) -> Link:
    """Read an acting link, for a person who is still there; changes nothing.

    Raises:
        RefusedError: `not_found`, `expired`.

    """
    link = read_token(office_of(node).secret, token, *ACTS, now_s=now_s)
    async with node.pool.acquire() as connection:
        here = await people(connection, link.account)
    if all(to.person != link.person for to in here):
        raise RefusedError(Code.NOT_FOUND, field="link")
    return link


async def perform(node: Node, token: str, *, now_s: int) -> None:
    """Do what a link says. Raises as `open_link`, and what the use case raises."""
    link = await open_link(node, token, now_s=now_s)
    await ACTS[link.purpose](node, link)


async def question(node: Node, token: str, language: Language, *, now_s: int) -> Question:
    """Give what a link would do, or how it stands when there is nothing left to do."""
    said = texts(language)
    try:
        asked = await _question(node, token, language, now_s=now_s)
        return asked._replace(lines=tuple(begun(line, said) for line in asked.lines))
    except (InputError, RefusedError):  # forged, or its trade, thread, post or person has gone
        return Question(
            said.say("Deze link werkt niet"),
            (
                said.say("Ze is niet van ons, of waar ze over ging is er niet meer."),
                said.say("Er is niets veranderd. Ga gewoon verder vanaf het begin."),
            ),
            "/",
            known=False,
        )


async def _question(node: Node, token: str, language: Language, *, now_s: int) -> Question:
    try:
        link = await open_link(node, token, now_s=now_s)
    except RefusedError as error:
        if error.code is not Code.EXPIRED:
            raise
        return await _too_old(node, token, texts(language))
    to = Recipient(link.account, link.person, "", "", language)
    match link.purpose:
        case Purpose.ACCEPT | Purpose.DECLINE:
            return await _about_trade(node, link, to)
        case Purpose.AGREE | Purpose.TURN_DOWN:
            return await _about_thread(node, link, to)
        case _:
            return await _about_post(node, link, to)


async def _too_old(node: Node, token: str, said: Texts) -> Question:
    link = await open_link(node, token, now_s=0)
    return Question(
        said.say("Deze knop is te oud"),
        (said.say("Er is niets veranderd en er gaat niets verloren. Kijk op de pagina zelf."),),
        _page(link),
    )


def _page(link: Link) -> str:
    """Give the address of the page of what a link is about."""
    about = two_parts(link)[0]
    match link.purpose:
        case Purpose.ACCEPT | Purpose.DECLINE:
            return f"/trades/{about}"
        case Purpose.AGREE | Purpose.TURN_DOWN:
            return f"/threads/{about}"
        case _:
            return f"/posts/{about}"


async def _about_trade(node: Node, link: Link, to: Recipient) -> Question:
    said, desk = texts(to.language), office_of(node).desk()
    about, exactly = two_parts(link)
    shown, trade = await Writer(node, desk).trade_for(about, to)
    if Action.CONSENT not in shown.actions:
        return Question(
            said.say("Dit is al beantwoord"), (said.say(_STANDS[shown.state]),), _page(link)
        )
    facts = {"who": trade.who(), "amount": trade.mine(desk, to)}
    if link.purpose is Purpose.DECLINE:
        return Question(
            said.say("Klopt dit niet?"),
            (
                said.say("%(who)s vroeg je %(amount)s.", **facts),
                said.say("Zeg je nee, dan wordt er niets geboekt, en we laten het weten."),
            ),
            _page(link),
            said.say("Nee, dit klopt niet"),
        )
    if shown.own_minor != number(exactly):
        return Question(
            said.say("Het bedrag is veranderd"),
            (said.say("Er is niets geboekt. Kijk het na op de pagina zelf."),),
            _page(link),
        )
    back = said.say("Je geeft %(who)s %(amount)s terug.", **facts)
    lines = [back if shown.reverses else said.say("Je geeft %(who)s %(amount)s.", **facts)]
    if trade.theirs(to):
        lines.append(
            said.say("%(name)s krijgt %(theirs)s.", name=trade.name(), theirs=trade.theirs(to))
        )
    after = node.machine.books.ledger.balance(link.account) - shown.own_minor
    lines.append(becomes_words(after, desk, to))
    return Question(
        said.say("Mag dit geboekt worden?"), tuple(lines), _page(link), said.say("Ja, boek het")
    )


async def _about_thread(node: Node, link: Link, to: Recipient) -> Question:
    said, desk = texts(to.language), office_of(node).desk()
    thread, proposal = two_parts(link)
    loaded = await load(node, Actor(link.account), thread)
    shown, standing = loaded.shown, loaded.shown.standing
    given = [one for one in shown.messages if one.own and one.reply and one.answers == proposal]
    stands = "" if standing is None or standing.own else standing.id
    if given or not shown.can_answer or stands != proposal:
        if not given:
            line = said.say("In het gesprek is het al verder gegaan. Kijk op de pagina zelf.")
        elif given[0].reply is Reply.RATHER_NOT:
            line = said.say("Je zei liever niet.")
        else:
            line = said.say("Je zei ja. Er is nog niets geboekt.")
        return Question(said.say("Dit is al beantwoord"), (line,), _page(link))
    lines = []
    writer = Writer(node, desk)
    numbers = await writer.numbers(shown)
    who = called(shown.other, said)
    if proposal and standing is not None and numbers is not None:
        mine = amount(numbers[0], desk.unit, to.language)
        lines.append(
            said.say(
                "%(who)s stelt voor: jij krijgt hulp en geeft %(amount)s.", who=who, amount=mine
            )
            if standing.gives
            else said.say(
                "%(who)s stelt voor: jij geeft hulp en krijgt %(amount)s.", who=who, amount=mine
            )
        )
    else:
        lines.append(said.say("%(who)s heeft interesse.", who=who))
    lines.append(said.say("Er wordt nu niets geboekt; %(who)s krijgt je antwoord.", who=who))
    if link.purpose is Purpose.AGREE:
        return Question(said.say("Ga je akkoord?"), tuple(lines), _page(link), said.say("Ja"))
    return Question(said.say("Liever niet?"), tuple(lines), _page(link), said.say("Liever niet"))


async def _about_post(node: Node, link: Link, to: Recipient) -> Question:
    said, zone = texts(to.language), office_of(node).zone
    about, until = two_parts(link)
    post = await posts.post(node, number(about), reader_of(node, link.account, link.person))
    if post.ended or post.expires_at_s >= number(until):
        lasts = day(post.expires_at_s, zone, to.language, year=True)
        line = (
            said.say("“%(title)s” heb je zelf weggehaald.", title=post.title)
            if post.ended
            else said.say("“%(title)s” geldt tot %(day)s.", title=post.title, day=lasts)
        )
        return Question(said.say("Dat is in orde"), (line,), _page(link))
    wanted = day(number(until), zone, to.language, year=True)
    return Question(
        said.say("Blijft dit nog gelden?"),
        (said.say("“%(title)s” geldt dan tot %(day)s.", title=post.title, day=wanted),),
        _page(link),
        said.say("Ja, verleng"),
    )
