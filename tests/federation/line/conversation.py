"""One conversation on a line in which every type of event is sent, kept event by event."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from events.signing import PrivateKey
from federation.group.commands import Configure
from federation.line import commands as line
from schemas.amounts import LINE_UNITS_PER_HOUR, Rate, Unit
from schemas.core_parts import Fixed, FreezeReason
from schemas.encoding import b64, unb64
from schemas.errors import Refusal
from schemas.ids import line_id
from schemas.messages import WireEvent
from schemas.openings import NoteText, PeerText
from schemas.terms import Side, Terms, terms_hash
from tests.federation.line.wire_node import MEMBER, NOW, PSEUDONYM, SUBJECT, Kept, WireNode

HOUR: Final = LINE_UNITS_PER_HOUR
TEXT: Final = PeerText(v=1, payer=PSEUDONYM, payee=PSEUDONYM, description="brood")


class Said(NamedTuple):
    """One event of alfa, and the state of beta in which it arrived."""

    kind: str
    before: Kept
    wire: WireEvent


def path(number: int) -> str:
    return b64(number.to_bytes(16, "big"))


class Conversation:
    """Alfa and beta; `said` is what alfa sent."""

    def __init__(self, kind: type[PrivateKey]) -> None:
        self.alfa, self.beta = WireNode("alfa", 20, kind), WireNode("beta", 60, kind)
        self.alfa.partner, self.beta.partner = self.beta.own_history, self.alfa.own_history
        self.line = line_id(self.alfa.id, self.beta.id, 0)
        self.rates = {self.alfa.id: Rate(20), self.beta.id: Rate(60)}
        self.said: list[Said] = []
        self._agree()
        self._trade()
        self._refuse()
        self._live()
        self.open = self.beta.state
        self._change()

    def alfa_says(self) -> None:
        """Deliver what is new of alfa, one by one."""
        have = 0 if self.beta.line(self.line) is None else self.beta.only_line().in_n
        for wire in self.alfa.state.chain[have:]:
            kind = unb64(wire.core).partition(b'"type":"')[2].partition(b'"')[0].decode()
            self.said.append(Said(kind, self.beta.state, wire))
            self.beta.take(self.alfa.id, self.line, [wire])

    def beta_says(self) -> None:
        """Deliver what is new of beta."""
        have = 0 if self.alfa.line(self.line) is None else self.alfa.only_line().in_n
        self.alfa.take(self.beta.id, self.line, self.beta.state.chain[have:])

    def talk(self) -> None:
        """Deliver until nobody has anything new."""
        before = -1
        while before != len(self.alfa.state.chain) + len(self.beta.state.chain):
            before = len(self.alfa.state.chain) + len(self.beta.state.chain)
            self.alfa_says()
            if self.beta.state.chain:
                self.beta_says()

    def does(self, node: WireNode, command: Any) -> None:
        answer = node.do(command)
        assert not isinstance(answer, Refusal), answer

    def terms(self, rev: int, *, hours: int = 20, previous: Terms | None = None) -> Terms:
        lower, higher = (
            Side(node=node, rate=self.rates[node], grants_units=hours * HOUR)
            for node in sorted(self.rates)
        )
        return Terms(
            line=self.line,
            rev=rev,
            lower=lower,
            higher=higher,
            largest_units=5 * HOUR,
            previous=None if previous is None else terms_hash(previous),
        )

    def pays(self, node: WireNode, number: int) -> None:
        command = line.StartPayment(
            path=path(number),
            line=self.line,
            payer=MEMBER,
            fixed=Fixed.PAYEE,
            amount=30,
            expires_at_s=NOW + 60,
            peer=TEXT,
            subject=SUBJECT,
        )
        self.does(node, command)

    def _agree(self) -> None:
        for hours, accept in ((19, False), (20, True)):
            terms = self.terms(1, hours=hours)
            self.does(self.alfa, line.ProposeTerms(terms, self.beta.id, 0, known=True))
            self.alfa_says()
            self.does(self.beta, line.AnswerTerms(self.line, terms_hash(terms), accept))
            self.beta_says()

    def _trade(self) -> None:
        self.pays(self.alfa, 1)
        self.talk()
        request = line.RequestPayment(
            path=path(2),
            line=self.line,
            payee=MEMBER,
            fixed=Fixed.PAYEE,
            amount=10,
            expires_at_s=NOW + 3600,
            peer=TEXT,
            subject=SUBJECT,
        )
        self.does(self.alfa, request)
        self.talk()
        self.does(self.alfa, line.DeclineRequest(path(2), self.line))
        self.talk()
        self.pays(self.beta, 3)
        self.talk()

    def _refuse(self) -> None:
        """Alfa rejects a payment, lets go of one, and takes one of its own back."""
        self.does(self.alfa, line.Freeze(self.line, FreezeReason.COORDINATOR))
        self.pays(self.beta, 4)
        self.talk()
        self.does(self.alfa, line.Unfreeze(self.line))
        self.talk()
        self.pays(self.beta, 5)
        self.beta_says()
        self.does(self.beta, line.CancelPayment(path(5), self.line))
        self.talk()
        self.pays(self.alfa, 6)
        self.alfa_says()
        self.does(self.alfa, line.CancelPayment(path(6), self.line))
        self.talk()

    def _live(self) -> None:
        """A note, a text to forget, heads, a lower limit."""
        note = NoteText(
            v=1, thread=path(9), sender=PSEUDONYM, recipient=PSEUDONYM, text="Dag, past morgen?"
        )
        self.does(self.alfa, line.SendNote(self.line, MEMBER, note, SUBJECT))
        self.does(self.alfa, line.Forget(self.line, (b64(bytes(32)),)))
        self.does(self.alfa, line.SendHeads(self.line))
        self.does(self.alfa, line.LowerLimit(self.line, 15 * HOUR))
        self.talk()

    def _change(self) -> None:
        """Terms are refused, a new rate accepted, and the line closed."""
        before = self.beta.only_line().terms
        assert before is not None
        self.rates[self.alfa.id] = Rate(30)
        unit = Unit(singular="unit", plural="units", rate=Rate(30))
        self.alfa.do(Configure(unit, None, None))
        for hours, accept in ((30, False), (20, True)):
            terms = self.terms(2, hours=hours, previous=before)
            self.does(self.beta, line.ProposeTerms(terms, self.alfa.id, 0, known=True))
            self.beta_says()
            self.does(self.alfa, line.AnswerTerms(self.line, terms_hash(terms), accept))
            self.talk()
        self.pays(self.beta, 7)
        self.talk()
        self.does(self.alfa, line.CloseLine(self.line, gone=True))
        self.talk()
