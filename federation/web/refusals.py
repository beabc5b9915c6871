"""Why something between two members did not work, as they say it to each other: no field, no code.

Every sentence says what happened, that nothing is lost, and the one thing to do next. What is not
here keeps the sentence of `schemas.texts`.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

from federation.peer.problems import status_of
from federation.web import failures
from federation.web.forms import Said
from federation.web.visit import SENT_BEFORE
from federation.words.amounts import amount
from federation.words.texts import later
from schemas.errors import Code, InputError, PeerUnavailable, RefusedError, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from federation.web.forms import Form
    from federation.web.visit import Visit
    from schemas.errors import Refusal, RuilbrugError

_SAID: Final = {
    Code.PAYER_LIMIT: later(
        "Zo gaat wie geeft onder de grens van zijn of haar groep; mogelijk is nu %(possible)s. Er "
        "is niets geboekt. Neem minder, of vraag raad aan de kerngroep."
    ),
    Code.PAYEE_LIMIT: later(
        "Zo gaat wie krijgt boven de grens van zijn of haar groep; mogelijk is nu %(possible)s. Er "
        "is niets geboekt. Neem minder, of vraag raad aan de kerngroep."
    ),
    Code.LINE_FROZEN: later(
        "Met %(group)s kan er even geen nieuwe ruil beginnen. Er is niets geboekt en niets "
        "verloren. Probeer het later opnieuw; de kerngroep weet tot wanneer."
    ),
    Code.LINE_NOT_OPEN: later(
        "Met %(group)s kun je nog niets boeken: daar zijn geen afspraken mee. Er is niets "
        "geboekt. Vraag het aan de kerngroep."
    ),
    Code.LINE_LIMIT: later(
        "Onze groep en %(group)s gaven elkaar al zoveel als ze afspraken. Er is niets geboekt. "
        "Neem minder, of wacht tot er iets terugkomt."
    ),
    Code.LINE_BUSY: later(
        "Er is nog veel onderweg tussen onze groep en %(group)s. Er is niets geboekt. Probeer het "
        "over enkele minuten opnieuw."
    ),
    Code.TOO_LARGE_FOR_LINE: later(
        "Zoveel in één keer spraken onze groep en %(group)s niet af. Er is niets geboekt. Neem "
        "minder, of splits het op."
    ),
    Code.TOO_SMALL: later(
        "Dat is te weinig om het bij %(group)s uit te drukken. Er is niets geboekt. Neem iets meer."
    ),
    Code.PEER_UNREACHABLE: later(
        "%(group)s is nu niet bereikbaar. Er is niets geboekt en niets verloren. Probeer het "
        "straks opnieuw."
    ),
    Code.PEER_WRONG: later(
        "%(group)s gaf een antwoord dat niet kan. Er is niets geboekt en niets verloren. Zeg het "
        "aan de kerngroep."
    ),
    Code.PEER_UNKNOWN: later(
        "Die groep kennen we hier niet. Er is niets veranderd. Kies iemand uit de lijst."
    ),
    Code.PAYEE_UNKNOWN: later(
        "Bij %(group)s is er niemand met deze letscode. Er is niets geboekt. Kijk de code na."
    ),
    Code.ACCOUNT_UNKNOWN: later(
        "Hier is er niemand met deze letscode. Er is niets geboekt. Kijk de code na, of zoek op "
        "naam."
    ),
    Code.ACCOUNT_INACTIVE: later(
        "Een van jullie doet op dit ogenblik niet mee. Er is niets geboekt. Vraag het aan de "
        "kerngroep."
    ),
    Code.ACCOUNT_SAME: later("Dat ben je zelf. Er is niets veranderd. Kies iemand anders."),
    Code.QUOTE_CHANGED: later("De aantallen zijn intussen veranderd. Er is nog niets geboekt."),
    Code.MEMBER_BLOCKED: later(
        "Jullie kunnen elkaar nu geen berichten sturen. Er is niets veranderd. Wil je erover "
        "praten? De kerngroep helpt."
    ),
    Code.PROPOSAL_CHANGED: later(
        "Intussen staat hier een nieuwer voorstel. Er is nog niets geboekt. Lees het, en antwoord "
        "daarop."
    ),
    Code.ALREADY_ANSWERED: later(
        "Hier heb je al op geantwoord; dat blijft zo staan. Wil je nog iets zeggen? Schrijf een "
        "bericht."
    ),
    Code.NOT_AGREED: later(
        "Jullie zijn het nog niet eens. Er is niets geboekt. Antwoord op het voorstel, of doe er "
        "zelf een."
    ),
    Code.ALREADY_DECIDED: later(
        "Dit is intussen al beslist. Er is niets verloren: hier zie je hoe het staat."
    ),
    Code.BOOKED_ALREADY: later(
        "Dit is al geboekt zoals jullie afspraken. Er is niets dubbel gebeurd. Weiger deze vraag "
        "gerust."
    ),
    Code.ALREADY_REVERSED: later(
        "Dit is al teruggedraaid, of het is al gevraagd. Er is niets dubbel gebeurd."
    ),
    Code.REVERSAL_UNKNOWN: later(
        "Dit kan niet teruggedraaid worden. Er is niets veranderd. Vraag raad aan de kerngroep."
    ),
    Code.ALREADY_THANKED: later(
        "Hiervoor heb je al bedankt; dat blijft zo staan. Schrijf een bericht als je nog iets "
        "wilt zeggen."
    ),
    Code.EXPIRED: later(
        "De tijd om te antwoorden is voorbij. Er is niets geboekt. Laat de ander het opnieuw "
        "vragen."
    ),
    Code.REQUEST_STALE: later(
        "De groepen maakten intussen andere afspraken. Er is niets geboekt. Laat de ander het "
        "opnieuw vragen."
    ),
    Code.POST_UNKNOWN: later(
        "Dit aanbod of deze vraag is er niet, of niet meer. Er is niets veranderd. Zoek gerust "
        "iets anders."
    ),
    Code.POST_ENDED: later(
        "Dit aanbod of deze vraag is voorbij. Er is niets veranderd. Zoek gerust iets anders."
    ),
    Code.POST_PAUSED: later(
        "Dit lid is even weg. Er is niets veranderd. Probeer het later, of zoek iets anders."
    ),
    Code.TEXT_MISSING: later("Schrijf eerst iets. Er is nog niets verstuurd."),
}
_THEIR_GROUP: Final = later("de andere groep")
GONE: Final = frozenset(
    {
        Code.ACCOUNT_INACTIVE,
        Code.ACCOUNT_UNKNOWN,
        Code.LINE_FROZEN,
        Code.LINE_NOT_OPEN,
        Code.MEMBER_BLOCKED,
        Code.PAYEE_UNKNOWN,
        Code.PEER_UNKNOWN,
        Code.POST_ENDED,
        Code.POST_PAUSED,
        Code.POST_UNKNOWN,
    }
)
"""Whom or what a form is about is not there, or not any more: the next step is somebody else."""


def words(visit: Visit, code: Code, facts: Mapping[str, int | str], *, group: str = "") -> Said:
    """Give the sentence about a code; `group` is the other group's name, where there is one."""
    found = _SAID.get(code)
    settings = visit.node.machine.books.ledger.settings
    unit = None if settings is None else settings.unit
    if found is None:
        return Said("%(said)s", {"said": sentence(code, dict(facts), visit.language, unit)})
    possible = facts.get("possible_minor")
    shown = ""
    if isinstance(possible, int) and unit is not None:
        shown = amount(max(0, possible), unit, visit.language)
    named = group or visit.texts.say(_THEIR_GROUP)
    return Said(found, {"group": named, "possible": shown or visit.texts.say("minder")})


