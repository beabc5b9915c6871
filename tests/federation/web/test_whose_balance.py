"""Who acts for another reads whose balance it is, on every page that says one; "yours" is mine."""

from __future__ import annotations

import re

import pytest

from federation.group.commands import SetGroupLimits
from federation.members import roles
from federation.members.reader import OPERATOR
from federation.node.use_cases import new_key
from schemas.limit_bodies import Limits
from schemas.texts.words import Language
from tests.browser.group_world import activity
from tests.federation.web.conftest import Browser, House
from tests.federation.web.two_groups import plain, press

MINE = {
    Language.NL: re.compile(
        r"\b(je|jouw|mijn) (saldo|rekening|grens)|[Jj]e staat nu op", re.IGNORECASE
    ),
    Language.FR: re.compile(
        r"\b(ton|mon|tes) (solde|compte|limite)|tu es maintenant à", re.IGNORECASE
    ),
    Language.EN: re.compile(
        r"\b(your|my) (balance|account|limit)|you (now )?stand at", re.IGNORECASE
    ),
}
OF_AN = {
    Language.NL: "Saldo van An Peeters",
    Language.FR: "Solde d' An Peeters",
    Language.EN: "Balance of An Peeters",
}
AFTERWARDS = {
    Language.NL: "aldo van An Peeters",
    Language.FR: "olde d' An Peeters",
    Language.EN: "alance of An Peeters",
}


async def acting(house: House, who: str) -> Browser:
    """Let a helper (002) or a coordinator (003) act for An (001)."""
    if who == "002":
        an, bert = house.account("001"), house.account("002")
        await roles.appoint_helper(house.node, OPERATOR, an, bert, key=new_key())
        await house.seen()
    browser = await house.signed_in(who)
    await browser.post("/me/acting", account=str(house.account("001")))
    return browser


async def furnish(house: House) -> dict[str, str]:
    """Let An have a booking, a question to answer, limits and something done together."""
    await house.group.ask("pay", payer="001", payee="005", amount_minor=3)
    limits = Limits(
        lower_minor=-240,
        upper_minor=240,
        soft_lower_minor=-5,
        soft_upper_minor=1,
        newcomer_days=90,
        newcomer_upper_minor=60,
        growth_percent=10,
        growth_most_minor=50,
    )
    await house.node.do(SetGroupLimits(new_key(), None, limits))
    david = await house.signed_in("005")
    asked = await press(david, await david.get("/ask?to=001&amount=2"), description="Haag")
    made = await activity(house, "005", by="001")
    return {
        "home": "/home",
        "statement": "/statement",
        "limits": "/me/limits",
        "me": "/me",
        "asked": asked.path,
        "give": "/give?to=005&amount=4",
        "ask": "/ask?to=005&amount=6",
        "spread": f"/activities/{made.activity}/spread",
    }


@pytest.mark.parametrize("who", ["002", "003"])
@pytest.mark.parametrize("language", list(Language))
async def test_every_page_names_whose_balance_it_is(
    house: House, who: str, language: Language
) -> None:
    pages = await furnish(house)
    browser = await acting(house, who)
    await browser.post("/language", language=language, next="/me")
    shown = {name: await browser.get(path) for name, path in pages.items()}
    helper = f"helper-{house.account('005')}"
    shown["spread"] = await browser.post(
        pages["spread"], {helper: "yes", "amount": "5", "form": shown["spread"].key}
    )

    for name, page in shown.items():
        assert page.status == 200, name
        words = plain(page)
        head, _, main = words.partition("An Peeters (001)")
        assert OF_AN[language] in head, name
        assert not MINE[language].search(words), (name, MINE[language].search(words))
        if name in ("give", "ask", "asked", "spread", "limits"):
            assert AFTERWARDS[language] in main, name


async def test_ones_own_balance_is_said_as_ones_own(house: House) -> None:
    pages = await furnish(house)
    an = await house.signed_in("001")

    shown = {name: plain(await an.get(path)) for name, path in pages.items()}

    assert "Je saldo" in shown["home"]
    assert "Je saldo wordt -7 units. Je kreeg dan al veel hulp." in shown["give"]
    assert "Dan wordt je saldo 3 units. Je gaf dan al veel." in shown["ask"]
    assert "Zeg je ja, dan wordt je saldo -5 units." in shown["asked"]
    assert "De lijn is je saldo." in shown["statement"]
    assert "Hoe ver mijn saldo mag gaan" in shown["limits"]
    assert not any("van An Peeters" in words for words in shown.values())
