"""A node whose chain goes on by hand, in an order that the rules never give."""

from __future__ import annotations

from typing import Any

from federation.line import commands as line
from schemas import cores
from schemas.core_parts import WireCode
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
