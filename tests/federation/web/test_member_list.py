"""The coordinators' list of members over real HTTP: searched, with kept columns, as a file."""

from __future__ import annotations

from federation.group.commands import SetStatus
from schemas.bodies import AccountStatus
from schemas.openings import Contact, MemberText
from tests.federation.web.conftest import House

PATH = "/group/members"


async def test_what_is_chosen_is_kept_and_the_file_is_what_is_shown(house: House) -> None:
    await house.node.do(SetStatus(house.account("002"), AccountStatus.LEAVING))
    await house.node.do(SetStatus(house.account("005"), AccountStatus.INFORMATION))
    await house.describe(
        "001",
        MemberText(
            name="=An Peeters",
            place="Gent",
            admin_comment="Komt zonder auto",
            contacts=(Contact(kind="mail", value="an@voorbeeld.be", access="staff"),),
        ),
    )
    cora = await house.signed_in("003")
    blank = await cora.get(PATH)
    assert "an@voorbeeld.be" in blank.words
    assert "Bert" not in blank.words  # left at once: it stood at zero
    assert "wil meer weten" in blank.words
    assert "Komt zonder auto" not in blank.words
    assert "Schuif ze opzij." in blank.words

    chosen = {"show-note": "yes", "show-balance": "yes", "sort": "name", "down": "yes", "q": "gent"}
    kept = await cora.post(PATH, chosen, form=blank.key)
    again = await cora.get(PATH)
    file = await cora.get(f"{PATH}/csv?q=gent")

    assert "1 lid " in kept.words
    assert "Komt zonder auto" in kept.words
    assert "Komt zonder auto" in again.words
    assert "Lid Saldo (units) Notitie" in again.words
    assert 'data-label="Saldo (units)"' in again.text
    assert "an@voorbeeld.be" not in again.words
    assert "Schuif ze opzij." not in again.words, "two columns fit any screen"
    rows = file.text.removeprefix("\ufeff").split("\r\n")
    assert rows == ["Letscode;Naam;Saldo;Notitie", "001;'=An Peeters;0;Komt zonder auto", ""]
    assert again.words.index("Dirk Auditor") < again.words.index("Cora")
    gone = await cora.get(f"{PATH}?status=gone")
    assert "Bert <b>Bold</b>" in gone.words
    assert "Cora Coördinator" not in gone.words
    nobody = await cora.get(f"{PATH}?q=xyzzy")
    assert "Geen lid gevonden." in nobody.words
    assert "0 leden" not in nobody.words


async def test_strange_words_in_the_address_show_a_list(house: House) -> None:
    cora = await house.signed_in("003")
    for query in (
        "status=x&sort=y&down=z",
        "q=%00&from=-1",
        "from=99999999999999999999",
        "q=" + "a" * 999,
    ):
        assert (await cora.get(f"{PATH}?{query}")).status == 200
        assert (await cora.get(f"{PATH}/csv?{query}")).status == 200
