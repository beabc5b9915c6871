"""How a cheating node answers what a partner says: the right event, a wrong one, two, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemas import cores
from schemas.cores import Verdict, WireCode
from schemas.encoding import b64
from schemas.terms import terms_hash
from tests.simulation.faults import DAY, HOUR, WEEK

if TYPE_CHECKING:
    from tests.simulation.chain import Chain
    from tests.simulation.pen import Pen
    from tests.simulation.tricks import Tricks
    from tests.simulation.world import World


class Answers:
    """Answers events of a line one after the other, as they come."""

    def __init__(self, world: World, pen: Pen, tricks: Tricks) -> None:
        """Take what it answers with."""
        self._world, self._rng = world, world.rng
        self._pen, self._tricks = pen, tricks

    def react(self, chain: Chain, core: Any) -> None:
        """Answer one event."""
        chain.theirs.append(core)
        if isinstance(core, cores.TermsPropose):
            terms = terms_hash(core.terms)
            self._pen.say(chain, cores.TermsAccept, rev=core.terms.rev, terms=terms)
            chain.terms = core.terms
        elif isinstance(core, cores.TermsAccept) and chain.proposal is not None:
            chain.terms = chain.proposal
        elif isinstance(core, cores.PayPrepare):
            self._on_prepare(chain, core, chain.in_id)
        elif isinstance(core, cores.PayAccept):
            self._on_accept(chain, core, chain.in_id)
        elif isinstance(core, cores.PayReject):
            self.verdict(chain, core.path, None, 0)
        elif isinstance(core, cores.PayCommit):
            self._on_commit(chain, core, chain.in_id)

    def _on_prepare(self, chain: Chain, core: cores.PayPrepare, prepare: str) -> None:
        units = core.line_units
        if not self._tricks.fair():
            trick = self._rng.choice(("silent", "reject", "wrong_units", "twice", "other"))
            self._tricks.played(f"accept.{trick}")
            if trick == "silent":
                return
            if trick == "reject":
                code = WireCode.PAYEE_UNKNOWN
                self._pen.say(chain, cores.PayReject, path=core.path, prepare=prepare, code=code)
                return
            units += trick == "wrong_units"
            if trick == "other":
                prepare = b64(self._rng.randbytes(32))
            if trick == "twice":
                self._accept(chain, core.path, prepare, units)
        self._accept(chain, core.path, prepare, units)

    def _accept(self, chain: Chain, path: str, prepare: str, units: int) -> None:
        self._pen.say(
            chain,
            cores.PayAccept,
            path=path,
            prepare=prepare,
            line_units=units,
            commitments=self._pen.body(),
        )

    def _on_commit(self, chain: Chain, core: cores.PayCommit, commit: str) -> None:
        units = core.line_units
        if not self._tricks.fair():
            trick = self._rng.choice(("no_receipt", "receipt_units", "receipt_total"))
            self._tricks.played(trick)
            if trick == "no_receipt":
                return
            units += trick == "receipt_units"
            chain.given += 7 * (trick == "receipt_total")
        chain.given += units
        self._pen.say(
            chain,
            cores.PayReceipt,
            path=core.path,
            commit=commit,
            up_to=core.n,
            line_units=units,
            total=chain.given,
            balance=chain.paid - chain.given,
            commitments=self._pen.body(),
        )

    def _on_accept(self, chain: Chain, core: cores.PayAccept, accept: str) -> None:
        if self._tricks.fair():
            self.verdict(chain, core.path, accept, core.line_units)
            return
        trick = self._rng.choice(self._tricks.about_verdicts())
        self._tricks.played(trick)
        if trick == "never":
            return
        if trick == "withhold":
            delay_ms = self._rng.choice((HOUR, DAY, 2 * WEEK))
            later = (chain, core.path, accept, core.line_units)
            self._world.schedule.after(delay_ms, self.verdict, *later)
            return
        if trick == "abort_then_commit":
            self.verdict(chain, core.path, None, 0)
        self.verdict(chain, core.path, accept, core.line_units + (trick == "changed_amount"))
        if trick == "commit_then_abort":
            self.verdict(chain, core.path, None, 0)
        if trick == "commit_twice":
            self.verdict(chain, core.path, accept, core.line_units)

    def verdict(self, chain: Chain, path: str, accept: str | None, units: int) -> None:
        """Decide a payment; without an accept it is an abort."""
        if accept is None:
            decision = self._pen.decision(path, Verdict.ABORT, None)
            code = WireCode.CANCELLED
            self._pen.say(chain, cores.PayAbort, path=path, decision=decision, code=code)
            return
        chain.paid += units
        lie = 5 if "false_balance" in self._tricks and not self._tricks.fair() else 0
        if lie:
            self._tricks.played("false_balance")
        self._pen.say(
            chain,
            cores.PayCommit,
            path=path,
            decision=self._pen.decision(path, Verdict.COMMIT, accept),
            line_units=units,
            total=chain.paid + lie,
            balance=chain.paid - chain.given + lie,
            commitments=self._pen.body(),
        )
