"""What a world is about: a theme brings about, often, one situation in which a rule counts.

It reacts to what a node has just made durable: the other side lowers its limit while a prepare is
under way, the payer takes it back while the accept is, the commit comes when the payee's node has
long been waiting. Everything happens through what people may do and what may go wrong anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from schemas import cores
from tests.simulation.faults import HOUR, MINUTE, SECOND

if TYPE_CHECKING:
    from tests.simulation.disk import Saved
    from tests.simulation.host import Host
    from tests.simulation.workload import Workload
    from tests.simulation.world import World

WEEK_OF_SILENCE_S: Final = 8 * 24 * 3600
DELAYS_MS: Final = (1, 20, 100, 300, 1500)


class Event(NamedTuple):
    """What was made durable: by whom, on which line, and who else is on it."""

    world: World
    work: Workload
    host: Host
    other: Host
    line: str


Reaction = Callable[[Event], None]


def _lower_there(event: Event) -> None:
    event.work.coordinators.lower(event.other, event.other.disk.books.lines.base.get(event.line))


def _lower_here(event: Event) -> None:
    event.work.coordinators.lower(event.host, event.host.disk.books.lines.base[event.line])


def _pay_back(event: Event) -> None:
    line = event.other.disk.books.lines.base.get(event.line)
    if line is not None and line.terms is not None:
        event.work.members.pay(event.other, line)


def _pay_back_and_lower(event: Event) -> None:
    """The other way round is held, and the room is gone, when the prepare arrives."""
    _pay_back(event)
    _lower_there(event)


def _pay_more(event: Event) -> None:
    event.work.members.pay(event.host, event.host.disk.books.lines.base[event.line])


def _cancel_here(event: Event) -> None:
    event.work.members.cancel(event.host)


def _cancel_there(event: Event) -> None:
    event.work.members.cancel(event.other)


def _cut(event: Event) -> None:
    length_ms = event.world.rng.choice((30 * SECOND, 50 * SECOND, 70 * SECOND, HOUR))
    event.world.faults.part(event.host.id, event.other.id, length_ms, one_way=False)


def _cut_one_way(event: Event) -> None:
    length_ms = event.world.rng.choice((30 * SECOND, 70 * SECOND))
    event.world.faults.part(event.host.id, event.other.id, length_ms, one_way=True)


def _kill_here(event: Event) -> None:
    event.world.faults.kill(event.host, event.world.rng.choice((SECOND, MINUTE, HOUR)))


def _kill_there(event: Event) -> None:
    event.world.faults.kill(event.other, event.world.rng.choice((SECOND, MINUTE, HOUR)))


def _week_passes(event: Event) -> None:
    """The clock says for a minute that a week has passed: nobody decided all the while."""
    event.world.faults.jump(event.host, WEEK_OF_SILENCE_S)
    event.world.schedule.after(MINUTE, event.world.faults.jump, event.host, 0)


def _hour_passes(event: Event) -> None:
    event.world.faults.jump(event.other, 2 * 3600)
    event.world.schedule.after(MINUTE, event.world.faults.jump, event.other, 0)


def _freeze_here(event: Event) -> None:
    event.work.coordinators.freeze(event.host)


def _freeze_there(event: Event) -> None:
    event.work.coordinators.freeze(event.other)


def _status_here(event: Event) -> None:
    event.work.coordinators.status(event.host)


def _limit_here(event: Event) -> None:
    event.work.coordinators.member_limit(event.host)


def _terms(event: Event) -> None:
    event.work.coordinators.propose(event.host, event.other.id)


def _terms_crossing(event: Event) -> None:
    event.work.coordinators.propose(event.host, event.other.id)
    event.work.coordinators.propose(event.other, event.host.id)


def _rate_here(event: Event) -> None:
    event.work.coordinators.rate(event.host)


def _rate_there(event: Event) -> None:
    event.work.coordinators.rate(event.other)


def _answer(event: Event) -> None:
    event.work.members.answer(event.other)


def _withdraw(event: Event) -> None:
    event.work.members.withdraw(event.host)


def _reverse_here(event: Event) -> None:
    event.work.members.reverse(event.host)


def _reverse_there(event: Event) -> None:
    event.work.members.reverse(event.other)


class Theme(NamedTuple):
    """How a world reacts, and which acts of people are frequent in it."""

    name: str
    reactions: dict[type[Any], tuple[Reaction, ...]]
    acts: tuple[str, ...] = ()
    tight: bool = False
    slow: bool = False
    """Disks are slow, so that much happens between a decision and its COMMIT."""


THEMES: Final = (
    Theme("anything", {}),
    Theme(
        "tight",
        {
            cores.PayPrepare: (
                _pay_back_and_lower,
                _pay_back_and_lower,
                _lower_there,
                _pay_back,
                _pay_more,
            ),
            cores.PayAccept: (_lower_here, _pay_back, _pay_more, _cancel_there, _terms),
            cores.PayAbort: (_pay_more, _pay_back),
            cores.PayReceipt: (_pay_back, _pay_more),
        },
        tight=True,
    ),
    Theme(
        "late",
        {
            cores.PayPrepare: (_cancel_here, _cut, _cut_one_way, _hour_passes, _kill_there),
            cores.PayAccept: (_week_passes, _cancel_there, _cut, _cut_one_way, _kill_there),
            cores.PayCommit: (_cut, _cut_one_way, _kill_here, _kill_there),
        },
    ),
    Theme(
        "changing",
        {
            cores.PayPrepare: (_lower_there, _freeze_there, _rate_here, _rate_there, _terms),
            cores.PayAccept: (
                _lower_here,
                _freeze_here,
                _status_here,
                _limit_here,
                _rate_here,
                _rate_there,
                _terms_crossing,
            ),
            cores.PayCommit: (_rate_here, _rate_there, _terms, _cut),
        },
        acts=("rate", "terms", "close", "settle"),
    ),
    Theme(
        "asking",
        {
            cores.PayRequest: (_answer, _answer, _answer, _withdraw, _cut),
            cores.PayReceipt: (_reverse_here, _reverse_there),
            cores.PayCommit: (_reverse_here, _rate_there),
        },
        acts=("request", "request", "request", "answer", "withdraw", "reverse", "reverse", "rate"),
    ),
    Theme(
        "slow",
        {
            cores.PayPrepare: (_pay_back, _kill_here, _kill_there),
            cores.PayAccept: (_pay_back, _pay_more, _kill_here),
            cores.PayCommit: (_pay_more, _kill_here),
        },
        slow=True,
    ),
)


class Reactions:
    """Reacts to what nodes make durable, while the bad time lasts."""

    def __init__(self, world: World, work: Workload, theme: Theme) -> None:
        self.world, self.work, self.theme = world, work, theme
        self._left = 40

    def saved(self, host: Host, written: Saved) -> None:
        """See what one COMMIT made durable."""
        if not self.world.faults.lasting:
            return
        for meaning in written.meanings:
            core = meaning.core
            if type(core) is cores.TermsPropose and self.world.honest(_peer(host, core.line)):
                self.work.coordinators.answer_soon(self.world.host(_peer(host, core.line)))
            self._react(host, core)

    def _react(self, host: Host, core: Any) -> None:
        reactions = self.theme.reactions.get(type(core))
        if not reactions or not self._left or self.world.rng.random() < 0.5:
            return
        peer = _peer(host, core.line)
        if not self.world.honest(peer):
            return
        self._left -= 1
        rng = self.world.rng
        event = Event(self.world, self.work, host, self.world.host(peer), core.line)
        self.world.schedule.after(
            rng.choice(DELAYS_MS), self._while_lasting, rng.choice(reactions), event
        )

    def _while_lasting(self, reaction: Reaction, event: Event) -> None:
        if self.world.faults.lasting:
            self.world.say(f"{reaction.__name__.strip('_')} ({event.host} and {event.other})")
            reaction(event)


def _peer(host: Host, line: str) -> str:
    return host.disk.books.lines.base[line].peer
