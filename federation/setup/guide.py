"""What a set-up tells at its end: the keys on paper first, then how the group is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.setup.filling import FIRST_CODE
from federation.setup.keeping import keep, made_sheet, written_sheet
from federation.setup.paper_keys import kept_keys
from federation.setup.sheet import sheet_text
from federation.words.texts import later

if TYPE_CHECKING:
    from federation.node.settings import NodeFolder
    from federation.setup.begun import Begun
    from federation.setup.steps import Standing
    from federation.setup.talk import Talk

YES: Final = frozenset({"ja", "j", "oui", "o", "yes", "y"})
WRITTEN: Final = later("Staat het op papier? Dan wissen we de sleutels hier (ja/nee)")


async def show_paper(folder: NodeFolder, talk: Talk, *, ask: bool, now_s: int) -> None:
    """Write the sheet beside the keys, and show it to somebody who is there to see it."""
    if not kept_keys(folder):
        return
    sheet = await made_sheet(folder, talk.language, now_s=now_s)
    path = written_sheet(folder, sheet, talk.language)
    if ask:
        talk.tell(f"\n{sheet_text(sheet, talk.language)}")
    talk.say("Het blad om af te drukken: %(path)s", path=path)


def ask_paper(folder: NodeFolder, talk: Talk, *, ask: bool) -> bool:
    """Let somebody prove the paper; tell loudly when the keys stay on the server."""
    if not kept_keys(folder):
        return True
    written = ask and talk.question(WRITTEN).casefold() in YES
    if written and keep(folder, talk):
        return True
    talk.say(
        "LET OP: de sleutels staan nog op deze server. Wie erin breekt, kan zich voor de groep "
        "uitgeven. Zet ze op papier en wis ze: ruilbrug --node %(folder)s paper keep",
        folder=folder.path,
    )
    return False


def tell_end(
    folder: NodeFolder, begun: Begun, standing: Standing, talk: Talk, *, service: str
) -> None:
    """Tell how the group runs, where it listens, and how its first coordinator comes in."""
    answers = begun.answers
    talk.say("%(group)s staat klaar.", group=answers.name)
    if service:
        talk.say("De groep draait als dienst %(service)s.", service=service)
    else:
        talk.say("Start de groep: ruilbrug --node %(folder)s node run", folder=folder.path)
    if answers.url.startswith("https:"):
        talk.say(
            "Laat de webserver %(url)s doorgeven aan 127.0.0.1:%(port)s.",
            url=answers.url,
            port=str(begun.listen_port),
        )
    talk.say("De uitnodiging voor andere groepen: %(invitation)s", invitation=standing.invitation)
    if standing.link:
        talk.say(
            "Meld je aan als %(mail)s. Deze link werkt één keer, tot morgen: %(link)s",
            mail=answers.mail,
            link=standing.link,
        )
        talk.say(
            "Een nieuwe link: ruilbrug --node %(folder)s member link %(code)s",
            folder=folder.path,
            code=FIRST_CODE,
        )
    else:
        talk.say("Meld je aan met %(mail)s op %(url)s.", mail=answers.mail, url=answers.url)
    talk.say("De rest doe je op de pagina's: begin bij 'Onze groep'.")
