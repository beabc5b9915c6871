"""What the pages of one node share: templates, static files, passwords, how much one may try."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, Protocol
from zoneinfo import ZoneInfo

from aiohttp import web

from federation.mail.office import login_mail
from federation.node.service import now_s
from federation.peer.pace import network_of
from federation.peer.rate import Allowance, RateMemory
from federation.web.passwords import Passwords
from federation.web.render import renderer
from federation.web.sessions import cookie_name
from federation.web.static_files import read_static_files

if TYPE_CHECKING:
    from federation.members.profiles import Person
    from federation.node.service import Node
    from federation.web.login import Letter
    from schemas.texts.words import Language

QUARTER_S: Final = 900
DAY_S: Final = 86_400
LETTERS_MAX: Final = 200


class LoginMail(Protocol):
    """Sends the mail that lets somebody in: a link with a button behind it, and a code."""

    async def __call__(
        self, node: Node, person: Person, *, language: Language, link: str, code: str
    ) -> None:
        """Take the mail over; it is on its way when this returns.

        `person` is the first of those who sign in with its address; `link` is a whole address.
        """


class Place:
    """One node's pages."""

    def __init__(self, node: Node) -> None:
        """Read everything that pages are made of."""
        self.node = node
        self.zone = ZoneInfo(node.settings.timezone)
        self.static = read_static_files()
        self.renderer = renderer(self.zone)
        self.passwords = Passwords()
        self.paces = LoginPaces()
        self.join_paces = JoinPaces()
        self.letter_paces = LoginPaces()
        self.letters: asyncio.Queue[Letter] = asyncio.Queue(LETTERS_MAX)
        self.now_s = now_s
        node.parts.setdefault(LoginMail, login_mail)
        self.https = node.settings.public_url.startswith("https://")

    @property
    def login_mail(self) -> LoginMail:
        """Who sends the mails that let in: the mail room, unless a test stands in for it."""
        mail: LoginMail = self.node.parts[LoginMail]
        return mail

    def cookie(self, what: str = "") -> str:
        """Give the name of a cookie of this node."""
        return cookie_name(self.node, what)

    def set_cookie(
        self, response: web.StreamResponse, what: str, value: str, *, lasts_s: int
    ) -> None:
        """Set a cookie that no script reads and no other site sends."""
        response.set_cookie(
            self.cookie(what),
            value,
            max_age=lasts_s,
            path="/",
            secure=self.https,
            httponly=True,
            samesite="Lax",
        )

    def drop_cookie(self, response: web.StreamResponse, what: str) -> None:
        """Let the browser forget a cookie."""
        response.del_cookie(
            self.cookie(what), path="/", secure=self.https, httponly=True, samesite="Lax"
        )

    def network(self, request: web.Request) -> str:
        """Give where a request comes from, as one caller; empty when only a proxy is seen."""
        header = self.node.settings.limits.address_header
        if header:
            told = request.headers.get(header, "").rpartition(",")[2]
            return network_of(told.strip() or request.remote or "")
        return "" if self.https else network_of(request.remote or "")


class LoginPaces:
    """How often one may try to get in, per quarter of an hour; nobody is told apart by it."""

    def __init__(self) -> None:
        """Start with nothing tried."""
        self._mails_here = RateMemory(Allowance(5 / QUARTER_S, 5))
        self._mails_to = RateMemory(Allowance(20 / QUARTER_S, 20))
        self._tries_to = RateMemory(Allowance(10 / QUARTER_S, 10))
        self._network = RateMemory(Allowance(60 / QUARTER_S, 60))

    def ask_mail(self, network: str, address_key: str) -> float:
        """Count a mail that is asked for: 0, or the seconds until one may be asked for again.

        An address is bounded from one network first, so that nobody keeps its owner out by asking.
        """
        return self._network_first(network) or self._longest(
            self._mails_here.take(f"{network} {address_key}", now_s=time.monotonic()),
            self._mails_to.take(address_key, now_s=time.monotonic()),
        )

    def try_password(self, network: str, address_key: str) -> float:
        """Count a try at a password."""
        return self._network_first(network) or self._tries_to.take(
            f"{network} {address_key}", now_s=time.monotonic()
        )

    def try_code(self, network: str) -> float:
        """Count a try at a code or a link; the code itself bounds the tries as well."""
        return self._network_first(network)

    def _network_first(self, network: str) -> float:
        return self._network.take(network, now_s=time.monotonic()) if network else 0.0

    @staticmethod
    def _longest(*waits_s: float) -> float:
        return max(waits_s)


class JoinPaces:
    """How often strangers may have a mail sent to an address that nobody here knows yet."""

    def __init__(self) -> None:
        """Start with nothing asked."""
        self._to = RateMemory(Allowance(3 / DAY_S, 3))
        self._network = RateMemory(Allowance(20 / DAY_S, 10))
        self._all = RateMemory(Allowance(200 / DAY_S, 100))

    def ask(self, network: str, address_key: str) -> float:
        """Count a mail: 0, or the seconds until one may be asked for again."""
        now_s = time.monotonic()
        here = self._network.take(network, now_s=now_s) if network else 0.0
        return here or self._to.take(address_key, now_s=now_s) or self._all.take("", now_s=now_s)


PLACE: Final = web.AppKey("place", Place)
