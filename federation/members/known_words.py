"""What texts look for, as the database has put it: the same text always gives the same.

Making it of a text is some two fifths of a millisecond, and people look for the same things.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from federation.node.service import Node

KEPT_MAX: Final = 1_000


class KnownWords:
    """The texts that were looked for lately; who looked for them is not known here."""

    def __init__(self) -> None:
        """Know none yet."""
        self._known: dict[str, str | None] = {}

    def keep(self, text: str, wanted: str | None) -> None:
        """Remember a text, and forget the one that was not asked for the longest."""
        self._known.pop(text, None)
        if len(self._known) >= KEPT_MAX:
            del self._known[next(iter(self._known))]
        self._known[text] = wanted

    def knows(self, text: str) -> bool:
        """Tell whether a text was looked for lately."""
        return text in self._known

    def wanted(self, text: str) -> str | None:
        """Give what a known text looks for; nothing when it has no word that counts."""
        wanted = self._known[text]
        self.keep(text, wanted)
        return wanted


def known_words(node: Node) -> KnownWords:
    """Give the known words of a running node."""
    return cast("KnownWords", node.parts.setdefault(KnownWords, KnownWords()))
