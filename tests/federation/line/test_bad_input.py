"""100,000 changed messages of a partner: nothing escapes, nothing changes, the line goes on."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import pytest
from structlog.testing import capture_logs

from events.commitments import commitment
from events.evidence import DECISION_PREFIX
from events.machine import EVENT_PREFIX
from events.signing import PrivateKey
from federation.line import commands as line
from federation.line import payee
from federation.line.conversion import Quote, quote
from federation.peer import channel
from projections.lines import Line, Phase, Transfer, granted_by_us
from schemas import cores
from schemas.core_parts import Fixed
from schemas.encoding import b64, encode, parse, unb64
from schemas.errors import RefusedError, VerificationError
from schemas.messages import Exchange, WireEvent
from tests.federation.line.conversation import TEXT, Conversation, Said, path
from tests.federation.line.mutations import SAFE, Attempt, Mutator
from tests.federation.line.wire_node import NOW, WireNode
from tests.simulation.crypto import FakeKey, fake_signatures
from tests.simulation.explicit.invariants import whole
from tests.simulation.explicit.node import Snapshot

MESSAGES: Final = 100_000
SIGNED_FOR_REAL: Final = 3_000
GOES_ON_EVERY: Final = 40
_EXCHANGE: Final = msgspec.json.Decoder(Exchange)
LATER: Final = 1_000
"""Place in alfa's log of what it says when a test speaks for it."""


class Trial:
    """Sends attempts to beta, each in the state in which its valid event arrived."""

    def __init__(self, seed: int, kind: type[PrivateKey]) -> None:
        with fake_signatures() if kind is FakeKey else contextlib.nullcontext():
            self.conversation = Conversation(kind)
        self.beta, self.alfa = self.conversation.beta, self.conversation.alfa
        self.mutator = Mutator(seed, self.conversation, kind(b"stranger".ljust(32)))
        self.seen: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()

    def run(self, messages: int) -> None:
        for number in range(messages):
            said, attempt = self.mutator.attempt()
            try:
                outcome = self.once(said, attempt, goes_on=number % GOES_ON_EVERY == 0)
            except BaseException:
                print(f"message {number}: {attempt.what} of {said.kind}: {attempt.wire}")
                raise
            self.seen[outcome] += 1
            self.kinds[attempt.what.split()[0]] += 1

    def once(self, said: Said, attempt: Attempt, *, goes_on: bool) -> str:
        """Send one attempt and look at what it did; gives the code of the refusal, or `taken`."""
        beta = self.beta
        beta.back_to(said.before)
        beta.partner = self.alfa.own_history if attempt.known else None
        commits = beta.commits
        wire = attempt.wire
        if attempt.text:
            try:
                wire = parse(_EXCHANGE, attempt.text).events
            except msgspec.MsgspecError:  # what a handler takes for a malformed body
                return "no question"
        try:
            beta.take(self.alfa.id, self.conversation.line, wire)
        except (VerificationError, RefusedError) as refused:
            assert beta.state is said.before, "a refusal changes nothing"
            assert beta.commits == commits
            assert not attempt.honest
            outcome = refused.code.value
        else:
            outcome = "there already" if beta.state is said.before else "taken"
        beta.partner = self.alfa.own_history
        self.stays_whole(said, beta, wire)
        if goes_on:
            self.goes_on(said)
        return outcome

    def stays_whole(self, said: Said, beta: WireNode, wire: Sequence[WireEvent]) -> None:
        if beta.state is said.before:
            return
        ledger = beta.state.books.ledger
        assert sum(ledger.balances.base.values()) == 0
        now = beta.only_line()
        if now.terms is None or not now.clearing:
            return
        assert -now.balance_units <= granted_by_us(now), "I8"
        before = said.before.books if said.before.books.lines.base else beta.state.books
        assert not whole(Snapshot(before, (), ()), Snapshot(beta.state.books, (), ()))
        for key, transfer in beta.state.books.transfers.base.items():
            known = before.transfers.get(key)
            credited = transfer.phase is Phase.CREDITED
            if credited and (known is None or known.phase is not Phase.CREDITED):
                assert any(self.decides(event, transfer) for event in wire), "I6"

    def decides(self, event: WireEvent, transfer: Transfer) -> bool:
        """Tell whether an event commits a transfer by a decision that alfa signed."""
        core = json.loads(unb64(event.core))
        signed = core.get("decision")
        if core["type"] != "pay.commit" or core["line_units"] != transfer.line_units:
            return False
        wanted = {
            "accept": transfer.accept,
            "key": self.alfa.key_text,
            "origin": self.alfa.id,
            "path": transfer.path,
            "v": 1,
            "verdict": "commit",
        }
        message = DECISION_PREFIX + encode(wanted)
        valid = self.alfa.key.public.verify(unb64(signed["signature"]), message)
        return valid and signed["decision"] == wanted

    def goes_on(self, said: Said) -> None:
        """After what was refused the valid event is taken in; and a valid payment settles."""
        beta = self.beta
        if beta.state is said.before:
            beta.take(self.alfa.id, self.conversation.line, [said.wire])
            assert beta.state is not said.before
        now = beta.only_line()
        beta.do(line.EndQuarantine(now.line))
        if now.their_closed or now.own_closed or now.terms is None or not now.clearing:
            return
        if now.their_frozen:
            self.speak(cores.LineUnfreeze, salt=b64(bytes(16)))
        if now.their_commit.total <= SAFE // 2:  # else nothing larger can be said
            settles(self, now)

    def speak(self, kind: type[cores.LineCore], **fields: Any) -> None:
        """Say something valid for alfa, behind whatever stands in its chain."""
        now = self.beta.only_line()
        core = kind(
            v=1,
            origin=self.alfa.id,
            seq=LATER + now.in_n,
            root=b64(bytes(32)),
            key=self.alfa.key_text,
            ts=NOW,
            line=now.line,
            n=now.in_n + 1,
            prev=now.in_id,
            **fields,
        )
        data = encode(core)
        signature = b64(self.alfa.key.sign(EVENT_PREFIX + data))
        opening = self.opening if kind is cores.PayPrepare else None
        wire = WireEvent(core=b64(data), signature=signature, opening=opening)
        self.beta.take(self.alfa.id, now.line, [wire])
        assert self.beta.only_line().in_n == core.n

    @property
    def opening(self) -> Any:
        """Give the opening of alfa's first payment; its commitment goes into the prepare."""
        return next(s.wire.opening for s in self.conversation.said if s.kind == "pay.prepare")


