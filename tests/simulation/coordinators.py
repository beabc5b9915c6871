"""What coordinators do in a simulated world: agree, change, lower, pause, close, set limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.group import commands as group
from federation.group.collective import BookCollective
from federation.line import commands
from projections.lines import Line, granted_by_us
from schemas.amounts import Rate, Unit
from schemas.bodies import AccountKind, AccountStatus
from schemas.core_parts import FreezeReason
from schemas.encoding import b64
from schemas.ids import line_id
from schemas.limit_bodies import Limits
from schemas.terms import Side, Terms, terms_hash
from tests.simulation.faults import HOUR, MINUTE, SECOND
from tests.simulation.host import FIRST_MEMBER, Host
from tests.simulation.people import HOUR_UNITS, People

if TYPE_CHECKING:
    from tests.simulation.world import World


HALF: Final = 0.5


class Coordinators(People):
    """One of each node."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.tight = False
        """They let others owe little."""

    # terms

    def propose(self, host: Host, peer: str) -> None:
        """Propose terms, the first or new ones."""
        line = host.disk.books.lines.base.get(line_id(host.id, peer, 0))
        terms = self._new_terms(host, peer, line)
        self.ask(host, commands.ProposeTerms(terms, peer, 0, known=True))

    def _new_terms(self, host: Host, peer: str, line: Line | None) -> Terms:
        rng = self.rng
        before = None if line is None else line.terms
        rates = {host.id: host.rate, peer: self.world.parties[peer].rate}
        hours = (0.1, 0.5, 1) if self.tight else (1, 2, 5, 20)
        sides = [
            Side(node=node, rate=rates[node], grants_units=int(rng.choice(hours) * HOUR_UNITS))
            for node in sorted(rates)
        ]
        return Terms(
            line=line_id(host.id, peer, 0),
            rev=1 if before is None else before.rev + 1,
            lower=sides[0],
            higher=sides[1],
            largest_units=rng.choice((1, 5)) * HOUR_UNITS,
            previous=None if before is None else terms_hash(before),
        )

    def answer_soon(self, host: Host) -> None:
        """Look, in a while, at what lies there."""
        delay_ms = self.rng.choice((SECOND, 3 * SECOND, MINUTE, HOUR))
        self.world.schedule.after(delay_ms, self.answer_proposals, host)

    def answer_proposals(self, host: Host) -> None:
        """Look at what lies there, and nearly always accept."""
        for line in host.lines():
            if line.their_proposal is not None:
                accept = self.rng.random() < 0.9 or line.terms is None
                answer = commands.AnswerTerms(line.line, terms_hash(line.their_proposal), accept)
                self.ask(host, answer)

    def terms(self, host: Host | None = None) -> None:
        """Propose new terms on a line."""
        host = host or self.host()
        lines = host.lines()
        if lines:
            self.propose(host, self.rng.choice(lines).peer)

    def rate(self, host: Host | None = None) -> None:
        """Give the group's unit another rate, and propose it on every line."""
        host = host or self.host()
        settings = host.disk.books.ledger.settings
        assert settings is not None
        old = settings.unit.rate
        rate = Rate(max(1, old.per_hour * self.rng.choice((1, 3, 4, 5)) // 2), old.decimals)
        if not rate.terms_rule():
            return
        self.world.faults.counted["rate_changed"] += 1
        unit = Unit(singular="unit", plural="units", rate=rate)

        def changed(answer: object) -> None:
            del answer
            for line in self.agreed(host):
                self.propose(host, line.peer)

        configure = group.Configure(unit, settings.limits.lower_minor, settings.limits.upper_minor)
        self.ask(host, configure, changed)

    # lines

    def lower(self, host: Host | None = None, line: Line | None = None) -> None:
        """Let another group owe less: nothing, no more than it does, or a little more."""
        host = host or self.host()
        lines = self.agreed(host) if line is None or line.terms is None else [line]
        if not lines:
            return
        line = self.rng.choice(lines)
        granted, owed = granted_by_us(line), max(0, line.owed_to_us())
        limit = self.rng.choice((0, owed, owed, owed + 1000, owed // 2, granted // 2))
        self.world.faults.counted["limit_lowered"] += 1
        self.ask(host, commands.LowerLimit(line.line, limit))

    def freeze(self, host: Host | None = None) -> None:
        """Admit no trades for a while."""
        host = host or self.host()
        lines = self.agreed(host)
        if lines:
            line = self.rng.choice(lines).line
            self.world.faults.counted["frozen"] += 1
            self.ask(host, commands.Freeze(line, FreezeReason.COORDINATOR))
            delay_ms = self.rng.choice((SECOND, MINUTE, HOUR))
            self.world.schedule.after(delay_ms, self.ask, host, commands.Unfreeze(line))

    def close(self) -> None:
        """Try to close a line that stands at zero."""
        host = self.host()
        lines = [line for line in self.agreed(host) if not line.balance_units]
        if lines:
            self.world.faults.counted["close"] += 1
            self.ask(host, commands.CloseLine(self.rng.choice(lines).line))

    def heads(self) -> None:
        """Tell a partner where the books stand."""
        host = self.host()
        lines = self.agreed(host)
        if lines:
            self.ask(host, commands.SendHeads(self.rng.choice(lines).line))

    # members

    def status(self, host: Host | None = None) -> None:
        """Let a member leave, or come back."""
        status = self.rng.choice(
            (AccountStatus.ACTIVE, AccountStatus.LEAVING, AccountStatus.INACTIVE)
        )
        self.world.faults.counted["member_leaves"] += status is not AccountStatus.ACTIVE
        member = FIRST_MEMBER + self.rng.randrange(2)
        self.ask(host or self.host(), group.SetStatus(member, status))

    def collective(self) -> None:
        """Let members contribute to their group, or all get something from it."""
        host = self.host()
        one = host.disk.books.ledger.account_of_kind(AccountKind.GROUP)
        if one is None:
            return
        shares = tuple((FIRST_MEMBER + place, self.rng.choice((1, 3, 40))) for place in range(2))
        self.world.faults.counted["collective"] += 1
        key, gives = b64(self.rng.randbytes(16)), self.rng.random() < HALF
        booking = BookCollective(key, None, one.account, gives, shares, "Bijdrage")
        self.ask(host, booking)

    def member_limit(self, host: Host | None = None) -> None:
        """Set the limits of a member, or of the whole group."""
        if self.rng.random() < HALF:
            lower, upper = self.rng.choice(((None, None), (-50, 80), (-3, None)))
            limits_of_all = Limits(
                lower_minor=lower,
                upper_minor=upper,
                newcomer_days=self.rng.choice((0, 1, 30)),
                newcomer_lower_minor=lower and -2,
                growth_percent=self.rng.choice((0, 50)),
                growth_most_minor=20,
            )
            key = b64(self.rng.randbytes(16))
            self.ask(host or self.host(), group.SetGroupLimits(key, None, limits_of_all))
            return
        limits = self.rng.choice(((None, None), (-5, None), (-100, 3), (0, 0)))
        member = FIRST_MEMBER + self.rng.randrange(2)
        self.ask(host or self.host(), group.SetLimits(member, *limits))
