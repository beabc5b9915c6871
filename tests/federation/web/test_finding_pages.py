"""Findings for auditors: what they say, the proof beside them, and how they are solved."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

import pytest

from federation.umbrella import noting
from federation.umbrella.known_findings import Looked
from federation.web.pages import flow_findings
from schemas.encoding import b64
from schemas.findings import What, found
from schemas.ids import line_id
from tests.federation.web.conftest import MEMBERS
from tests.federation.web.umbrella_house import (
    CREDITED,
    GROUPS,
    PROOF,
    REFUSED,
    SILENT,
    A,
    B,
    Umbrella,
    plain,
    umbrella,
)

__all__ = ["umbrella"]

LIST: Final = "/flows/logs/findings"
ONE: Final = f"{LIST}/{CREDITED.id().hex()}"
FILE: Final = f"{LIST}/{REFUSED.id().hex()}/{sha256(PROOF).hexdigest()}"


async def solved(umbrella: Umbrella) -> list[str]:
    """The words by which the finding of these tests was solved, in the order of the log."""
    rows = await umbrella.node.pool.fetch(
        """SELECT convert_from(body, 'UTF8') AS body FROM log_event
        WHERE position('"type":"audit.solved"'::bytea in body) > 0 ORDER BY seq"""
    )
    return [row["body"] for row in rows if b64(CREDITED.id()) in row["body"]]


async def test_open_findings_come_first_with_what_to_do(umbrella: Umbrella) -> None:
    page = await (await umbrella.signed_in("004")).get(LIST)
    said = plain(page)

    assert "3 bevindingen zijn nog open." in said
    order = [
        said.index(one)
        for one in ("niet aan op wat er eerder stond", "Opgelost De groep antwoordt al meer")
    ]
    assert order == sorted(order)
    assert "Waarover het gaat 1,5 uur Controle A3" in said
    assert "met LETS Leuven en de Dijlevallei tot in Aarschot" in said
    assert "LETS &lt;b&gt;Brugge&lt;/b&gt;" in page.text
    assert page.text.count("Wat nu?") == 3


async def test_an_amount_that_may_be_larger_says_so(umbrella: Umbrella) -> None:
    beyond = found(What.NEAR_LIMIT, B, line=line_id(A, B, 0), line_units=2**60)
    await noting.note(umbrella.node, [beyond], Looked(full=False, behind=frozenset()))

    said = plain(await (await umbrella.signed_in("004")).get(LIST))

    assert "Waarover het gaat minstens 25 019 997 929,84 uur" in said


async def test_pages_of_findings_go_on_from_open_and_new_to_solved(
    umbrella: Umbrella, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow_findings, "ROWS", 1)
    auditor = await umbrella.signed_in("004")
    pages = [plain(await auditor.get(f"{LIST}?after={after}")) for after in (0, 1, 2, 3, 99)]

    assert all("3 bevindingen zijn nog open." in page for page in pages)
    found = (
        "niet aan op wat er eerder stond",
        "elkaars spiegelbeeld",
        "dicht bij haar limiet",
        "antwoordt al meer dan een dag niet",
    )
    assert [[one for one in found if one in page] for page in pages] == [
        *([one] for one in found),
        [],
    ]
    assert ["Volgende" in page for page in pages] == [True, True, True, False, False]


async def test_a_solved_finding_tells_how_by_whom_and_since_when_it_is_gone(
    umbrella: Umbrella,
) -> None:
    page = await (await umbrella.signed_in("004")).get(LIST)

    assert "De server stond &lt;b&gt;uit&lt;/b&gt;. Hij draait weer." in page.text
    assert "Opgelost op" in page.words
    assert f"zegt {MEMBERS['004'][0]}" in page.words
    assert page.words.count("vindt de controle dit niet meer") == 1


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "Le journal de ce groupe n'est pas vérifiable"),
        ("en", "The log of this group does not"),
    ],
)
async def test_findings_speak_the_language_of_the_reader(
    umbrella: Umbrella, language: str, words: str
) -> None:
    auditor = await umbrella.signed_in("004")
    page = await auditor.get(LIST, **{"Accept-Language": language})

    assert words in plain(page)


async def test_the_proof_is_given_byte_for_byte_where_there_is_one(umbrella: Umbrella) -> None:
    auditor = await umbrella.signed_in("004")
    page = await auditor.get(LIST)

    assert page.text.count(" download>") == 1
    assert FILE in page.text
    file = await auditor.get(FILE)
    assert file.text == PROOF.decode()
    assert 'filename="broken-promise-' in file.headers["Content-Disposition"]
    other = FILE.replace(REFUSED.id().hex(), CREDITED.id().hex())
    assert (await auditor.get(other)).status == 404
    assert (await (await umbrella.signed_in("001")).get(FILE)).text != PROOF.decode()


async def test_an_auditor_says_once_how_it_was_solved(umbrella: Umbrella) -> None:
    auditor = await umbrella.signed_in("004")
    form = await auditor.get(ONE)
    for _ in range(2):
        page = await auditor.post(ONE, form=form.key, text="Ze boekten het\r\nalsnog.")
        assert page.path.startswith(LIST)
        assert page.status == 200

    assert "2 bevindingen zijn nog open." in page.words
    assert "Komt het terug" in page.words
    assert "Ze boekten het alsnog." in page.words
    (body,) = await solved(umbrella)
    assert f'"by":{umbrella.account("004")}' in body
    assert "textarea" not in (await auditor.get(ONE)).text


async def test_what_cannot_be_kept_comes_back_with_what_was_typed(umbrella: Umbrella) -> None:
    auditor = await umbrella.signed_in("004")
    form = await auditor.get(ONE)

    empty = await auditor.post(ONE, form=form.key, text=" \n ")
    long = await auditor.post(ONE, form=form.key, text="lang " * 300)

    assert (empty.status, long.status) == (422, 422)
    assert "Vul dit in." in empty.words
    assert "lang lang" in long.words
    assert await solved(umbrella) == []


async def test_nobody_else_solves_a_finding(umbrella: Umbrella) -> None:
    auditor, member = await umbrella.signed_in("004"), await umbrella.signed_in("001")
    key = (await auditor.get(ONE)).key

    assert (await member.post(ONE, form=key, text="Klaar.")).status == 403
    stranger = await umbrella.browser().post(ONE, form=key, text="Klaar.")
    assert stranger.path.startswith("/login")
    elsewhere = await auditor.post(
        ONE, form=key, text="Klaar.", headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert elsewhere.status == 403
    assert await solved(umbrella) == []


@pytest.mark.parametrize("name", ["f" * 64, "zz", "%00", SILENT.id().hex()[:3], "x" * 3000])
async def test_a_finding_that_is_none_is_told_so(umbrella: Umbrella, name: str) -> None:
    auditor = await umbrella.signed_in("004")
    key = (await auditor.get(ONE)).key

    assert (await auditor.get(f"{LIST}/{name}")).status == 404
    assert (await auditor.post(f"{LIST}/{name}", form=key, text="Klaar.")).status == 404


async def test_the_page_of_lags_leads_to_what_is_open(umbrella: Umbrella) -> None:
    page = await (await umbrella.signed_in("004")).get("/flows/logs")

    assert "Bevindingen (3 nog open)" in page.words


async def test_word_against_word_names_the_line_and_accuses_neither_end(
    umbrella: Umbrella,
) -> None:
    line = line_id(A, B, 0)
    nobody = found(What.WORD_AGAINST_WORD, "", line=line)
    await noting.note(umbrella.node, [nobody], Looked(full=False, behind=frozenset()))

    page = await (await umbrella.signed_in("004")).get(f"{LIST}/{nobody.id().hex()}")
    said = plain(page)

    one, other = (GROUPS[end][0].split()[0] for end in sorted((A, B)))
    assert "niemand wordt beschuldigd" in said
    assert f"Koppeling tussen {one}" in said
    assert f" en {other}" in said
    assert "Groep " not in said.partition("Koppeling tussen")[0].rpartition("alarm")[2]
