"""The pages on which a group moves in, without scripts: bring, look, choose, write, keep."""

from __future__ import annotations

import asyncio
import errno
import io
import os
import re
import zipfile
from typing import Any

import aiohttp
import pytest

from federation.migrate.template import template
from federation.node import import_use_case, moving_in, moving_work
from federation.node.import_commands import Progress
from federation.node.moving_stage import Moving, Stage
from tests.federation.web.conftest import Browser, House, Page
from tests.federation.world.conftest import eventually

Files = dict[str, bytes]
TICKET = re.compile(r'name="ticket" value="([A-Za-z0-9_-]+)"')


def members(*rows: str) -> bytes:
    return "\n".join(("lidnummer;naam;status;saldo", *rows, "")).encode()


async def bring(browser: Browser, files: Files) -> Page:
    data = aiohttp.FormData(quote_fields=False)
    for name, content in files.items() or [("", b"")]:  # as a browser sends no file
        data.add_field("file", content, filename=name, content_type="text/csv")
    headers = {"Sec-Fetch-Site": "same-origin"}
    url = f"{browser.url}/group/import"
    async with browser.session.post(url, data=data, headers=headers) as answer:
        return Page(answer.status, answer.url.raw_path_qs, await answer.text(), answer.headers)


async def ended(house: House, browser: Browser) -> Page:
    await eventually(lambda: not moving_work.worker_of(house.node).busy)
    return await browser.get("/group/import")


def ticket(page: Page) -> str:
    found = TICKET.search(page.text)
    assert found is not None, page.words
    return found[1]


async def test_a_coordinator_brings_the_template_looks_and_takes_over(house: House) -> None:
    cora = await house.signed_in("003")
    packed = await cora.session.get(f"{cora.url}/group/import/template/nl")
    with zipfile.ZipFile(io.BytesIO(await packed.read())) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}

    coming = await bring(cora, files)
    looked = await ended(house, cora)

    assert "Met de groep verhuizen" in (await cora.get("/group")).words
    assert coming.path == "/group/import"
    assert "Leden 2" in looked.words
    assert "Alle saldo's samen 0" in looked.words
    assert "We vonden niets." in looked.words
    assert "Elk saldo in het bestand is dat van de boekingen." in looked.words

    await cora.post("/group/import/write", ticket=ticket(looked))
    done = await ended(house, cora)

    assert "Jullie zijn verhuisd" in done.words
    assert "Er kwamen 2 rekeningen bij, 1 boeking, 2 keer vraag en aanbod." in done.words
    ledger = house.node.machine.books.ledger
    assert ledger.balance(ledger.codes["l001"]) == -5
    receipt = await cora.get("/group/import/receipt")
    assert "Balance of" in receipt.text
    gone = await cora.post("/group/import/drop", ticket=ticket(done))
    assert "Bestand van jullie vorige systeem" in gone.words


async def test_what_is_wrong_is_listed_with_its_place_and_what_to_do(house: House) -> None:
    cora = await house.signed_in("003")
    files = {
        "leden.csv": members(
            "101;Els;actief;-5", "102;Bart;vreemd;6", "102;Nog;actief;0", "te;kort"
        ),
        "boekingen.csv": b"datum;van;aan;bedrag\n31/02/2024;101;102;5\n1/2/2024;101;999;5\n",
    }

    await bring(cora, files)
    page = await ended(house, cora)

    assert "alle saldo's samen zijn 1 en niet 0" in page.words
    assert "leden.csv" in page.words
    chosen = await cora.post(
        "/group/import/look", {"ticket": ticket(page), "book": "yes", "status-active": "yes"}
    )
    page = await ended(house, cora)
    for words in (
        "leden.csv, regel 3, kolom status Dit is geen status die we kennen;",
        "leden.csv, regel 4 Een eerdere regel heeft dit nummer al",
        "leden.csv, regel 5 Deze regel heeft meer of minder velden",
        "boekingen.csv, regel 2, kolom datum Die datum bestaat niet.",
        "boekingen.csv, regel 3, kolom aan Geen lid heeft deze letscode",
        "Deze rekeningen worden zoals in het bestand",
        "101 in het bestand -5, uit de boekingen 0",
    ):
        assert words in page.words, chosen.words
    assert 'name="book" value="yes" checked' in page.text
    assert 'name="status-leaving" value="yes" checked' not in page.text


async def test_while_it_works_the_page_says_how_far_and_looks_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    cora = await house.signed_in("003")
    going = asyncio.Event()
    work = import_use_case.run

    async def waits(*arguments: Any) -> Any:
        house.node.progress = Progress("transfers", 25, 100)
        await going.wait()
        return await work(*arguments)

    monkeypatch.setattr(import_use_case, "run", waits)
    await bring(cora, template("nl"))
    await eventually(lambda: house.node.progress is not None)

    page = await cora.get("/group/import")
    refused = await cora.post("/group/import/write", ticket="x")
    going.set()

    assert "We nemen de boekingen over." in page.words
    assert 'max="100" value="25"' in page.text
    assert "25 van 100" in page.words
    again = '<noscript><meta http-equiv="refresh" content="2"></noscript>'
    assert again in page.text
    assert refused.status == 422
    assert again not in (await ended(house, cora)).text


