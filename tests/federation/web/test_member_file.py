"""Members from a file: the list brought back, seen row by row, taken whole or not at all."""

from __future__ import annotations

import asyncio
import re

import aiohttp
import pytest

from federation.group.member_commands import ChangedMember, TakeMemberFile
from federation.members import member_file, profiles
from federation.members.profiles import member_text
from federation.members.roles import reader_of
from federation.node.use_cases import new_key
from schemas.errors import Code, RefusedError
from schemas.openings import Contact, MemberText
from tests.federation.web.conftest import Browser, House, Page, house

__all__ = ["house"]

PATH = "/group/member-file"
HEAD = "Letscode;Naam;Mailadres;Telefoon;Notitie\r\n"


async def bring(browser: Browser, content: str | bytes, name: str = "leden.csv") -> Page:
    blank = await browser.get(PATH)
    data = aiohttp.FormData({"form": blank.key})
    raw = content.encode("utf-8-sig") if isinstance(content, str) else content
    data.add_field("file", raw, filename=name, content_type="text/csv")
    said = {"Sec-Fetch-Site": "same-origin"}
    async with browser.session.post(browser.url + PATH, data=data, headers=said) as answer:
        return Page(answer.status, str(answer.url), await answer.text(), answer.headers)


def shown(page: Page) -> dict[str, str]:
    fields = dict(re.findall(r'name="(content|name|digest)" value="([^"]*)"', page.text))
    assert len(fields) == 3, page.words
    return {**fields, "form": page.key}


def text_size(house: House) -> int:
    return house.node.sequencer.size


async def test_the_list_comes_back_and_changes_nothing(house: House) -> None:
    await house.describe("001", MemberText(name="=An", admin_comment="Een\nregel", place="Gent"))
    cora = await house.signed_in("003")
    file = await cora.get(f"{PATH}/template")

    page = await bring(cora, file.text.removeprefix("\ufeff"))

    assert "5 regels zeggen wat al zo is" in page.words
    assert "Alles in dit bestand is al zo." in page.words


async def test_rows_are_shown_and_taken_all_at_once(house: House) -> None:
    cora = await house.signed_in("003")
    rows = "001;An Janssens;an@nieuw.be;;Belt graag\r\n006;Fien <b>;fien@voorbeeld.be;0470;\r\n"
    page = await bring(cora, HEAD + rows)
    size = text_size(house)
    done = await cora.post(f"{PATH}/take", shown(page))
    again = await cora.post(f"{PATH}/take", shown(page))
    await house.seen()

    assert "1 lid verandert, 1 lid komt erbij, 0 regels" in page.words
    assert "Naam: An Peeters An Janssens" in page.words
    assert "Fien <b> 006 · nieuw" in page.words
    assert "Alles uit het bestand staat nu in de ledenlijst." in done.words
    assert again.status == 200
    assert text_size(house) == size + 2
    an = await member_text(house.node, house.account("001"))
    assert an is not None
    assert (an.name, an.admin_comment) == ("An Janssens", "Belt graag")
    assert an.contacts == (Contact(kind="mail", value="an@nieuw.be", access="members"),)
    assert "Fien" in (await cora.get("/group/members?q=0470")).words


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("006;;x@y.be;;", "regel 3, kolom Naam Wie nieuw is, heeft een naam nodig"),
        ("006;Fien;geen adres;;", "regel 3, kolom Mailadres Dit lijkt geen mailadres"),
        ("secretariaat;Groep;;;", "regel 3, kolom Letscode Deze letscode is die van de groep"),
        ("001;Nog eens;;;", "regel 3, kolom Letscode Een eerdere regel gaat over hetzelfde lid"),
        (f"002;{'x' * 101};;;", "regel 3, kolom Naam Dit is te lang"),
    ],
)
async def test_one_wrong_row_stops_all_of_it(house: House, row: str, said: str) -> None:
    cora = await house.signed_in("003")
    page = await bring(cora, f"{HEAD}001;An J;;;\r\n{row}\r\n")

    assert said in page.words
    assert page.words.index("Er is nog niets veranderd") < page.words.index("Wat niet klopt")
    assert "komt erbij" not in page.words, "nothing changes, so no numbers of what would"
    assert "Dit overnemen" not in page.words


async def test_of_two_coordinators_at_once_nobody_is_written_over(house: House) -> None:
    cora = await house.signed_in("003")
    page = await bring(cora, f"{HEAD}001;An Janssens;;;\r\n002;Bert;;;\r\n")
    await house.describe("001", MemberText(name="An van de ander"))

    late = await cora.post(f"{PATH}/take", shown(page))

    assert (late.status, "Intussen veranderde er iets" in late.words) == (422, True)
    assert "Naam: An van de ander An Janssens" in late.words
    bert = await member_text(house.node, house.account("002"))
    assert bert is not None
    assert bert.name != "Bert"

    stale = ChangedMember(house.account("001"), 0, MemberText(name="Te laat"))
    with pytest.raises(RefusedError) as refused:
        await house.node.do(TakeMemberFile(new_key(), house.account("003"), (stale,), ()))
    assert refused.value.code is Code.MEMBERS_CHANGED

    reader = reader_of(house.node, house.account("003"))
    content = f"{HEAD}001;Eén;;;\r\n".encode(), f"{HEAD}001;Twee;;;\r\n".encode()
    digests = [(await member_file.plan(house.node, reader, c, "x.csv")).digest() for c in content]
    results = await asyncio.gather(
        *(
            member_file.take(house.node, reader, c, "x.csv", digest=digest, key=new_key())
            for c, digest in zip(content, digests, strict=True)
        ),
        return_exceptions=True,
    )
    stopped = [one for one in results if isinstance(one, RefusedError)]
    assert len([one for one in results if one == 1]) == 1
    assert len(stopped) == 1 or None in results


async def test_what_is_no_file_is_said_and_only_coordinators_bring_one(house: House) -> None:
    cora = await house.signed_in("003")
    for content in (b"", b"PK\x03\x04xlsx", b'Letscode;Naam\n001;"An', b"Naam\nAn\n"):
        page = await bring(cora, content)
        assert page.status == 422, content
    strange = await cora.post(f"{PATH}/take", {"content": "eA==", "name": "x", "digest": ""})
    an = reader_of(house.node, house.account("001"))

    assert strange.status == 422
    with pytest.raises(RefusedError):
        await member_file.plan(house.node, an, HEAD.encode(), "x.csv")
    assert await profiles.member_text(house.node, house.account("001")) is not None
