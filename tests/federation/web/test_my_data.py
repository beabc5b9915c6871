"""All my data as one ZIP: everything that is mine, and nothing of anybody else."""

from __future__ import annotations

import csv
import json
import zipfile
from io import BytesIO, StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from federation.members import (
    my_data,
    pictures,
    posts,
    roles,
    thanks,
    thread_views,
    threads,
    trades,
)
from federation.members.posts import PostForm
from federation.members.threads import Recipient
from federation.node.service import now_s
from federation.node.use_cases import new_key
from schemas.openings import Contact, MemberText
from tests.browser.group_world import activity, reader
from tests.federation.web.conftest import Browser, House


async def fetched(browser: Browser) -> tuple[dict[str, bytes], Any]:
    async with browser.session.get(browser.url + "/me/data.zip") as response:
        assert response.status == 200
        body = await response.read()
    with zipfile.ZipFile(BytesIO(body)) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}, response.headers


def rows(files: dict[str, bytes], name: str) -> list[dict[str, Any]]:
    return list(json.loads(files[f"mijn-gegevens/{name}.json"]))


def table(files: dict[str, bytes], name: str) -> list[list[str]]:
    text = files[f"mijn-gegevens/{name}.csv"].decode("utf-8-sig")
    return list(csv.reader(StringIO(text), delimiter=";"))


def photo() -> bytes:
    made = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(made, "PNG")
    return made.getvalue()


async def lively(house: House) -> None:
    """Let An do something of every kind, and others things that are not hers."""
    node, an, bert = house.node, reader(house, "001"), reader(house, "002")
    contact = Contact(kind="mail", value="an@voorbeeld.be", access="members")
    await house.describe(
        "001",
        MemberText(
            name="An Peeters", comment="Ik brei.", admin_comment="Belt laat.", contacts=(contact,)
        ),
    )
    stored = await pictures.store(node, an, photo())
    for who, title, shown in ((an, "=Sjaal", (stored.picture,)), (bert, "Geheim van Bert", ())):
        form = PostForm(want=False, title=title, expires_at_s=now_s() + 999, pictures=shown)
        await posts.place(node, who, form, key=new_key())
    await threads.start(
        node, bert, Recipient(house.account("001")), key=new_key(), text="Dag An, heb je wol?"
    )
    await threads.start(
        node, bert, Recipient(house.account("005")), key=new_key(), text="Onder ons, David"
    )
    await house.group.ask("pay", payer="001", payee="002", amount_minor=12, description="Wol")
    await house.group.ask("pay", payer="002", payee="005", amount_minor=3, description="Bertstil")
    (one,) = await trades.trades_of(node, an)
    await thanks.give(node, an, one.id, "Mooie wol!", public=True)
    await activity(house, "002")
    await roles.join_person(
        node, an, house.account("001"), name="Wim", address="wim@voorbeeld.be", key=new_key()
    )
    await roles.appoint_helper(node, an, house.account("001"), house.account("002"), key=new_key())
    await house.group.ask("group.share_names", names_shared=True)
    await house.group.ask("member.share_name", code="001", by="001", shares=True)
    await house.seen()


async def test_everything_of_mine_is_there_for_people_and_for_programs(house: House) -> None:
    await lively(house)
    member = await house.signed_in("001")

    files, headers = await fetched(member)

    assert headers["Content-Type"] == "application/zip"
    assert headers["Content-Disposition"] == 'attachment; filename="mijn-gegevens-001.zip"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    words = files["mijn-gegevens/lees-mij.txt"].decode("utf-8-sig")
    assert "De gegevens van An Peeters (001) bij alfa." in words
    statement = table(files, "rekening")
    assert statement[0][:5] == ["Wanneer", "Letscode", "Naam", "Groep", "Omschrijving"]
    assert statement[1][1:7] == ["002", "Bert <b>Bold</b>", "", "Wol", "-12", "-12"]
    assert rows(files, "rekening")[0]["amount"] == "-12"
    assert [r["value"] for r in rows(files, "profiel") if r["field"] == "comment"] == ["Ik brei."]
    noted = [r["value"] for r in rows(files, "profiel") if r["field"] == "admin_comment"]
    assert noted == ["Belt laat."], "what coordinators noted about a member is the member's"
    shared = [r for r in rows(files, "profiel") if r["field"] == "name_shared"]
    assert [(r["value"], r["visibility"]) for r in shared] == [(True, "interlets")]
    assert [r["name"] for r in rows(files, "huishouden")] == ["An Peeters", "Wim"]
    assert rows(files, "helpers") == [{"code": "002", "name": "Bert <b>Bold</b>", "helps_me": True}]
    (post,) = rows(files, "vraag-en-aanbod")
    assert post["title"] == "=Sjaal"
    assert table(files, "vraag-en-aanbod")[1][2] == "'=Sjaal", "no formula for a spreadsheet"
    with Image.open(BytesIO(files[f"mijn-gegevens/fotos/{post['pictures']}"])) as picture:
        assert picture.size == (40, 30)
    assert [r["text"] for r in rows(files, "berichten")] == ["Dag An, heb je wol?"]
    assert [r["description"] for r in rows(files, "ruilen")] == ["Wol"]
    assert [(r["text"], r["own"], r["public"]) for r in rows(files, "bedankjes")] == [
        ("Mooie wol!", True, True)
    ]
    assert [r["title"] for r in rows(files, "samen-doen")] == ["Haag snoeien bij het buurthuis"]
    assert [r["device"] for r in rows(files, "toestellen")] == ["Firefox · Android"]


