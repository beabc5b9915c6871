"""What contacts and visibilities are called on pages."""

from __future__ import annotations

from typing import Final

from federation.words.texts import later
from schemas.member_bodies import Visibility

KINDS: Final = {
    "mail": later("Mail"),
    "tel": later("Telefoon"),
    "gsm": later("Gsm"),
    "adr": later("Adres"),
    "web": later("Website"),
}
VISIBILITIES: Final = {
    Visibility.STAFF.value: later("de kerngroep"),
    Visibility.MEMBERS.value: later("leden van onze groep"),
    Visibility.INTERLETS.value: later("ook leden van andere groepen"),
    Visibility.PUBLIC.value: later("iedereen"),
}
