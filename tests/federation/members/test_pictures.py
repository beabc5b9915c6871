"""Pictures: what comes out of any file, and who sees it."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from federation.members import pictures, profiles, projector
from federation.members.reader import ANONYMOUS, NEIGHBOUR
from federation.node.service import now_s
from federation.node.use_cases import new_key
from schemas.encoding import b64
from schemas.errors import Code, InputError, RefusedError, RuilbrugError
from tests.federation.members.conftest import DAY_S, Group, later

WIDTH = 0x0100
ORIENTATION, GPS, MAKE, COMMENT = 0x0112, 0x8825, 0x010F, b"gemaakt bij Anna thuis"


def encoded(kind: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **more: Any) -> bytes:
    said = BytesIO()
    Image.new(mode, size, more.pop("colour", "red")).save(said, kind, **more)
    return said.getvalue()


def opened(jpeg: bytes) -> Image.Image:
    picture = Image.open(BytesIO(jpeg), formats=("JPEG",))
    picture.load()
    return picture


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG whose header says a size that its bytes do not hold."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (_chunk(b"IHDR", header), *chunks, _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_each_kind_becomes_a_jpeg(kind: str) -> None:
    made = pictures.clean(encoded(kind))

    for data in (made.jpeg, made.thumbnail):
        assert opened(data).format == "JPEG"
        red, green, blue = opened(data).getpixel((20, 15))  # type: ignore[misc]
        assert red > 240
        assert green + blue < 20
    assert (made.width, made.height) == (40, 30)


def test_large_pictures_become_smaller_and_keep_their_shape() -> None:
    made = pictures.clean(encoded("JPEG", (4000, 3000)))

    assert opened(made.jpeg).size == (made.width, made.height) == (1600, 1200)
    assert opened(made.thumbnail).size == (320, 240)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "I;16", "1"])
def test_every_way_to_write_colours_is_read(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"

    made = pictures.clean(encoded(kind, mode=mode, colour=0))

    assert opened(made.jpeg).mode == "RGB"


def test_what_is_see_through_becomes_white() -> None:
    made = pictures.clean(encoded("PNG", mode="RGBA", colour=(0, 0, 0, 0)))

    assert opened(made.jpeg).getpixel((5, 5)) == (255, 255, 255)


def test_nothing_of_the_file_is_kept_but_its_pixels() -> None:
    exif = Image.Exif()
    exif[MAKE] = "Telefoon van Anna"
    exif.get_ifd(GPS)[1] = "N"
    profile = b"profiel van Anna".ljust(128, b"\0")
    jpeg = encoded("JPEG", exif=exif, comment=COMMENT, icc_profile=profile, dpi=(300, 300))
    xmp = encoded("WEBP", xmp=b"<x:xmpmeta>Anna</x:xmpmeta>", exif=exif)
    assert b"Anna" in jpeg
    assert b"Anna" in xmp

    for upload in (jpeg, xmp, encoded("GIF", comment=COMMENT), jpeg + b"Anna, achteraan"):
        made = pictures.clean(upload)
        for data in (made.jpeg, made.thumbnail):
            assert b"Anna" not in data
            assert b"Telefoon" not in data
            assert not opened(data).getexif()
            assert set(opened(data).info) <= {
                "jfif",
                "jfif_version",
                "jfif_unit",
                "jfif_density",
                "progressive",
                "progression",
            }


@pytest.mark.parametrize("turned", range(1, 9))
def test_a_picture_stands_upright(turned: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = turned
    wide = encoded("JPEG", (60, 30), exif=exif)

    made = pictures.clean(wide)

    assert (made.width, made.height) == ((60, 30) if turned < 5 else (30, 60))


def test_what_a_camera_wrote_wrongly_about_a_picture_does_not_matter() -> None:
    turned = struct.pack("<HHIHH", ORIENTATION, 3, 1, 6, 0)
    width_in_words = struct.pack("<HHI4s", WIDTH, 2, 4, b"abc\0")
    tags = struct.pack("<H", 2) + turned + width_in_words + bytes(4)
    exif = b"Exif\0\0II*\0" + struct.pack("<I", 8) + tags

    made = pictures.clean(encoded("JPEG", (60, 30), exif=exif))

    assert (made.width, made.height) == (30, 60)


@pytest.mark.parametrize(
    "bomb",
    [
        png(8000, 6251, _chunk(b"IDAT", zlib.compress(b""))),
        png(50_000, 50_000, _chunk(b"IDAT", zlib.compress(b""))),
        png(2**31 - 1, 2**31 - 1),
        b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0) + b"," + bytes(10) + b";",
        encoded("GIF", (1, 1)).replace(
            struct.pack("<HH", 1, 1), struct.pack("<HH", 60_000, 60_000)
        ),
    ],
    ids=["just too many", "many", "most", "screen of a GIF", "frame of a GIF"],
)
def test_a_bomb_is_refused_before_it_is_unpacked(bomb: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as error:
            pictures.clean(bomb)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert error.value.code in (Code.PICTURE_TOO_MANY_PIXELS, Code.PICTURE_UNREADABLE)
    assert most < 2**22


def test_as_many_pixels_as_allowed_are_taken() -> None:
    made = pictures.clean(encoded("PNG", (10_000, 5_000), mode="1", colour=0))

    assert (made.width, made.height) == (1600, 800)


def test_text_that_unpacks_to_a_lot_is_refused() -> None:
    text = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(64 * 2**20)))

    with pytest.raises(InputError) as error:
        pictures.clean(png(10, 10, text))

    assert error.value.code is Code.PICTURE_UNREADABLE


@pytest.mark.parametrize(
    ("upload", "code"),
    [
        (b"", Code.PICTURE_UNREADABLE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Code.PICTURE_UNREADABLE),
        (encoded("BMP"), Code.PICTURE_UNREADABLE),
        (encoded("TIFF"), Code.PICTURE_UNREADABLE),
        (encoded("JPEG", (400, 400))[:300], Code.PICTURE_UNREADABLE),
        (encoded("PNG", (400, 400))[:-40], Code.PICTURE_UNREADABLE),
        (bytes(pictures.UPLOAD_MAX + 1), Code.TOO_LARGE),
    ],
    ids=["nothing", "SVG", "BMP", "TIFF", "half a JPEG", "half a PNG", "large"],
)
def test_what_is_no_picture_is_refused(upload: bytes, code: Code) -> None:
    with pytest.raises(InputError) as error:
        pictures.clean(upload)

    assert error.value.code is code


WHOLE = {kind: encoded(kind, (64, 48)) for kind in ("JPEG", "PNG", "WEBP", "GIF")}


@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_changed_bytes_give_a_picture_or_a_refusal(kind: str, data: st.DataObject) -> None:
    changed = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))

    try:
        made = pictures.clean(bytes(changed))
    except InputError as error:
        assert error.code in (Code.PICTURE_UNREADABLE, Code.PICTURE_TOO_MANY_PIXELS)
    else:
        assert opened(made.jpeg).format == "JPEG"


@given(st.binary(max_size=400))
def test_random_bytes_are_refused(upload: bytes) -> None:
    with pytest.raises(InputError):
        pictures.clean(upload)


async def taken_in(group: Group, code: str = "001", colour: str = "red") -> pictures.Stored:
    return await pictures.store(group.node, group.reader(code), encoded("PNG", colour=colour))


async def test_a_picture_is_seen_by_whom_its_post_is_for(group: Group) -> None:
    stored = await taken_in(group)
    digest = stored.picture.digest
    readers = {
        "anonymous": ANONYMOUS,
        "neighbour": NEIGHBOUR,
        "002": group.reader("002"),
        "003": group.reader("003"),
        "001": group.reader("001"),
    }

    async def seen() -> set[str]:
        found = set()
        for name, reader in readers.items():
            try:
                data = await pictures.read(group.node, digest, reader)
            except InputError as error:
                assert error.code is Code.NOT_FOUND
            else:
                assert b64(sha256(data).digest()) == digest
                assert len(data) == stored.picture.size
                small = await pictures.read(group.node, digest, reader, thumbnail=True)
                assert opened(small).size == (40, 30)
                found.add(name)
        return found

    assert await seen() == {"001"}
    post = await with_picture(group, stored, visibility="interlets")
    assert await seen() == {"neighbour", "001", "002", "003"}
    await group.ask("post.end", post=post)
    assert await seen() == {"001", "003"}


async def with_picture(group: Group, stored: pictures.Stored, **said: Any) -> int:
    from federation.members import posts
    from schemas.member_bodies import Visibility

    form = posts.PostForm(
        want=False,
        title="Met een plaatje",
        expires_at_s=later(),
        pictures=(stored.picture,),
        visibility=Visibility(said.get("visibility", "members")),
    )
    return await posts.place(group.node, group.reader("001"), form, key=new_key())


async def test_pictures_lie_sealed_under_the_key_of_their_member(group: Group) -> None:
    mine, theirs = await taken_in(group), await taken_in(group, "002")
    again = await taken_in(group)

    rows = await group.node.pool.fetch("SELECT subject, sealed, thumbnail FROM picture")

    assert mine == theirs == again
    assert len(rows) == len({row["subject"] for row in rows}) == 2
    for row in rows:
        assert b"JFIF" not in row["sealed"] + row["thumbnail"]
    await with_picture(group, mine)
    await group.node.pool.execute(
        "DELETE FROM data_key WHERE subject = (SELECT subject FROM plain.member WHERE code = '001')"
    )
    await group.world.stop()
    await group.world.start()
    await projector.reached(group.node, group.node.sequencer.size - 1)
    assert await pictures.read(group.node, mine.picture.digest, group.reader("002"))
    for reader in (group.reader("001"), group.reader("003")):
        with pytest.raises(InputError):
            await pictures.read(group.node, mine.picture.digest, reader)
    with pytest.raises(RuilbrugError) as error:
        await taken_in(group)
    assert error.value.code is Code.ACCOUNT_UNKNOWN


async def test_only_own_pictures_can_be_shown(group: Group) -> None:
    theirs = await taken_in(group, "002")

    with pytest.raises(InputError) as error:
        await with_picture(group, theirs)

    assert error.value.code is Code.PICTURE_UNKNOWN


async def test_pictures_that_no_post_shows_go_after_a_while(group: Group) -> None:
    shown, unused = await taken_in(group), await taken_in(group, colour="blue")
    await with_picture(group, shown)
    reader = group.reader("001")

    for days in (59, 61):
        late = projector.Projector(group.node, clock=lambda days=days: now_s() + days * DAY_S)  # type: ignore[misc]
        await late.catch_up()
        assert await pictures.read(group.node, shown.picture.digest, reader)
        if days < 60:
            assert await pictures.read(group.node, unused.picture.digest, reader)
    with pytest.raises(InputError):
        await pictures.read(group.node, unused.picture.digest, reader)


async def shown_by(group: Group, code: str, stored: pictures.Stored | None) -> None:
    account, picture = group.account(code), None if stored is None else stored.picture
    reader = group.reader(code)
    await profiles.show_picture(group.node, reader, account, picture, key=new_key())


async def test_the_picture_of_a_profile_is_seen_by_whom_the_profile_is_for(group: Group) -> None:
    stored = await taken_in(group)
    digest = stored.picture.digest

    async def seen() -> set[str]:
        found = set()
        readers = {"anonymous": ANONYMOUS, "neighbour": NEIGHBOUR}
        readers |= {code: group.reader(code) for code in ("001", "002", "003")}
        for name, reader in readers.items():
            try:
                await pictures.read(group.node, digest, reader)
                await pictures.read(group.node, digest, reader, thumbnail=True)
            except InputError as error:
                assert error.code is Code.NOT_FOUND
            else:
                found.add(name)
        return found

    assert await seen() == {"001"}
    await shown_by(group, "001", stored)
    profile = await profiles.profile(group.node, group.account("001"), group.reader("002"))
    assert (profile.picture, profile.name) == (stored.picture, "Anna")
    assert await seen() == {"001", "002", "003"}
    await shown_by(group, "001", None)
    profile = await profiles.profile(group.node, group.account("001"), group.reader("002"))
    assert (profile.picture, profile.name) == (None, "Anna")
    assert await seen() == {"001"}


async def test_a_profile_shows_an_own_picture_only_and_keeps_it_when_it_says_something_else(
    group: Group,
) -> None:
    theirs, mine = await taken_in(group, "002"), await taken_in(group, colour="blue")

    with pytest.raises(InputError) as unknown:
        await shown_by(group, "001", theirs)
    with pytest.raises(RefusedError) as not_yours:
        await profiles.show_picture(
            group.node, group.reader("002"), group.account("001"), theirs.picture, key=new_key()
        )
    await shown_by(group, "001", mine)
    await group.ask("member.describe", code="001", name="Annie")

    assert (unknown.value.code, not_yours.value.code) == (Code.PICTURE_UNKNOWN, Code.NOT_YOURS)
    (profile,) = await profiles.profiles(group.node, group.reader("002"), said="Annie")
    assert profile.picture == mine.picture


async def test_the_picture_of_a_profile_stays_while_it_is_shown(group: Group) -> None:
    shown, before = await taken_in(group), await taken_in(group, colour="blue")
    await shown_by(group, "001", before)
    await shown_by(group, "001", shown)
    await projector.reached(group.node, group.node.sequencer.size - 1)

    late = projector.Projector(group.node, clock=lambda: now_s() + 61 * DAY_S)
    await late.catch_up()

    assert await pictures.read(group.node, shown.picture.digest, group.reader("002"))
    with pytest.raises(InputError):
        await pictures.read(group.node, before.picture.digest, group.reader("001"))
