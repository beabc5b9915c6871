"""Members of a group that moved in are invited in waves: a mail with a link, once each.

Invariant: that somebody is invited, the link and the mail are written in one transaction, so
neither a double click, a second coordinator nor a restart invites anybody twice, and nobody counts
as invited without a mail on its way. The link lets in once, for two weeks, and leads to the page
where one chooses how to sign in from then on; who comes later asks for a link as always.
"""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

from events.queries import load_queries
from federation.mail.compose.joining import invitation
from federation.mail.letter import Recipient
from federation.mail.office import office_of
from federation.mail.own_words import OwnLetter, own_words, paragraphs_of
from federation.members.profiles import Person
from federation.node.identity import system_random
from federation.web.languages import read_language
from federation.web.sessions import new_token, token_hash
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import Collection

    from events.log_store import AnyConnection
    from federation.node.service import Node
    from schemas.texts.words import Language

SQL: Final = load_queries(files("federation.web").joinpath("sql/invitations.sql"))
LASTS_S: Final = 14 * 86_400
NAME_MAX: Final = 60
AT_ONCE_MAX: Final = 200
"""So many are shown and invited together: a form has room for no more."""
NEXT_PATH: Final = "/me/password"
_HASH_SIZE: Final = 32


class Wave(NamedTuple):
    """What one wave came to."""

    name: str
    begun_at_s: int
    invited: int
    here: int
    """How many of them have signed in since."""


class Standing(NamedTuple):
    """How far a group is with inviting."""

    waves: list[Wave]
    waiting: list[Person]
    """The first of those who could be invited."""
    unreachable: int
    """Active members without an address for mails."""


class _NotMailed(Exception):
    """Takes back that somebody is invited: no mail can go there."""


async def standing(node: Node) -> Standing:
    """Give the waves so far, and who waits."""
    waves = await node.pool.fetch(SQL["waves"])
    waiting = await node.pool.fetch(SQL["not_invited"], AT_ONCE_MAX)
    return Standing(
        waves=[Wave(*row) for row in waves],
        waiting=[Person(**dict(row)) for row in waiting],
        unreachable=await node.pool.fetchval(SQL["unreachable"]),
    )


async def invite(
    node: Node, who: Collection[tuple[int, int]], wave: str, *, language: Language, now_s: int
) -> int:
    """Invite some of those who wait; gives how many mails are on their way.

    Who was invited meanwhile, or cannot be mailed, is left out.

    Raises:
        InputError: `text_missing` for a wave without a name; `not_configured` without a unit.

    """
    if not wave:
        raise InputError(Code.TEXT_MISSING, field="wave")
    office = office_of(node)
    waiting = (await standing(node)).waiting
    chosen = [person for person in waiting if (person.account, person.person) in who]
    invited = 0
    async with node.pool.acquire() as connection:
        for person in chosen:
            try:
                async with connection.transaction():
                    invited += await _invite(node, connection, person, wave, language, now_s)
            except _NotMailed:
                continue
    office.courier.wake()
    return invited


async def _invite(
    node: Node,
    connection: AnyConnection,
    person: Person,
    wave: str,
    language: Language,
    now_s: int,
) -> int:
    claimed = await connection.fetchval(SQL["invite"], person.account, person.person, wave, now_s)
    if claimed is None:
        return 0
    link = new_token()
    await connection.execute(
        SQL["begin_invitation"],
        token_hash(link),
        token_hash(new_token()),
        system_random(_HASH_SIZE),  # no code: the link is all there is
        [person.account],
        [person.person],
        NEXT_PATH,
        now_s + LASTS_S,
    )
    desk = office_of(node).desk()
    to = Recipient(
        person.account,
        person.person,
        person.name,
        person.address,
        read_language(person.language) or language,
    )
    letter = invitation(
        desk,
        to,
        own=paragraphs_of(await own_words(node.pool), OwnLetter.INVITATION, desk, to),
        link=f"{node.settings.public_url}/login/{link}",
        about=sha256(link.encode()).hexdigest(),
        lasts_s=LASTS_S,
        at_s=now_s,
    )
    if not await office_of(node).put(connection, letter):
        raise _NotMailed
    return 1
