"""What a group brings along lives on: members sign in, posts are shown and changed."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from deploy.demo.make_export import ExportSize, make_export
from federation.members import categories, pictures, posts, profiles, projector, roles
from federation.members.reader import OPERATOR
from federation.node.use_cases import account_by_code, new_key
from schemas.errors import RuilbrugError
from tests.federation.members.conftest import later
from tests.federation.members.test_pictures import png
from tests.federation.world.conftest import World

SIZE = ExportSize(members=20, posts=40, transactions=30)


async def test_imported_members_and_posts_come_alive(world: World, tmp_path: Path) -> None:
    export = tmp_path / "group-db-csv.zip"
    make_export(export, seed=5, size=SIZE)
    node = await world.make("alfa", 20)
    written = (await node.ask("import", file=str(export)))["written"]
    await projector.reached(node.node, node.node.sequencer.size - 1)

    everybody = await profiles.profiles(node.node, OPERATOR, limit=1000)
    mail = {
        contact.value
        for profile in everybody
        for contact in profile.contacts
        if contact.kind == "mail"
    }
    assert len(everybody) >= SIZE.members
    assert mail
    for address in mail:
        found = await profiles.person_by_address(node.node, address.upper())
        active = [
            p for p in everybody if p.status in {"active", "leaving"} and address in str(p.contacts)
        ]
        assert {person.account for person in found} == {profile.account for profile in active}
    assert any(profile.since_s < later(-300) for profile in everybody)
    assert any(profile.postcode for profile in everybody)

    shown = [
        post
        for profile in everybody
        for post in await posts.posts_of(node.node, profile.account, OPERATOR, all_of_them=True)
    ]
    assert len(shown) == written["posts"]
    known = {
        category.category: category.name for category in await categories.categories(node.node)
    }
    assert len(known) == written["categories"]
    assert all(post.title for post in shown)
    assert all(known.get(post.category or 0, "") == post.category_name for post in shown)
    assert any(post.category_name for post in shown)
    assert any(post.price.amount_minor for post in shown)

    mine = next(post for post in shown if post.shown)
    reader = roles.reader_of(node.node, mine.account)
    await node.ask("post.end", post=mine.post)
    await node.ask("post.renew", post=mine.post, expires_at_s=later(40))
    again = await posts.post(node.node, mine.post, reader)
    assert (again.title, again.ended, again.shown) == (mine.title, False, True)


async def test_members_of_the_former_system_who_left_do_not_sign_in(
    world: World, tmp_path: Path
) -> None:
    export = tmp_path / "group-db-csv.zip"
    make_export(export, seed=5, size=SIZE)
    node = await world.make("alfa", 20)
    await node.ask("import", file=str(export))
    gone = [row for row in await node.ask("member.list") if row["status"] == "inactive"]
    assert gone

    for row in gone:
        account = account_by_code(node.node, row["code"]).account
        with pytest.raises(RuilbrugError):
            roles.reader_of(node.node, account)


async def test_a_post_without_a_day_is_there_from_today_on(world: World, tmp_path: Path) -> None:
    export = tmp_path / "own.zip"
    with zipfile.ZipFile(export, "w") as packed:
        packed.writestr("members.csv", "code,name\n045,Els\n")
        packed.writestr("posts.csv", "code,type,title\n045,offer,Soep\n")
    node = await world.make("alfa", 20)
    await node.ask("import", file=str(export))
    await projector.reached(node.node, node.node.sequencer.size - 1)

    els = account_by_code(node.node, "045").account
    (post,) = await posts.posts_of(node.node, els, OPERATOR, all_of_them=True)

    assert (post.title, post.shown, post.ended) == ("Soep", True, False)
    assert post.placed_at_s > later(-1)


def photo(colour: str) -> bytes:
    """Make a picture as a phone does: with the place where it was taken."""
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    exif[ExifTags.Base.Make] = "GEHEIM"
    said = BytesIO()
    Image.new("RGB", (2000, 40), colour).save(said, "JPEG", exif=exif)
    assert b"GEHEIM" in said.getvalue()
    return said.getvalue()


async def test_pictures_of_posts_come_along_small_and_clean(world: World, tmp_path: Path) -> None:
    messages = (
        "id,user_id,subject,content,offer_want,image_files\n"
        '1,1,Fiets,,offer,"[""red.jpg"", ""blue.jpg"", ""text.png"", ""red2.jpg""]"\n'
        '2,2,Kast,,offer,"[""red.jpg""]"\n'
    )
    file = tmp_path / "group-db-csv.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("users.csv", "id,code,name,status\n1,a,Els,1\n2,b,Bart,0\n")
        archive.writestr("messages.csv", messages)
        for name, content in {
            "red.jpg": photo("red"),
            "blue.jpg": photo("blue"),
            "red2.jpg": photo("red"),
            "text.png": b"no picture",
        }.items():
            archive.writestr(f"images/{name}", content)
    node = await world.make("alfa", 20)

    answer = await node.ask("import", file=str(file))
    again = await node.ask("import", file=str(file))
    await projector.reached(node.node, node.node.sequencer.size - 1)

    written = answer["written"]
    assert (written["posts"], written["pictures"]) == (2, 4)
    assert written["refused"] == ["picture text.png: picture_unreadable"]
    assert (again["written"]["posts"], again["written"]["pictures"]) == (0, 0)
    els, bart = (account_by_code(node.node, code).account for code in ("a", "b"))
    (bicycle,) = await posts.posts_of(node.node, els, OPERATOR, all_of_them=True)
    (wardrobe,) = await posts.posts_of(node.node, bart, OPERATOR, all_of_them=True)
    assert (len(bicycle.pictures), len(wardrobe.pictures)) == (2, 1)
    for picture in bicycle.pictures:
        jpeg = await pictures.read(node.node, picture.digest, OPERATOR)
        with Image.open(BytesIO(jpeg)) as shown:
            assert (shown.size, dict(shown.getexif())) == ((1600, 32), {})
        assert b"GEHEIM" not in jpeg
    assert await node.node.pool.fetchval("SELECT count(*) FROM picture") == 3


async def test_pictures_of_members_come_along_small_and_clean(world: World, tmp_path: Path) -> None:
    file = tmp_path / "group-db-csv.zip"
    users = (
        "id,code,name,postcode,status,image_file\n1,a,Els,9000,1,els.jpg\n2,b,Bart,,1,bart.png\n"
        "3,c,Carl,,1,\n4,d,Dirk,,1,bomb.png\n5,e,Eva,,0,eva.jpg\n"
    )
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("users.csv", users)
        archive.writestr("data/img/els.jpg", photo("red"))
        archive.writestr("eva.jpg", photo("blue"))
        archive.writestr("bart.png", b"no picture")
        archive.writestr("bomb.png", png(50_000, 50_000))
    node = await world.make("alfa", 20)

    answer = await node.ask("import", file=str(file))
    events = node.node.sequencer.size
    again = await node.ask("import", file=str(file))
    await projector.reached(node.node, node.node.sequencer.size - 1)

    assert (answer["receipt"]["pictures"], answer["written"]["pictures"]) == (4, 2)
    assert sorted(answer["written"]["refused"]) == [
        "picture bart.png: picture_unreadable",
        "picture bomb.png: picture_too_many_pixels",
    ]
    assert (again["written"]["pictures"], node.node.sequencer.size) == (0, events)
    seen = {
        code: await profiles.profile(node.node, account_by_code(node.node, code).account, OPERATOR)
        for code in "abcde"
    }
    assert {code for code, one in seen.items() if one.picture} == {"a", "e"}
    assert (seen["a"].name, seen["a"].postcode) == ("Els", "9000")
    assert seen["a"].picture is not None
    jpeg = await pictures.read(node.node, seen["a"].picture.digest, OPERATOR)
    with Image.open(BytesIO(jpeg)) as shown:
        assert (shown.size, dict(shown.getexif())) == ((1600, 32), {})
    assert b"GEHEIM" not in jpeg


async def test_a_picture_that_was_chosen_here_is_not_replaced_by_an_import_that_goes_on(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / "group-db-csv.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("users.csv", "id,code,name,status,image_file\n1,a,Els,1,els.jpg\n")
    node = await world.make("alfa", 20)
    await node.ask("import", file=str(file))  # it came without its pictures
    els = account_by_code(node.node, "a").account
    own = await pictures.take_over(node.node, els, photo("green"))
    reader = roles.reader_of(node.node, els)
    await profiles.show_picture(node.node, reader, els, own, key=new_key())
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("els.jpg", photo("red"))

    await node.ask("import", file=str(file))
    await projector.reached(node.node, node.node.sequencer.size - 1)

    assert (await profiles.profile(node.node, els, OPERATOR)).picture == own
