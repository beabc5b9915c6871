"""Getting in: a mailed link whose page has a button, a six-digit code beside it, or a password.

Whoever asks learns nothing about an address. The answer is made before anybody looks the address
up: a task of the node's pages (`letters`) does that afterwards. A link and its code work once, for
a quarter of an hour; the code may be tried five times, only in the browser that asked for it.
Neither token, code nor address lies in the database.

What is right leads to one browser that has `proven` who may enter; from there one person signs in,
chosen when an address has several.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog

from events.recovery import STORAGE_TROUBLE
from federation.members import joining
from federation.members.profiles import Person as Known
from federation.members.profiles import person, person_by_address
from federation.members.words import address_key
from federation.node.identity import system_random
from federation.node.patience import connection_in_time
from federation.web import drafts, languages, sessions
from federation.web.place import PLACE, QUARTER_S
from federation.web.queries import SQL
from federation.web.sessions import new_token, token_hash
from schemas.encoding import b64
from schemas.errors import RuilbrugError, StorageError

if TYPE_CHECKING:
    from aiohttp import web

    from federation.node.service import Node
    from federation.web.place import Place
    from schemas.texts.words import Language

log = structlog.get_logger()

LASTS_S: Final = QUARTER_S
TRIES_MAX: Final = 5
CODE_DIGITS: Final = 6
PEOPLE_MAX: Final = 20
"""So many persons behind one address; a household is smaller."""
SECOND_CLICK_S: Final = 60
"""So long the same form counts as the same click."""
SWEEP_S: Final = 3600
KEPT_S: Final = 86_400


class Letter(NamedTuple):
    """A mail to be written to an address, if somebody signs in with it."""

    address: str
    link: str
    code: str
    language: Language


class Asked(NamedTuple):
    """A mail that was asked for: the token of the asking browser."""

    browser: str


class Proven(NamedTuple):
    """Who may sign in on this browser, and where that one wanted to go."""

    people: list[Known]
    next_path: str


async def ask_mail(
    place: Place, address: str, *, language: Language, next_path: str, now_s: int
) -> Asked:
    """Note that a mail is wanted; the same work for every address.

    Raises:
        StorageError: `busy` when more are wanted than can be written.

    """
    link, browser, code = new_token(), new_token(), new_code()
    async with connection_in_time(place.node.pool) as connection:
        await connection.execute(
            SQL["begin_login"],
            token_hash(link),
            token_hash(browser),
            _code_hash(browser, code),
            next_path,
            now_s + LASTS_S,
        )
    with contextlib.suppress(asyncio.QueueFull):  # many strangers ask: who asks again gets a mail
        place.letters.put_nowait(Letter(address, link, code, language))
    return Asked(browser)


def new_code() -> str:
    """Give six random digits."""
    return f"{int.from_bytes(system_random(8)) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def _code_hash(browser: str, code: str) -> bytes:
    """Hash a code under the browser's token, which the database does not have."""
    return hmac.digest(browser.encode(), code.encode(), "sha256")


async def check_code(
    place: Place, browser: str, code: str, *, form_key: str, now_s: int
) -> str | None:
    """Try the code in the browser that asked: the browser's new token when it was right."""
    async with connection_in_time(place.node.pool) as connection:
        row = await connection.fetchrow(SQL["try_code"], token_hash(browser), TRIES_MAX, now_s)
    if row is None or not hmac.compare_digest(row["code"], _code_hash(browser, code)):
        return None
    # the second click of a double one still comes with this token
    return await _prove(place.node, row["link"], browser, form_key, now_s=now_s)


async def link_works(place: Place, link: str, *, now_s: int) -> bool:
    """Tell whether a mailed link still lets in; looking uses nothing up."""
    async with connection_in_time(place.node.pool) as connection:
        row = await connection.fetchrow(SQL["look_at_link"], token_hash(link), now_s)
    return row is not None


async def use_link(place: Place, link: str, *, form_key: str, now_s: int) -> str | None:
    """Use a mailed link up, in any browser: that browser's token when it was right.

    The token follows from link and form, so both clicks of a double one get the same.
    """
    browser = b64(hmac.digest(link.encode(), form_key.encode(), "sha256"))
    return await _prove(place.node, token_hash(link), browser, form_key, now_s=now_s)


