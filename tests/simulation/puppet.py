"""A node that cheats: it signs and chains its events well, and means with them whatever it likes.

It has no books. What it answers is drawn from the seed: the right event, a wrong one, two that
exclude each other, none, or an old one again.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from events.commitments import commitment
from events.evidence import DECISION_PREFIX
from events.machine import EVENT_PREFIX
from events.merkle import leaf_hash
from federation.peer.channel import decode_line_core
from schemas import cores
from schemas.amounts import Rate
from schemas.cores import ReleaseCause, Verdict, WireCode
from schemas.encoding import b64, encode, unb64
from schemas.errors import Code, RefusedError, RuilbrugError
from schemas.ids import line_id
from schemas.messages import Exchange, LineHead, SeenAnswer, WireEvent
from schemas.openings import Opening, PeerText
from schemas.terms import Side, Terms, terms_hash
from tests.simulation.chain import Chain
from tests.simulation.faults import DAY, HOUR, MINUTE, WEEK
from tests.simulation.host import Identity
from tests.simulation.schedule import Life
from tests.simulation.theft import Theft

if TYPE_CHECKING:
    from events.keys import KeyHistory
    from tests.simulation.host import Host
    from tests.simulation.world import World

HOUR_UNITS = 360_000
CHAIN_MAX = 250


def _id(party: Host | Puppet) -> str:
    return party.id


class Puppet(Life):
    """A party that nobody should trust. It is its own process and never crashes."""

    def __init__(self, world: World, name: str, rate: Rate) -> None:
        super().__init__()
        self.world, self.name, self.rate = world, name, rate
        self.rng = world.rng
        self.identity = Identity(world.rng, world.make_key)
        self.id = self.identity.id
        self.chains: dict[str, Chain] = {}
        self.sessions: dict[str, str] = {}
        self._asked: Counter[str] = Counter()
        """How often each partner has asked what was seen of it."""
        self._seq = 4
        self.theft = Theft(self.identity)
        self.pseudonyms = [b64(self.rng.randbytes(32)) for _ in range(2)]
        self.honest_share = self.rng.choice((0.3, 0.6, 0.9))
        self.tricks = self.rng.sample(TRICKS, self.rng.randint(1, len(TRICKS)))

    def __repr__(self) -> str:
        return self.name

    @property
    def process(self) -> Puppet:
        return self

    @property
    def host(self) -> Puppet:
        return self

    def stated(self) -> KeyHistory:
        """Give what its key statements say; of its keys it does not lie."""
        return self.identity.history()

    def pseudonym(self, member: int, reader: str) -> str:
        """Give the name by which `reader` knows a member that does not exist."""
        del reader
        return self.pseudonyms[member]

    def meet(self, peer: Host) -> None:
        """Begin a line with an honest node."""
        line = line_id(self.id, peer.id, 0)
        chain = self.chains[line] = Chain(line, peer)
        both: tuple[Host | Puppet, ...] = (self, peer)
        sides = [
            Side(node=party.id, rate=party.rate, grants_units=2 * HOUR_UNITS)
            for party in sorted(both, key=_id)
        ]
        chain.proposal = Terms(
            line=line, rev=1, lower=sides[0], higher=sides[1], largest_units=HOUR_UNITS
        )
        self._say(chain, cores.TermsPropose, counter=0, terms=chain.proposal)
        self.push(line)

    def begin(self, length_ms: int) -> None:
        """Plan what it does by itself."""
        if self.theft.planned:
            self.world.schedule.after(self.theft.delay_ms(length_ms), self._robbed)
        for line in self.chains:
            for _ in range(self.rng.randint(3, 25)):
                self.world.schedule.after(self.rng.randint(0, length_ms), self._act, line)

    def _robbed(self) -> None:
        self.theft.found_out(self._seq)
        self.world.say(f"{self} revokes its log key")

    # the wire

    async def serve(self, caller: str, line: str, question: Exchange) -> Exchange:
        """Answer an exchange."""
        chain = self.chains.get(line)
        if chain is None or chain.peer.id != caller:
            raise RefusedError(Code.NOT_FOUND, field="line")
        if question.events and question.session != self._session(caller):
            raise RefusedError(
                Code.SESSION_UNKNOWN, field="session"
            )  # sent before the machine went back
        chain.acknowledged = max(chain.acknowledged, min(question.after, len(chain.sent)))
        self._take(chain, question.events)
        after = min(question.after, len(chain.sent))
        return Exchange(after=chain.in_n, events=self._events(chain, after))

    def seen(self, caller: str) -> SeenAnswer:
        """Tell what it has seen: the one thing that it does not lie about."""
        heads = tuple(
            LineHead(line=c.line, n=c.in_n, id=c.in_id or None)
            for c in self.chains.values()
            if c.peer.id == caller
        )
        self._asked[caller] += 1
        return SeenAnswer(size=0, heads=heads, session=self._session(caller))

    def _session(self, caller: str) -> str:
        """Name the session: no cheat can take in what no honest node would, or any snapshot lies.

        What left a machine before it went back, and comes after its question, looks like a second
        history to whoever takes it in; nobody can tell the two apart.
        """
        return f"cheat{self._asked[caller]}"

    def push(self, line: str) -> None:
        """Bring what the partner has not acknowledged."""
        self.world.schedule.spawn(self, self._push(self.chains[line]))

    async def _push(self, chain: Chain) -> None:
        session, ours = self.sessions.get(chain.peer.id, ""), self._session(chain.peer.id)
        events = self._events(chain, chain.acknowledged)
        body = encode(Exchange(after=chain.in_n, session=session, events=events))
        network, peer = self.world.network, chain.peer.id
        try:
            data = await network.exchange(self.id, peer, chain.line, body)
        except RuilbrugError as error:
            if error.code is Code.SESSION_UNKNOWN:
                await self._introduce(chain)
                return
            expected = error.facts.get("expected")
            if isinstance(expected, int):
                chain.acknowledged = min(len(chain.sent), expected - 1)
            return
        answer = self.world.decode_exchange(data)
        chain.acknowledged = max(chain.acknowledged, min(answer.after, len(chain.sent)))
        if ours == self._session(chain.peer.id):
            self._take(chain, answer.events)

    async def _introduce(self, chain: Chain) -> None:
        """Open a session as an honest node does, and bring again what was refused without one."""
        with contextlib.suppress(RuilbrugError):
            seen = await self.world.network.seen(self.id, chain.peer.id)
            self.sessions[chain.peer.id] = seen.session
            self.push(chain.line)

    def _events(self, chain: Chain, after: int) -> tuple[WireEvent, ...]:
        events = tuple(chain.sent[after : after + 200])
        if not self.world.faults.lasting:
            return events  # its tricks end with the faults
        forged = self.theft.strikes(chain, after + 1)
        if forged is not None:
            self._cheats("back_dated_key")
            return (forged,)
        if "skip" in self.tricks and len(events) > 1 and not self.rng.randrange(4):
            self._cheats("skip")
            return events[1:]
        if "fork" in self.tricks and chain.sent and not self.rng.randrange(12):
            at = self.rng.randrange(len(chain.sent))
            other = encode(replace(chain.cores[at], ts=chain.cores[at].ts + 1))
            self._cheats("fork")
            return (*chain.sent[max(0, at - 1) : at], self._signed(other))[-1:]
        return events

    def _take(self, chain: Chain, events: tuple[WireEvent, ...]) -> None:
        self.world.monitor.arrived(self.id, events, kept=True)
        for event in events:
            data = unb64(event.core)
            core: Any = decode_line_core(data)
            if core.n != chain.in_n + 1:
                continue
            chain.in_n, chain.in_id = core.n, b64(leaf_hash(data))
            if len(chain.sent) < CHAIN_MAX and self.world.faults.lasting is not None:
                self._react(chain, core)

    # what it says

    def _say(
        self, chain: Chain, kind: type[Any], opening: Opening | None = None, **fields: Any
    ) -> str:
        if "commitments" not in fields:
            fields["salt"] = b64(self.rng.randbytes(16))
        key = self.identity.log_key
        seen = cores.Seen(n=chain.in_n, id=chain.in_id) if chain.in_n else None
        core = kind(
            v=1,
            origin=self.id,
            seq=self._seq,
            root=b64(self.rng.randbytes(32)),
            key=b64(key.public.data),
            ts=self.world.schedule.now_ms // 1000,
            line=chain.line,
            n=len(chain.sent) + 1,
            prev=chain.last or None,
            seen=seen,
            **fields,
        )
        self._seq += self.rng.randint(1, 3)
        data = encode(core)
        chain.last = b64(leaf_hash(data))
        chain.sent.append(self._signed(data, opening))
        chain.cores.append(core)
        return chain.last

    def _signed(self, data: bytes, opening: Opening | None = None) -> WireEvent:
        signature = self.identity.log_key.sign(EVENT_PREFIX + data)
        return WireEvent(core=b64(data), signature=b64(signature), opening=opening)

    def _decision(self, path: str, verdict: Verdict, accept: str | None) -> cores.SignedDecision:
        key = self.identity.log_key
        decision = cores.Decision(
            v=1,
            origin=self.id,
            path=path,
            verdict=verdict,
            key=b64(key.public.data),
            accept=accept,
        )
        signature = key.sign(DECISION_PREFIX + encode(decision))
        if "bad_decision" in self.tricks and not self.rng.randrange(4):
            self._cheats("bad_decision")
            signature = bytes(64)
        return cores.SignedDecision(decision=decision, signature=b64(signature))

    def _body(self, peer: bytes | None = None) -> cores.Commitments:
        return cores.Commitments(
            body=b64(self.rng.randbytes(32)), peer=None if peer is None else b64(peer)
        )

    def _cheats(self, trick: str) -> None:
        self.world.faults.counted[f"cheat.{trick}"] += 1

    def _fair(self) -> bool:
        return self.rng.random() < self.honest_share

    # how it reacts

    def _react(self, chain: Chain, core: Any) -> None:
        chain.theirs.append(core)
        if isinstance(core, cores.TermsPropose):
            kind = cores.TermsAccept
            self._say(chain, kind, rev=core.terms.rev, terms=terms_hash(core.terms))
            chain.terms = core.terms
        elif isinstance(core, cores.TermsAccept) and chain.proposal is not None:
            chain.terms = chain.proposal
        elif isinstance(core, cores.PayPrepare):
            self._on_prepare(chain, core, chain.in_id)
        elif isinstance(core, cores.PayAccept):
            self._on_accept(chain, core, chain.in_id)
        elif isinstance(core, cores.PayReject):
            self._verdict(chain, core.path, None, 0)
        elif isinstance(core, cores.PayCommit):
            self._on_commit(chain, core, chain.in_id)

    def _on_prepare(self, chain: Chain, core: cores.PayPrepare, prepare: str) -> None:
        units = core.line_units
        if not self._fair():
            trick = self.rng.choice(("silent", "reject", "wrong_units", "twice", "other"))
            self._cheats(f"accept.{trick}")
            if trick == "silent":
                return
            if trick == "reject":
                code = WireCode.PAYEE_UNKNOWN
                self._say(chain, cores.PayReject, path=core.path, prepare=prepare, code=code)
                return
            units += trick == "wrong_units"
            if trick == "other":
                prepare = b64(self.rng.randbytes(32))
            if trick == "twice":
                self._accept(chain, core.path, prepare, units)
        self._accept(chain, core.path, prepare, units)

    def _accept(self, chain: Chain, path: str, prepare: str, units: int) -> None:
        self._say(
            chain,
            cores.PayAccept,
            path=path,
            prepare=prepare,
            line_units=units,
            commitments=self._body(),
        )

    def _on_commit(self, chain: Chain, core: cores.PayCommit, commit: str) -> None:
        units = core.line_units
        if not self._fair():
            trick = self.rng.choice(("no_receipt", "receipt_units", "receipt_total"))
            self._cheats(trick)
            if trick == "no_receipt":
                return
            units += trick == "receipt_units"
            chain.given += 7 * (trick == "receipt_total")
        chain.given += units
        self._say(
            chain,
            cores.PayReceipt,
            path=core.path,
            commit=commit,
            up_to=core.n,
            line_units=units,
            total=chain.given,
            balance=chain.paid - chain.given,
            commitments=self._body(),
        )

    def _on_accept(self, chain: Chain, core: cores.PayAccept, accept: str) -> None:
        if self._fair():
            self._verdict(chain, core.path, accept, core.line_units)
            return
        trick = self.rng.choice([t for t in self.tricks if t in VERDICTS] or ["never"])
        self._cheats(trick)
        if trick == "never":
            return
        if trick == "withhold":
            delay_ms = self.rng.choice((HOUR, DAY, 2 * WEEK))
            later = (chain, core.path, accept, core.line_units)
            self.world.schedule.after(delay_ms, self._verdict, *later)
            return
        if trick == "abort_then_commit":
            self._verdict(chain, core.path, None, 0)
        self._verdict(chain, core.path, accept, core.line_units + (trick == "changed_amount"))
        if trick == "commit_then_abort":
            self._verdict(chain, core.path, None, 0)
        if trick == "commit_twice":
            self._verdict(chain, core.path, accept, core.line_units)

    def _verdict(self, chain: Chain, path: str, accept: str | None, units: int) -> None:
        if accept is None:
            decision = self._decision(path, Verdict.ABORT, None)
            self._say(chain, cores.PayAbort, path=path, decision=decision, code=WireCode.CANCELLED)
            return
        chain.paid += units
        lie = 5 if "false_balance" in self.tricks and not self._fair() else 0
        if lie:
            self._cheats("false_balance")
        self._say(
            chain,
            cores.PayCommit,
            path=path,
            decision=self._decision(path, Verdict.COMMIT, accept),
            line_units=units,
            total=chain.paid + lie,
            balance=chain.paid - chain.given + lie,
            commitments=self._body(),
        )

    # what it does by itself

    def _act(self, line: str) -> None:
        chain = self.chains[line]
        if not self.world.faults.lasting or len(chain.sent) >= CHAIN_MAX:
            return
        trick = self.rng.choice(("prepare", "prepare", "prepare", *self.tricks))
        if trick == "replay" and chain.cores:
            self._cheats("replay")
            self._replay(chain, self.rng.choice(chain.cores))
        elif trick == "stray_release":
            path = self._some_path(chain)
            self._say(chain, cores.PayRelease, path=path, cause=ReleaseCause.SILENT)
            self._cheats("stray_release")
        elif trick == "stray_commit":
            self._cheats("stray_commit")
            accept = b64(self.rng.randbytes(32))
            self._verdict(chain, self._some_path(chain), accept, 1000)
        else:
            self._prepare(chain)
        self.push(line)
        self.world.schedule.after(self.rng.choice((MINUTE, HOUR)), self.push, line)

    def _some_path(self, chain: Chain) -> str:
        paths = [core.path for core in (*chain.cores, *chain.theirs) if hasattr(core, "path")]
        return str(self.rng.choice([*paths, b64(self.rng.randbytes(16))]))

    def _replay(self, chain: Chain, core: Any) -> None:
        known = {"v", "origin", "seq", "root", "key", "ts", "line", "n", "prev", "seen", "salt"}
        fields = {f: getattr(core, f) for f in core.__struct_fields__ if f not in known}
        self._say(chain, type(core), **{k: v for k, v in fields.items() if v is not None})

    def _prepare(self, chain: Chain) -> None:
        if chain.terms is None:
            return
        from federation.line.conversion import Quote, quote

        rng, terms = self.rng, chain.terms
        numbers = quote(
            cores.Fixed.PAYEE,
            rng.randint(1, 40),
            payer=self.rate,
            payee=terms.other(self.id).rate,
        )
        if not isinstance(numbers, Quote):
            return
        if "changed_numbers" in self.tricks and not self._fair():
            self._cheats("changed_numbers")
            numbers = numbers._replace(payee_minor=numbers.payee_minor + 1)
        payee = chain.peer.pseudonym(rng.randrange(2), self.id)
        text = encode(PeerText(v=1, payer=self.pseudonyms[0], payee=payee))
        salt = rng.randbytes(32)
        self._say(
            chain,
            cores.PayPrepare,
            Opening(salt=b64(salt), bytes=b64(text)),
            path=b64(rng.randbytes(16)),
            line_units=numbers.line_units,
            payer_minor=numbers.payer_minor,
            payee_minor=numbers.payee_minor,
            terms_rev=terms.rev,
            fixed=cores.Fixed.PAYEE,
            expires_at_s=self.world.schedule.now_ms // 1000 + rng.choice((60, 3600, 86_400)),
            commitments=self._body(commitment("peer", salt, text)),
        )


VERDICTS = (
    "never",
    "withhold",
    "abort_then_commit",
    "commit_then_abort",
    "commit_twice",
    "changed_amount",
)
TRICKS = (
    *VERDICTS,
    "fork",
    "skip",
    "false_balance",
    "replay",
    "stray_release",
    "stray_commit",
    "bad_decision",
    "changed_numbers",
)
