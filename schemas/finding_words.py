"""What each finding of an audit means, in three languages: what is wrong, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from schemas.texts import en_audit, fr_audit, nl_audit
from schemas.texts.words import Language, Words

if TYPE_CHECKING:
    from schemas.findings import Finding, What

_ROOMS: Final = {Language.NL: nl_audit, Language.FR: fr_audit, Language.EN: en_audit}


def words_for_code(what: What, language: Language = Language.EN) -> Words:
    """Give the sentences of a code; `{reason}` may stand in them, or `{far}`."""
    words: Words = _ROOMS[language].FOUND[what]
    return words


def words_of(finding: Finding, language: Language = Language.EN) -> Words:
    """Give the sentences about a finding, with what is known of it filled in."""
    words, room = words_for_code(finding.what, language), _ROOMS[language]
    why: str = room.WHY.get(finding.reason, room.WHY_OTHER)
    return Words(words.what.format(reason=why, far=finding.reason), words.next_step)