async def _prove(node: Node, link: bytes, browser: str, form_key: str, *, now_s: int) -> str | None:
    async with connection_in_time(node.pool) as connection:
        row = await connection.fetchrow(
            SQL["prove"], link, token_hash(browser), token_hash(form_key), now_s, SECOND_CLICK_S
        )
    return None if row is None else browser


async def check_password(
    place: Place, address: str, password: str, *, next_path: str, now_s: int
) -> str | None:
    """Try a password: the browser's new token when it was right. Always takes as long."""
    people = (await person_by_address(place.node, address))[:PEOPLE_MAX]
    async with connection_in_time(place.node.pool) as connection:
        rows = await connection.fetch(
            SQL["passwords_of"], [p.account for p in people], [p.person for p in people]
        )
    right = [row for row in rows if await place.passwords.fits(row["hash"], password)]
    if not rows:
        await place.passwords.fits(None, password)
    if not right:
        return None
    browser = new_token()
    async with connection_in_time(place.node.pool) as connection:
        await connection.execute(
            SQL["prove_by_password"],
            token_hash(new_token()),
            token_hash(browser),
            [row["account"] for row in right],
            [row["person"] for row in right],
            next_path,
            now_s + LASTS_S,
            now_s,
        )
    return browser


async def proven(place: Place, browser: str, *, now_s: int) -> Proven:
    """Give who may sign in on this browser; nobody when nothing was proven, or long ago."""
    async with connection_in_time(place.node.pool) as connection:
        row = await connection.fetchrow(SQL["proven_login"], token_hash(browser), now_s)
    if row is None:
        return Proven([], "/")
    pairs = zip(row["accounts"], row["persons"], strict=True)
    found = [await person(place.node, account, number) for account, number in pairs]
    return Proven([known for known in found if known is not None], row["next_path"])


async def sign_in(
    place: Place, browser: str, who: tuple[int, int], device: str, *, now_s: int
) -> str:
    """Sign in whom this browser has proven to be, and give the session's token."""
    async with connection_in_time(place.node.pool) as connection:
        await connection.execute(SQL["finish_login"], token_hash(browser), now_s + SECOND_CLICK_S)
    return await sessions.begin_session(place.node, who, device, now_s=now_s)


async def write_letter(place: Place, letter: Letter) -> None:
    """Look up who signs in with an address, and mail the link; nobody: nothing."""
    people = (await person_by_address(place.node, letter.address))[:PEOPLE_MAX]
    if not people:
        return
    async with connection_in_time(place.node.pool) as connection:
        await connection.execute(
            SQL["let_in"],
            token_hash(letter.link),
            [p.account for p in people],
            [p.person for p in people],
        )
    first = people[0]
    await place.login_mail(
        place.node,
        first,
        language=languages.read_language(first.language) or letter.language,
        link=f"{place.node.settings.public_url}/login/{letter.link}",
        code=letter.code,
    )


async def sweep(node: Node, *, now_s: int) -> None:
    """Clear away what nobody needs any more."""
    async with connection_in_time(node.pool) as connection:
        await connection.execute(SQL["sweep_logins"], now_s - KEPT_S)
        await connection.execute(SQL["sweep_sessions"], now_s - sessions.KEPT_S)
        await connection.execute(SQL["sweep_drafts"], now_s - drafts.KEPT_S)
    await joining.sweep(node, now_s=now_s)


async def letters(app: web.Application) -> AsyncIterator[None]:
    """Own the task that writes login mails and sweeps; for `cleanup_ctx`."""
    place = app[PLACE]
    tasks = [
        asyncio.create_task(_write_letters(place), name="login-letters"),
        asyncio.create_task(_sweep_often(place), name="web-sweeper"),
    ]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _write_letters(place: Place) -> None:
    while True:
        letter = await place.letters.get()
        try:
            await write_letter(place, letter)
        except (*STORAGE_TROUBLE, RuilbrugError) as error:
            log.warning("login_mail_lost", kind=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - the edge: a bug ends this letter, no more
            log.critical("login_mail_failed", kind=type(error).__name__)
        finally:
            place.letters.task_done()


async def _sweep_often(place: Place) -> None:
    while True:
        try:
            await sweep(place.node, now_s=place.now_s())
        except (*STORAGE_TROUBLE, StorageError) as error:
            log.warning("web_sweep_skipped", kind=type(error).__name__)
        await asyncio.sleep(SWEEP_S)


def rate_key(address: str) -> str:
    """Give the form of an address under which tries are counted."""
    return address_key(address)[:254]
