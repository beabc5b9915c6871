"""The machine of a group that tells of other books than it has: in its own log, to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.line.drafts import LineDraft
from schemas import cores
from tests.simulation.sequencing import WatchedMachine

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    Lie = Callable[[dict[str, Any]], dict[str, Any]]
    """Gives the fields of a `line.heads` as they are told."""


class LyingMachine(WatchedMachine):
    """Decides as an honest one, but for what it says of its books."""

    def __init__(self, lie: Lie, **ports: Any) -> None:
        """Take how it lies."""
        super().__init__(**ports)
        self._lie = lie

    def decide(self, branch: Any, command: Any, context: Any) -> Generator[Any, str, Any]:
        """Decide one command."""
        steps = super().decide(branch, command, context)
        try:
            draft = next(steps)
            while True:
                draft = steps.send((yield self._told(draft)))
        except StopIteration as end:
            return end.value

    def _told(self, draft: Any) -> Any:
        if isinstance(draft, LineDraft) and draft.core is cores.LineHeads:
            return draft._replace(fields=self._lie(draft.fields))
        return draft