def settles(trial: Trial, now: Line) -> None:
    """Pay from alfa to beta by valid events, and see the payee credited."""
    assert now.terms is not None
    rates = {side.node: side.rate for side in (now.terms.lower, now.terms.higher)}
    numbers = quote(Fixed.PAYEE, 6, payer=rates[now.peer], payee=rates[now.us])
    assert isinstance(numbers, Quote)
    opening = trial.opening
    assert TEXT.payee in unb64(opening.bytes).decode()
    peer = b64(commitment("peer", unb64(opening.salt), unb64(opening.bytes)))
    name = path(77)
    trial.speak(
        cores.PayPrepare,
        path=name,
        line_units=numbers.line_units,
        payer_minor=numbers.payer_minor,
        payee_minor=numbers.payee_minor,
        terms_rev=now.terms.rev,
        fixed=Fixed.PAYEE,
        expires_at_s=NOW + 60,
        commitments=cores.Commitments(body=b64(bytes(32)), peer=peer),
    )
    transfer = trial.beta.state.books.transfers[name, now.line, "in"]
    assert transfer.phase is Phase.ACCEPTED, transfer.code
    decision = cores.Decision(
        v=1,
        origin=trial.alfa.id,
        path=name,
        verdict=cores.Verdict.COMMIT,
        key=trial.alfa.key_text,
        accept=transfer.accept,
    )
    signature = b64(trial.alfa.key.sign(DECISION_PREFIX + encode(decision)))
    before = trial.beta.only_line()
    trial.speak(
        cores.PayCommit,
        path=name,
        decision=cores.SignedDecision(decision=decision, signature=signature),
        line_units=numbers.line_units,
        total=before.their_commit.total + numbers.line_units,
        balance=before.their_balance() + numbers.line_units,
        commitments=cores.Commitments(body=b64(bytes(32))),
    )
    assert trial.beta.state.books.transfers[name, now.line, "in"].phase is Phase.CREDITED


def test_no_changed_message_does_harm() -> None:
    trial = Trial(1, FakeKey)

    with fake_signatures(), capture_logs() as logs:
        trial.run(MESSAGES)

    print(dict(trial.seen), dict(trial.kinds))
    assert {entry["event"] for entry in logs} == {"channel_fork"}
    assert len(logs) == trial.beta.forks
    assert {said.kind for said in trial.conversation.said} == cores.KNOWN_TYPES
    assert trial.seen["taken"] > MESSAGES // 10, "what is signed enters the chain"
    assert len(trial.seen) > 8, "the mutator reaches many refusals"


def test_no_changed_message_does_harm_with_real_signatures() -> None:
    trial = Trial(2, PrivateKey)

    with capture_logs():
        trial.run(SIGNED_FOR_REAL)

    assert trial.seen["bad_signature"] > 0


def plain_decoder(patch: pytest.MonkeyPatch) -> None:
    """Brackets within brackets raise what nobody expects."""
    patch.setattr(channel, "parse", lambda decoder, data: decoder.decode(data))


def no_limit(patch: pytest.MonkeyPatch) -> None:
    """The payee's node lets a partner owe whatever it likes, by whatever terms."""
    patch.setattr(payee, "admit", lambda *_args, **_more: None)


def any_decision(patch: pytest.MonkeyPatch) -> None:
    """A commit counts whoever signed it, for whatever."""

    def committed(_books: Any, now: Line, event: Any, commit: Any) -> Any:
        known = _books.transfers.get((commit.path, now.line, "in"))
        if known is not None and known.accept:
            yield payee._receipt(_books, now, event, known)
        return ""

    patch.setattr(payee, "committed", committed)


@pytest.mark.parametrize("plant", [plain_decoder, no_limit, any_decision])
def test_a_planted_fault_does_harm(
    monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    trial = Trial(3, FakeKey)
    plant(monkeypatch)

    with (
        fake_signatures(),
        capture_logs(),
        pytest.raises((AssertionError, RecursionError, UnicodeDecodeError)),
    ):
        trial.run(MESSAGES)
