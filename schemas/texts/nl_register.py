"""Nederlands: het register van de koepel en de sleutels van groepen."""

from __future__ import annotations

from typing import Final

from schemas.codes import Code
from schemas.texts.words import Words

TEXTS: Final[dict[Code, Words]] = {
    Code.GROUP_UNKNOWN: Words(
        "{field}: deze groep staat niet in het register.",
        "Neem ze eerst op met haar uitnodiging: 'ruilbrug group admit'.",
    ),
    Code.ADDRESS_TAKEN: Words(
        "{field}: een andere groep van het register heeft dit adres: {group}.",
        "Vraag een uitnodiging met het eigen adres van de groep. Bestaat de andere niet meer, haal "
        "ze dan eerst uit het register: 'ruilbrug group leave'.",
    ),
    Code.KEY_BORROWED: Words(
        "{field}: deze sleutel, of deze verklaring erover, is van een andere groep.",
        "Vraag de groep om verklaringen over haar eigen sleutels.",
    ),
    Code.KEY_LATE: Words(
        "{field}: dit komt te laat; tot regel {size} van het logboek gold de andere sleutel.",
        "Laat de sleutel gelden vanaf het einde van het logboek: 'ruilbrug key' doet dat vanzelf.",
    ),
    Code.KEY_REVOKED: Words(
        "{field}: ondertekend met een ingetrokken sleutel, en daarvoor nog niet bekend.",
        "Schrijf iets nieuws op de koppeling: met de nieuwe sleutel staat dat in voor wat ervoor "
        "kwam.",
    ),
    Code.KEYS_FORGOTTEN: Words(
        "Deze groep is teruggezet naar een moment voor haar sleutels veranderden; anderen hebben "
        "de nieuwere verklaringen nog, ondertekend met de hoofdsleutel.",
        "Start ze, geef 'ruilbrug node recover', stop ze, geef 'ruilbrug key recover log --root "
        "root.key' en start ze opnieuw.",
        kept="Wat hier geboekt is, gaat niet verloren, en sindsdien ging er niets naar buiten.",
    ),
}
