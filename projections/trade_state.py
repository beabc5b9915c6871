"""The one state of a trade that members of both groups see (glossary; design section 4).

Derived from the phase, never stored: the payer's and the payee's node give the same answer as soon
as each has seen what the other wrote.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from projections.lines import FAILED, Phase
from schemas.core_parts import WireCode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from projections.lines import Transfer


class TradeState(StrEnum):
    """How a trade stands, in the words of the glossary."""

    REQUESTED = "requested"
    """Asked for, not consented to yet: nothing is set apart."""
    HELD = "held"
    """Aangevraagd: units are set apart, nobody has booked."""
    COMMITTED = "committed"
    """Geboekt: booked by the payer's group, the payee's has not been seen to."""
    SETTLED = "settled"
    """Bevestigd: both groups have booked."""
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REVERSED = "reversed"
    """Teruggedraaid: a booked reversal names it."""


_BY_PHASE = {
    Phase.REQUESTED: TradeState.REQUESTED,
    Phase.PREPARED: TradeState.HELD,
    Phase.ACCEPTED: TradeState.HELD,
    Phase.SILENT: TradeState.HELD,
    Phase.COMMITTED: TradeState.COMMITTED,
    Phase.SETTLED: TradeState.SETTLED,
    Phase.CREDITED: TradeState.SETTLED,
}
_BY_CODE = {
    WireCode.CANCELLED.value: TradeState.CANCELLED,
    WireCode.EXPIRED.value: TradeState.EXPIRED,
}
_BOOKED = frozenset({Phase.COMMITTED, Phase.SETTLED, Phase.CREDITED})


def trade_state(transfer: Transfer, reversals: Iterable[Transfer] = ()) -> TradeState:
    """Tell how a trade stands; `reversals` are the transfers that name it as reversed."""
    if transfer.phase in FAILED:
        return _BY_CODE.get(transfer.code, TradeState.REFUSED)
    if any(other.phase in _BOOKED for other in reversals):
        return TradeState.REVERSED
    return _BY_PHASE[transfer.phase]


FINAL = frozenset(
    {
        TradeState.SETTLED,
        TradeState.REFUSED,
        TradeState.CANCELLED,
        TradeState.EXPIRED,
        TradeState.REVERSED,
    }
)
"""Nothing more will happen by itself."""
