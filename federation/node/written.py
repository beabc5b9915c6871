"""A text for another group as it is signed: what its node would not read is refused before.

A peer layer that breaks the profile is processed there without text, so nobody would be told.
"""

from __future__ import annotations

from unicodedata import normalize

from events.canonical import check_profile
from federation.peer.channel import OPENING_SIZE_MAX
from schemas.encoding import encode
from schemas.errors import Code, InputError, VerificationError


def written_text(text: str, *, field: str, length_max: int) -> str:
    """Give a text in NFC, without blanks around it; at most `length_max` characters.

    Raises:
        InputError: `malformed` when it holds control characters other than line feeds, or is no
            Unicode; `too_large`.

    """
    try:
        text = normalize("NFC", text).strip()
        if len(text) > length_max:
            raise InputError(Code.TOO_LARGE, field=field, limit=f"{length_max} characters")
        check_profile(encode(text), size_max=OPENING_SIZE_MAX, free_text=True, field=field)
    except UnicodeEncodeError as error:
        raise InputError(Code.MALFORMED, field=field, reason="it is no Unicode") from error
    except VerificationError as error:
        reason = str(error.facts["reason"])
        raise InputError(Code.MALFORMED, field=field, reason=reason) from error
    return text
