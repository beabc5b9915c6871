"""Batches of a partner that were refused whole: counted by day, until its lines are frozen.

Counted is what an authenticated partner with a line here has sent and no honest node sends: bytes
that do not decode, events of others, a batch that is no chain, a signature that is not valid.
Not counted is what honest nodes come to: silence and broken connections; places and chains that do
not fit (`line_gap`, `line_prev`, `line_fork` against what we hold, as after a restore on either
side); a key that we do not know yet; whatever failed before the sender was known.

Kept in memory only. A restart forgets the batches of one day at most, and whoever goes on being
wrong is frozen that much later; a table would be written to by whoever sends rubbish. Faults of
events are folded from the log and forget nothing; both count together (`life.wrong_too_often`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import structlog

from federation.line.commands import FreezeWhoIsWrong
from federation.line.life import admits, wrong_too_often
from projections.lines import Faults
from schemas.errors import Code, InputError, RuilbrugError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from projections.books import Books

log = structlog.get_logger()

COUNTED: Final = frozenset(
    {
        Code.NOT_CANONICAL,
        Code.BAD_ENCODING,
        Code.BAD_SIGNATURE,
        Code.MALFORMED,
        Code.TOO_LARGE,
        Code.LINE_OTHER,
        Code.LINE_PREV,
    }
)


def is_fault(error: RuilbrugError) -> bool:
    """Tell whether a refusal says that the batch itself cannot be, whatever we hold."""
    return isinstance(error, VerificationError | InputError) and error.code in COUNTED


class RefusedBatches:
    """How many batches of each partner were refused today."""

    def __init__(
        self,
        books: Callable[[], Books],
        submit: Callable[[Any], Awaitable[Any]],
        *,
        clock: Callable[[], int],
    ) -> None:
        """Take the books, the sequencer, and a clock in seconds since 1970."""
        self._books = books
        self._submit = submit
        self._clock = clock
        self._faults: dict[str, Faults] = {}

    async def count(self, peer: str, error: RuilbrugError) -> None:
        """Count a refusal against its sender, and freeze what it has with us once it is enough.

        Frozen lines count nothing, so a coordinator who lifts a pause begins anew.

        Raises:
            StorageError: as `Sequencer.submit`; the count stays.

        """
        lines = [line for line in self._books().lines.values() if line.peer == peer]
        if not is_fault(error) or not any(map(admits, lines)):
            return
        now_s = self._clock()
        faults = self._faults[peer] = self._faults.get(peer, Faults()).and_one(now_s)
        wrong = [x.line for x in lines if wrong_too_often(x, faults.count, now_s=now_s)]
        for line in wrong:
            await self._submit(FreezeWhoIsWrong(line, faults.count))
            log.warning("line_frozen", line=line, peer=peer, refused=faults.count)
        if wrong:
            self._faults.pop(peer, None)
