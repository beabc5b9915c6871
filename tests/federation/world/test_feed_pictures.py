"""Posts with pictures, placed as members place them, and looked at in another group."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from federation.members import feed_pictures, feed_serving, pictures, posts
from federation.members.feed_of import feed_of
from federation.members.reader import Reader
from federation.node.service import now_s
from federation.node.use_cases import new_key
from schemas.encoding import b64, unb64
from schemas.errors import Code, PeerUnavailable, RuilbrugError
from schemas.member_bodies import Picture, Price, PriceKind, Visibility
from tests.federation.world.conftest import World, WorldNode
from tests.federation.world.test_feed import linked, read, shown


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_serving, "REST", 0)


def reader_of(node: WorldNode) -> Reader:
    accounts = node.node.machine.books.ledger.accounts.values()
    return Reader(account=next(a.account for a in accounts if a.code == "001"))


async def placed(node: WorldNode, title: str, visibility: Visibility) -> tuple[int, Picture]:
    """Place a post with a picture of its own."""
    image = BytesIO()
    colour = sha256(title.encode()).digest()
    Image.new("RGB", (600, 400), (colour[0], colour[1], colour[2])).save(image, "PNG")
    reader = reader_of(node)
    stored = await pictures.store(node.node, reader, image.getvalue())
    form = posts.PostForm(
        want=False,
        title=title,
        text="Kom langs",
        price=Price(kind=PriceKind.PIECE, amount_minor=5),
        visibility=visibility,
        expires_at_s=now_s() + 86_400,
        pictures=(stored.picture,),
    )
    return await posts.place(node.node, reader, form, key=new_key()), stored.picture


async def refused(work: Any) -> Code:
    with pytest.raises(RuilbrugError) as caught:
        await work
    return caught.value.code


async def test_what_a_member_places_is_seen_with_its_picture_in_the_other_group(
    world: World,
) -> None:
    a, b = await linked(world, "alfa", "beta")
    number, picture = await placed(b, "Te leen: ladder", Visibility.INTERLETS)
    _, hidden = await placed(b, "Alleen voor ons", Visibility.MEMBERS)
    await read(a, b)
    assert await shown(a, b) == ["Te leen: ladder"]
    look = feed_of(a.node).pictures

    full = await look.read(b.node.id, picture.digest, thumb=False)
    thumb = await look.read(b.node.id, picture.digest, thumb=True)

    assert (sha256(full).digest(), len(full)) == (unb64(picture.digest), picture.size)
    with Image.open(BytesIO(thumb)) as small:
        assert max(small.size) <= 320
    url = b.node.settings.public_url
    asked = a.node.client.get(b.node.id, url, f"{feed_pictures.PATH}{hidden.digest}?size=full")
    assert await refused(asked) is Code.NOT_FOUND, "of what it may not see it gets no picture"
    odd = a.node.client.get(b.node.id, url, f"{feed_pictures.PATH}{picture.digest}?size=all")
    assert await refused(odd) is Code.MALFORMED
    assert await refused(look.read(b.node.id, hidden.digest, thumb=False)) is Code.NOT_FOUND
    assert await refused(look.read(b.node.id, "x", thumb=False)) is Code.NOT_FOUND
    assert await refused(look.read("x", picture.digest, thumb=False)) is Code.NOT_FOUND

    await posts.end(b.node, reader_of(b), number, key=new_key())
    asked = a.node.client.get(b.node.id, url, f"{feed_pictures.PATH}{picture.digest}?size=full")
    assert await refused(asked) is Code.NOT_FOUND
    assert await look.read(b.node.id, picture.digest, thumb=False) == full, "not heard of it yet"
    await read(a, b)
    assert await shown(a, b) == []
    assert await refused(look.read(b.node.id, picture.digest, thumb=False)) is Code.NOT_FOUND
    await feed_of(a.node).reader.sweep()
    assert await a.node.pool.fetchval("SELECT count(*) FROM plain.feed_picture") == 0


async def test_a_picture_is_kept_and_shown_while_its_group_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await linked(world, "alfa", "beta")
    _, kept = await placed(b, "Een", Visibility.INTERLETS)
    _, other = await placed(b, "Twee", Visibility.INTERLETS)
    await read(a, b)
    look = feed_of(a.node).pictures
    full = await look.read(b.node.id, kept.digest, thumb=False)
    await b.stop()
    world.nodes.remove(b)

    assert await look.read(b.node.id, kept.digest, thumb=False) == full
    for _ in range(2):
        with pytest.raises(PeerUnavailable):
            await look.read(b.node.id, other.digest, thumb=False)

    monkeypatch.setattr(feed_pictures, "KEPT_BYTES_MAX", len(full) - 1)
    await feed_of(a.node).reader.sweep()
    assert await a.node.pool.fetchval("SELECT count(*) FROM plain.feed_picture") == 0
    assert not look._fetching


@pytest.mark.parametrize("lie", [b"<svg/>", b"\xff\xd8\xff of another", b""])
async def test_other_bytes_than_were_named_are_not_shown(
    world: World, monkeypatch: pytest.MonkeyPatch, lie: bytes
) -> None:
    a, b = await linked(world, "alfa", "beta")
    _, picture = await placed(b, "Een", Visibility.INTERLETS)
    await read(a, b)

    async def lying(*_: Any, **__: Any) -> bytes:
        return lie

    monkeypatch.setattr(pictures, "read", lying)
    with pytest.raises(PeerUnavailable):
        await feed_of(a.node).pictures.read(b.node.id, picture.digest, thumb=False)

    assert await a.node.pool.fetchval("SELECT count(*) FROM plain.feed_picture") == 0


async def test_a_picture_larger_than_said_is_read_no_further(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await linked(world, "alfa", "beta")
    _, picture = await placed(b, "Een", Visibility.INTERLETS)
    await read(a, b)

    async def large(*_: Any, **__: Any) -> bytes:
        return feed_pictures.JPEG + bytes(300_000)

    monkeypatch.setattr(pictures, "read", large)
    with pytest.raises(PeerUnavailable) as caught:
        await feed_of(a.node).pictures.read(b.node.id, picture.digest, thumb=True)

    assert caught.value.facts["reason"] == "too_large"


async def test_a_pause_and_its_end_travel(world: World) -> None:
    a, b = await linked(world, "alfa", "beta")
    await placed(b, "Een", Visibility.PUBLIC)
    await read(a, b)
    assert await shown(a, b) == ["Een"]
    reader = reader_of(b)
    assert reader.account is not None

    await posts.pause(b.node, reader, reader.account, None, key=new_key())
    await read(a, b)
    assert await shown(a, b) == []
    await posts.resume(b.node, reader, reader.account, key=new_key())
    await read(a, b)
    assert await shown(a, b) == ["Een"]


async def test_one_fetch_serves_all_who_look_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = await linked(world, "alfa", "beta")
    _, picture = await placed(b, "Een", Visibility.INTERLETS)
    await read(a, b)
    asked: list[str] = []
    get = a.node.client.get

    async def counted(node: str, url: str, path: str, **limits: Any) -> bytes:
        asked.append(path)
        return await get(node, url, path, **limits)

    monkeypatch.setattr(a.node.client, "get", counted)
    look = feed_of(a.node).pictures
    found = await asyncio.gather(
        *(look.read(b.node.id, picture.digest, thumb=True) for _ in range(12))
    )

    assert len(set(found)) == 1
    assert len([path for path in asked if path.startswith(feed_pictures.PATH)]) == 1
    assert not look._fetching


def test_a_digest_alone_does_not_make_a_picture() -> None:
    content = feed_pictures.JPEG + b"x"
    digest = b64(sha256(content).digest())

    feed_pictures.check_picture(content, digest=digest, size=len(content))
    for said, size in ((b"GIF89a", 6), (content, len(content) + 1), (content + b"y", 5)):
        with pytest.raises(RuilbrugError):
            feed_pictures.check_picture(said, digest=digest, size=size)
