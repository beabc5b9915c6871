"""Nederlands: wat een groep meebrengt uit een vroeger programma."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

_AS_IS: Final = "Geef het bestand zoals het gedownload is, of download het opnieuw."

_COPY: Final = "Haal het bestand opnieuw op waar het gemaakt werd, of laat een ander maken."

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
    Code.SPREADSHEET_FILE: Words(
        "{field} is een bestand van een rekenblad (Excel, LibreOffice, Numbers), geen CSV-bestand.",
        "Open het in het rekenblad, kies 'Opslaan als' of 'Exporteren', neem als bestandstype "
        "'CSV UTF-8', blad per blad, en breng het bestand dat zo ontstaat.",
    ),
    Code.IMPORT_TABLE_MISSING: Words("{field}: deze tabel zit niet in de export.", _AS_IS),
    Code.IMPORT_GENERATION: Words(
        "{field}: tabellen van eLAS, en die met de leden is er niet bij.",
        "Geef ook het bestand 'elas-users-....csv' mee.",
    ),
    Code.IMPORT_SUM: Words(
        "{field}: alle saldo's samen zijn {difference} en niet 0.",
        "Laat de groep dit nakijken, of boek het verschil op het secretariaat.",
    ),
    Code.IMPORT_RUNS: Words("Er loopt al een overname.", "Wacht tot ze klaar is en kijk opnieuw."),
    Code.IMPORT_CHANGED: Words(
        "Iemand anders bracht intussen een ander bestand, of koos iets anders.",
        "Kijk opnieuw naar wat er nu staat.",
    ),
    Code.IMPORT_STOPPED: Words(
        "De overname stopte halfweg: de server is opnieuw gestart.",
        "Laat ze verdergaan: wat er al staat, komt er geen tweede keer.",
        "Wat al overgenomen is, blijft.",
    ),
    Code.IMPORT_UNWRITABLE: Words(
        "De server kan dit niet bewaren: de schijf is vol, of er mag niets op.",
        "Vraag wie de server beheert om plaats te maken op de schijf, en doe dan hetzelfde "
        "opnieuw: niets komt dubbel.",
        "Er blijft niets halfs staan; wat al overgenomen is, blijft.",
    ),
    Code.EXPORT_THERE: Words(
        "{field}: er staat al een bestand met deze naam.",
        "Kies een andere naam, of zet dat bestand elders.",
    ),
    Code.EXPORT_UNWRITABLE: Words(
        "{field}: de export kan hier niet bewaard worden ({reason}); er blijft niets halfs staan.",
        "Maak plaats of herstel de rechten, of kies een map op een andere schijf.",
    ),
    Code.EXPORT_RUNS: Words(
        "{field}: er wordt al een andere export gemaakt.", "Wacht tot die er is."
    ),
    Code.EXPORT_UNKNOWN: Words(
        "{field}: dit is geen export met het logboek van een groep.",
        "Geef een bestand op dat 'ruilbrug export --log' of 'ruilbrug hand-over' maakte.",
    ),
    Code.EXPORT_TRUNCATED: Words("{field}: deze export is afgebroken.", _COPY),
    Code.EXPORT_DAMAGED: Words(
        "{field}: {part} in deze export is niet zoals de groep het schreef.", _COPY
    ),
    Code.EXPORT_NEWER: Words(
        "{field}: een nieuwere versie van Ruilbrug maakte deze export.",
        "Installeer die versie of een latere en probeer het opnieuw.",
    ),
    Code.HANDED_OVER: Words(
        "Deze groep is overgedragen; hier kun je ze alleen nog lezen.",
        "Ga verder op het nieuwe adres; 'ruilbrug hand-over --withdraw' neemt ze terug, als "
        "niemand ze al overnam.",
    ),
    Code.BAD_MOVE: Words(
        "{field}: deze woorden over een nieuw adres zijn niet van de groep ({reason}).",
        "Vraag de groep om die welke haar hoofdsleutel ondertekende.",
    ),
    Code.MOVE_LATE: Words(
        "{field}: er is al een later adres van deze groep bekend.",
        "Je hoeft niets te doen: het nieuwste adres telt.",
    ),
    Code.BAD_CLOSING: Words(
        "{field}: deze woorden over het einde van een groep zijn niet van die groep ({reason}).",
        "Je hoeft niets te doen: de groep gaat verder.",
    ),
    Code.CLOSING_LATE: Words(
        "{field}: deze groep ging verder nadat ze dat zei.",
        "Je hoeft niets te doen: de groep gaat verder.",
    ),
    Code.LOG_NOT_FOLLOWED: Words(
        "De koepel heeft dit logboek gevolgd tot regel {size}, en nog niet tot het einde.",
        "Je hoeft niets te doen: het wordt vanzelf opnieuw gezegd.",
    ),
    Code.GROUP_NOT_CLEAR: Words(
        "De groep kan nog niet stoppen: er zijn nog {members} rekeningen en {lines} koppelingen "
        "open.",
        "'ruilbrug close-group' zegt welke; 'ruilbrug close-group --go' doet wat nu kan.",
    ),
}
