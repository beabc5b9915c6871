"""One honest node and a partner that sends whatever it likes: does the honest one stay whole?

Beta runs the real rules. Alfa's chain is well-formed, for nothing else enters an inbox, but its
content is free: prepares without room, verdicts in any order and number, other amounts, receipts
for nothing. A state is beta's own state and what alfa said first about each of its payments.
"""

from __future__ import annotations

from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from federation.line import commands as line
from federation.line.conversion import Quote, quote
from projections.lines import Phase, granted_by_us
from schemas import cores
from schemas.core_parts import Fixed, WireCode
from schemas.encoding import b64, encode
from tests.federation.line.pair import KEY, MEMBER, NOW, path, signed
from tests.simulation.explicit.bounds import TEXT, opened, pays
from tests.simulation.explicit.honest import EARLY, EXPIRED, SILENT
from tests.simulation.explicit.invariants import whole
from tests.simulation.explicit.node import NodeStates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from projections.lines import Transfer
    from tests.simulation.explicit.node import Snapshot
    from tests.simulation.explicit.search import State

AMOUNT: Final = 4


class Hostile:
    """States are (state of beta, first verdicts of alfa)."""

    def __init__(self, *, events_max: int, numbers: tuple[int, ...], beta_pays: bool) -> None:
        """Let alfa send so many events at most, about its payments of these numbers."""
        pair = opened()
        self.line, self.them = pair.line_id, pair.a.id
        self.beta = NodeStates(pair.b, honest_side, seen_counts=False)
        self.numbers, self.beta_pays = numbers, beta_pays
        self.events_max = pair.b.line.in_n + events_max
        price = quote(Fixed.PAYEE, AMOUNT, payer=pair.a.rate, payee=pair.b.rate)
        assert isinstance(price, Quote)
        self.price = price
        self.starts = pays(pair, 1, 2)

    def initial(self) -> State:
        return (self.beta.start, ("",) * len(self.numbers))

    def moves(self, state: State) -> Iterator[tuple[str, State]]:
        at, firsts = state
        if self.beta_pays:
            yield self.starts.label, (self._own(at, self.starts.command, EARLY), firsts)
        for now_s in (EXPIRED, SILENT):
            label = f"beta looks at the clock, {now_s - NOW} s later"
            yield label, (self._own(at, line.ExpireDue(), now_s), firsts)
        books = self.beta.kept[at].books
        if books.lines[self.line].in_n >= self.events_max:
            return
        for index, number in enumerate(self.numbers):
            known = books.transfers.get((path(number), self.line, "in"))
            for what, kind, fields in self._about(number, known):
                after = self._sent(at, what, kind, fields)
                verdict = kind in (cores.PayCommit, cores.PayAbort) and known is not None
                said = firsts[index] or (what.split()[0] if verdict else "")
                yield f"alfa sends {what}", (after, (*firsts[:index], said, *firsts[index + 1 :]))
        theirs = books.transfers.get((path(2), self.line, "out"))
        for what, kind, fields in self._answers(theirs):
            yield f"alfa sends {what}", (self._sent(at, what, kind, fields), firsts)

    def _own(self, at: int, command: line.LineCommand, now_s: int) -> int:
        return self.beta.step(at, (type(command), now_s), lambda: command, now_s)

    def _about(
        self, number: int, known: Transfer | None
    ) -> Iterator[tuple[str, type[cores.LineCore], dict[str, Any]]]:
        name, units = path(number), self.price.line_units
        yield (
            f"prepare {number}",
            cores.PayPrepare,
            {
                "path": name,
                "line_units": units,
                "payer_minor": self.price.payer_minor,
                "payee_minor": self.price.payee_minor,
                "terms_rev": 1,
                "fixed": Fixed.PAYEE,
                "expires_at_s": EXPIRED,
                "commitments": cores.Commitments(body=KEY, peer=KEY),
            },
        )
        accept = known.accept if known is not None and known.accept else KEY
        for what, much in (("commit", units), ("commit-of-more", units + 1)):
            yield (
                f"{what} {number}",
                cores.PayCommit,
                {
                    "path": name,
                    "decision": signed(self.them, name, commit=True, accept=accept),
                    "line_units": much,
                    "total": much,
                    "balance": much,
                    "commitments": cores.Commitments(body=KEY),
                },
            )
        decision = signed(self.them, name, commit=False)
        fields = {"path": name, "decision": decision, "code": WireCode.CANCELLED}
        yield f"abort {number}", cores.PayAbort, fields

    def _answers(
        self, theirs: Transfer | None
    ) -> Iterator[tuple[str, type[cores.LineCore], dict[str, Any]]]:
        if theirs is None:
            return
        prepare = {"path": theirs.path, "prepare": theirs.prepare}
        commitments = cores.Commitments(body=KEY)
        units = theirs.line_units
        accept = {**prepare, "line_units": units, "commitments": commitments}
        yield "accept 2", cores.PayAccept, accept
        yield "reject 2", cores.PayReject, {**prepare, "code": WireCode.REFUSED}
        yield (
            "receipt 2",
            cores.PayReceipt,
            {
                "path": theirs.path,
                "commit": theirs.commit or KEY,
                "up_to": 1,
                "line_units": units,
                "total": units,
                "balance": -units,
                "commitments": commitments,
            },
        )

    def _sent(self, at: int, what: str, kind: type[cores.LineCore], fields: dict[str, Any]) -> int:
        return self.beta.step(at, what, partial(self._event, at, kind, fields), EARLY)

    def _event(
        self, at: int, kind: type[cores.LineCore], fields: dict[str, Any]
    ) -> line.LineCommand:
        mine = self.beta.kept[at].books.lines[self.line]
        n = mine.in_n + 1
        core: Any = kind(
            v=1,
            origin=self.them,
            seq=n,
            root=KEY,
            key=KEY,
            ts=NOW,
            line=self.line,
            n=n,
            prev=mine.in_id,
            **fields,
        )
        said = encode([n, kind.__struct_config__.tag, core.path])
        event = line.ReceivedEvent(
            n=n,
            id=b64(sha256(said).digest()),
            core=core,
            core_bytes=b"",
            signature=b"",
            peer=TEXT,
            member=MEMBER,
            member_subject=path(0),
        )
        return line.ReceiveEvents(self.line, self.them, (event,), known=True, cover=n)

    def wrong(self, state: State) -> str:
        at, firsts = state
        problem = self.beta.wrong.get(at)
        if problem:
            return problem
        books = self.beta.kept[at].books
        for number, first in zip(self.numbers, firsts, strict=True):
            known = books.transfers.get((path(number), self.line, "in"))
            if known is None or not known.accept:
                continue
            if known.phase is Phase.CREDITED and first == "abort":
                return "the first verdict counts: credited after the payer's own abort"
            if known.phase is Phase.CREDITED and not first:
                return "I6: credited without a commit"
            if known.phase is not Phase.CREDITED and first == "commit":
                return "the first verdict counts: a valid commit was not applied"
        return ""

    def healed(self, state: State) -> State | None:
        after = self._own(state[0], line.ExpireDue(), SILENT)
        return None if after == state[0] else (after, state[1])

    def unsettled(self, state: State) -> str:
        """A partner's silence uses up nobody's limit but its own."""
        ledger = self.beta.kept[state[0]].books.ledger
        held = [*ledger.held_lower.base.values(), *ledger.held_upper.base.values()]
        return "a member's units are still held" if any(held) else ""


def honest_side(before: Snapshot, after: Snapshot) -> str:
    """Say what is wrong with beta; that it sets the line aside is right."""
    line_after = after.line()
    if -line_after.balance_units > granted_by_us(line_after):
        return "I8: the balance passed the limit"
    return whole(before, after)
