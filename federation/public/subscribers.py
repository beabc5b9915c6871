"""Who gets the newsletter: asked for, confirmed by a mailed link, and ended in one click.

An address lies sealed under a data key of its own, as texts of members do, with the consent: which
sentence, when asked, when confirmed. Ending deletes all of it. Whether an address is known shows
in no answer: every question is answered alike, and only the mail differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from events.commitments import SALT_SIZE
from events.sealed import Keyring, WrappedKey
from federation.mail.compose.newsletter import confirmation
from federation.mail.office import office_of
from federation.node.identity import system_random
from federation.node.patience import connection_in_time
from federation.public import consent
from federation.public.queries import SQL
from schemas.encoding import encode
from schemas.texts.words import Language

if TYPE_CHECKING:
    from asyncpg import Record

    from federation.node.service import Node

CONSENT: Final = 1
"""The number of the sentence that is agreed to now; `consent_text` of the page says it."""
SUBJECT_SIZE: Final = 16


class Subscriber(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of somebody, sealed."""

    address: str
    language: Language
    consent: int
    asked_at_s: int
    confirmed_at_s: int


_SUBSCRIBER: Final = msgspec.json.Decoder(Subscriber)


async def ask(node: Node, address: str, language: Language, *, now_s: int) -> None:
    """Mail a link that confirms an address; nothing is kept of it before."""
    office = office_of(node)
    asked = consent.Asked(address, language.value, CONSENT, now_s)
    token = consent.write_link(office.secret, asked, consent.ASK, system_random)
    await office.post(
        confirmation(
            office.desk(),
            address,
            language,
            person=consent.person_of(office.secret, address),
            token=token,
            umbrella=node.settings.role == "umbrella",
            at_s=now_s,
            lasts_s=consent.CONFIRM_LASTS_S,
        )
    )


async def confirm(node: Node, token: str, *, now_s: int) -> None:
    """Let the newsletter go to the address of a link; a second time changes nothing.

    Raises:
        RefusedError: `not_found`, `expired`.

    """
    secret = office_of(node).secret
    asked = consent.read_asked(secret, token, now_s=now_s)
    node.gate.require_writable()
    kept = Subscriber(
        address=asked.address,
        language=Language(asked.language),
        consent=asked.consent,
        asked_at_s=asked.asked_at_s,
        confirmed_at_s=now_s,
    )
    subject, keyring = system_random(SUBJECT_SIZE), _keyring(node)
    salt = system_random(SALT_SIZE)
    sealed = keyring.seal(subject, subject, salt, encode(kept), system_random)
    (key,) = keyring.fresh
    mac = consent.address_mac(secret, asked.address)
    async with connection_in_time(node.pool) as connection, connection.transaction():
        await connection.execute(SQL["subscribe_in_turn"])
        if await connection.fetchval(SQL["subscribe"], subject, mac, sealed) is not None:
            await connection.execute(SQL["subscriber_key"], *key)


async def end(node: Node, token: str) -> None:
    """Let it go to somebody no more, and delete what was kept; a second time changes nothing.

    Raises:
        RefusedError: `not_found` when the link is not ours.

    """
    secret = office_of(node).secret
    stop = consent.read_stop(secret, token)
    await _delete(node, secret, stop.subject)


async def end_address(node: Node, address: str) -> None:
    """End it for an address, by hand, for somebody who asks otherwise than by the link."""
    secret = office_of(node).secret
    async with connection_in_time(node.pool) as connection:
        mac = consent.address_mac(secret, address)
        subject = await connection.fetchval(SQL["find_address"], mac)
    if subject is not None:
        await _delete(node, secret, subject)


async def count(node: Node) -> int:
    """Tell how many get it."""
    async with connection_in_time(node.pool) as connection:
        found: int = await connection.fetchval(SQL["count_subscribers"])
    return found


def opened(node: Node, row: Record) -> Subscriber | None:
    """Open what is kept of somebody; none when its data key is gone."""
    keyring = _keyring(node)
    keyring.learn(WrappedKey(row["subject"], row["wrapping_key"], row["wrapped"]))
    plain = keyring.open(row["subject"], row["subject"], row["sealed"])
    return None if plain is None else _SUBSCRIBER.decode(plain[1])


async def _delete(node: Node, secret: bytes, subject: bytes) -> None:
    async with connection_in_time(node.pool) as connection, connection.transaction():
        row = await connection.fetchrow(SQL["find_subscriber"], subject)
        if row is None:
            return
        kept = opened(node, row)
        await connection.execute(SQL["unsubscribe"], subject)
        await connection.execute(SQL["drop_key"], subject)
        if kept is not None:
            person = consent.person_of(secret, kept.address)
            await connection.execute(SQL["drop_waiting"], person)


def _keyring(node: Node) -> Keyring:
    """Give a keyring of its own: members' data keys are the sequencer's."""
    wrapping = node.identity.wrapping
    return Keyring(wrapping, max(wrapping))
