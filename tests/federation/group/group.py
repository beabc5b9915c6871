"""A group in memory: the pure rules over its books, with made-up ids and a clock that stands."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from federation.group import commands
from federation.group.decide import decide as decide_group
from federation.group.decide_agreeing import AGREEING_COMMANDS
from federation.group.decide_agreeing import decide as decide_agreeing
from federation.line.drafts import LocalDraft
from projections.books import Books, fold
from projections.recorded import Recorded
from schemas.amounts import Rate, Unit
from schemas.bodies import AccountKind, CollectiveBooked, TransferBooked
from schemas.cores import LocalCore
from schemas.encoding import b64, unb64
from schemas.errors import Refusal

if TYPE_CHECKING:
    from projections.ledger import PostingRow

NOW: Final = 1_700_000_000
CORE: Final = LocalCore(v=1, origin="", seq=0, root="", key="", ts=0, commitment="")


def salt(*parts: object) -> str:
    return b64(sha256(repr(parts).encode()).digest()[:16])


class Group:
    """Books and the events that made them; what a rule refuses leaves no trace."""

    def __init__(self, *, lower: int | None = None, upper: int | None = None) -> None:
        self.books = Books()
        self.rows: list[PostingRow] = []
        self.events: list[Recorded] = []
        self.used: set[bytes] = set()
        """Keys under which something was done, as the machine reads them from their table."""
        self.texts: list[tuple[tuple[str, Any], ...]] = []
        self.now_s = NOW
        unit = Unit(singular="unit", plural="units", rate=Rate(20))
        self.do(commands.Configure(unit, lower, upper))
        self.members = [
            self.do(
                commands.OpenAccount(salt(code), code, AccountKind.MEMBER, subject=salt("of", code))
            )
            for code in ("001", "002", "003", "004")
        ]
        self.group_account = self.books.ledger.of_kind.get(AccountKind.GROUP)

    def do(self, command: Any) -> Any:
        mine = type(command) in AGREEING_COMMANDS
        self._name(command)
        before = len(self.events)
        steps = (decide_agreeing if mine else decide_group)(
            self.books, command, now_s=self.now_s, used=self.used
        )
        try:
            draft = next(steps)
            while True:
                draft = steps.send(self._append(draft))
        except StopIteration as end:
            answer = end.value
        assert not isinstance(answer, Refusal) or len(self.events) == before
        if not isinstance(answer, Refusal) and hasattr(command, "key"):
            self.used.add(unb64(command.key))
        return answer

    def _name(self, command: Any) -> None:
        """Hand in the bookings that a command names, as the machine reads them from the log."""
        for name in ("original", "trade"):
            seq = getattr(command, name, None)
            if isinstance(seq, int) and seq < len(self.events):
                body = self.events[seq].body
                if isinstance(body, TransferBooked | CollectiveBooked):
                    self.books.agreeing.originals[seq] = body

    def _append(self, draft: Any) -> str:
        assert isinstance(draft, LocalDraft)
        event = Recorded(
            len(self.events),
            b64(sha256(str(len(self.events)).encode()).digest()),
            CORE,
            draft.body,
        )
        self.events.append(event)
        self.texts.append(draft.texts)
        fold(self.books, event, self.rows)
        return event.id

    def pay(self, payer: int, payee: int, amount: int) -> int:
        """Book a transfer; gives its place in the log."""
        key = salt("pay", len(self.events))
        answer = self.do(commands.Transfer(key, payer, payee, amount))
        assert not isinstance(answer, Refusal), answer
        return len(self.events) - 1

    def balances(self) -> list[int]:
        return [self.books.ledger.balance(member) for member in self.members]

    def folded(self) -> Books:
        """Fold every event anew, as a rebuild does."""
        books, rows = Books(), []  # type: ignore[var-annotated]
        for event in self.events:
            fold(books, event, rows)
        return books
