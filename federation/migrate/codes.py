"""Accounts by their code, for files that know no row numbers: eLAS, screens, the own template.

Invariant: the number of an account is made from its code alone, so a second import of other files
finds it again. `045`, ` 045` and, where zeros are filled in, `45` are one code.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from federation.migrate.cells import Note
    from federation.migrate.csv_rows import Cell

LENGTH_MAX: Final = 40
ZEROS_LOST: Final = "a spreadsheet has dropped the zeros before this code; the account was found"
_BLANKS: Final = re.compile(r"\s+")
_NUMBER_BYTES: Final = 6
"""2^48 is within what JSON holds, and two of 20,000 codes meet once in a million groups."""


def folded(code: str) -> str:
    """Give a code as it is compared: without regard to case and blanks."""
    return _BLANKS.sub("", code).casefold()


def padded(code: str, width: int) -> str:
    """Fill a code that is a number with zeros before it."""
    return code.strip().zfill(width) if code.strip().isdecimal() else code


def number_of(*words: str) -> int:
    """Give the number of what has no number: made from what identifies it."""
    text = "\n".join(("ruilbrug/code/v1", *words))
    return int.from_bytes(sha256(text.encode()).digest()[:_NUMBER_BYTES]) + 1


class Codes:
    """The codes of one import: learnt from the members, looked up for all else."""

    def __init__(self, known: Iterable[str] = (), *, width: int = 0) -> None:
        """Know these codes already."""
        self._width = width
        self._numbers: dict[str, int] = {}
        self._stripped: dict[str, set[int]] = {}
        for code in known:
            self._learn(folded(code))

    def learn(self, code: str) -> tuple[str, int]:
        """Take in the code of a member, and give it as it will be, and the member's number.

        Raises:
            InputError: `malformed` when it is empty or longer than 40 characters.

        """
        kept = padded(_BLANKS.sub(" ", code).strip(), self._width)
        if not kept or len(kept) > LENGTH_MAX:
            reason = "empty, or longer than 40 characters"
            raise InputError(Code.MALFORMED, field="code", reason=reason)
        return kept, self._learn(folded(kept))

    def find(self, cell: Cell, field: str, note: Note) -> int:
        """Give the number of an account by its code, or by `code name`, `code (name)`.

        Raises:
            InputError: `account_unknown`.

        """
        text = (cell or "").strip()
        words = text.split()
        for count in range(len(words), 0, -1):
            code = folded(padded("".join(words[:count]), self._width))
            if code in self._numbers:
                return self._numbers[code]
        stripped = self._stripped.get(words[0].lstrip("0"), set()) if words else set()
        if len(stripped) == 1:
            note(field, ZEROS_LOST)
            return next(iter(stripped))
        reason = "no account has this code" if words else "empty"
        raise InputError(Code.ACCOUNT_UNKNOWN, field=field, reason=reason)

    def _learn(self, code: str) -> int:
        number = number_of("account", code)
        self._numbers[code] = number
        if code.isdecimal():
            self._stripped.setdefault(code.lstrip("0"), set()).add(number)
        return number
