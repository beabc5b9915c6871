"""Nederlands: bytes en handtekeningen, het logboek, de invoer."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

TEXTS: Final[dict[Code, Words]] = {
    Code.NOT_CANONICAL: Words(
        "{field}: dit staat niet in de enige juiste schrijfwijze ({reason}).",
        "Stuur de bytes precies zoals ze ondertekend zijn.",
    ),
    Code.BAD_ENCODING: Words(
        "{field}: dit is geen base64url of base32 zonder opvulling van de juiste lengte.",
        "Stuur de waarde precies zoals je ze kreeg.",
    ),
    Code.BAD_SIGNATURE: Words(
        "{field}: de handtekening klopt niet.", "Kijk de sleutel en de bytes na."
    ),
    Code.BAD_KEY: Words(
        "{field}: deze sleutel is niet bruikbaar ({reason}).", "Kijk de sleutel na."
    ),
    Code.BAD_NOTE: Words(
        "Het ondertekende bericht is niet goed gevormd ({reason}).", "Haal het opnieuw op."
    ),
    Code.BAD_PROOF: Words("Het Merkle-bewijs klopt niet ({reason}).", "Haal het opnieuw op."),
    Code.BAD_TILE_PATH: Words(
        "{field}: dit is geen pad van een tegel.", "Zie docs/protocol.md, tiles."
    ),
    Code.BAD_COMMITMENT: Words(
        "{field}: de tekst past niet bij wat ondertekend is.", "Vraag de tekst opnieuw."
    ),
    Code.BAD_KEY_STATEMENT: Words(
        "De sleutelverklaring is geweigerd ({reason}).",
        "Vraag de groep om haar sleutelverklaringen.",
    ),
    Code.FENCED: Words(
        "Een ander programma schrijft nu in dit logboek; dit programma is gestopt met schrijven.",
        "Laat per groep één programma lopen en start het daarna opnieuw.",
    ),
    Code.LOG_INCOMPLETE: Words(
        "In de database ontbreekt iets van wat deze groep heeft geschreven.",
        "Zet een reservekopie terug; wat dan nog ontbreekt, hebben de koepel en de partners.",
    ),
    Code.READ_ONLY: Words(
        "Er kan alleen gelezen worden tot het logboek weer volledig is ({reason}).",
        "Kijk met 'ruilbrug node status' hoe ver het staat.",
    ),
    Code.RELEASES_NOTHING: Words(
        "Er gaat nog niets naar buiten: nog niet iedereen heeft bevestigd hoe lang het logboek is.",
        "Wacht even: het wordt vanzelf opnieuw gevraagd. Volg het met 'ruilbrug node status'.",
    ),
    Code.DATABASE_UNAVAILABLE: Words(
        "De database antwoordt niet.",
        "Probeer het zo meteen opnieuw met hetzelfde nummer: er wordt niets twee keer geboekt.",
        "Wat geboekt is, gaat niet verloren; of dit geboekt is, is nog niet bekend.",
    ),
    Code.POSTGRES_MISSING: Words(
        "Er is geen PostgreSQL van versie 15 of nieuwer gevonden ({reason}).",
        "Installeer het Debian-pakket postgresql, of zet de map met zijn programma's in "
        "RUILBRUG_POSTGRES_BIN.",
    ),
    Code.POSTGRES_FAILED: Words(
        "PostgreSQL is niet gestart: {reason}", "Herstel wat er staat en start opnieuw."
    ),
    Code.MIGRATION_CHANGED: Words(
        "De database past niet bij dit programma: migratie {field}.",
        "Neem de versie die laatst op deze database liep, of een nieuwere.",
    ),
    Code.MIGRATION_DUE: Words(
        "De tabellen van deze groep zijn ouder dan het programma.",
        "Doe 'ruilbrug node migrate' terwijl ze stilstaat, en start ze dan.",
    ),
    Code.MARK_UNWRITABLE: Words(
        "Het merkteken van het logboek kan niet bewaard worden ({reason}); daarom mag er niets "
        "naar buiten.",
        "Maak plaats op de schijf of herstel de rechten.",
    ),
    Code.NODE_MISSING: Words(
        "{field}: hier is nog geen groep ingericht.",
        "Richt er een in met 'ruilbrug node init', of noem een andere map.",
    ),
    Code.NODE_RUNS: Words(
        "Een ander programma werkt al met de database van deze groep.",
        "Stop dat, of gebruik zijn adres.",
    ),
    Code.PORT_UNUSABLE: Words(
        "{field}: op poort {port} kan hier niets luisteren.",
        "Kies een andere poort in node.toml, of stop wat daar luistert.",
    ),
    Code.RATE_LIMITED: Words(
        "Aan de server van een groep is te veel tegelijk gevraagd.",
        "Wacht {wait_s} seconden en probeer het opnieuw; wat de servers elkaar sturen, doet dat "
        "vanzelf.",
    ),
    Code.BUSY: Words("Er wacht te veel tegelijk.", "Probeer het zo meteen opnieuw."),
    Code.INTERNAL: Words(
        "Er zit iets fout in het programma zelf; het is apart gezet en genoteerd.",
        "Zeg het aan wie het programma beheert: het logboek vertelt wat er was.",
    ),
    Code.MALFORMED: Words("{field}: {reason}.", "Verbeter dit en stuur het opnieuw."),
    Code.TOO_LARGE: Words("{field}: groter dan de grens van {limit}.", "Stuur minder in één keer."),
    Code.NOT_FOUND: Words("{field}: onder deze naam is er niets.", "Kijk de naam na."),
    Code.PLACE_UNKNOWN: Words(
        "{field}: deze postcode of plaats kennen we niet.",
        "Geef een Belgische postcode van vier cijfers, of de naam van een gemeente of dorp.",
    ),
    Code.CONFLICT: Words(
        "{field}: dit nummer is al gebruikt voor iets anders.", "Gebruik een nieuw nummer."
    ),
    Code.FORBIDDEN: Words("{field}: dit is niet voor jou bestemd.", "Vraag het aan de groep."),
    Code.TOKEN_INVALID: Words(
        "{field}: er is geen sleutel meegestuurd, of een die onbekend, verlopen of ingetrokken is.",
        "Stuur een sleutel van de groep mee als 'Authorization: Bearer SLEUTEL'.",
    ),
    Code.IDEMPOTENCY_KEY_MISSING: Words(
        "{field}: wat iets verandert, heeft een eigen nummer nodig: twee keer sturen is dan één "
        "keer doen.",
        "Stuur voor elke nieuwe opdracht een nieuw toevallig nummer mee, en bij opnieuw proberen "
        "hetzelfde.",
    ),
    Code.METHOD_NOT_ALLOWED: Words(
        "{field}: dit adres wordt niet op deze manier gevraagd.", "Kijk op de bladzijde van de API."
    ),
    Code.MEDIA_TYPE: Words(
        "{field}: er staat niet bij dat de inhoud JSON is.",
        "Stuur 'Content-Type: application/json' mee.",
    ),
}
