"""Nederlands: wat een groep meebrengt uit een vroeger programma."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

_AS_IS: Final = "Geef het bestand zoals het gedownload is, of download het opnieuw."

TEXTS: Final[dict[Code, Words]] = {
    Code.ARCHIVE_UNKNOWN: Words("{field}: dit is geen ZIP en geen CSV.", _AS_IS),
    Code.ARCHIVE_DAMAGED: Words("{field}: de ZIP is beschadigd of afgebroken.", _AS_IS),
    Code.ARCHIVE_TOO_LARGE: Words("{field}: groter dan {limit} bytes.", _AS_IS),
    Code.ARCHIVE_TOO_MANY: Words("{field}: meer dan {limit} bestanden in de ZIP.", _AS_IS),
    Code.ARCHIVE_BOMB: Words("{field}: wordt uitgepakt meer dan {limit} keer zo groot.", _AS_IS),
    Code.ARCHIVE_PATH: Words("{field}: een bestandsnaam die elders uitkomt.", _AS_IS),
    Code.ARCHIVE_LINK: Words("{field}: een verwijzing, geen bestand.", _AS_IS),
    Code.ARCHIVE_DUPLICATE: Words("{field}: staat twee keer in de ZIP.", _AS_IS),
    Code.ARCHIVE_ENCRYPTED: Words(
        "{field}: met een wachtwoord beveiligd.", "Haal het wachtwoord er eerst af."
    ),
    Code.ARCHIVE_METHOD: Words("{field}: op een ongewone manier ingepakt.", _AS_IS),
    Code.CSV_ENCODING: Words("{field}, regel {line}: geen UTF-8.", _AS_IS),
    Code.CSV_TRUNCATED: Words("{field}, regel {line}: het bestand houdt midden in op.", _AS_IS),
    Code.CSV_QUOTES: Words(
        "{field}, regel {line}: een aanhalingsteken op een verkeerde plaats.", _AS_IS
    ),
    Code.CSV_TOO_LARGE: Words("{field}, regel {line}: meer dan {limit} {what}.", _AS_IS),
    Code.CSV_WIDTH: Words(
        "{field}, regel {line}: {found} velden waar de kop er {expected} heeft.", _AS_IS
    ),
    Code.CSV_COLUMN_MISSING: Words("{field}: de kolom {column} ontbreekt.", _AS_IS),
    Code.CSV_COLUMN_TWICE: Words("{field}: de kolom {column} staat er twee keer.", _AS_IS),
    Code.IMPORT_TABLE_MISSING: Words("{field}: deze tabel zit niet in de export.", _AS_IS),
    Code.IMPORT_GENERATION: Words(
        "{field}: een export van eLAS of van eLAND van voor november 2019.",
        "Laat de groep eerst naar een eLAND van nu overgaan en exporteer van daar.",
    ),
    Code.IMPORT_SUM: Words(
        "{field}: alle saldo's samen zijn {difference} en niet 0.",
        "Laat de groep dit nakijken, of boek het verschil op het secretariaat.",
    ),
}
