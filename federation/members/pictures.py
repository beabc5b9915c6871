"""Pictures of posts and profiles: taken in, made small and clean, sealed, and shown to some.

What a phone made is decoded once, turned upright, made smaller and encoded anew as a JPEG, so that
nothing of the file itself is kept: no place, no device, no comment. A picture that is too large to
be decoded is refused by what its header says, before. Sealed under the data key of its member.
"""

from __future__ import annotations

import asyncio
import contextlib
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
from PIL import ExifTags, Image

from federation.group import members as rules
from federation.members.queries import SQL
from federation.members.reader import may_see, may_see_members
from federation.members.submitting import actor_of, member_of
from federation.node.identity import system_random
from federation.node.service import now_s
from schemas.encoding import b64, encode, unb64
from schemas.errors import Code, InputError, RefusedError
from schemas.member_bodies import PICTURES_MAX, Picture, Visibility

if TYPE_CHECKING:
    from collections.abc import Sequence

    from federation.members.reader import Reader
    from federation.node.service import Node

UPLOAD_MAX: Final = 10 * 2**20
PIXELS_MAX: Final = 50_000_000
MILLION: Final = 1_000_000
SIDE_MAX: Final = 1600
THUMBNAIL_SIDE_MAX: Final = 320
SALT_SIZE: Final = 32
PICTURES_OF_MEMBER_MAX: Final = 1_000
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
_QUALITY: Final = 82
_TURNED: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How a picture is to be turned by what its camera says of it (Exif). Nothing else of that is read:
cameras write things that cannot be written anew, over which `ImageOps.exif_transpose` fails."""
_AT_ONCE: Final = 2
"""So many are decoded at the same time: each may take some hundred MB of memory."""

Image.MAX_IMAGE_PIXELS = PIXELS_MAX  # what a format looks up while it is opened


class Clean(NamedTuple):
    """A picture as it is kept: two JPEGs without anything but pixels."""

    jpeg: bytes
    thumbnail: bytes
    width: int
    height: int


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that was taken in."""

    picture: Picture
    width: int
    height: int


class Workshop:
    """Keeps how many pictures are decoded at once."""

    def __init__(self) -> None:
        """Start with nothing at work."""
        self.places = asyncio.Semaphore(_AT_ONCE)


def clean(upload: bytes) -> Clean:
    """Decode a picture, and give it upright, smaller, and without anything but pixels.

    Takes up to seconds: for a thread.

    Raises:
        InputError: `too_large`, `picture_unreadable`, `picture_too_many_pixels`.

    """
    if len(upload) > UPLOAD_MAX:
        raise InputError(Code.TOO_LARGE, field="picture", limit=UPLOAD_MAX)
    try:
        with Image.open(BytesIO(upload), formats=_FORMATS) as picture:
            width, height = picture.size
            if width * height > PIXELS_MAX:  # before a pixel is decoded
                raise _too_many_pixels()
            picture.draft("RGB", (SIDE_MAX, SIDE_MAX))  # a JPEG is decoded at a fraction
            picture.load()
            turned = _TURNED.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
            pixels = _pixels(picture if turned is None else picture.transpose(turned))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, ArithmeticError) as error:
        # whatever a decoder says about bytes that are no picture, or half of one
        raise InputError(Code.PICTURE_UNREADABLE, field="picture") from error
    pixels.thumbnail((SIDE_MAX, SIDE_MAX))
    jpeg, (width, height) = _jpeg(pixels), pixels.size
    pixels.thumbnail((THUMBNAIL_SIDE_MAX, THUMBNAIL_SIDE_MAX))
    return Clean(jpeg, _jpeg(pixels), width, height)


def _too_many_pixels() -> InputError:
    limit = PIXELS_MAX // MILLION
    return InputError(Code.PICTURE_TOO_MANY_PIXELS, field="picture", limit=limit)


def _pixels(picture: Image.Image) -> Image.Image:
    """Give nothing but the pixels, in colour; what is see-through becomes white."""
    picture.thumbnail((2 * SIDE_MAX, 2 * SIDE_MAX))  # less to convert; the last step is finer
    white = Image.new("RGB", picture.size, "white")
    if "A" in picture.getbands() or "transparency" in picture.info:
        coloured = picture.convert("RGBA")
        white.paste(coloured, mask=coloured.getchannel("A"))
    else:
        white.paste(picture.convert("RGB"))
    return white