async def test_the_second_of_two_coordinators_is_told(house: House) -> None:
    cora, other = await house.signed_in("003"), await house.signed_in("003")
    await bring(cora, template("nl"))
    first = await ended(house, cora)
    await bring(other, template("fr"))
    await ended(house, other)

    page = await cora.post("/group/import/write", ticket=ticket(first))

    assert page.status == 422
    assert "Iemand anders bracht intussen een ander bestand" in page.words
    assert "membres.csv" in page.words
    standing = await moving_in.standing(house.node)
    assert standing is not None
    assert standing.stage is Stage.LOOKED


async def test_who_is_here_already_has_to_be_the_same(house: House) -> None:
    cora = await house.signed_in("003")
    await bring(cora, {"leden.csv": members("003;Cora;actief;0", "200;Els;actief;0")})
    page = await ended(house, cora)

    assert "Deze letscodes zijn hier al in gebruik: 003." in page.words
    assert "Alles overnemen" not in page.words
    await cora.post(
        "/group/import/look",
        {"ticket": ticket(page), "same-codes": "yes", "status-active": "yes"},
    )
    page = await ended(house, cora)
    await cora.post("/group/import/write", ticket=ticket(page))

    assert "Er kwam 1 rekening bij" in (await ended(house, cora)).words


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "Vul"),
        ({"a.xlsx": b"PK"}, "neem als bestandstype 'CSV UTF-8'"),
        ({"b.ods": b"PK"}, "b.ods is een bestand van een rekenblad"),
        ({"a.pdf": b"%PDF"}, ".zip"),
        ({"a.zip": b"PK\x03\x04half"}, "a.zip"),
        ({"leden.csv": b""}, "users.csv"),
        ({"leden.csv": b"\xff\xfe\x00"}, "leden.csv"),
    ],
)
async def test_bad_files_are_told_and_nothing_breaks(
    house: House, files: Files, words: str
) -> None:
    cora = await house.signed_in("003")

    page = await bring(cora, files)
    after = await ended(house, cora)

    assert page.status in {200, 422}
    assert words in page.words + after.words
    assert "Bestand" in after.words or "bestand" in after.words


async def test_what_is_no_upload_is_refused(house: House) -> None:
    cora = await house.signed_in("003")

    for sent in ({"file": "text"}, {}):
        assert (await cora.post("/group/import", sent)).status == 422
    for path in ("look", "write", "drop"):
        assert (await cora.post(f"/group/import/{path}", ticket="none")).status == 422
    assert (await cora.get("/group/import/template/xx")).status == 404
    assert (await cora.get("/group/import/receipt")).status == 404


async def test_a_full_disk_is_said_on_the_page(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    cora = await house.signed_in("003")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(moving_in.Chest, "keep", full)

    page = await bring(cora, template("nl"))

    assert page.status == 503
    assert "De server kan dit niet bewaren" in page.words
    assert "Vraag wie de server beheert om plaats te maken" in page.words
    assert "Bestand van jullie vorige systeem" in page.words


@pytest.mark.parametrize("deed", ["look", "write"])
async def test_a_disk_that_is_full_later_is_said_on_the_page_too(
    house: House, monkeypatch: pytest.MonkeyPatch, deed: str
) -> None:
    cora = await house.signed_in("003")
    await bring(cora, template("nl"))
    seen = ticket(await ended(house, cora))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as no_room:
        no_room.setattr(moving_in.Chest, "write", full)
        page = await cora.post(f"/group/import/{deed}", ticket=seen)

    assert page.status == 503
    assert "De server kan dit niet bewaren" in page.words
    assert "Klopt het zo?" in page.words
    await cora.post("/group/import/write", ticket=ticket(page))
    assert "Jullie zijn verhuisd" in (await ended(house, cora)).words


async def test_an_end_for_which_there_is_no_room_is_said_and_gone_on_from(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    cora = await house.signed_in("003")
    await bring(cora, template("nl"))
    seen = ticket(await ended(house, cora))
    noted = moving_in.Chest.write

    def full(chest: moving_in.Chest, moving: Moving) -> None:
        if moving.stage is Stage.DONE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        noted(chest, moving)

    with monkeypatch.context() as no_room:
        no_room.setattr(moving_in.Chest, "write", full)
        await cora.post("/group/import/write", ticket=seen)
        page = await ended(house, cora)

    assert "De server kan dit niet bewaren" in page.words
    assert "niets komt dubbel" in page.words
    assert "Ga verder met overnemen" in page.words
    await cora.post("/group/import/write", ticket=ticket(page))
    assert "Jullie zijn verhuisd" in (await ended(house, cora)).words
