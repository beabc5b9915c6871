"""Recording a key statement in the own log."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from events.machine import Composed
from federation.node.compose import SALT16, Meaning
from schemas.cores import KeyCore
from schemas.encoding import b64, encode
from schemas.keys import SignedKeyStatement

if TYPE_CHECKING:
    from events.machine import Context, Header


class RecordKey(NamedTuple):
    """Put a key statement into the log; `key` makes it idempotent."""

    key: str
    statement: SignedKeyStatement
    before: tuple[SignedKeyStatement, ...] = ()
    """Made earlier, and lost from the log: they stand before it, all at once or not at all."""


class KeyDraft(NamedTuple):
    """A key statement before it has a place."""

    statement: SignedKeyStatement


def compose(draft: KeyDraft, header: Header, context: Context) -> Composed:
    """Give the bytes of a key event; it has no body, so it carries a salt."""
    core = KeyCore(
        v=1,
        origin=header.origin,
        seq=header.seq,
        root=header.root,
        key=header.key,
        ts=context.now_s - context.now_s % 3600,
        statement=draft.statement,
        salt=b64(context.random(SALT16)),
    )
    return Composed(encode(core), None, None, (), Meaning(core, None))
