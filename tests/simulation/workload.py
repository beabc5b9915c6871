"""What people do in a simulated world: members pay, coordinators agree, change and set limits.

A member's phone knows its payment by one path and asks again with it when no answer came. What is
asked for is noted in `World.asked`: nothing else may be paid.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from federation.group import commands as group
from federation.line import commands as line_commands
from projections.lines import Line, Phase
from schemas.bodies import AccountStatus
from schemas.cores import Fixed
from schemas.encoding import b64
from schemas.errors import Refusal, RuilbrugError
from schemas.ids import line_id
from schemas.openings import PeerText
from schemas.terms import Side, Terms, terms_hash
from tests.simulation.faults import DAY, HOUR, MINUTE
from tests.simulation.host import FIRST_MEMBER, Host

if TYPE_CHECKING:
    from tests.simulation.world import World

HOUR_UNITS = 360_000
PHONE_TRIES = 6


class Workload:
    """Plans and does what people do."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rng: Random = world.rng
        self.done = 0

    def begin(self, length_ms: int) -> None:
        """Plan everything that people will do."""
        rng = self.rng
        for _ in range(rng.randint(4, 40)):
            self.world.schedule.after(rng.randint(0, length_ms), self._pay)
        for _ in range(rng.randint(0, 8)):
            action = rng.choice((self._status, self._member_limit, self._cancel, self._terms))
            self.world.schedule.after(rng.randint(0, length_ms), action)

    # lines

    def propose(self, host: Host, peer: str) -> None:
        """A coordinator proposes terms, the first or new ones."""
        line = host.disk.books.lines.base.get(line_id(host.id, peer, 0))
        terms = self._new_terms(host, peer, line)
        self._ask(host, line_commands.ProposeTerms(terms, peer, 0, known=True))

    def _new_terms(self, host: Host, peer: str, line: Line | None) -> Terms:
        rng = self.rng
        before = None if line is None else line.terms
        rates = {host.id: host.rate, peer: self.world.parties[peer].rate}
        sides = [
            Side(
                node=node,
                rate=rates[node],
                grants_units=rng.choice((1, 2, 5, 20)) * HOUR_UNITS,
            )
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

    def answer_proposals(self, host: Host) -> None:
        """A coordinator looks at what lies there, and nearly always accepts."""
        for line in host.lines():
            if line.their_proposal is not None:
                accept = self.rng.random() < 0.9 or line.terms is None
                answer = line_commands.AnswerTerms(
                    line.line, terms_hash(line.their_proposal), accept
                )
                self._ask(host, answer)

    def _terms(self) -> None:
        host = self._host()
        lines = host.lines()
        if lines:
            self.propose(host, self.rng.choice(lines).peer)

    # members

    def _pay(self) -> None:
        if not self.world.faults.lasting:
            return
        host = self._host()
        lines = [line for line in host.lines() if line.terms is not None]
        if not lines:
            return
        rng, line = self.rng, self.rng.choice(lines)
        fixed = rng.choice((Fixed.PAYEE, Fixed.PAYER, Fixed.LINE))
        member = rng.randrange(2)
        expires = rng.choice((60, 60, 3600, 86_400))
        path = b64(rng.randbytes(16))
        command = line_commands.StartPayment(
            path=path,
            line=line.line,
            payer=FIRST_MEMBER + member,
            fixed=fixed,
            amount=self._amount(line, fixed),
            expires_at_s=host.now_s() + expires,
            peer=PeerText(
                v=1,
                payer=host.pseudonym(member, line.peer),
                payee=self.world.parties[line.peer].pseudonym(rng.randrange(2), host.id),
            ),
            subject=host.subjects[member],
        )
        self.world.asked[host.id].add(path)
        self.world.say(f"{host} pays {path[:6]} {fixed} {command.amount}")
        self._phone(host, command, PHONE_TRIES)

    def _amount(self, line: Line, fixed: Fixed) -> int:
        assert line.terms is not None
        units = self.rng.choice((1, HOUR_UNITS // 60, HOUR_UNITS // 2, HOUR_UNITS, 4 * HOUR_UNITS))
        units = self.rng.randint(1, units)
        if fixed is Fixed.LINE:
            return units
        side = line.terms.side(line.us) if fixed is Fixed.PAYER else line.terms.other(line.us)
        return max(1, units * side.rate.minor_per_hour() // HOUR_UNITS)

    def _phone(self, host: Host, command: Any, tries: int) -> None:
        """Ask the node; when no answer comes, ask the same again later."""
        answered: list[bool] = []

        def heard(answer: Any) -> None:
            del answer
            answered.append(True)

        self._ask(host, command, heard)

        def again() -> None:
            if not answered and tries > 1:
                self._phone(host, command, tries - 1)

        self.world.schedule.after(self.rng.choice((5_000, MINUTE, HOUR)), again)
        if not self.rng.randrange(10):  # pressed twice
            self.world.schedule.after(self.rng.choice((1, MINUTE, DAY)), self._ask, host, command)

    def _cancel(self) -> None:
        host = self._host()
        transfers = host.disk.books.transfers.base.values()
        mine = [t for t in transfers if t.direction == "out" and t.phase is Phase.PREPARED]
        if mine:
            transfer = self.rng.choice(mine)
            self._ask(host, line_commands.CancelPayment(transfer.path, transfer.line))

    def _status(self) -> None:
        status = self.rng.choice(
            (AccountStatus.ACTIVE, AccountStatus.LEAVING, AccountStatus.INACTIVE)
        )
        self.world.faults.counted["member_leaves"] += status is not AccountStatus.ACTIVE
        self._ask(self._host(), group.SetStatus(FIRST_MEMBER + self.rng.randrange(2), status))

    def _member_limit(self) -> None:
        limits = self.rng.choice(((None, None), (-5, None), (-100, 3), (0, 0)))
        self._ask(self._host(), group.SetLimits(FIRST_MEMBER + self.rng.randrange(2), *limits))

    def _host(self) -> Host:
        return self.rng.choice(self.world.hosts)

    def _ask(self, host: Host, command: Any, heard: Any = None) -> None:
        process = host.process
        if process is None:
            return

        async def ask() -> None:
            try:
                answer = await process.do(command)
            except RuilbrugError:
                return
            self.done += 1
            if isinstance(answer, Refusal):
                self.world.refusals[answer.code] += 1
            if heard is not None:
                heard(answer)

        self.world.schedule.spawn(process, ask())
