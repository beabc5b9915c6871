"""My limits on a page: how far, why, and what is only a friendly word."""

from __future__ import annotations

from federation.group.commands import SetGroupLimits, SetLimits
from federation.node.use_cases import new_key
from schemas.limit_bodies import Limits
from tests.federation.web.conftest import House, house

__all__ = ["house"]


async def test_a_member_reads_how_far_and_why(house: House) -> None:
    of_group = Limits(
        lower_minor=-240,
        upper_minor=240,
        soft_lower_minor=-100,
        newcomer_days=90,
        newcomer_upper_minor=60,
        growth_percent=10,
        growth_most_minor=50,
    )
    await house.node.do(SetGroupLimits(new_key(), house.account("003"), of_group))
    await house.node.do(SetLimits(house.account("002"), lower_minor=-9, upper_minor=None))
    an, bert = await house.signed_in("001"), await house.signed_in("002")

    me = await an.get("/me")
    words = (await an.get("/me/limits")).words.replace("\u00a0", " ")
    own = (await bert.get("/me/limits")).words.replace("\u00a0", " ")

    assert 'href="/me/limits"' in me.text
    assert "Je saldo mag tot -240 units. Dit is de grens van elk lid van de groep." in words
    assert "Vanaf -100 units zeggen we het je vooraf. Dat is geen verbod" in words
    assert "Je saldo mag tot 60 units. Dit is de grens van wie nog niet lang lid is." in words
    assert "Je bent nieuwkomer tot" in words
    assert "komt 10% bij je grenzen, hoogstens 50 units." in words
    assert "Je saldo mag tot -9 units. De kerngroep gaf jou deze grens" in own
    assert "Je kunt nu nog 9 units geven." in own
