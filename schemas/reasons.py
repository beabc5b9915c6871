"""Why a group refuses a trade, pauses, or sets a line aside: sentences for words on the wire."""

from __future__ import annotations

from typing import Final, TypeAlias

from schemas.core_parts import FreezeReason, WireCode
from schemas.quarantine import QuarantineCode
from schemas.texts import en_line, fr_line, nl_line
from schemas.texts.words import NOTHING_BOOKED, NOTHING_LOST, Language, Words

Reason: TypeAlias = WireCode | FreezeReason | QuarantineCode

AGAIN: Final[frozenset[Reason]] = frozenset({WireCode.LINE_BUSY, FreezeReason.MAINTENANCE})
"""The very same may succeed after a while, without anybody doing anything."""

_ROOMS: Final = {Language.NL: nl_line, Language.FR: fr_line, Language.EN: en_line}


def words_for(reason: Reason, language: Language = Language.EN) -> Words:
    """Give what people read about a reason, with what is kept filled in."""
    room = _ROOMS[language]
    words: Words
    match reason:
        case WireCode():
            words, kept = room.REFUSED[reason], NOTHING_BOOKED
        case FreezeReason():
            words, kept = room.FROZEN[reason], NOTHING_LOST
        case QuarantineCode():
            words, kept = room.SET_ASIDE[reason], NOTHING_LOST
    return words if words.kept else words._replace(kept=kept[language])


def explain(reason: Reason, language: Language = Language.EN) -> str:
    """Say what happened, that nothing is lost, and the one thing to do next."""
    words = words_for(reason, language)
    return f"{words.what} {words.kept} {words.next_step}"
