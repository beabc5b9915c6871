"""News, calendar and documents over the API: coordinators write, members read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from federation.api.operation import BINARY
from federation.members.document_files import FILE_MAX
from federation.node.service import now_s
from tests.federation.api.conftest import Answer, Asker, Group
from tests.federation.api.test_agreeing import made
from tests.federation.api.walking import in_a_month_s

SAID = {"title": "Nieuwjaarsfeest", "text": "Breng iets mee.", "starts_at_s": 1_700_000_000}


async def take(asker: Asker, name: str, content: bytes) -> Answer:
    path, headers = f"/files/{name}", {"Content-Type": BINARY}
    return await asker.post(path, None, "f", data=in_parts(content), headers=headers)


async def in_parts(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), 65_536):
        yield content[at : at + 65_536]


async def test_news_is_placed_changed_read_and_removed(group: Group) -> None:
    staff, anna = await group.token("coordinator", "003"), await group.token("member", "001")

    placed = await made(staff, "/items", SAID | {"kind": "news"})
    path = f"/items/{placed['item']}"
    changed = await staff.ask("PUT", path, json=SAID | {"title": "Lentefeest"})
    read = await anna.get(path)
    removed = await staff.post(path + "/removal", {}, "r")

    assert changed.json["title"] == "Lentefeest"
    assert read.json == changed.json
    assert (read.json["kind"], read.json["text"]) == ("news", "Breng iets mee.")
    assert removed.status == 200
    assert (await anna.get(path)).status == 404
    assert (await anna.get("/items?kind=news")).json["items"] == []


async def test_the_same_key_places_one_thing(group: Group) -> None:
    staff = await group.token("coordinator", "003")

    first, again = [await staff.post("/items", SAID | {"kind": "news"}, "k") for _ in range(2)]

    assert (first.status, again.text) == (201, first.text)
    assert len((await staff.get("/items?kind=news")).json["items"]) == 1


async def test_a_list_goes_on_by_pages_newest_first(group: Group) -> None:
    staff = await group.token("coordinator", "003")
    for number in range(5):
        said = {"kind": "news", "title": str(number), "starts_at_s": 1_700_000_000 + number}
        await made(staff, "/items", said, str(number))

    found, after = [], "0"
    while after is not None:
        page = (await staff.get(f"/items?kind=news&limit=2&after={after}")).json
        found += [one["title"] for one in page["items"]]
        after = page.get("next")

    assert found == ["4", "3", "2", "1", "0"]


async def test_a_document_is_a_file_that_members_fetch_as_it_was(group: Group) -> None:
    staff, anna = await group.token("coordinator", "003"), await group.token("member", "001")
    content = bytes(range(256))

    taken = await take(staff, "Verslag%20mei.pdf", content)
    said = {"kind": "document", "title": "Verslag", "starts_at_s": now_s(), "file": taken.json}
    placed = await made(staff, "/items", said)
    headers = {"Authorization": f"Bearer {anna.secret}"}
    url = f"{group.node.settings.public_url}/api/v1/items/{placed['item']}/file"
    async with group._session.get(url, headers=headers) as answer:
        fetched = await answer.read()

    assert taken.status == 201, taken.text
    assert placed["file"]["name"] == "Verslag mei.pdf"
    assert (answer.status, answer.content_type) == (200, BINARY)
    assert fetched == content


@pytest.mark.parametrize(
    ("name", "size", "code"),
    [
        ("virus.exe", 10, "malformed"),
        ("blanco.pdf", 0, "text_missing"),
        ("groot.pdf", FILE_MAX + 1, "too_large"),
    ],
)
async def test_a_file_that_cannot_be_a_document_is_refused(
    group: Group, name: str, size: int, code: str
) -> None:
    staff = await group.token("coordinator", "003")

    answer = await take(staff, name, bytes(size))

    assert answer.json["code"] == code, answer.text


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"kind": "document", "text": ""}, "text_missing", "text"),
        ({"kind": "news", "ends_at_s": 1_800_000_000}, "malformed", "ends_at_s"),
        ({"kind": "date", "ends_at_s": 1}, "malformed", "ends_at_s"),
        ({"kind": "news", "title": "  "}, "text_missing", "title"),
        (
            {"kind": "document", "file": {"digest": "A" * 43, "size": 3, "name": "a.pdf"}},
            "not_found",
            "file",
        ),
    ],
)
async def test_what_an_item_cannot_say_is_refused(
    group: Group, more: Any, code: str, field: str
) -> None:
    staff = await group.token("coordinator", "003")

    answer = await staff.post("/items", SAID | more, "k")

    assert (answer.json["code"], answer.json["field"]) == (code, field), answer.text


async def test_a_document_stays_a_text_or_a_file(group: Group) -> None:
    staff = await group.token("coordinator", "003")
    placed = await made(staff, "/items", SAID | {"kind": "document"})

    answer = await staff.ask("PUT", f"/items/{placed['item']}", json=SAID | {"text": " "})

    assert (answer.json["code"], answer.json["field"]) == ("text_missing", "text")


async def test_the_calendar_holds_dates_and_what_is_done_together(group: Group) -> None:
    staff, anna = await group.token("coordinator", "003"), await group.token("member", "001")
    soon, later = now_s() + 3600, in_a_month_s()
    date = await made(staff, "/items", SAID | {"kind": "date", "starts_at_s": later})
    await made(staff, "/items", SAID | {"kind": "date", "title": "Voorbij"}, "b")
    together = {"code": "001", "title": "Snoeien", "starts_at_s": soon, "ends_at_s": soon + 60}
    activity = await made(anna, "/activities", together)

    coming = (await anna.get("/calendar")).json["entries"]
    past = (await anna.get("/calendar?past=true")).json["entries"]

    assert [(one["title"], one.get("activity"), one.get("item")) for one in coming] == [
        ("Snoeien", activity["activity"], None),
        ("Nieuwjaarsfeest", None, date["item"]),
    ]
    assert [one["title"] for one in past] == ["Voorbij"]