async def test_nothing_of_anybody_else_is_there(house: House) -> None:
    await lively(house)
    member = await house.signed_in("001")

    files, _ = await fetched(member)

    everything = b"\n".join(files.values()).decode("utf-8", "replace")
    for secret in ("Geheim van Bert", "Onder ons", "Bertstil", "bert@voorbeeld.be"):
        assert secret not in everything


async def test_a_person_of_the_household_gets_the_account_but_no_others_devices(
    house: House,
) -> None:
    await lively(house)
    await house.signed_in("001")
    wim = house.browser("Mozilla/5.0 (iPhone) Safari/605")
    sent = await house.ask(wim, "wim@voorbeeld.be")
    page = await wim.get(sent.path)
    await wim.post(sent.path, form=page.key)

    files, _ = await fetched(wim)

    assert [r["description"] for r in rows(files, "rekening")] == ["Wol"]
    assert [r["device"] for r in rows(files, "toestellen")] == ["Safari · iPhone"]


async def test_a_helper_who_acts_for_somebody_gets_its_own(house: House) -> None:
    await lively(house)
    helper = await house.signed_in("002")
    await helper.post("/me/acting", account=str(house.account("001")))
    page = await helper.get("/me/data")
    assert "Dit zijn je eigen gegevens" in page.words

    files, headers = await fetched(helper)

    assert 'filename="mijn-gegevens-002.zip"' in headers["Content-Disposition"]
    assert [r["title"] for r in rows(files, "vraag-en-aanbod")] == ["Geheim van Bert"]
    assert {r["description"] for r in rows(files, "ruilen")} == {"Wol", "Bertstil"}
    assert [(r["own"], r["comes"]) for r in rows(files, "samen-doen")] == [(False, True)]
    assert b"Ik brei." not in b"".join(files.values())


async def test_who_did_nothing_gets_a_whole_file_too(house: House) -> None:
    member = await house.signed_in("005")

    files, _ = await fetched(member)

    assert rows(files, "rekening") == []
    assert table(files, "rekening") == []
    assert [r["name"] for r in rows(files, "huishouden")] == ["דוד כהן"]


async def test_a_long_statement_is_whole_in_order_and_in_the_language_of_the_reader(
    house: House,
) -> None:
    for number in range(230):
        await house.group.ask(
            "pay", payer="001", payee="002", amount_minor=1, description=f"Nr {number}"
        )
    member = await house.signed_in("001")
    await member.post("/language", language="en", next="/me")

    files, _ = await fetched(member)

    lines = json.loads(files["my-data/account.json"])
    assert [line["description"] for line in lines] == [f"Nr {n}" for n in range(229, -1, -1)]
    assert len(json.loads(files["my-data/trades.json"])) == 230
    assert "The data of An Peeters" in files["my-data/read-me.txt"].decode("utf-8-sig")


async def test_what_can_be_long_is_read_a_page_at_a_time(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(my_data, "PAGE", 5)
    monkeypatch.setattr(my_data, "THREADS", 2)
    for number in range(12):
        await house.group.ask(
            "pay", payer="001", payee="002", amount_minor=1, description=f"Nr {number}"
        )
    for number in range(5):
        to = Recipient(house.account("002"))
        await threads.start(house.node, reader(house, "001"), to, key=new_key(), text=f"T{number}")
    await house.seen()
    holder = reader(house, "001")
    person = SimpleNamespace(account=house.account("001"), person=0, session=0)

    tables = await my_data.tables(house.node, holder, person, now_s=now_s())
    read = {table.name: [rows async for rows in table.pages()] for table in tables}

    assert [len(rows) for rows in read["statement"]] == [5, 5, 2]
    assert [len(rows) for rows in read["trades"]] == [5, 5, 2]
    descriptions = [row["description"] for rows in read["trades"] for row in rows]
    assert descriptions == [f"Nr {n}" for n in range(11, -1, -1)]
    messages = [row["text"] for rows in read["messages"] for row in rows]
    assert sorted(messages) == [f"T{number}" for number in range(5)]


async def test_a_stranger_gets_the_login_and_the_icon(house: House) -> None:
    stranger = house.browser()

    assert (await stranger.get("/me/data.zip")).path.startswith("/login")
    async with stranger.session.get(stranger.url + "/favicon.ico") as response:
        icon = await response.read()
    assert response.status == 200
    assert response.headers["Content-Type"] == "image/x-icon"
    assert len(icon) < 5_000
    with Image.open(BytesIO(icon)) as picture:
        assert picture.format == "ICO"
        assert picture.info["sizes"] == {(16, 16), (32, 32), (48, 48)}


async def test_the_oldest_message_of_a_very_long_conversation_is_there_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread_views, "MESSAGES_MAX", 2)
    an, to = reader(house, "001"), Recipient(house.account("002"))
    thread = (await threads.start(house.node, an, to, key=new_key(), text="Nr 0")).thread
    for number in range(1, 4):
        await threads.write(house.node, an, thread, f"Nr {number}", key=new_key())
    member = await house.signed_in("001")

    files, _ = await fetched(member)

    assert [r["text"] for r in rows(files, "berichten")] == ["Nr 0", "Nr 1", "Nr 2", "Nr 3"]
