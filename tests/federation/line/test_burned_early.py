"""An abort that comes before its prepare burns the path all the same: nothing is taken in later.

No honest node says these in this order, so the line is set aside; a coordinator has ended that.
"""

from __future__ import annotations

from typing import Any

from federation.line import commands as line
from projections.lines import Phase
from schemas import cores
from schemas.core_parts import WireCode
from schemas.errors import Code, Refusal
from tests.federation.line.pair import KEY, MEMBER, NOW, Pair, hashed, path, signed


class Cheat:
    """Goes on with A's chain by hand, in an order that A's rules never give."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.n = pair.a.line.out_n
        self.prev = pair.a.line.out_id

    def says(self, kind: type[cores.LineCore], **fields: Any) -> Any:
        """Sign one more event and have B take it in."""
        self.n += 1
        core = kind(
            v=1,
            origin=self.pair.a.id,
            seq=1000 + self.n,
            root=KEY,
            key=KEY,
            ts=NOW,
            line=self.pair.line_id,
            n=self.n,
            prev=self.prev,
            **fields,
        )
        self.prev = hashed("cheat", self.n)
        event = line.ReceivedEvent(
            n=self.n,
            id=self.prev,
            core=core,  # type: ignore[arg-type]
            core_bytes=b"",
            signature=b"",
            member=MEMBER,
            member_subject=path(0),
        )
        return self.pair.send(self.pair.a, [event])

    def aborts(self) -> None:
        verdict = signed(self.pair.a.id, path(1), commit=False)
        self.says(cores.PayAbort, path=path(1), decision=verdict, code=WireCode.CANCELLED)
        self.pair.b.do(line.EndQuarantine(self.pair.line_id))
        assert not self.pair.b.quarantined()

    def prepares(self, **changes: Any) -> None:
        fields: dict[str, Any] = {
            "path": path(1),
            "line_units": 180_000,
            "payer_minor": 10,
            "payee_minor": 30,
            "terms_rev": 1,
            "fixed": cores.Fixed.PAYEE,
            "expires_at_s": NOW + 60,
            "commitments": cores.Commitments(body=KEY, peer=KEY),
        }
        self.says(cores.PayPrepare, **fields | changes)

    def commits(self, accept: str) -> None:
        verdict = signed(self.pair.a.id, path(1), commit=True, accept=accept)
        self.says(
            cores.PayCommit,
            path=path(1),
            decision=verdict,
            line_units=180_000,
            total=180_000,
            balance=180_000,
            commitments=cores.Commitments(body=KEY),
        )


def test_prepare_after_its_own_abort_is_refused_and_a_commit_is_void() -> None:
    pair = Pair().opened()
    cheat = Cheat(pair)
    cheat.aborts()

    cheat.prepares()

    assert pair.b.types()[-1] == "pay.reject"
    assert pair.b.transfer().phase is Phase.REJECTED
    assert pair.b.transfer().code == WireCode.CANCELLED
    assert pair.b.line.held_in_units == 0
    cheat.commits(pair.b.chain[-1].id)
    assert pair.b.balance() == 0
    assert "pay.receipt" not in pair.b.types()


def test_the_same_holds_for_what_was_asked_for() -> None:
    pair = Pair().opened()
    pair.request()
    cheat = Cheat(pair)
    cheat.aborts()

    cheat.prepares()

    assert pair.b.types()[-1] == "pay.reject"
    assert pair.b.transfer().code == WireCode.CANCELLED
    assert pair.b.line.held_in_units == 0


def test_the_burned_path_is_used_for_nothing_else() -> None:
    pair = Pair().opened()
    cheat = Cheat(pair)
    cheat.aborts()

    again = pair.request()

    assert isinstance(again, Refusal)
    assert again.code is Code.CONFLICT
    cheat.prepares(payee_minor=31, line_units=186_000, payer_minor=11)
    assert pair.b.types()[-1] == "pay.reject"
    cheat.prepares()
    assert pair.b.quarantined() == "path_used_again"
