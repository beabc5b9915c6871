"""The books of a node: ledger, lines, trades and members as one fold over its own log.

`fold` reads an own event (`projections.received` what a partner sent) and decides nothing. A
rebuild, `log verify` and the running node use the same functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from projections import agreeing
from projections import ledger as books_ledger
from projections.agreeing import AGREEING_STEPS, Agreeing
from projections.layered import Layered
from projections.ledger import Ledger, PostingRow
from projections.lines import DONE, Line, Transfer, TransferKey
from projections.membership import STEPS, Membership
from projections.own_life import LIFE_STEPS
from projections.own_payments import PAYMENT_STEPS
from projections.register import REGISTER_STEPS, Register
from schemas import bodies, cores

if TYPE_CHECKING:
    from collections.abc import Callable

    from projections.recorded import Recorded


class Books:
    """All that the rules need to know, in two layers (see `Layered`)."""

    __slots__ = ("_agreeing", "_below", "_members", "_register", "ledger", "lines", "transfers")
    _agreeing: Agreeing | None
    _below: Books | None
    _members: Membership | None
    _register: Register | None

    def __init__(self) -> None:
        """Start with nothing."""
        self.ledger = Ledger()
        self.lines: Layered[str, Line] = Layered()
        self.transfers: Layered[TransferKey, Transfer] = Layered()
        self._below = None
        self._agreeing = Agreeing()
        self._members = Membership()
        self._register = Register()

    def branch(self) -> Books:
        """Give a copy whose changes can be dropped."""
        copy = Books.__new__(Books)
        copy.ledger = self.ledger.branch()
        copy.lines = self.lines.branch()
        copy.transfers = self.transfers.branch()
        copy._below = self
        copy._agreeing = None
        copy._members = None
        copy._register = None
        return copy

    @property
    def members(self) -> Membership:
        """Who is who and what is offered; branched when somebody asks, which no booking does."""
        if self._members is None:
            assert self._below is not None  # a branch has something below
            self._members = self._below.members.branch()
        return self._members

    @members.setter
    def members(self, members: Membership) -> None:
        self._members = members

    @property
    def agreeing(self) -> Agreeing:
        """Requests, activities, blocks; branched when somebody asks, which few bookings do."""
        if self._agreeing is None:
            assert self._below is not None  # a branch has something below
            self._agreeing = self._below.agreeing.branch()
        return self._agreeing

    @property
    def agreeing_asked(self) -> Agreeing | None:
        """The same, when somebody has asked; nothing else can have changed."""
        return self._agreeing

    @property
    def members_asked(self) -> Membership | None:
        """The same, when somebody has asked; nothing else can have changed."""
        return self._members

    @property
    def register(self) -> Register:
        """The groups that an umbrella has admitted; branched when somebody asks."""
        if self._register is None:
            assert self._below is not None  # a branch has something below
            self._register = self._below.register.branch()
        return self._register

    @register.setter
    def register(self, register: Register) -> None:
        self._register = register

    @property
    def register_asked(self) -> Register | None:
        """The same, when somebody has asked; nothing else can have changed."""
        return self._register

    def adopt(self, branch: Books) -> None:
        """Take over a committed branch; trades that are done leave the memory."""
        self.ledger.adopt(branch.ledger)
        branch.lines.merge()
        branch.transfers.merge(lambda transfer: transfer.phase not in DONE)
        if branch._agreeing is not None:
            self.agreeing.adopt(branch._agreeing)
        if branch._members is not None:
            self.members.adopt(branch._members)
        if branch._register is not None:
            self.register.adopt(branch._register)


def fold(books: Books, event: Recorded, rows: list[PostingRow]) -> None:
    """Apply one own event; statement rows are appended to `rows`."""
    kind = type(event.body)
    step = _LOCAL.get(kind)
    if step is not None:
        step(books, event, event.body, rows)
        return
    step_member = STEPS.get(kind)
    if step_member is not None:
        step_member(books.members, event.seq, event.body)
        return
    step_register = REGISTER_STEPS.get(kind)
    if step_register is not None:
        step_register(books.register, event.body)
        return
    step_line = _OWN_STEPS.get(type(event.core))
    if step_line is not None:
        assert isinstance(event.core, cores.LineCore)
        line = step_line(books, event, event.core, rows)
        line.check()
        books.lines.put(event.core.line, line)


# own local events


def _transfer(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    booked = cast("bodies.TransferImported", body)  # the hot path: isinstance of structs is slow
    books_ledger.post(books.ledger, event.seq, booked.at_s, booked.postings, rows)
    books_ledger.count_given(books.ledger, booked.postings)


def _transfer_booked(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    booked = cast("bodies.TransferBooked", body)
    books_ledger.post(books.ledger, event.seq, booked.at_s, booked.postings, rows)
    undoes = booked.reverses is not None
    books_ledger.count_given(books.ledger, booked.postings, undoes=undoes)
    if booked.request is not None or booked.reverses is not None or booked.activity is not None:
        agreeing.booked(books, event.seq, booked)


def _collective(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    assert isinstance(body, bodies.CollectiveBooked)
    books_ledger.post(books.ledger, event.seq, body.at_s, body.postings, rows)
    if body.reverses is not None:
        agreeing.given_back(books, event.seq, body.reverses)


def _account_opened(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del rows
    assert isinstance(body, bodies.AccountOpened)
    books_ledger.open_account(books.ledger, event.seq, body)
    if body.kind is bodies.AccountKind.CLEARING and body.line is not None:
        line = books.lines[body.line]
        books.lines.put(body.line, replace(line, clearing=body.account))


def _account_limited(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del event, rows
    assert isinstance(body, bodies.AccountLimited)
    books_ledger.limit_account(books.ledger, body)


def _account_status(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del event, rows
    assert isinstance(body, bodies.AccountStatusSet)
    books_ledger.set_status(books.ledger, body)


def _configured(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del event, rows
    assert isinstance(body, bodies.GroupConfigured)
    books_ledger.configure(books.ledger, body)


def _limited(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del event, rows
    assert isinstance(body, bodies.GroupLimits)
    books_ledger.limit_group(books.ledger, body)


def _quarantined(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del event, rows
    assert isinstance(body, bodies.LineQuarantined)
    books.lines.put(body.line, replace(books.lines[body.line], quarantined=body.code))


def _quarantine_ended(books: Books, event: Recorded, body: object, rows: list[PostingRow]) -> None:
    del event, rows
    assert isinstance(body, bodies.QuarantineEnded)
    books.lines.put(body.line, replace(books.lines[body.line], quarantined=""))


if TYPE_CHECKING:
    LocalStep = Callable[[Books, Recorded, object, list[PostingRow]], None]

_LOCAL: dict[type, LocalStep] = {
    bodies.TransferBooked: _transfer_booked,
    bodies.CollectiveBooked: _collective,
    bodies.TransferImported: _transfer,
    bodies.AccountOpened: _account_opened,
    bodies.AccountLimited: _account_limited,
    bodies.AccountStatusSet: _account_status,
    bodies.GroupConfigured: _configured,
    bodies.GroupLimits: _limited,
    bodies.LineQuarantined: _quarantined,
    bodies.QuarantineEnded: _quarantine_ended,
    **AGREEING_STEPS,
}

_OWN_STEPS = {**LIFE_STEPS, **PAYMENT_STEPS}
