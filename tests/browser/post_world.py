"""Two groups full of what people offer, and the addresses of all pages of posts."""

from __future__ import annotations

from schemas.member_bodies import Price, PriceKind, Visibility
from tests.federation.web.conftest import House
from tests.federation.web.post_help import beta, drawing, heard, lives_in, put

LONG = "Fietsenherstellingswerkplaatsbezoek met onbreekbaarlangewoordensamenstelling"


async def furnish(house: House) -> list[str]:
    """Fill two groups with what people offer; give the addresses of all pages of posts."""
    other = await beta(house)
    above = (await house.group.ask("category.place", name="Vervoer"))["category"]
    below = (await house.group.ask("category.place", name="Fietsen", parent=above))["category"]
    await put(
        other,
        "001",
        text="Banden, remmen, versnellingen.\nIk kom aan huis.",
        price=Price(kind=PriceKind.PIECE, amount_minor=24),
        photos=[drawing((200, 120, 40)), drawing((40, 120, 200)), drawing((90, 160, 60))],
    )
    theirs = await heard(house, other)
    await lives_in(house, "001", "An Peeters", "3010")
    await lives_in(house, "002", "Bert", "3001")
    contacts = [{"kind": "tel", "value": "016 11 22 33", "access": "members"}]
    await house.group.ask("member.describe", code="005", contacts=contacts)
    hour = Price(kind=PriceKind.HOUR, amount_minor=20)
    talk = Price(kind=PriceKind.TALK)
    inside = await put(house.group, "005", LONG, price=hour, category=below, photos=[drawing()])
    await put(house.group, "002", "Hulp bij het verhuizen", want=True, price=talk)
    public = await put(house.group, "002", "Taart", goods=True, visibility=Visibility.PUBLIC)
    own = await put(house.group, "001", "Gras maaien", photos=[drawing((9, 99, 9))])
    await house.seen()
    return [
        "/search",
        "/search?q=fiets&side=offer&near=9000&within=100",
        "/search?q=xylofoon&scope=group",
        "/search?near=nergens",
        theirs,
        f"/posts/{inside}",
        f"/posts/{own}",
        f"/posts/{public}",
        "/posts/999",
        "/posts/new",
        f"/posts/{own}/edit",
        f"/posts/{own}/renew",
        f"/posts/{own}/end",
        "/me/posts",
        "/me/away",
    ]
