"""What a cheating node begins by itself: payments, old events again, and strays about any path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.commitments import commitment
from federation.line.conversion import Quote, quote
from schemas import cores
from schemas.cores import ReleaseCause
from schemas.encoding import b64, encode
from schemas.openings import Opening, PeerText

if TYPE_CHECKING:
    from tests.simulation.chain import Chain
    from tests.simulation.puppet import Puppet


class Initiative:
    """Begins something on a line."""

    def __init__(self, puppet: Puppet) -> None:
        """Take who begins."""
        self._puppet, self._world, self._rng = puppet, puppet.world, puppet.rng
        self._pen, self._tricks, self._answers = puppet.pen, puppet.tricks, puppet.answers

    def act(self, chain: Chain) -> None:
        """Begin one thing."""
        trick = self._rng.choice(("prepare", "prepare", "prepare", *self._tricks.names))
        if trick == "replay" and chain.cores:
            self._tricks.played("replay")
            self._replay(chain, self._rng.choice(chain.cores))
        elif trick == "stray_release":
            path = self._some_path(chain)
            self._pen.say(chain, cores.PayRelease, path=path, cause=ReleaseCause.SILENT)
            self._tricks.played("stray_release")
        elif trick == "stray_commit":
            self._tricks.played("stray_commit")
            accept = b64(self._rng.randbytes(32))
            self._answers.verdict(chain, self._some_path(chain), accept, 1000)
        else:
            self._prepare(chain)

    def _some_path(self, chain: Chain) -> str:
        paths = [core.path for core in (*chain.cores, *chain.theirs) if hasattr(core, "path")]
        return str(self._rng.choice([*paths, b64(self._rng.randbytes(16))]))

    def _replay(self, chain: Chain, core: Any) -> None:
        known = {"v", "origin", "seq", "root", "key", "ts", "line", "n", "prev", "seen", "salt"}
        fields = {f: getattr(core, f) for f in core.__struct_fields__ if f not in known}
        self._pen.say(chain, type(core), **{k: v for k, v in fields.items() if v is not None})

    def _prepare(self, chain: Chain) -> None:
        if chain.terms is None:
            return
        rng, terms, us = self._rng, chain.terms, self._puppet
        numbers = quote(
            cores.Fixed.PAYEE,
            rng.randint(1, 40),
            payer=us.rate,
            payee=terms.other(us.id).rate,
        )
        if not isinstance(numbers, Quote):
            return
        if "changed_numbers" in self._tricks and not self._tricks.fair():
            self._tricks.played("changed_numbers")
            numbers = numbers._replace(payee_minor=numbers.payee_minor + 1)
        payee = chain.peer.pseudonym(rng.randrange(2), us.id)
        text = encode(PeerText(v=1, payer=us.pseudonyms[0], payee=payee))
        salt = rng.randbytes(32)
        self._pen.say(
            chain,
            cores.PayPrepare,
            Opening(salt=b64(salt), bytes=b64(text)),
            path=b64(rng.randbytes(16)),
            line_units=numbers.line_units,
            payer_minor=numbers.payer_minor,
            payee_minor=numbers.payee_minor,
            terms_rev=terms.rev,
            fixed=cores.Fixed.PAYEE,
            expires_at_s=self._world.schedule.now_ms // 1000 + rng.choice((60, 3600, 86_400)),
            commitments=self._pen.body(commitment("peer", salt, text)),
        )
