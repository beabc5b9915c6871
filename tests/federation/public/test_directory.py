"""An umbrella lists its groups with their own words, fetched over real HTTP."""

from __future__ import annotations

import aiohttp
import msgspec

from federation.members.reader import OPERATOR
from federation.node.service import Node, now_s
from federation.public import directory, page
from federation.public.page import PublicPage
from tests.federation.world.conftest import World, WorldNode

PAGE = PublicPage(lead={"nl": "Buren & <b>co</b>"}, postcode="9000", findable=True)


async def write(group: WorldNode, **changed: object) -> None:
    written = msgspec.structs.replace(PAGE, **changed)
    version = (await page.read(group.node)).version
    assert await page.save(group.node, OPERATOR, written, version=version, now_s=now_s())


async def read(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()


async def told(umbrella: Node, *, later_s: int = 0) -> dict[str, directory.Listed]:
    found = await directory.listed(umbrella, now_s=now_s() + later_s)
    return {one.name: one for one in found}


async def test_a_group_is_listed_with_its_own_words_while_it_wants(world: World) -> None:
    umbrella = await world.make("koepel", None)
    a = await world.make("alfa", 20, umbrella=umbrella.invitation)
    b = await world.make("beta", 60, umbrella=umbrella.invitation)
    for group in (a, b):
        await umbrella.ask("audit.admit", invitation=group.invitation)
    url, beta_url = umbrella.node.settings.public_url, b.node.settings.public_url
    await write(a)
    await write(b, findable=False)

    await directory.fetch_all(umbrella.node, now_s=now_s())
    first = await told(umbrella.node)
    status, text = await read(f"{url}/groups?near=9050")
    _, unknown = await read(f"{url}/groups?near=Nergenshuizen")
    _, rows = await read(f"{url}/groups.json")

    assert first["alfa"].lead == {"nl": "Buren & <b>co</b>"}
    assert first["beta"].told_at_s is None
    assert (await read(beta_url + directory.CARD_PATH))[0] == 404
    assert status == 200
    assert "Buren &amp; &lt;b&gt;co&lt;/b&gt;" in text
    assert text.index("alfa") < text.index("beta")
    assert text.count('class="map-dot"') == 1
    assert text.count('class="row-number"') == 1, "beta stands nowhere on the map"
    assert "Gent · " in text
    assert "Die plaats kennen we niet" in unknown
    assert [one["name"] for one in msgspec.json.decode(rows)] == ["alfa", "beta"]

    await write(a, lead={"nl": "Nieuw"})
    await b.stop()  # one that does not answer keeps nobody else waiting
    await directory.fetch_all(umbrella.node, now_s=now_s())
    assert (await told(umbrella.node))["alfa"].lead == {"nl": "Nieuw"}
    old = await told(umbrella.node, later_s=directory.STALE_S + 1)
    assert (old["alfa"].stale, old["beta"].stale) == (True, False)

    await write(a, findable=False)
    await directory.fetch_all(umbrella.node, now_s=now_s())
    assert (await told(umbrella.node))["alfa"].told_at_s is None
    await b.start()


async def test_an_umbrella_learns_what_a_group_calls_its_unit(world: World) -> None:
    umbrella = await world.make("koepel", None)
    a = await world.make("alfa", 20, umbrella=umbrella.invitation)
    b = await world.make("beta", 60, umbrella=umbrella.invitation)
    for group in (a, b):
        await umbrella.ask("audit.admit", invitation=group.invitation)
    await write(a)
    settings = a.node.machine.books.ledger.settings
    assert settings is not None
    nodes, called = [a.node.id, b.node.id, "x"], (settings.unit.singular, settings.unit.plural)

    before = await directory.unit_names(umbrella.node, nodes, now_s=now_s())
    await directory.fetch_all(umbrella.node, now_s=now_s())
    after = [
        await directory.unit_names(umbrella.node, nodes, now_s=now_s()) for _ in ("read", "known")
    ]
    await umbrella.node.pool.execute("UPDATE group_card SET note = note || ' '::bytea")
    forged = await directory.unit_names(umbrella.node, nodes, now_s=now_s())

    assert before == {}
    assert after == [{a.node.id: called}] * 2
    assert forged == {}
