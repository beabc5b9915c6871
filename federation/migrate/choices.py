"""What a coordinator chose for an import, remembered from one dry run to the next.

Nothing needs to be chosen for an export as it was downloaded.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from federation.migrate.file_form import Delimiter, Encoding
from schemas.bodies import AccountStatus

CODE_WIDTH_MAX: Final = 8


class Generation(StrEnum):
    """From which program a file comes, and of which time."""

    ELAS = "elas"
    """G1: eLAS 2 and 3, to about 2020."""
    ELAND_FORMER = "eland-2015"
    """G2: eLAND until November 2019."""
    ELAND = "g3"
    """G3: eLAND since; also what this program writes itself."""
    SCREEN = "screen"
    """G4: `export.csv` of a table on a screen of eLAND, and the template of our own."""


class Choices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How files are read, and what of them comes along."""

    encoding: Encoding | None = None
    """In which encoding all files are; `None` looks at each."""
    delimiter: Delimiter | None = None
    statuses: tuple[AccountStatus, ...] = tuple(AccountStatus)
    """Accounts of members with another status come along for their bookings only: without name,
    texts, contacts and posts."""
    code_width: int = 0
    """To how many digits codes are filled with zeros; 0 leaves them as they are."""
    codes: dict[str, str] = {}
    """Codes for the rows of double ones: number of the account in the source -> its code."""
    same_codes: bool = False
    """Whether members who are here already are those with the same codes in the file."""
    same_rows: bool = False
    """Whether a booking without a number that stands twice is taken twice."""
    book_difference: bool = False
    """Whether accounts end as in the file, by corrections against the group's account."""


AS_IT_IS: Final = Choices()
