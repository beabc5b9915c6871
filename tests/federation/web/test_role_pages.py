"""Giving a role and taking it on pages: asked first, told, on record, and never the last one."""

from __future__ import annotations

from federation.members import roles
from schemas.member_bodies import Role
from tests.federation.web.conftest import House, Page
from tests.federation.web.test_looked import fresh, looks
from tests.federation.web.two_groups import press

BERT = "/group/members/002/roles"


def has(house: House, code: str) -> frozenset[Role]:
    return roles.roles_of(house.node, house.account(code))


async def test_a_role_is_given_after_a_question_and_its_trace_stays(house: House) -> None:
    cora, bert = await house.signed_in("003"), await house.signed_in("002")
    await fresh(house)
    asked = await cora.get(f"{BERT}/editor")
    assert "Bert <b>Bold</b> de taak redacteur geven?" in asked.words
    assert has(house, "002") == frozenset(), "asking changes nothing"

    assert (await bert.get("/group")).text.count('href="/group/look"') == 0
    first = await cora.post(f"{BERT}/editor", form=asked.key, do="give")
    twice = await cora.post(f"{BERT}/editor", form=asked.key, do="give")

    assert {first.path, twice.path} == {"/group/roles?done=role-given"}
    assert has(house, "002") == {Role.EDITOR}
    assert "Bert <b>Bold</b> 002" in first.words
    assert "changed" in {what for _, what, _ in await looks(house, "002")}
    history = (await cora.get("/group/members/002")).words
    assert "Kreeg een taak: redacteur." in history
    assert "door Cora Coördinator" in history
    assert (await bert.get("/group/look")).status == 200
    own_tasks = (await bert.get("/group")).text
    assert all(f'href="/group/{task}"' in own_tasks for task in ("look", "categories", "hidden"))
    assert 'href="/group/members"' not in own_tasks

    page: Page = await cora.get(f"{BERT}/editor")
    page = await cora.post(f"{BERT}/editor", form=page.key, do="take")
    assert page.path == "/group/roles?done=role-taken"
    assert has(house, "002") == frozenset()
    assert (await bert.get("/group/look")).status == 403


async def test_the_last_coordinator_stays_until_there_is_another(house: House) -> None:
    cora = await house.signed_in("003")
    page = await cora.get("/group/members/003/roles/coordinator")
    assert "Dit gaat over jezelf" in page.words

    refused = await cora.post("/group/members/003/roles/coordinator", form=page.key, do="take")
    assert refused.status == 422
    assert "het enige lid van de kerngroep" in refused.words
    gone = await press(cora, await cora.get("/group/members/003/status"), status="inactive")
    assert gone.status == 422
    assert has(house, "003") == {Role.COORDINATOR}

    given = await cora.get(f"{BERT}/coordinator")
    await cora.post(f"{BERT}/coordinator", form=given.key, do="give")
    page = await cora.get("/group/members/003/roles/coordinator")
    await cora.post("/group/members/003/roles/coordinator", form=page.key, do="take")

    assert has(house, "003") == frozenset()
    assert has(house, "002") == {Role.COORDINATOR}


async def test_what_is_no_role_is_not_found(house: House) -> None:
    cora = await house.signed_in("003")

    assert (await cora.get(f"{BERT}/king")).status == 404
    assert (await cora.get("/group/members/999/roles")).status == 404
    page = await cora.get(f"{BERT}/editor")
    assert (await cora.post(f"{BERT}/editor", form=page.key, do="x")).status == 422
    assert (await cora.get(BERT)).words.count("Geven") == len(Role)
