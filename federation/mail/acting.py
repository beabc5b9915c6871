"""What stands behind an acting link: a page with one button, and what the button does.

Opening a link reads and asks; only posting to it acts. Twice is harmless: the use case gets the
link's own key, and knows what was done under it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.mail.links import Purpose, read_token
from federation.mail.people import people
from federation.words.texts import later
from schemas.errors import Code, RefusedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from federation.mail.links import Link
    from federation.node.service import Node
    from federation.words.texts import Texts

    Act = Callable[[Node, Link], Awaitable[None]]


class Question(NamedTuple):
    """What the page asks, and what its button says."""

    sentence: str
    button: str


ACTING: Final = tuple(purpose for purpose in Purpose if purpose is not Purpose.STOP)
QUESTIONS: Final = {
    Purpose.ACCEPT: Question(later("Klopt het, en mag het geboekt worden?"), later("Ja, boek het")),
    Purpose.DECLINE: Question(
        later("Klopt dit niet? Dan wordt er niets geboekt."), later("Nee, dit klopt niet")
    ),
    Purpose.AGREE: Question(
        later("Ga je akkoord? Er wordt nog niets geboekt."), later("Ja, akkoord")
    ),
    Purpose.TURN_DOWN: Question(
        later("Liever niet? Dan laten we dat weten."), later("Liever niet")
    ),
    Purpose.RENEW: Question(later("Blijft dit nog gelden?"), later("Ja, verleng")),
    Purpose.STOP: Question(
        later("Wil je geen mails meer van deze soort?"), later("Geen mails meer")
    ),
}


def question(purpose: Purpose, texts: Texts) -> Question:
    """Give the words of a link's page, in a language."""
    said = QUESTIONS[purpose]
    return Question(texts.say(said.sentence), texts.say(said.button))


async def open_link(node: Node, secret: bytes, token: str, *, now_s: int) -> Link:
    """Read an acting link, for a person who is still there; changes nothing.

    Raises:
        RefusedError: `not_found`, `expired`.

    """
    link = read_token(secret, token, *ACTING, now_s=now_s)
    async with node.pool.acquire() as connection:
        here = await people(connection, link.account)
    if all(to.person != link.person for to in here):
        raise RefusedError(Code.NOT_FOUND, field="link")
    return link


async def perform(
    node: Node, secret: bytes, token: str, acts: Mapping[Purpose, Act], *, now_s: int
) -> Link:
    """Do what a link says. Raises as `open_link`, and what the use case raises."""
    link = await open_link(node, secret, token, now_s=now_s)
    await acts[link.purpose](node, link)
    return link


def two_parts(link: Link) -> tuple[str, str]:
    """Give the two parts of a subject such as `POST:UNTIL`."""
    one, _, other = link.subject.partition(":")
    return one, other
