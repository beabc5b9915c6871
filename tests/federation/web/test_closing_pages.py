"""A group ends on pages: everybody leaves, coordinators last, and gets the own data by a link."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from federation.mail import closing_links
from federation.mail.office import office_of
from federation.members.roles import reader_of
from federation.node.service import now_s
from federation.web.place import LoginMail
from schemas.bodies import AccountStatus
from schemas.errors import Code, RefusedError
from tests.federation.web.conftest import House, house
from tests.federation.web.test_mail_pages import keep_mails
from tests.federation.world.conftest import eventually

__all__ = ["house"]

PATH = "/group/closing"


@pytest.fixture
async def demo(house: House) -> House:
    await keep_mails(house)
    house.node.parts[LoginMail] = house.mail
    return house


def status(house: House, code: str) -> AccountStatus:
    return house.node.machine.books.ledger.accounts[house.account(code)].status


async def links(house: House) -> dict[str, str]:
    rows = await house.node.pool.fetch(
        "SELECT address, text FROM plain.mail WHERE kind = 'closing'"
    )
    found = {row["address"]: re.search(r"/my-data/\S+", row["text"]) for row in rows}
    return {address: link[0] for address, link in found.items() if link}


async def test_everybody_leaves_by_the_name_of_the_group_and_coordinators_last(demo: House) -> None:
    await demo.group.ask("pay", payer="001", payee="002", amount_minor=7)
    cora = await demo.signed_in("003")
    blank = await cora.get(PATH)
    wrong = await cora.post(PATH, {"form": blank.key, "group": "beta"})
    early = await cora.post(f"{PATH}/links", {"form": blank.key})
    done = await cora.post(PATH, {"form": blank.key, "group": " ALFA "})

    assert "Typ de naam van de groep over" in wrong.words
    assert (early.status, await links(demo)) == (422, {})
    assert "2 rekeningen zijn nog open" in done.words
    assert "De kerngroep vertrekt het laatst: Cora Coördinator 003" in done.words
    assert "An Peeters 001" in done.words
    assert [status(demo, code).value for code in ("001", "003", "005")] == [
        "leaving",
        "active",
        "inactive",
    ]
    await demo.group.ask("pay", payer="002", payee="001", amount_minor=7)
    await eventually(lambda: status(demo, "001") is status(demo, "002") is AccountStatus.INACTIVE)
    assert "Geen rekening van een lid is nog open" in (await cora.get(PATH)).words


async def test_a_long_list_of_members_does_not_hide_the_next_step(demo: House) -> None:
    cora = await demo.signed_in("003")
    short = await cora.get(PATH)
    for code in ("011", "012"):
        await demo.group.ask("member.add", code=code, name=f"Lid {code}")
    long = await cora.get(PATH)

    assert "<details" not in short.text
    assert long.text.index("<details") < long.text.index("Lid 012") < long.text.index("</details>")


async def test_each_member_gets_one_link_and_by_it_only_the_own_data(demo: House) -> None:
    cora = await demo.signed_in("003")
    blank = await cora.get(PATH)
    page = await cora.post(PATH, {"form": blank.key, "group": "alfa"})
    sent = await cora.post(f"{PATH}/links", {"form": page.key})
    await cora.post(f"{PATH}/links", {"form": page.key})
    found = await links(demo)
    stranger = demo.browser()
    asked = await stranger.get(found["david@voorbeeld.be"])
    async with stranger.session.post(
        stranger.url + found["david@voorbeeld.be"], headers={"Sec-Fetch-Site": "same-origin"}
    ) as answer:
        content = await answer.read()
    forged = await stranger.get(found["david@voorbeeld.be"] + "A")

    assert "De mails met de link gaan de deur uit." in sent.words
    assert len(found) == 5
    mails = await demo.node.pool.fetchval("SELECT count(*) FROM plain.mail WHERE kind = 'closing'")
    assert mails == 5
    assert asked.status == 200
    assert status(demo, "005") is AccountStatus.INACTIVE
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        said = b"".join(packed.read(name) for name in packed.namelist())
    assert "דוד כהן".encode() in said
    assert b"bert@voorbeeld.be" not in said
    assert forged.status in {404, 422}


async def test_a_link_ends_after_its_days_and_is_for_members_only(demo: House) -> None:
    reader = reader_of(demo.node, demo.account("003"))
    keep = list(demo.node.machine.books.ledger.codes.values())
    await closing_links.send_links(demo.node, reader, keep=keep, now_s=now_s())
    token = (await links(demo))["an@voorbeeld.be"].removeprefix("/my-data/")
    late_s = now_s() + (closing_links.LASTS_DAYS + 1) * 86_400

    with pytest.raises(RefusedError) as late:
        closing_links.read_link(demo.node, token, now_s=late_s)
    assert late.value.code is Code.EXPIRED
    link, own = closing_links.read_link(demo.node, token, now_s=now_s())
    assert (link.account, own.account, own.roles) == (
        demo.account("001"),
        demo.account("001"),
        frozenset(),
    )
    an = reader_of(demo.node, demo.account("001"))
    with pytest.raises(RefusedError):
        await closing_links.send_links(demo.node, an, keep=keep, now_s=now_s())
    assert office_of(demo.node).secret
