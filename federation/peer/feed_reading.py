"""How far the feed of one group was read, page after page. Pure.

Invariant: a pass that began at the start of a feed and came to its end has brought everything that
is in it; so what bears an older pass number then is gone. No feed keeps us reading for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from msgspec.structs import replace

from federation.peer.feed_pages import Cursor, summed
from schemas.errors import Code, VerificationError

if TYPE_CHECKING:
    from federation.peer.feed_pages import Checked

PASS_PAGES_MAX: Final = 400
"""So many pages come before an end: 20,000 posts of the largest size, or nobody's feed."""
ANEW_S: Final = 7 * 86_400
"""A feed is read from its beginning once a week, whatever went wrong meanwhile."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """Where the reading of one feed stands."""

    epoch: str = ""
    n: int = 0
    pass_n: int = 0
    """Grows with the time, so that no number comes again when a reading was lost."""
    pages: int = 0
    """Of this pass, since the feed was at an end last."""
    began_at_s: int = 0
    left_out: dict[str, int] = {}
    """Entries of this pass that could not be shown, by reason."""

    def cursor(self, *, now_s: int) -> Cursor:
        """Give where to go on; the beginning when it was long ago, or seems to lie ahead."""
        if not self.pages and not 0 <= now_s - self.began_at_s < ANEW_S:
            return Cursor()
        return Cursor(self.epoch, self.n)


def followed(reading: Reading, page: Checked, *, now_s: int) -> Reading:
    """Take note of a page.

    Raises:
        VerificationError: `peer_wrong` when the feed has no end.

    """
    if page.anew:
        reading = Reading(pass_n=max(reading.pass_n + 1, now_s), began_at_s=now_s)
    pages = reading.pages + 1
    if pages > PASS_PAGES_MAX:
        raise VerificationError(Code.PEER_WRONG, reason="its feed has no end")
    return replace(
        reading,
        epoch=page.next.epoch,
        n=page.next.n,
        pages=pages if page.more else 0,
        left_out=summed((reading.left_out, page.refused)),
    )
