"""English: backups and putting them back."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.error_texts import Text

_COPY: Final = "Fetch the file again from where you keep it, or take another backup."

TEXTS: Final[dict[Code, Text]] = {
    Code.BACKUP_UNKNOWN: Text(
        "{field}: this is no backup of this kind.",
        "Name a file that 'ruilbrug backup' has made; the keys lie in a file of their own.",
    ),
    Code.BACKUP_OTHER_KEY: Text(
        "{field}: this backup is sealed to another recovery key.",
        "Take the recovery key from the paper of the group and the time of this backup.",
    ),
    Code.BACKUP_TRUNCATED: Text("{field}: this backup is cut off.", _COPY),
    Code.BACKUP_DAMAGED: Text("{field}: this backup was changed after it was made.", _COPY),
    Code.BACKUP_TRAILING: Text(
        "{field}: this backup goes on after its end, as if two files were joined.", _COPY
    ),
    Code.BACKUP_OTHER_GROUP: Text(
        "{field}: this backup is of {group}, another group than that of these keys.",
        "Take a backup of this group, or the folder with the keys of that one.",
    ),
    Code.BACKUP_NEWER: Text(
        "{field}: a newer release of Ruilbrug has made this backup.",
        "Install that release or a later one, then restore again.",
    ),
    Code.BACKUP_UNWRITABLE: Text(
        "{field}: the backup cannot be written here ({reason}); nothing half is left.",
        "Make room or mend the permissions, or name a folder on another disk.",
        again=True,
        kept="The node and its older backups are as they were.",
    ),
    Code.BACKUP_RUNS: Text(
        "{field}: another backup is being written here.", "Wait until it is there.", again=True
    ),
    Code.BACKUP_KEYS_MISSING: Text(
        "{field}: this is missing, and a backup goes back beside the group's own keys only.",
        "Put it there, or name the file that 'ruilbrug backup --keys' has made.",
    ),
    Code.BACKUP_NOT_VERIFIED: Text(
        "{field}: the log in this backup does not agree with itself ({reason}).",
        "Take another backup; keep this one, so that a person can look at it.",
    ),
    Code.RESTORE_NOT_EMPTY: Text(
        "{field}: a backup goes back where nothing is yet, and here is something.",
        "Make a new, empty database and an empty folder, or one with settings and keys alone.",
    ),
}
