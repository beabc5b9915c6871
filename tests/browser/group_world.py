"""A group with news, a calendar, documents, activities, a household and helpers, to look at."""

from __future__ import annotations

from federation.members import activities, blocks, board, document_files, roles
from federation.members.activities import ActivityForm, ShownActivity
from federation.members.board import ItemForm
from federation.members.document_files import Upload
from federation.members.reader import Reader
from federation.node.service import now_s
from federation.node.use_cases import new_key
from schemas.board_bodies import ItemKind
from schemas.openings import BoardWords
from schemas.texts.words import Language
from tests.federation.web.conftest import House

HOUR_S, DAY_S = 3_600, 86_400
ABOUT = f"""## Buren van Gent
We helpen elkaar, **zonder geld**. Lees [onze afspraken](https://lets.example/{"afspraken" * 9}).

- snoeien
- soep koken"""
LONG = "Allerlaatstevergaderingvanhetkernteam"


def reader(house: House, code: str) -> Reader:
    return roles.reader_of(house.node, house.account(code))


async def activity(house: House, *joined: str, days: int = 2, by: str = "001") -> ShownActivity:
    """Let somebody place something to do together, and others come along."""
    start = now_s() + days * DAY_S
    form = ActivityForm(
        "Haag snoeien bij het buurthuis", start, start + 3 * HOUR_S, "Breng een schaar mee.", "Park"
    )
    made = await activities.place(house.node, reader(house, by), form, key=new_key())
    for code in joined:
        await activities.join(house.node, reader(house, code), made.activity)
    return made


async def fill(house: House) -> ShownActivity:
    """Let there be something on every page of the group; gives the activity."""
    node, writer = house.node, reader(house, "003")

    async def tell(kind: ItemKind, form: ItemForm) -> None:
        await board.place(node, writer, kind, form, key=new_key())

    now = now_s()
    for title, text in (
        ("Welkom aan drie nieuwe leden", "An, Bert en Cora zijn erbij.\n\nZeg eens dag!"),
        (f"{LONG} 💐 <b>vet</b>", "Kort."),
    ):
        await tell(ItemKind.NEWS, ItemForm(title=title, text=text, starts_at_s=now))
    for title, days in (("Soep op de stoep", 3), ("Ledenvergadering", 20), ("Nieuwjaarsfeest", -9)):
        start = now + days * DAY_S
        form = ItemForm(
            title=title, place="Buurthuis", starts_at_s=start, ends_at_s=start + 2 * HOUR_S
        )
        await tell(ItemKind.DATE, form)
    file, name = await document_files.store(
        node, writer, Upload("verslag-van-de-ledenvergadering-2026.pdf", b"%PDF-1.4 ..." * 999)
    )
    form = ItemForm(title="Verslag", starts_at_s=now, file=file, file_name=name)
    await tell(ItemKind.DOCUMENT, form)
    await tell(
        ItemKind.DOCUMENT,
        ItemForm(title="Huisregels", text="Eén: wees lief.\nTwee: vraag iets.", starts_at_s=now),
    )
    others = (BoardWords(language=Language.FR, title="Qui nous sommes", text="Des voisins."),)
    form = ItemForm(title="Wie we zijn", text=ABOUT, starts_at_s=now, others=others)
    await tell(ItemKind.PAGE, form)
    made = await activity(house, "002", "005", "003")
    me = reader(house, "001")
    for text in (f"{LONG} stoort mij.", "Het was al de tweede keer."):
        await blocks.report(node, reader(house, "002"), text, key=new_key())
    await roles.join_person(
        node, me, house.account("001"), name="Wim", address="wim@voorbeeld.be", key=new_key()
    )
    await roles.appoint_helper(node, me, house.account("001"), house.account("005"), key=new_key())
    await roles.appoint_helper(
        node, reader(house, "002"), house.account("002"), house.account("001"), key=new_key()
    )
    await house.seen()
    return made
