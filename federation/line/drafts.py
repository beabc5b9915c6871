"""Events before they have a place in the log: what the rules yield, what the shell composes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from schemas.bodies import AnyBody
    from schemas.cores import LineCore
    from schemas.openings import NoteText, Opening, PeerText, PersonalText


class LocalDraft(NamedTuple):
    """A local event; `texts` are sealed for each subject, and referenced from the body."""

    body: AnyBody
    texts: tuple[tuple[str, PersonalText], ...] = ()
    """(subject, text)"""


class LineDraft(NamedTuple):
    """A line event; its place in the chain and what it acknowledges come from the books."""

    line: str
    core: type[LineCore]
    fields: dict[str, Any]
    body: AnyBody | None = None
    peer: PeerText | NoteText | None = None
    """The peer layer that this event commits to."""
    peer_received: Opening | None = None
    """The peer layer that came with the event which this one answers; sealed and kept."""
    subject: str = ""
    """Whose data key seals the peer layer."""


class DecisionDraft(NamedTuple):
    """A verdict that the shell signs while it composes the event that carries it."""

    path: str
    commit: bool
    accept: str = ""


Draft = LocalDraft | LineDraft
