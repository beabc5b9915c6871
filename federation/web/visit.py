"""One visit of one page: who asks, in which language, about which group, and how to answer.

Handlers get a `Visit` and give a response: parse (`form`, `query`), call one use case, `show` a
template or `go` somewhere.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from federation.members.reader import ANONYMOUS
from federation.web import languages, menu
from federation.web.balance import balance_words
from federation.web.drafts import drop_draft, keep_draft, owner_of, read_draft
from federation.web.forms import FIELDS_MAX, Form, keepable
from federation.web.look import look_of
from federation.web.notices import NOTICES
from federation.web.sessions import Ended, Person
from federation.words.texts import later, texts
from projections.room import limits
from schemas.errors import Code, InputError, RefusedError, sentence
from schemas.texts.words import Language

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.service import Node
    from federation.web.forms import Said
    from federation.web.place import Place
    from federation.words.texts import Texts
    from schemas.amounts import Unit
    from schemas.errors import RuilbrugError

NUMBER_LENGTH_MAX: Final = 15
SENT_BEFORE: Final = later(
    "Dit formulier was al verstuurd. Wat je nu typte is nog niet bewaard: druk nog eens op de knop "
    "als je dit ook wilt."
)
FORM_BYTES_MAX: Final = 256 * 1024
_NO_FORM: Final = (
    ValueError,
    LookupError,
    AssertionError,
    HttpProcessingError,
    web.RequestPayloadError,
)
PACKED_FROM: Final = 512
PACKED_AT_ONCE: Final = 256 * 1024
"""A page is packed where it is made: handing it to a thread takes longer."""


class MadeForAnotherError(Exception):
    """A form was filled in in one name, and is sent in another: in a second window, or too late."""


class Visit:
    """What a handler needs of a request."""

    def __init__(
        self, request: web.Request, place: Place, found: Person | Ended | None, now_s: int
    ) -> None:
        """Take a request to a place; `found` is what its session says."""
        self.request = request
        self.place = place
        self.node: Node = place.node
        self.now_s = now_s
        self.person = found if isinstance(found, Person) else None
        self.ended = found if isinstance(found, Ended) else None
        self.posted: Form | None = None
        """What was sent, once it is read."""

    @cached_property
    def language(self) -> Language:
        """The language of the page."""
        person = self.person
        said = ("", "") if person is None else (person.chosen_language, person.language)
        cookie = self.request.cookies.get(self.place.cookie("-language"), "")
        return languages.choose(
            *said, cookie, accepted=self.request.headers.get("Accept-Language", "")
        )

    @property
    def member(self) -> Person:
        """Who is signed in; only pages for members ask."""
        assert self.person is not None, "a page for members lets nobody else in"
        return self.person

    @property
    def reader(self) -> Reader:
        """Who looks, for the use cases."""
        return ANONYMOUS if self.person is None else self.person.reader

    @property
    def texts(self) -> Texts:
        """The sentences of the page's language."""
        return texts(self.language)

    @property
    def unit(self) -> Unit:
        """The group's unit.

        Raises:
            RefusedError: `not_configured`.

        """
        settings = self.node.machine.books.ledger.settings
        if settings is None:
            raise RefusedError(Code.NOT_CONFIGURED)
        return settings.unit

    @property
    def page_path(self) -> str:
        """The path of this page, which names its draft."""
        return self.request.path

    def part(self, name: str) -> int:
        """Give a number of the path.

        Raises:
            InputError: `not_found`.

        """
        text = self.request.match_info[name]
        if not text.isascii() or not text.isdigit() or len(text) > NUMBER_LENGTH_MAX:
            raise InputError(Code.NOT_FOUND, field="path")
        return int(text)

    def number(self, name: str) -> int:
        """Give a number of the address; zero when it is not there, or none."""
        text = self.query(name)
        fine = text.isascii() and text.isdigit() and len(text) <= NUMBER_LENGTH_MAX
        return int(text) if fine else 0

    @property
    def network(self) -> str:
        """Where the request comes from, as one caller; empty when only a proxy is seen."""
        return self.place.network(self.request)

    def query(self, name: str) -> str:
        """Give a value of the address; empty when it is not there."""
        return keepable(self.request.query.get(name, ""))

    async def form(self, *, bytes_max: int = FORM_BYTES_MAX) -> Form:
        """Read what was posted; a page that takes files says how much they may be.

        Raises:
            InputError: `too_large`, `malformed` for what no form of ours sends.
            MadeForAnotherError: it was filled in in another name than the one acted in now.

        """
        if (self.request.content_length or 0) > bytes_max:
            raise InputError(Code.TOO_LARGE, field="input", limit=bytes_max)
        try:
            posted = await self.request.clone(client_max_size=bytes_max).post()
        except _NO_FORM as error:
            raise InputError(Code.MALFORMED, field="input", reason="form") from error
        if len(posted) > FIELDS_MAX:
            raise InputError(Code.TOO_LARGE, field="input", limit=FIELDS_MAX)
        form = self.posted = Form.posted(posted.items())
        if self.person is not None and form.made_for not in (None, self.person.shown_account):
            raise MadeForAnotherError
        return form

    async def blank(self, **known: str) -> Form:
        """Give a form to fill in: with what is known, or with what was typed here and not sent."""
        if self.person is not None:
            owner = owner_of(self.person, self.person.acting_for)
            known |= await read_draft(self.node, owner, self.page_path)
        return Form.filled(**known)

    async def keep(self, path: str = "", **typed: str) -> None:
        """Keep what was typed for the next visit: of this page, or of the one at `path`."""
        if self.person is not None:
            owner = owner_of(self.person, self.person.acting_for)
            await keep_draft(self.node, owner, path or self.page_path, typed, now_s=self.now_s)

    async def sent(self) -> None:
        """Forget what was typed on this page and not sent: now it has been."""
        if self.person is not None:
            owner = owner_of(self.person, self.person.acting_for)
            await drop_draft(self.node, owner, self.page_path)

    @contextlib.asynccontextmanager
    async def trying(self, form: Form) -> AsyncIterator[None]:
        """Note a refusal of the block on top of the form, which then takes a fresh key.

        A form that was sent before, with other content, says so.
        """
        try:
            yield
        except (InputError, RefusedError) as error:
            field = str(error.facts.get("field", ""))
            if error.code is Code.CONFLICT and field == "key":
                form.fail("", SENT_BEFORE)
            else:
                beside = field if field in form.values else ""
                form.fail(beside, "%(said)s", said=self.explain(error))
            form.again()

    def explain(self, error: RuilbrugError) -> str:
        """Give the sentence of an error in the reader's language and unit."""
        settings = self.node.machine.books.ledger.settings
        unit = None if settings is None else settings.unit
        return sentence(error.code, error.facts, self.language, unit)

    def show(self, template: str, *, status: int = 200, **values: Any) -> web.Response:
        """Answer with a page; its forms are made for whom the reader acts for now."""
        for form in values.values():
            if isinstance(form, Form) and self.person is not None:
                form.made_for = self.person.shown_account
        text = self.place.renderer.render(template, self.language, {**self._common(), **values})
        response = web.Response(
            status=status, text=text, content_type="text/html", zlib_executor_size=PACKED_AT_ONCE
        )
        response.headers["Content-Language"] = self.language.value
        response.headers["Vary"] = "Cookie, Accept-Language, Accept-Encoding"
        if len(text) > PACKED_FROM and "gzip" in self.request.headers.get("Accept-Encoding", ""):
            response.enable_compression(web.ContentCoding.gzip)
        return response

    def go(self, path: str, *, notice: str = "", **query: str) -> web.Response:
        """Send the browser on after a post; `notice` names what the next page says on top."""
        said = {**({"done": notice} if notice else {}), **query}
        assert not notice or notice in NOTICES, notice
        where = f"{path}?{urlencode(said)}" if said else path
        return web.Response(status=303, headers={"Location": where})

    def _common(self) -> dict[str, Any]:
        """Give what every page shows."""
        ledger = self.node.machine.books.ledger
        settings = ledger.settings
        common: dict[str, Any] = {
            "visit": self,
            "person": self.person,
            "menu": menu.entries(
                self.node.settings.role,
                () if self.person is None else self.person.reader.roles,
                self.page_path,
            ),
            "group": self.node.settings.name,
            "look": look_of(self.node),
            "unit": None if settings is None else settings.unit,
            # a form goes back to the address of its page: what is said there is of the deed before
            "notice": NOTICES.get(self.query("done")) if self.request.method != "POST" else None,
            "page_path": self.page_path,
            "balance_minor": None,
            "balance_said": None,
            "status": 200,
        }
        if self.person is not None and settings is not None:
            account = self.person.shown_account
            common["balance_minor"] = ledger.balance(account)
            common["balance_said"] = self._balance_said(account)
        return common

    def _balance_said(self, account: int) -> Said:
        ledger = self.node.machine.books.ledger
        return balance_words(
            ledger.balance(account),
            self.unit,
            self.language,
            upper_minor=limits(ledger, ledger.accounts[account], now_s=self.now_s)[1],
            name=self.member.whose,
        )
