"""News, calendar and documents as pages: coordinators write, members read, nothing does harm."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from federation.members import board, document_files
from federation.members.known_sessions import changing_sessions
from federation.web.pages import board as board_pages
from federation.web.shelves import SHELVES
from schemas.board_bodies import ItemKind
from tests.federation.web.conftest import Browser, House, Page

TYPED = {
    "news": {"title": "Feest <b>op</b> 💐", "day": "2026-12-03", "text": "Kom\nallen <script>"},
    "calendar": {
        "title": "Feest <b>op</b> 💐",
        "day": "3/12/2099",
        "from": "14.00",
        "until": "17u30",
        "place": "Zaal & keuken",
    },
    "documents": {"title": "Feest <b>op</b> 💐", "day": "2026-12-03", "text": "Regel één"},
}
PDF = b"%PDF-1.4 <script>alert(1)</script>"


async def send_file(
    browser: Browser, path: str, name: str = "verslag mei.pdf", content: bytes = PDF, **said: str
) -> Page:
    """Send the form of a document with a file, as a browser does."""
    form = await browser.get(path)
    data = aiohttp.FormData(quote_fields=False)
    for field, text in ({"form": form.key, "title": "Verslag", "day": "2026-12-03"} | said).items():
        data.add_field(field, text)
    data.add_field("file", content, filename=name, content_type="text/html")
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with browser.session.post(browser.url + path, data=data, headers=headers) as answer:
        return Page(answer.status, answer.url.raw_path_qs, await answer.text(), answer.headers)


async def count(house: House) -> int:
    return len(house.node.machine.books.members.items.base)


@pytest.mark.parametrize("shelf", ["news", "calendar", "documents"])
async def test_a_coordinator_writes_and_members_read_it_as_text(house: House, shelf: str) -> None:
    writer, member = await house.signed_in("003"), await house.signed_in("001")
    blank = await writer.get(f"/{shelf}/new")

    saved = await writer.post(f"/{shelf}/new", TYPED[shelf], form=blank.key)

    assert saved.path.startswith(f"/{shelf}/1?"), saved.words
    for path in (f"/{shelf}", f"/{shelf}/1", "/group"):
        page = await member.get(path)
        assert page.status == 200
        assert "Feest <b>op</b> 💐" in page.words.replace("&lt;", "<") or "&lt;b&gt;" in page.text
        assert "<b>op</b>" not in page.text
        assert "<script>" not in page.text
        assert "/edit" not in page.text, "members are offered nothing that is not theirs"
    if shelf == "calendar":
        words = (await member.get("/calendar/1")).words
        assert "donderdag 3 december 2099 van 14:00 tot 17:30 · Zaal & keuken" in words


@pytest.mark.parametrize("shelf", ["news", "calendar", "documents"])
async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    house: House, shelf: str
) -> None:
    writer = await house.signed_in("003")
    blank = await writer.get(f"/{shelf}/new")

    typed = {**TYPED[shelf], "title": " "}
    page = await writer.post(f"/{shelf}/new", typed, form=blank.key)

    assert page.status == 422
    assert 'id="title-wrong"' in page.text
    for name, text in typed.items():
        if name in ("text", "place"):
            assert text.split("\n")[0].replace("&", "&amp;") in page.text
    assert await count(house) == 0


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"from": "25:00"}, "from"),
        ({"from": "14:60"}, "from"),
        ({"from": "half drie"}, "from"),
        ({"from": "14:00", "until": "13:59"}, "until"),
        ({"from": "14:00", "until": "14:00"}, "until"),
        ({"from": "", "until": "15:00"}, "from"),
        ({"day": ""}, "day"),
        ({"day": "31/02/2026"}, "day"),
        ({"day": "morgen"}, "day"),
        ({"title": "x" * 121}, "title"),
        ({"text": "x" * 20_001}, "text"),
    ],
)
async def test_a_date_that_cannot_be_is_told_at_its_field(
    house: House, typed: dict[str, str], wrong: str
) -> None:
    writer = await house.signed_in("003")
    blank = await writer.get("/calendar/new")

    page = await writer.post("/calendar/new", {**TYPED["calendar"], **typed}, form=blank.key)

    assert page.status == 422
    assert f'id="{wrong}-wrong"' in page.text, page.words
    assert await count(house) == 0


async def test_a_double_click_places_it_once(house: House) -> None:
    writer = await house.signed_in("003")
    blank = await writer.get("/news/new")

    pages = await asyncio.gather(
        *(writer.post("/news/new", TYPED["news"], form=blank.key) for _ in range(3))
    )

    assert {page.path for page in pages} == {"/news/1?done=saved"}
    assert await count(house) == 1


async def test_the_back_button_and_other_words_do_not_change_what_stands(house: House) -> None:
    writer = await house.signed_in("003")
    blank = await writer.get("/news/new")
    await writer.post("/news/new", TYPED["news"], form=blank.key)

    page = await writer.post("/news/new", {**TYPED["news"], "title": "Anders"}, form=blank.key)

    assert page.status == 422
    assert "Dit formulier was al verstuurd." in page.words
    again = await writer.post("/news/new", {**TYPED["news"], "title": "Anders"}, form=page.key)
    assert again.path == "/news/2?done=saved"


async def test_an_item_is_changed_and_removed_once(house: House) -> None:
    writer, member = await house.signed_in("003"), await house.signed_in("001")
    blank = await writer.get("/calendar/new")
    await writer.post("/calendar/new", TYPED["calendar"], form=blank.key)

    edit = await writer.get("/calendar/1/edit")
    assert 'value="14:00"' in edit.text
    assert 'value="2099-12-03"' in edit.text
    whole = {"title": "Hele dag", "day": "2026-12-04", "from": "", "until": "", "form": edit.key}
    await writer.post("/calendar/1/edit", whole)
    assert "vrijdag 4 december 2026" in (await member.get("/calendar/1")).words
    asked = await writer.get("/calendar/1/remove")
    assert "Hele dag verwijderen?" in asked.words
    pages = [await writer.post("/calendar/1/remove", form=asked.key) for _ in range(2)]

    assert [page.path for page in pages] == ["/calendar?done=removed"] * 2
    gone = await member.get("/calendar/1")
    assert gone.status == 404
    assert (await writer.get("/calendar/1/edit")).status == 404


async def test_a_file_leaves_only_to_be_saved(house: House) -> None:
    writer, member = await house.signed_in("003"), await house.signed_in("001")

    saved = await send_file(writer, "/documents/new", "x/verslag 'mei' €.pdf")
    got = await member.get("/documents/1/file")

    assert saved.path == "/documents/1?done=saved"
    assert (got.status, got.text) == (200, PDF.decode())
    assert got.headers["Content-Type"] == "application/pdf"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert got.headers["Content-Disposition"] == (
        "attachment; filename=\"verslag 'mei' .pdf\"; "
        "filename*=UTF-8''verslag%20%27mei%27%20%E2%82%AC.pdf"
    )
    assert "verslag 'mei' €.pdf" in (await member.get("/documents")).words
    stranger = await house.browser().get("/documents/1/file")
    assert stranger.path.startswith("/login")
    assert PDF.decode() not in stranger.text
    assert (await member.get("/news/1/file")).status == 404


async def test_a_document_keeps_its_file_until_another_comes_or_none(house: House) -> None:
    writer = await house.signed_in("003")
    await send_file(writer, "/documents/new")
    edit = await writer.get("/documents/1/edit")
    said = {"title": "Nieuwe titel", "day": "2026-12-03", "text": ""}

    await writer.post("/documents/1/edit", said, form=edit.key)
    assert (await writer.get("/documents/1/file")).text == PDF.decode()
    await send_file(writer, "/documents/1/edit", "ander.txt", b"anders")
    assert (await writer.get("/documents/1/file")).text == "anders"
    edit = await writer.get("/documents/1/edit")
    none = await writer.post("/documents/1/edit", {**said, "without-file": "yes"}, form=edit.key)
    assert none.status == 422
    assert "Schrijf een tekst of kies een bestand." in none.words
    await writer.post(
        "/documents/1/edit", {**said, "text": "Zo", "without-file": "yes"}, form=none.key
    )
    assert (await writer.get("/documents/1/file")).status == 404


@pytest.mark.parametrize("name", ["virus.exe", "een.html", "een.svg", "geenpunt", ".pdf"])
async def test_other_kinds_of_files_are_not_taken(house: House, name: str) -> None:
    writer = await house.signed_in("003")

    page = await send_file(writer, "/documents/new", name, text="Wel een tekst")

    assert page.status == 422
    assert "Wel een tekst" in page.text
    assert await house.node.pool.fetchval("SELECT count(*) FROM document_file") == 0


async def test_a_file_that_is_too_large_is_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = await house.signed_in("003")
    monkeypatch.setattr(document_files, "FILE_MAX", 10)

    page = await send_file(writer, "/documents/new")

    assert page.status == 422
    assert "Dit bestand is te groot" in page.words
    assert await count(house) == 0


async def test_a_form_that_is_far_too_large_is_refused_before_it_is_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = await house.signed_in("003")
    monkeypatch.setattr(board_pages, "FORM_BYTES_MAX", 1_000)

    page = await send_file(writer, "/documents/new", content=b"x" * 2_000)

    assert page.status == 413
    assert await count(house) == 0


async def test_what_a_coordinator_typed_comes_back_after_the_session_ended(house: House) -> None:
    writer = await house.signed_in("003")
    blank = await writer.get("/news/new")
    async with changing_sessions(house.node) as connection:
        await connection.execute("UPDATE web_session SET expires_at_s = 1")

    kept = await writer.post("/news/new", TYPED["news"], form=blank.key)
    assert "bewaard" in kept.words
    await house.signed_in("003", writer)

    assert "Feest &lt;b&gt;op&lt;/b&gt;" in (await writer.get("/news/new")).text


async def test_home_tells_the_newest_news_and_what_comes_first(house: House) -> None:
    writer, member = await house.signed_in("003"), await house.signed_in("001")
    empty = await member.get("/home")
    assert 'href="/group"' in empty.text
    for shelf in ("news", "calendar"):
        blank = await writer.get(f"/{shelf}/new")
        typed = {**TYPED[shelf], "title": f"Iets op {shelf}", "day": "2031-01-02"}
        await writer.post(f"/{shelf}/new", typed, form=blank.key)

    words = (await member.get("/home")).words

    assert "Iets op news" in words
    assert "Iets op calendar" in words


async def test_older_news_is_a_page_further(house: House) -> None:
    writer = await house.signed_in("003")
    for number in range(21):
        form = board.ItemForm(title=f"Bericht nr {number}.", starts_at_s=86_400 * (number + 1))
        reader = _reader(house)
        await board.place(house.node, reader, ItemKind.NEWS, form, key=_key(number))

    first = await writer.get("/news")
    second = await writer.get("/news?from=20")

    assert "Bericht nr 20." in first.words
    assert "Bericht nr 0." not in first.words
    assert 'href="/news?from=20"' in first.text
    assert "Bericht nr 0." in second.words
    assert "?from=" not in second.text


def _reader(house: House) -> Any:
    from federation.members.roles import reader_of

    return reader_of(house.node, house.account("003"))


def _key(number: int) -> str:
    return f"{number:020d}AA"


async def test_members_see_balances_when_the_group_wants_it(house: House) -> None:
    await house.group.ask(
        "pay", payer="001", payee="002", amount_minor=12, description="Fiets hersteld"
    )
    coordinator, member = await house.signed_in("003"), await house.signed_in("005")
    before = await member.get("/members/002")
    assert "12 units" not in before.words
    assert "/bookings" not in before.text
    refused = await member.get("/members/002/bookings")
    assert refused.status == 403
    assert "Fiets" not in refused.words

    settings = await coordinator.get("/group/settings")
    pages = [
        await coordinator.post("/group/settings", see="yes", names="no", form=settings.key)
        for _ in range(2)
    ]

    assert [page.path for page in pages] == ["/group/settings?done=saved"] * 2
    shown = await member.get("/members/002")
    assert "12 units" in shown.words
    bookings = await member.get("/members/002/bookings")
    assert "+12" in bookings.words
    assert "Fiets hersteld" not in bookings.words
    assert "An Peeters" in bookings.words
    settings = await coordinator.get("/group/settings")
    await coordinator.post("/group/settings", see="no", names="no", form=settings.key)
    assert (await member.get("/members/002/bookings")).status == 403


async def test_a_setting_that_is_none_is_told(house: House) -> None:
    coordinator = await house.signed_in("003")
    settings = await coordinator.get("/group/settings")

    page = await coordinator.post("/group/settings", see="misschien", names="no", form=settings.key)

    assert page.status == 422
    assert "Kies een van de mogelijkheden." in page.words


def test_the_shelves_are_those_of_the_log() -> None:
    assert {shelf.kind for shelf in SHELVES} == set(ItemKind)
