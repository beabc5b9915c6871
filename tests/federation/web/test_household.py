"""Who shares an account, who helps whom, and in whose name: as pages."""

from __future__ import annotations

from tests.federation.web.conftest import House

WIM = {"name": "Wim <i>W</i>", "address": "wim@voorbeeld.be", "language": "fr"}


async def test_a_person_joins_signs_in_and_leaves(house: House) -> None:
    member = await house.signed_in("001")
    blank = await member.get("/me/household")

    pages = [await member.post("/me/household", WIM, form=blank.key) for _ in range(2)]

    assert [page.path for page in pages] == ["/me/household?done=person-new"] * 2
    assert "Wim <i>W</i> wim@voorbeeld.be" in pages[0].words
    assert "<i>W" not in pages[0].text
    wim = house.browser()
    sent = await house.ask(wim, WIM["address"])
    assert (sent.person.account, sent.person.person) == (house.account("001"), 1)
    page = await wim.get(sent.path)
    await wim.post(sent.path, form=page.key)
    assert (await wim.get("/me/household")).status == 200
    asked = await member.get("/me/household/1/leave")
    assert "Wim <i>W</i> niet meer laten aanmelden?" in asked.words
    gone = await member.post("/me/household/1/leave", form=asked.key)
    assert gone.path == "/me/household?done=person-gone"
    assert "wim@" not in gone.words
    assert (await wim.get("/me/household")).path.startswith("/login")
    assert (await member.get("/me/household/1/leave")).status == 404
    assert (await member.get("/me/household/0/leave")).status == 404


async def test_an_address_that_is_none_stands_beside_its_field(house: House) -> None:
    member = await house.signed_in("001")
    blank = await member.get("/me/household")

    page = await member.post("/me/household", {**WIM, "address": "wim"}, form=blank.key)

    assert page.status == 422
    assert 'id="address-wrong"' in page.text
    assert "Wim &lt;i&gt;" in page.text
    unknown = await member.post("/me/household", {**WIM, "language": "xx"}, form=blank.key)
    assert unknown.status == 422


async def test_a_helper_is_found_appointed_acts_and_is_dismissed(house: House) -> None:
    member, helper = await house.signed_in("001"), await house.signed_in("002")
    found = await member.get("/me/helpers?q=bold")
    bert, an = str(house.account("002")), str(house.account("001"))
    assert "Bert <b>Bold</b> (002) mag mij helpen" in found.words
    assert "An Peeters (001)" not in (await member.get("/me/helpers?q=an")).words

    pages = [await member.post("/me/helpers", appoint=bert, form=found.key) for _ in range(2)]
    assert [page.path for page in pages] == ["/me/helpers?done=helper-new"] * 2
    choice = await helper.get("/me/acting")
    assert "Iets doen voor An Peeters (001)" in choice.words
    await helper.post("/me/acting", account=an)
    home = await helper.get("/home")
    assert "Je doet dit in naam van An Peeters (001)." in home.words

    household = await helper.get("/me/household")
    assert "Enkel het lid zelf past dit aan." in household.words
    assert 'name="address"' not in household.text
    tried = await helper.post("/me/household", WIM)
    assert tried.status == 422
    assert not house.node.machine.books.members.persons_of(house.account("001"))
    helpers = await helper.get("/me/helpers?q=a")
    assert 'name="appoint"' not in helpers.text
    dirk = str(house.account("004"))
    assert (await helper.post("/me/helpers", appoint=dirk)).status == 422

    page = await member.get("/me/helpers")
    pages = [await member.post("/me/helpers", dismiss=bert, form=page.key) for _ in range(2)]
    assert [page.path for page in pages] == ["/me/helpers?done=helper-gone"] * 2
    assert "in naam van" not in (await helper.get("/home")).words
    assert "Nog niemand vroeg je" in (await helper.get("/me/acting")).words


async def test_two_choices_from_one_page_are_two_deeds(house: House) -> None:
    member = await house.signed_in("001")
    page = await member.get("/me/helpers?q=o")

    for code in ("002", "003"):
        await member.post("/me/helpers", appoint=str(house.account(code)), form=page.key)

    words = (await member.get("/me/helpers")).words
    assert "Bert" in words
    assert "Cora" in words


async def test_nobody_appoints_who_is_not_there(house: House) -> None:
    member = await house.signed_in("001")

    for number in ("0", "999", "x", str(house.account("001"))):
        page = await member.post("/me/helpers", appoint=number)
        assert page.status == 422, number
        assert 'role="alert"' in page.text


async def test_a_coordinator_may_act_for_any_member_and_a_member_for_nobody(
    house: House,
) -> None:
    coordinator, member = await house.signed_in("003"), await house.signed_in("001")

    found = await coordinator.get("/me/acting?q=bert")
    assert "Iets doen voor Bert <b>Bold</b> (002)" in found.words
    hidden = await member.get("/me/acting?q=bert")
    assert "Bert" not in hidden.words
    refused = await member.post("/me/acting", account=str(house.account("002")))
    assert refused.status in {403, 422}
    assert "in naam van" not in (await member.get("/home")).words
