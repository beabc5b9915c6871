"""The group's limits as a form: as they are, replaced whole, and what cannot be is told."""

from __future__ import annotations

import asyncio

import pytest

from schemas.limit_bodies import Limits
from tests.federation.web.conftest import House

TYPED = {
    "lower": "240",
    "upper": "",
    "soft-lower": "100",
    "soft-upper": "0",
    "newcomer-days": "30",
    "newcomer-lower": "40",
    "newcomer-upper": "",
    "growth-percent": "10",
    "growth-most": "80",
}
LIMITS = Limits(
    lower_minor=-240,
    soft_lower_minor=-100,
    soft_upper_minor=0,
    newcomer_days=30,
    newcomer_lower_minor=-40,
    growth_percent=10,
    growth_most_minor=80,
)


def limits(house: House) -> Limits:
    settings = house.node.machine.books.ledger.settings
    assert settings is not None
    return settings.limits


async def test_limits_are_replaced_once_and_shown_as_they_bind(house: House) -> None:
    cora = await house.signed_in("003")
    assert "/group/limits" in (await cora.get("/group")).text
    blank = await cora.get("/group/limits")
    assert "geen grens" in blank.words
    size = house.node.sequencer.size

    pages = await asyncio.gather(
        *(cora.post("/group/limits", TYPED, form=blank.key) for _ in range(2))
    )

    assert limits(house) == LIMITS
    assert house.node.sequencer.size == size + 1
    words = pages[0].words.replace("\u00a0", " ")
    assert "Een nieuwkomer -40 geen grens" in words
    assert "Een lid -240 geen grens" in words
    assert "Wie al 1 000 units gaf -320 geen grens" in words
    again = await cora.get("/group/limits")
    for name, text in TYPED.items():
        field = f'name="{name}"'
        shown = next(part for part in again.text.split("<input") if field in part)
        assert f'value="{text}"' in shown, name
    same = await cora.post("/group/limits", TYPED, form=again.key)
    assert same.status == 200
    assert house.node.sequencer.size == size + 1


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"lower": "veel"}, "lower"),
        ({"upper": "-3"}, "upper"),
        ({"soft-lower": "1.000"}, "soft-lower"),
        ({"newcomer-days": "4000"}, "newcomer-days"),
        ({"newcomer-days": "x"}, "newcomer-days"),
        ({"growth-percent": "-1"}, "growth-percent"),
        ({"soft-lower": "241"}, ""),
        ({"newcomer-lower": "300"}, ""),
    ],
)
async def test_what_cannot_be_is_told_and_changes_nothing(
    house: House, typed: dict[str, str], wrong: str
) -> None:
    cora = await house.signed_in("003")
    blank = await cora.get("/group/limits")
    before = limits(house)

    page = await cora.post("/group/limits", {**TYPED, **typed}, form=blank.key)

    assert page.status == 422
    assert (f'id="{wrong}-wrong"' if wrong else 'class="error"') in page.text
    assert 'value="80"' in page.text
    assert limits(house) == before