def _jpeg(pixels: Image.Image) -> bytes:
    said = BytesIO()
    pixels.save(said, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return said.getvalue()


async def store(node: Node, reader: Reader, upload: bytes, *, account: int | None = None) -> Stored:
    """Take in a picture for the member for whom the reader acts, else for the reader.

    The same again gives the same and is stored once.

    Raises:
        InputError: `too_large`, `picture_unreadable`, `picture_too_many_pixels`, `too_many`.
        RefusedError: `account_unknown`, `account_inactive`, `not_yours`, `forbidden`.

    """
    member, books = member_of(reader, account), node.machine.books
    refusal = rules.active_refused(books, member) or rules.not_yours(
        books, actor_of(reader), member, "account"
    )
    if refusal is not None:
        raise RefusedError.of(refusal)
    subject = unb64(rules.subject_of(books, member))
    if not node.machine.keyring.knows(subject):
        raise RefusedError(Code.ACCOUNT_UNKNOWN, field="account")  # it was erased
    return await _keep(node, subject, upload)


async def take_over(node: Node, account: int, upload: bytes) -> Picture:
    """Take in a picture that came along from a former system, whatever status its member has.

    Raises:
        InputError: `too_large`, `picture_unreadable`, `picture_too_many_pixels`, `too_many`,
            `account_unknown`.

    """
    subject = unb64(rules.subject_of(node.machine.books, account))
    if not node.machine.keyring.knows(subject):
        raise InputError(Code.ACCOUNT_UNKNOWN, field="account")  # it was erased
    return (await _keep(node, subject, upload)).picture


async def _keep(node: Node, subject: bytes, upload: bytes) -> Stored:
    node.gate.require_writable()
    if await node.pool.fetchval(SQL["count_pictures"], subject) >= PICTURES_OF_MEMBER_MAX:
        raise InputError(Code.TOO_MANY, field="pictures", limit=PICTURES_OF_MEMBER_MAX)
    async with node.parts.setdefault(Workshop, Workshop()).places:
        made = await asyncio.to_thread(clean, upload)
    digest = sha256(made.jpeg).digest()
    keyring = node.machine.keyring
    sealed, small = (
        keyring.seal(subject, bound, system_random(SALT_SIZE), data, system_random)
        for bound, data in ((digest, made.jpeg), (_small(digest), made.thumbnail))
    )
    size = len(made.jpeg)
    row = (digest, subject, made.width, made.height, size, sealed, small, now_s())
    await node.pool.execute(SQL["store_picture"], *row)
    picture = Picture(digest=b64(digest), size=size)
    return Stored(picture=picture, width=made.width, height=made.height)


async def hand_over(node: Node, account: int, into: int, pictures: Sequence[Picture]) -> None:
    """Give pictures of a member to another account of the same one, sealed under its own key.

    What cannot be opened any more is left out. Those that nothing comes to show are swept.
    """
    ledger, keyring = node.machine.books.ledger, node.machine.keyring
    own, new = (unb64(ledger.accounts[one].subject or "") for one in (account, into))
    digests = [unb64(picture.digest) for picture in pictures]
    for row in await node.pool.fetch(SQL["pictures_of"], own, digests):
        digest = row["digest"]
        sealed = []
        for bound, name in ((digest, "sealed"), (_small(digest), "thumbnail")):
            plain = keyring.open(own, bound, row[name])
            if plain is None:
                break
            salt = system_random(SALT_SIZE)
            sealed.append(keyring.seal(new, bound, salt, plain[1], system_random))
        else:
            size = (row["width"], row["height"], row["size"])
            await node.pool.execute(SQL["store_picture"], digest, new, *size, *sealed, now_s())


def _small(digest: bytes) -> bytes:
    """Give what a small picture is bound to, so that neither can stand in the other's place."""
    return b"ruilbrug/thumbnail/v1\n" + digest


async def require(node: Node, account: int, pictures: Sequence[Picture]) -> None:
    """Make sure that a member has these pictures here.

    Raises:
        InputError: `picture_unknown`.

    """
    account_found = node.machine.books.ledger.accounts.get(account)
    if not pictures or account_found is None or len(pictures) > PICTURES_MAX:
        return  # the rules say what is wrong
    subject = unb64(account_found.subject or "")
    digests = [unb64(picture.digest) for picture in pictures]
    rows = await node.pool.fetch(SQL["has_pictures"], subject, digests)
    here = {(b64(row["digest"]), row["size"]) for row in rows}
    if any((picture.digest, picture.size) not in here for picture in pictures):
        raise InputError(Code.PICTURE_UNKNOWN, field="pictures")


async def read(node: Node, digest: str, reader: Reader, *, thumbnail: bool = False) -> bytes:
    """Give the bytes of a picture, a JPEG, to whom a post or a profile that shows it is visible.

    A member also sees what it took in itself, before anything shows it.

    Raises:
        InputError: `not_found`, whatever the reason.

    """
    raw = unb64(digest, size=32, field="picture")
    accounts = [number for number in (reader.account, reader.acting_for) if number is not None]
    shown = {"digest": digest}
    rows = await node.pool.fetch(SQL["shows_picture"], encode([shown]).decode(), now_s())
    accounts += [
        row["account"]
        for row in rows
        if (row["shown"] or reader.coordinator)
        and may_see(reader, Visibility(row["visibility"]), owner=row["account"])
    ]
    if may_see_members(reader):
        faces = await node.pool.fetch(SQL["shows_face"], encode(shown).decode())
        accounts += [row["account"] for row in faces]
    known = node.machine.books.ledger.accounts
    subjects = {unb64(known[number].subject or "") for number in accounts if number in known}
    query = "thumbnail" if thumbnail else "picture"
    for row in await node.pool.fetch(SQL[query], raw, [*subjects]):
        bound = _small(raw) if thumbnail else raw
        plain = node.machine.keyring.open(row["subject"], bound, row["sealed"])
        if plain is not None:
            return plain[1]
    raise InputError(Code.NOT_FOUND, field="picture")


async def read_for(
    node: Node, digest: str, readers: Sequence[Reader], *, thumbnail: bool = False
) -> bytes:
    """Give the same to who reads for several members: what any of them may see.

    Raises:
        InputError: `not_found`, whatever the reason.

    """
    for reader in readers:
        with contextlib.suppress(InputError):
            return await read(node, digest, reader, thumbnail=thumbnail)
    raise InputError(Code.NOT_FOUND, field="picture")
