"""Wrong variants of the product, planted by replacing one of its functions: each must be found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec.structs import replace

from events import restore
from federation.line import booking, payee, payer
from federation.line.drafts import LineDraft
from projections import books, own_payments, received
from projections.lines import Line, Phase, granted_by_us
from schemas import cores
from schemas.core_parts import ReleaseCause
from tests.simulation.explicit import bounds, restored
from tests.simulation.explicit.honest import Honest
from tests.simulation.explicit.hostile import Hostile
from tests.simulation.explicit.restored import Restored
from tests.simulation.explicit.worlds import SMALL

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    import pytest

    from projections.books import Books
    from tests.simulation.explicit.search import Model


Steps = dict[Any, Any]


class Planted(NamedTuple):
    """A wrong variant, and the world in which it is to be found."""

    plant: Callable[[pytest.MonkeyPatch], None]
    world: Callable[[], Model]


def participant_times_out(patch: pytest.MonkeyPatch) -> None:
    """The payee's node takes its accept back when the payment has expired."""

    def expire(books: Books, *, now_s: int) -> Generator[Any, str, int]:
        due = [
            transfer
            for transfer in books.transfers.values()
            if transfer.phase is Phase.ACCEPTED and now_s >= transfer.expires_at_s
        ]
        for transfer in due:
            fields = {"path": transfer.path, "cause": ReleaseCause.ABORTED}
            yield LineDraft(line=transfer.line, core=cores.PayRelease, fields=fields)
        return len(due)

    patch.setattr(payee, "expire", expire)


def commit_after_own_abort(patch: pytest.MonkeyPatch) -> None:
    """The payee's node forgets the abort of a payment that it knows."""
    real = received._RECEIVED[cores.PayAbort]

    def forgetful(books: Books, line: Line, event_id: str, core: Any) -> Line:
        known = (core.path, line.line, "in") in books.transfers
        return line if known else real(books, line, event_id, core)

    steps: Steps = {**received._RECEIVED, cores.PayAbort: forgetful}
    patch.setattr(received, "_RECEIVED", steps)


def release_frees_the_line(patch: pytest.MonkeyPatch) -> None:
    """After a week of silence the line units are let go of too."""
    step = own_payments._released

    def released(all_books: Books, event: Any, core: Any, rows: list[Any]) -> Line:
        transfer = all_books.transfers[core.path, core.line, "in"]
        line = step(all_books, event, core, rows)
        if core.cause is ReleaseCause.ABORTED:
            return line
        return replace(line, held_in_units=line.held_in_units - transfer.line_units)

    steps: Steps = {**books._OWN_STEPS, cores.PayRelease: released}
    patch.setattr(books, "_OWN_STEPS", steps)


def limit_at_commit(patch: pytest.MonkeyPatch) -> None:
    """The payee's node looks at the limit once more when the commit comes."""
    right = payee.committed

    def committed(
        books: Books, line: Line, event: Any, commit: cores.PayCommit
    ) -> Generator[Any, str, str]:
        if line.owed_to_us() > granted_by_us(line):
            return ""
        return (yield from right(books, line, event, commit))

    patch.setattr(payee, "committed", committed)


def other_direction_makes_room(patch: pytest.MonkeyPatch) -> None:
    """What is held in one direction counts as room in the other."""
    patch.setattr(Line, "owed_to_us", lambda line: _netted(line, -1))
    patch.setattr(Line, "owed_by_us", lambda line: _netted(line, 1))


def _netted(line: Line, sign: int) -> int:
    return sign * (line.balance_units + line.held_out_units - line.held_in_units)


def receiver_recomputes(patch: pytest.MonkeyPatch) -> None:
    """The payee's node rounds anew instead of crediting what was agreed."""
    right = booking.postings

    def postings(accounts: Any, *, member_minor: int, **numbers: Any) -> Any:
        if member_minor > 0:
            member_minor += 1
        return right(accounts, member_minor=member_minor, **numbers)

    patch.setattr(booking, "postings", postings)


def received_is_booked(patch: pytest.MonkeyPatch) -> None:
    """A commit moves the balance when it is taken in, and again with the receipt."""
    step = received._their_commit

    def their_commit(books: Books, line: Line, event_id: str, core: Any) -> Line:
        after = step(books, line, event_id, core)
        return replace(after, balance_units=after.balance_units - core.line_units)

    steps: Steps = {**received._RECEIVED, cores.PayCommit: their_commit}
    patch.setattr(received, "_RECEIVED", steps)


def accept_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """The payer's node neither commits nor aborts what was accepted too late."""

    def accepted(*_args: Any, now_s: int) -> Generator[Any, str, str]:
        del now_s
        yield from ()
        return ""

    patch.setattr(payer, "accepted", accepted)
    patch.setattr(payer, "expire", lambda _books, *, now_s: _nothing(now_s))


def _nothing(_now_s: int) -> Generator[Any, str, int]:
    yield from ()
    return 0


def restore_rule_is_off(patch: pytest.MonkeyPatch) -> None:
    """A restored node goes on at once."""
    judgement = restore.Judgement(restore.Mode.OPEN, "never asked")
    patch.setattr(restore, "judge", lambda *_args, **_more: judgement)


def takes_in_while_it_releases_nothing(patch: pytest.MonkeyPatch) -> None:
    """A restored node answers its partner before it knows what it has lost."""
    phases = Restored.takes_in | {restored.Phase.RELEASES_NOTHING}
    patch.setattr(Restored, "takes_in", phases)


BOTH_PAY: Final = "restored, both pay, an accept is lost"
PLANTED: Final[dict[str, Planted]] = {
    "participant times out an accept": Planted(
        participant_times_out, lambda: Honest(bounds.payments(1, 2))
    ),
    "a commit after its own abort applied": Planted(
        commit_after_own_abort, lambda: Hostile(events_max=4, numbers=(1,), beta_pays=False)
    ),
    "a release that frees the line hold": Planted(
        release_frees_the_line, lambda: Honest(bounds.payments(1, 2))
    ),
    "limit checked at commit": Planted(limit_at_commit, lambda: Honest(bounds.life())),
    "holds of the other direction counted as room": Planted(
        other_direction_makes_room, lambda: Honest(bounds.room())
    ),
    "rounding recomputed by the receiver": Planted(
        receiver_recomputes, lambda: Honest(bounds.payments(1, 2))
    ),
    "received event booked directly": Planted(
        received_is_booked, lambda: Honest(bounds.payments(1, 2))
    ),
    "an accept without a verdict": Planted(
        accept_is_forgotten, lambda: Honest(bounds.payments(1, 2))
    ),
    "no restore rule": Planted(restore_rule_is_off, lambda: Restored(bounds.payments(1))),
    "no restore rule, both pay": Planted(restore_rule_is_off, SMALL[BOTH_PAY]),
    "takes in while it releases nothing, both pay": Planted(
        takes_in_while_it_releases_nothing, SMALL[BOTH_PAY]
    ),
    "takes in while it releases nothing": Planted(
        takes_in_while_it_releases_nothing, lambda: Restored(bounds.payments(1))
    ),
}