def of_refusal(visit: Visit, refusal: Refusal | None, *, group: str = "") -> Said | None:
    """Give the sentence about why something could not be booked now; nothing when it could."""
    return None if refusal is None else words(visit, refusal.code, refusal.facts, group=group)


@contextlib.asynccontextmanager
async def trying(visit: Visit, form: Form, *, group: str = "") -> AsyncIterator[None]:
    """Note what goes wrong in the block on top of the form, which then takes a fresh key.

    A form that was sent before, with other content, says so; a partner that is away too.
    """
    try:
        yield
    except (InputError, RefusedError, PeerUnavailable) as error:
        if error.code is Code.CONFLICT:
            form.fail("", SENT_BEFORE)
        else:
            note(visit, form, error, group=group)
        form.again()


def note(
    visit: Visit, form: Form, error: RuilbrugError, *, field: str = "", group: str = ""
) -> None:
    """Note on top of a form, or beside a field, why it could not be."""
    said = words(visit, error.code, error.facts, group=group)
    form.fail(field, said.sentence, **said.facts)
    form.gone = form.gone or error.code in GONE


def page(visit: Visit, error: RuilbrugError, *, group: str = "") -> web.Response:
    """Give a page that says what went wrong."""
    said = words(visit, error.code, error.facts, group=group)
    told = visit.texts.say(said.sentence, **said.facts)
    return failures.page(visit, status(error), said=told)


def status(error: RuilbrugError) -> int:
    """Give the status of a page that says what went wrong."""
    return 404 if error.code.endswith(("_unknown", "not_found")) else status_of(error)
