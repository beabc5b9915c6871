"""Amounts as people type them: `1,5`, `1.5` and `1 000` are read, `een` is not. Pure.

Reads only what can mean one thing. A sign between groups of three digits (`1.000`) may be a decimal
sign or not, depending on where its writer learned to count, so it is refused with how to write it.
Writing is in `federation.words.amounts`.
"""

from __future__ import annotations

import re
from typing import Final

from schemas.errors import Code, InputError
from schemas.ids import SAFE_INTEGER

_SPACES: Final = re.compile(r"[\s\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}']+")
_WRITTEN: Final = re.compile(r"(?P<whole>[0-9]{1,20})(?:[.,](?P<part>[0-9]{1,2}))?")
_GROUPED: Final = re.compile(r"[0-9]{1,3}( [0-9]{3})+(?:[.,][0-9]{1,2})?")


def read_amount(text: str, decimals: int, *, field: str = "amount") -> int:
    """Read an amount above zero in minor units.

    Raises:
        InputError: `malformed` for what is no number, `amount_not_integer` for more decimals than
            the unit has, `amount_not_positive`, `amount_too_large`.

    """
    spaced = _SPACES.sub(" ", text.strip()).removeprefix("+")
    if " " in spaced and not _GROUPED.fullmatch(spaced):
        raise InputError(Code.MALFORMED, field=field, reason=text[:40])
    negative = spaced.startswith(("-", "\N{MINUS SIGN}"))
    found = _WRITTEN.fullmatch(spaced.replace(" ", "").lstrip("-\N{MINUS SIGN}"))
    if found is None:
        raise InputError(Code.MALFORMED, field=field, reason=text[:40])
    part = (found["part"] or "").rstrip("0")
    if len(part) > decimals:
        raise InputError(Code.AMOUNT_NOT_INTEGER, field=field)
    minor: int = int(found["whole"]) * 10**decimals + int(part.ljust(decimals, "0") or "0")
    if negative or minor == 0:
        raise InputError(Code.AMOUNT_NOT_POSITIVE, field=field)
    if minor > SAFE_INTEGER:
        raise InputError(Code.AMOUNT_TOO_LARGE, field=field, limit=SAFE_INTEGER)
    return minor
