"""What members do in a simulated world: pay, ask, consent, decline, take back, reverse, write.

A member's phone knows its payment by one path and asks again with it when no answer came. What is
asked for is noted in `World.asked`: nothing else may be paid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.line import commands
from projections.lines import Line, Phase, granted_by_them
from schemas.cores import Fixed
from schemas.encoding import b64
from schemas.openings import NoteText, PeerText
from schemas.proposals import Proposal, Side
from tests.simulation.faults import DAY, HOUR, MINUTE
from tests.simulation.host import FIRST_MEMBER, Host
from tests.simulation.people import HOUR_UNITS, People

if TYPE_CHECKING:
    from projections.lines import Transfer
    from tests.simulation.world import World

PHONE_TRIES = 4
EXPIRIES_S = (60, 60, 3600, 86_400)


class Members(People):
    """Two members of each node, with their phones."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.tight = False
        """They pay what is just possible, and a little more."""
        self.texts: dict[str, PeerText] = {}
        """What was said with each payment and request, by its path."""

    # paying

    def pay(self, host: Host | None = None, line: Line | None = None) -> None:
        """Somebody pays somebody of another group."""
        if not self.world.faults.lasting:
            return
        host = host or self.host()
        lines = [line] if line is not None else self.agreed(host)
        if not lines:
            return
        rng, line = self.rng, self.rng.choice(lines)
        fixed = rng.choice((Fixed.PAYEE, Fixed.PAYER, Fixed.LINE))
        self._pay(host, line, fixed, self._amount(line, fixed))

    def settle(self) -> None:
        """Somebody gives what brings a line to zero."""
        host = self.host()
        owed = [line for line in self.agreed(host) if line.balance_units < 0]
        if owed and self.world.faults.lasting:
            line = self.rng.choice(owed)
            self._pay(host, line, Fixed.LINE, -line.balance_units)

    def _pay(self, host: Host, line: Line, fixed: Fixed, amount: int) -> None:
        member, path = self.rng.randrange(2), b64(self.rng.randbytes(16))
        payee = self.world.parties[line.peer].pseudonym(self.rng.randrange(2), host.id)
        command = commands.StartPayment(
            path=path,
            line=line.line,
            payer=FIRST_MEMBER + member,
            fixed=fixed,
            amount=amount,
            expires_at_s=host.now_s() + self.rng.choice(EXPIRIES_S),
            peer=self._text(path, host.pseudonym(member, line.peer), payee),
            subject=host.subjects[member],
        )
        self._paid(host, command, f"pays {path[:6]} {fixed} {amount}")

    def _paid(self, host: Host, command: Any, words: str) -> None:
        self.world.asked[host.id].add(command.path)
        self.world.say(f"{host} {words}")
        self._phone(host, command, PHONE_TRIES)

    def _text(self, path: str, payer: str, payee: str) -> PeerText:
        text = self.texts[path] = PeerText(v=1, payer=payer, payee=payee)
        return text

    def _amount(self, line: Line, fixed: Fixed) -> int:
        assert line.terms is not None
        units = self._units(line)
        if fixed is Fixed.LINE:
            return units
        side = line.terms.side(line.us) if fixed is Fixed.PAYER else line.terms.other(line.us)
        return max(1, units * side.rate.minor_per_hour() // HOUR_UNITS)

    def _units(self, line: Line) -> int:
        rng = self.rng
        if self.tight:
            room = granted_by_them(line) - line.owed_by_us()
            part = rng.choice((room, room, room // 2, room // 3, room + 1))
            return max(1, part)
        most = rng.choice((1, HOUR_UNITS // 60, HOUR_UNITS // 2, HOUR_UNITS, 4 * HOUR_UNITS))
        return rng.randint(1, most)

    def _phone(self, host: Host, command: Any, tries: int) -> None:
        """Ask the node; when no answer comes, ask the same again later."""
        answered: list[bool] = []

        def again() -> None:
            if not answered and tries > 1:
                self._phone(host, command, tries - 1)

        self.ask(host, command, lambda _: answered.append(True))
        self.world.schedule.after(self.rng.choice((5_000, MINUTE, HOUR)), again)
        if not self.rng.randrange(10):  # pressed twice
            self.world.schedule.after(self.rng.choice((1, MINUTE, DAY)), self.ask, host, command)

    def cancel(self, host: Host | None = None) -> None:
        """A payer takes a payment back, if it is not too late."""
        host = host or self.host()
        mine = self._transfers(host, "out", Phase.PREPARED)
        if mine:
            transfer = self.rng.choice(mine)
            self.ask(host, commands.CancelPayment(transfer.path, transfer.line))

    # asking

    def request(self, host: Host | None = None) -> None:
        """Somebody asks to be paid."""
        host = host or self.host()
        lines = self.agreed(host)
        if not lines or not self.world.faults.lasting:
            return
        line, member = self.rng.choice(lines), self.rng.randrange(2)
        fixed = self.rng.choice((Fixed.PAYEE, Fixed.PAYER))
        path = b64(self.rng.randbytes(16))
        payer = self.world.parties[line.peer].pseudonym(self.rng.randrange(2), host.id)
        self._request(host, line, path, fixed, self._amount(line, fixed), (payer, member), "")

    def _request(
        self,
        host: Host,
        line: Line,
        path: str,
        fixed: Fixed,
        amount: int,
        who: tuple[str, int],
        original: str,
    ) -> None:
        payer, member = who
        command = commands.RequestPayment(
            path=path,
            line=line.line,
            payee=FIRST_MEMBER + member,
            fixed=fixed,
            amount=amount,
            expires_at_s=host.now_s() + self.rng.choice(EXPIRIES_S),
            peer=self._text(path, payer, host.pseudonym(member, line.peer)),
            subject=host.subjects[member],
            original=original,
        )
        self.world.say(f"{host} asks for {path[:6]} {original[:6]}")
        self._phone(host, command, PHONE_TRIES)

    def answer(self, host: Host | None = None) -> None:
        """Somebody who was asked consents, or declines."""
        host = host or self.host()
        asked = self._transfers(host, "out", Phase.REQUESTED)
        if not asked:
            return
        transfer = self.rng.choice(asked)
        text = self.texts.get(transfer.path)
        if text is None or not self.rng.randrange(6):
            self.ask(host, commands.DeclineRequest(transfer.path, transfer.line))
            return
        line = host.disk.books.lines.base[transfer.line]
        member = host.member(text.payer, line.peer)
        command = commands.ConsentToRequest(
            path=transfer.path,
            line=transfer.line,
            payer=FIRST_MEMBER + member,
            expires_at_s=host.now_s() + self.rng.choice(EXPIRIES_S),
            peer=text,
            subject=host.subjects[member],
        )
        self._paid(host, command, f"consents to {transfer.path[:6]}")

    def withdraw(self, host: Host | None = None) -> None:
        """Somebody who asked takes it back."""
        host = host or self.host()
        mine = self._transfers(host, "in", Phase.REQUESTED)
        if mine:
            transfer = self.rng.choice(mine)
            self.ask(host, commands.DeclineRequest(transfer.path, transfer.line))

    def reverse(self, host: Host | None = None) -> None:
        """Somebody gives back what was paid, or asks for it."""
        host = host or self.host()
        given = self._transfers(host, "in", Phase.CREDITED)
        paid = self._transfers(host, "out", Phase.COMMITTED, Phase.SETTLED)
        known = [transfer for transfer in (*given, *paid) if transfer.path in self.texts]
        if not known or not self.world.faults.lasting:
            return
        original = self.rng.choice(known)
        text, path = self.texts[original.path], b64(self.rng.randbytes(16))
        line = host.disk.books.lines.base[original.line]
        if original.direction == "out":
            who = (text.payee, original.account - FIRST_MEMBER)
            self._request(host, line, path, original.fixed, 0, who, original.path)
            return
        command = commands.ReversePayment(
            path=path,
            line=line.line,
            original=original.path,
            expires_at_s=host.now_s() + self.rng.choice(EXPIRIES_S),
            peer=self._text(path, text.payee, text.payer),
            subject=host.subjects[original.account - FIRST_MEMBER],
        )
        self._paid(host, command, f"gives back {original.path[:6]} as {path[:6]}")

    def _transfers(self, host: Host, direction: str, *phases: Phase) -> list[Transfer]:
        return [
            transfer
            for transfer in host.disk.books.transfers.base.values()
            if transfer.direction == direction and transfer.phase in phases
        ]

    # writing

    def write(self) -> None:
        """Somebody writes to a member of another group."""
        host = self.host()
        lines = self.agreed(host)
        if lines:
            line, member = self.rng.choice(lines), self.rng.randrange(2)
            note = NoteText(
                v=1,
                thread=b64(self.rng.randbytes(16)),
                sender=host.pseudonym(member, line.peer),
                recipient=self.world.parties[line.peer].pseudonym(member, host.id),
                text="Is het brood er nog?",
                proposal=Proposal(payer=Side.SENDER, amount_minor=1 + member),
            )
            account, subject = FIRST_MEMBER + member, host.subjects[member]
            self.ask(host, commands.SendNote(line.line, account, note, subject))

    def forget(self) -> None:
        """Somebody has texts forgotten that went to another group."""
        host = self.host()
        disk = host.disk
        said = [
            (line, b64(text.commitment))
            for line, seqs in disk.chains.items()
            for seq in seqs
            for text in disk.texts.get(seq, ())
            if text.layer == "peer"
        ]
        if said:
            line, commitment = self.rng.choice(said)
            self.ask(host, commands.Forget(line, (commitment,)))
