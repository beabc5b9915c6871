"""English: what a group brings along from an earlier program."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.error_texts import Text

_AS_IS: Final = "Give the file as it was downloaded, or download it again."

_COPY: Final = "Fetch the file again from where it was made, or have another one made."

TEXTS: Final[dict[Code, Text]] = {
    Code.ARCHIVE_UNKNOWN: Text("{field}: neither a ZIP nor a CSV file.", _AS_IS),
    Code.ARCHIVE_DAMAGED: Text("{field}: the ZIP is damaged or cut off.", _AS_IS),
    Code.ARCHIVE_TOO_LARGE: Text("{field}: larger than {limit} bytes.", _AS_IS),
    Code.ARCHIVE_TOO_MANY: Text("{field}: more than {limit} files in the ZIP.", _AS_IS),
    Code.ARCHIVE_BOMB: Text("{field}: grows more than {limit} times when unpacked.", _AS_IS),
    Code.ARCHIVE_PATH: Text("{field}: a file name that leads elsewhere.", _AS_IS),
    Code.ARCHIVE_LINK: Text("{field}: a link, not a file.", _AS_IS),
    Code.ARCHIVE_DUPLICATE: Text("{field}: stands twice in the ZIP.", _AS_IS),
    Code.ARCHIVE_ENCRYPTED: Text("{field}: locked with a password.", "Unlock it first."),
    Code.ARCHIVE_METHOD: Text("{field}: packed in an unusual way.", _AS_IS),
    Code.CSV_ENCODING: Text("{field}, line {line}: not UTF-8.", _AS_IS),
    Code.CSV_TRUNCATED: Text("{field}, line {line}: the file ends inside this row.", _AS_IS),
    Code.CSV_QUOTES: Text("{field}, line {line}: a quote in a wrong place.", _AS_IS),
    Code.CSV_TOO_LARGE: Text("{field}, line {line}: more than {limit} {what}.", _AS_IS),
    Code.CSV_WIDTH: Text(
        "{field}, line {line}: {found} fields where the header has {expected}.", _AS_IS
    ),
    Code.CSV_COLUMN_MISSING: Text("{field}: there is no column {column}.", _AS_IS),
    Code.CSV_COLUMN_TWICE: Text("{field}: the column {column} stands twice.", _AS_IS),
    Code.SPREADSHEET_FILE: Text(
        "{field} is a file of a spreadsheet (Excel, LibreOffice, Numbers), not a CSV file.",
        "Open it in the spreadsheet, choose 'Save as' or 'Export', take 'CSV UTF-8' for the file "
        "type, one sheet at a time, and bring the file that is made.",
    ),
    Code.IMPORT_TABLE_MISSING: Text("{field}: this table is not in the export.", _AS_IS),
    Code.IMPORT_GENERATION: Text(
        "{field}: tables of eLAS, and the one with the members is not among them.",
        "Give the file 'elas-users-....csv' along with the others.",
    ),
    Code.IMPORT_SUM: Text(
        "{field}: the balances of all accounts add up to {difference}, not to 0.",
        "Let the group look into it, or book the difference to the group account.",
    ),
    Code.IMPORT_RUNS: Text("An import is at work.", "Wait until it has ended, and look again."),
    Code.IMPORT_CHANGED: Text(
        "Somebody else brought another file meanwhile, or chose something else.",
        "Look again at what stands now.",
    ),
    Code.IMPORT_STOPPED: Text(
        "The import stopped half-way: the server was started again.",
        "Let it go on: what was written already is not written twice.",
        kept="What was taken over already stays.",
    ),
    Code.IMPORT_UNWRITABLE: Text(
        "The server cannot keep this: its disk is full, or may not be written.",
        "Ask whoever runs the server to make room on its disk, then do the same again: nothing "
        "comes twice.",
        again=True,
        kept="Nothing half is left; what was taken over already stays.",
    ),
    Code.EXPORT_THERE: Text(
        "{field}: there is a file of this name already.", "Name another, or move that one away."
    ),
    Code.EXPORT_UNWRITABLE: Text(
        "{field}: the export cannot be written here ({reason}); nothing half is left.",
        "Make room or mend the permissions, or name a folder on another disk.",
        again=True,
    ),
    Code.EXPORT_RUNS: Text(
        "{field}: another export is being written.", "Wait until it is there.", again=True
    ),
    Code.EXPORT_UNKNOWN: Text(
        "{field}: this is no export with the log of a group.",
        "Name a file that 'ruilbrug export --log' or 'ruilbrug hand-over' has made.",
    ),
    Code.EXPORT_TRUNCATED: Text("{field}: this export is cut off.", _COPY),
    Code.EXPORT_DAMAGED: Text(
        "{field}: {part} in this export is not as the group wrote it.", _COPY
    ),
    Code.EXPORT_NEWER: Text(
        "{field}: a newer release of Ruilbrug has made this export.",
        "Install that release or a later one, then try again.",
    ),
    Code.HANDED_OVER: Text(
        "This group was handed over; here it is only read.",
        "Go on at the new address; 'ruilbrug hand-over --withdraw' takes it back, if nobody has "
        "taken it over.",
    ),
    Code.BAD_MOVE: Text(
        "{field}: these words about a new address are not those of the group ({reason}).",
        "Ask the group for the ones that its root key has signed.",
    ),
    Code.MOVE_LATE: Text(
        "{field}: a later address of this group is known already.",
        "Nothing is to be done: the newest address counts.",
    ),
    Code.BAD_CLOSING: Text(
        "{field}: these words about the end of a group are not its own ({reason}).",
        "Nothing is to be done: the group goes on.",
    ),
    Code.CLOSING_LATE: Text(
        "{field}: this group goes on since it said so.",
        "Nothing is to be done: the group goes on.",
    ),
    Code.LOG_NOT_FOLLOWED: Text(
        "The umbrella has followed this log up to entry {size}, and not to its end yet.",
        "Nothing is to be done: it is told again by itself.",
        again=True,
    ),
    Code.GROUP_NOT_CLEAR: Text(
        "The group cannot end yet: {members} accounts and {lines} lines are open.",
        "'ruilbrug close-group' says which; 'ruilbrug close-group --go' does what can be done.",
    ),
}
