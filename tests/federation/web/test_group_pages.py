"""Pages about the group: a coordinator writes them, with little markup and in three languages."""

from __future__ import annotations

from federation.members import board
from federation.members.reader import OPERATOR
from schemas.board_bodies import ItemKind
from schemas.openings import BoardWords
from schemas.texts.words import Language
from tests.federation.web.conftest import House

TEXT = (
    "## Wie we zijn\nBuren van **Gent**. Zie [de kaart](https://lets.be).\n\n- <script>x</script>"
)


async def test_each_reads_a_page_in_the_own_language(house: House) -> None:
    cora, anna = await house.signed_in("003"), await house.signed_in("001")
    page = await cora.get("/pages/new")
    typed = {"form": page.key, "day": "2026-11-28", "title": "Wie we zijn", "text": TEXT}
    typed |= {"title-fr": "Qui nous sommes", "text-fr": "Des **voisins**."}
    page = await cora.post("/pages/new", typed)
    await house.seen()
    assert page.status == 200

    page = await anna.get(page.path.partition("?")[0])
    assert '<h2 dir="auto">Wie we zijn</h2>' in page.text
    assert "<strong>Gent</strong>" in page.text
    assert 'href="https://lets.be"' in page.text
    assert "<li>&lt;script&gt;x&lt;/script&gt;</li>" in page.text
    await anna.post("/language", language="fr")
    page = await anna.get(page.path)
    assert "Qui nous sommes" in page.words
    assert "<strong>voisins</strong>" in page.text
    for path in ("/pages", "/group"):
        assert "Qui nous sommes" in (await anna.get(path)).words
    await anna.post("/language", language="en")
    assert "Wie we zijn" in (await anna.get("/pages")).words  # not told in English

    (found,) = await board.items(house.node, OPERATOR, ItemKind.PAGE)
    page = await cora.get(f"/pages/{found.item}/edit")
    assert 'value="Qui nous sommes"' in page.text
    said = {"form": page.key, "day": "2026-11-28", "title": "Wij", "text": "Kort", "text-en": "Us"}
    bad = await cora.post(f"/pages/{found.item}/edit", said)
    assert bad.status == 422
    assert "Geef in deze taal ook een opschrift" in bad.words
    empty = {"form": page.key, "day": "2026-11-28", "title": "Wij", "text": " "}
    assert (await cora.post(f"/pages/{found.item}/edit", empty)).status == 422
    said["title-en"] = "About us"
    await cora.post(f"/pages/{found.item}/edit", said)
    await house.seen()
    (found,) = await board.items(house.node, OPERATOR, ItemKind.PAGE)
    assert found.title == "Wij"
    assert found.others == (BoardWords(language=Language.EN, title="About us", text="Us"),)


async def test_an_auditor_and_a_member_write_no_pages(house: House) -> None:
    for code in ("001", "004"):
        browser = await house.signed_in(code)
        assert (await browser.get("/pages/new")).status == 403


async def test_tasks_stand_apart_from_what_all_members_do(house: House) -> None:
    heading = "Wie een taak heeft"
    for code, path in (("003", "/group/limits"), ("004", "/group/balances")):
        page = await (await house.signed_in(code)).get("/group")
        before, _, after = page.text.partition(heading)
        assert f'href="{path}"' in after
        below_first_steps = before.partition("</ol>")[2] or before  # they lead there, too
        assert 'href="/group/' not in below_first_steps
        assert 'href="/members"' in before

    assert heading not in (await (await house.signed_in("001")).get("/group")).text
