"""The accounts that we open for a group ourselves, in the reader's language. Pure.

Their codes are Dutch words of ours; they are ids everywhere else, and stay so in files for
programs, in addresses and over the API. What a group typed is never translated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.words.texts import later

if TYPE_CHECKING:
    from federation.words.texts import Texts

OWN_CODES: Final = {
    "secretariaat": later("secretariaat"),
    "afronding": later("afronding"),
    "herwaardering": later("herwaardering"),
    "te onderzoeken": later("te onderzoeken"),
}


def shown_code(code: str, texts: Texts) -> str:
    """Give a letscode as it is read: a word of ours in the reader's language, else as it is."""
    return texts.say(OWN_CODES[code]) if code in OWN_CODES else code


def typed_code(typed: str, texts: Texts) -> str:
    """Give what somebody looks for: our code where it is the word that is shown for it."""
    word = typed.casefold()
    for code, sentence in OWN_CODES.items():
        if texts.say(sentence).casefold() == word:
            return code
    return typed
