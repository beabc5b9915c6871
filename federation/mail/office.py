"""A node's post office: with what its mails are written, and the task that brings them out."""

from __future__ import annotations

import random as chance
from hashlib import sha256
from typing import TYPE_CHECKING, Final, cast
from zoneinfo import ZoneInfo

from yarl import URL

from events.restore import Mode
from federation.mail.addresses import Mailbox as Sender
from federation.mail.bounces import Bounce, mark
from federation.mail.compose.people import login
from federation.mail.courier import Courier
from federation.mail.letter import Desk, Recipient
from federation.mail.message import Stationery
from federation.mail.nowhere import Nowhere
from federation.mail.outbox import enqueue, enqueue_alone
from federation.mail.people import people
from federation.mail.sending import Mailbox, Smtp
from federation.mail.server import read_sender, read_server
from federation.node.identity import read_key_file, system_random
from federation.node.service import now_s
from federation.node.settings import write_private
from schemas.amounts import Rate, Unit
from schemas.encoding import b64
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from events.log_store import AnyConnection
    from federation.mail.letter import Letter
    from federation.mail.message import Mail
    from federation.mail.sending import Carrier
    from federation.members.profiles import Person
    from federation.node.service import Node
    from federation.node.settings import NodeFolder
    from schemas.texts.words import Language

HOURS: Final = Unit(singular="uur", plural="uur", rate=Rate(per_hour=1, decimals=2))
"""What an umbrella counts in, which has no unit of its own."""
KEY_SIZE: Final = 32
LOGIN_LASTS_S: Final = 900


class PostOffice:
    """Writes and delivers the mails of one node."""

    def __init__(self, node: Node) -> None:
        """Read settings and key.

        Raises:
            InputError: `malformed` naming the setting, `bad_key`.

        """
        settings = node.settings.mail
        self._node = node
        self.secret = read_key(node.folder)
        self.zone = ZoneInfo(node.settings.timezone)
        # the zone whose nights are quiet; the demo's mailbox wakes nobody
        self.quiet_in = None if settings.mode == "mailbox" else self.zone
        host = URL(node.settings.public_url).host or "localhost"
        carrier, sender = self._carrier(host)
        named = sender if sender.name else sender._replace(name=node.settings.name)
        self.courier = Courier(
            pool=node.pool,
            carrier=carrier,
            stationery=Stationery(sender=named, host=host, secret=self.secret),
            zone=self.quiet_in,
            released=lambda: node.gate.mode is Mode.OPEN,
            bounced=self._bounced,
            clock=now_s,
            jitter=chance.random,
        )
        self.courier.looks_s = node.share.mail_looks_s

    def _carrier(self, host: str) -> tuple[Carrier, Sender]:
        settings, folder = self._node.settings.mail, self._node.folder
        if settings.mode == "smtp":
            server = read_server(settings, folder, local_name=host)
            return Smtp(server), server.sender
        if settings.mode == "off":
            return Nowhere(), Sender("", "nobody@localhost")
        if not self._node.settings.allow_private_addresses:
            raise InputError(
                Code.MALFORMED,
                field="mail.mode",
                reason="a mailbox that everybody can read is for the demo only",
            )
        sender = read_sender(settings) if settings.sender else Sender("", "ruilbrug@localhost")
        return Mailbox(), sender

    def desk(self) -> Desk:
        """Give what every mail is written with.

        Raises:
            InputError: `not_configured` when the group has no unit yet.

        """
        group, settings = self._node.machine.books.ledger.settings, self._node.settings
        if group is None and settings.role == "group":
            raise InputError(Code.NOT_CONFIGURED, field="unit")
        unit = HOURS if group is None else group.unit
        return Desk(settings.name, settings.public_url, self.zone, unit, self.secret)

    async def put(self, connection: AnyConnection, letter: Letter) -> bool:
        """Put a letter down in the caller's transaction; call `courier.wake` after its end."""
        return await enqueue(
            connection, letter, now_s=now_s(), zone=self.quiet_in, random=system_random
        )

    async def post(self, letter: Letter) -> bool:
        """Put a letter down by itself, and let it go."""
        put = await enqueue_alone(
            self._node.pool, letter, now_s=now_s(), zone=self.quiet_in, random=system_random
        )
        self.courier.wake()
        return put

    async def people(self, account: int) -> list[Recipient]:
        """Give whom to mail about an account."""
        async with self._node.pool.acquire() as connection:
            return await people(connection, account)

    async def _bounced(self, mail: Mail, reply: str) -> None:
        async with self._node.pool.acquire() as connection:
            await mark(
                connection,
                self.desk(),
                Bounce(mail.account, mail.person, mail.address, reply),
                now_s=now_s(),
                zone=self.quiet_in,
                random=system_random,
            )


def open_office(node: Node) -> PostOffice:
    """Open the post office of a node that starts. Raises as `PostOffice`."""
    office = node.parts[PostOffice] = PostOffice(node)
    return office


def office_of(node: Node) -> PostOffice:
    """Give the post office of a running node.

    Raises:
        InputError: `not_found` before the node has started.

    """
    if PostOffice not in node.parts:
        raise InputError(Code.NOT_FOUND, field="mail")
    return cast("PostOffice", node.parts[PostOffice])


def read_key(folder: NodeFolder) -> bytes:
    """Read the key of mailed links; a node that has none makes one.

    Raises:
        InputError: `bad_key`.

    """
    path = folder.keys / "mail.key"
    if not path.exists():
        write_private(path, (b64(system_random(KEY_SIZE)) + "\n").encode())
    return read_key_file(path)


async def login_mail(
    node: Node, person: Person, *, language: Language, link: str, code: str
) -> None:
    """Mail the link and the code with which somebody signs in; on its way when this returns."""
    office, at_s = office_of(node), now_s()
    letter = login(
        office.desk(),
        Recipient(person.account, person.person, person.name, person.address, language),
        link=link,
        code=code,
        about=sha256(link.encode()).hexdigest(),
        expires_at_s=at_s + LOGIN_LASTS_S,
        at_s=at_s,
    )
    await office.post(letter)
