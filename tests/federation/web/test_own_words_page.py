"""Own words in mails on a page: kept in three languages, or not at all with a wrong place."""

from __future__ import annotations

import re

from federation.mail.links import DO_PATH, STOP_PATH
from federation.mail.own_words import OwnLetter, own_words
from schemas.texts.words import Language
from tests.federation.web.conftest import House


async def test_a_coordinator_writes_own_words(house: House) -> None:
    cora = await house.signed_in("003")
    page = await cora.get("/group/mails")
    assert page.text.count("<details>") == 6, "what says nothing takes no room"
    said = {"form": page.key, "digest-nl": "Dag {naam}", "digest-fr": "Salut {name}"}
    wrong = await cora.post("/group/mails", said)
    assert wrong.status == 422
    assert "{name} kunnen we niet invullen" in wrong.words
    assert wrong.text.count("<details open>") == 1
    assert await own_words(house.node.pool) == {}

    page = await cora.post("/group/mails", {**said, "digest-fr": "Salut {naam}"})
    assert "Salut {naam}" in page.text
    assert await own_words(house.node.pool) == {
        (OwnLetter.DIGEST, Language.NL): "Dag {naam}",
        (OwnLetter.DIGEST, Language.FR): "Salut {naam}",
    }


async def test_a_mail_is_shown_as_it_will_be_and_its_links_do_nothing(house: House) -> None:
    cora = await house.signed_in("003")
    page = await cora.get("/group/mails")
    said = {f"{letter}-nl": f"Dag van {letter}, {{groep}}" for letter in OwnLetter}
    said |= {"welcome-fr": "Salut {naam} <b>"}
    await cora.post("/group/mails", {"form": page.key, **said})

    for letter in OwnLetter:
        shown = await cora.get(f"/group/mails/{letter}/nl")
        assert f"Dag van {letter}, alfa" in shown.words
    shown = await cora.get("/group/mails/welcome/fr")
    assert "Salut Cora Coördinator <b>" in shown.words
    assert "Bienvenue" in shown.words
    assert "Dag van" not in (await cora.get("/group/mails/welcome/en")).words
    ending = (await cora.get("/group/mails/ending/nl")).words
    links = re.findall(rf"(?:{DO_PATH}|{STOP_PATH})\S+", ending)
    assert len(links) == 2
    for link in links:
        assert (await cora.get(link)).status >= 400, "signed with a key that nobody believes"
    for nothing in ("king/nl", "welcome/de"):
        assert (await cora.get(f"/group/mails/{nothing}")).status == 404


async def test_a_newsletter_goes_to_strangers_so_it_names_nobody(house: House) -> None:
    cora = await house.signed_in("003")
    page = await cora.get("/group/mails")

    wrong = await cora.post("/group/mails", {"form": page.key, "newsletter-nl": "Dag {naam}"})

    assert wrong.status == 422
    assert "Schrijf enkel {groep}" in wrong.words
