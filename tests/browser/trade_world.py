"""A thread and a trade in every state that there is, and the addresses of all pages of them."""

from __future__ import annotations

from tests.federation.web.test_trade_pages import asked, given
from tests.federation.web.two_groups import Two, place, press


async def trade(two: Two) -> list[str]:
    """Make them, and stop the other group; An (001) of here is the one who looks."""
    an, bert = await two.here.signed_in("001"), await two.here.signed_in("002")
    offer, node = await two.offer(), two.there.node.id
    number = await place(two.here, "002", "Gras maaien", 8)
    new = f"/threads/new?post={number}"
    talk = (await press(an, await an.get(new), text="Kan het zaterdag?")).path.partition("?")[0]
    seen = await bert.get(talk)
    await press(bert, seen, "but", amount="10", text="Het is een grote tuin")
    done = (await given(an, description="Fiets hersteld")).path
    await press(an, await an.get(done), "thank", text="Prachtig gedaan", public="yes")
    mine = (await asked(an, amount="5")).path
    theirs = (await asked(bert, "001", "4")).path
    back = await press(an, await an.get((await given(an)).path + "/wrong"))
    taken = (await asked(an, amount="3")).path
    await an.post(taken, {"do": "withdraw"})
    await two.there.group.stop()
    confirm = f"/give?node={node}&offer={offer}&amount=8"
    held = (await press(an, await an.get(confirm))).path
    return [
        "/threads", new, f"/threads/new?node={node}&offer={offer}", talk, talk + "/book",
        talk + "/block", talk + "/report", "/give", "/give?q=zzz", "/ask", "/give?to=002",
        "/give?to=002&amount=een", "/give?to=002&amount=8", "/ask?to=002&amount=8", confirm,
        f"/ask?node={node}&offer={offer}&amount=8", "/trades", done, done + "/wrong", mine, theirs,
        theirs + "/decline", back.path, taken, held,
    ]  # fmt: skip
