"""Pictures in an export: found by their name in any folder, counted, and none stops the tables."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from federation.migrate import Archive, build_plan, posts, render
from federation.migrate.archive import Limits
from federation.migrate.choices import Choices
from schemas.bodies import AccountStatus
from schemas.errors import Code, InputError
from schemas.member_bodies import PICTURES_MAX

HEADER = "id,user_id,content,offer_want,image_files\n"
USERS = "id,code,name,status\n1,a,Els,1\n"


def packed(path: Path, files: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path / "group.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path / "group.zip"


def test_pictures_are_found_by_name_in_any_folder(tmp_path: Path) -> None:
    rows = (
        '1,1,Soep,offer,"[""A.jpg"", ""img/b.PNG"", ""A.jpg""]"\n'
        '2,1,Brood,offer,"[""weg.jpg""]"\n3,1,Taart,offer,no list\n4,1,Koek,offer,\n'
    )
    path = packed(
        tmp_path,
        {
            "users.csv": USERS,
            "messages.csv": HEADER + rows,
            "images/a.JPG": b"first",
            "b.png": b"other",
            "old/a.jpg": b"second",
            ".hidden.jpg": b"",
            "readme.txt": b"",
        },
    )

    with Archive(path) as archive:
        plan = build_plan(archive)
        shown = [post.pictures for post in posts(archive, plan)]
        read = [archive.picture(name) for name in shown[0]]

    assert shown == [("a.jpg", "b.png"), (), (), ()]
    assert read == [b"first", b"other"]
    assert plan.receipt.pictures == 2
    assert "pictures" in render(plan.receipt)
    assert [(issue.line, issue.code, issue.field) for issue in plan.receipt.issues] == [
        (3, Code.NOT_FOUND, "pictures"),
        (4, Code.MALFORMED, "image_files"),
    ]


def test_an_export_without_pictures_says_nothing_of_them(tmp_path: Path) -> None:
    row = '1,1,Soep,offer,"[""weg.jpg""]"\n'

    with Archive(packed(tmp_path, {"users.csv": USERS, "messages.csv": HEADER + row})) as archive:
        receipt = build_plan(archive).receipt

    assert (receipt.pictures, receipt.issues, "pictures" in render(receipt)) == (0, (), False)


def test_our_template_names_pictures_too_and_no_more_than_fit(tmp_path: Path) -> None:
    names = [f"{number}.jpg" for number in range(PICTURES_MAX + 1)]
    post = f"lidnummer;soort;title;foto's\na;aanbod;Soep;{', '.join(names)}\n"
    files: dict[str, str | bytes] = dict.fromkeys(names, b"x")
    files |= {"leden.csv": "lidnummer;naam;status\na;Els;actief\n", "vraag-en-aanbod.csv": post}
    files["vraag-en-aanbod.csv"] = post.replace(", ", "|")

    with Archive(packed(tmp_path, files)) as archive:
        plan = build_plan(archive)
        (found,) = posts(archive, plan)

    assert found.pictures == tuple(names[:PICTURES_MAX])
    assert [issue.code for issue in plan.receipt.issues] == [Code.TOO_MANY]


def test_a_picture_that_is_too_large_is_left_out_by_itself(tmp_path: Path) -> None:
    path = packed(tmp_path, {"users.csv": USERS, "a.jpg": b"x" * 11})

    with Archive(path, limits=Limits(picture_size_max=10)) as archive:
        assert build_plan(archive).receipt.members == 1
        with pytest.raises(InputError) as large:
            archive.picture("a.jpg")
        with pytest.raises(InputError) as none:
            archive.picture("b.jpg")

    assert (large.value.code, none.value.code) == (Code.TOO_LARGE, Code.NOT_FOUND)


def test_a_damaged_picture_is_an_error_of_that_picture(tmp_path: Path) -> None:
    path = packed(tmp_path, {"users.csv": USERS, "a.jpg": bytes(range(256))})
    content = bytearray(path.read_bytes())
    content[content.index(b"a.jpg") + 9] ^= 0xFF
    path.write_bytes(content)

    with Archive(path) as archive:
        assert build_plan(archive).receipt.members == 1
        with pytest.raises(InputError) as caught:
            archive.picture("a.jpg")

    assert caught.value.code is Code.ARCHIVE_DAMAGED


def test_more_pictures_than_tables_are_taken_but_not_without_end(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"{number}.jpg": b"" for number in range(9)}
    path = packed(tmp_path, {"users.csv": USERS, **files})

    with Archive(path, limits=Limits(members_max=2, pictures_max=9)) as archive:
        assert len(archive.pictures()) == 9
    with pytest.raises(InputError) as caught:
        Archive(path, limits=Limits(members_max=2, pictures_max=8))

    assert caught.value.code is Code.ARCHIVE_TOO_MANY


def test_a_bomb_that_is_called_a_picture_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = packed(tmp_path, {"users.csv": USERS, "a.jpg": bytes(4 * 2**20)})

    with pytest.raises(InputError) as caught:
        Archive(path)

    assert caught.value.code is Code.ARCHIVE_BOMB


def test_a_picture_that_gives_more_than_it_says_is_damaged(tmp_path: Path) -> None:
    path = packed(tmp_path, {"users.csv": USERS, "a.jpg": b"x" * 500})
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<I", 500), struct.pack("<I", 400)))

    with Archive(path) as archive, pytest.raises(InputError) as caught:
        archive.picture("a.jpg")

    assert caught.value.code is Code.ARCHIVE_DAMAGED


def test_a_members_picture_is_found_by_name_in_any_folder(tmp_path: Path) -> None:
    users = (
        "id,code,name,status,role,image_file\n1,a,Els,1,user,IMG/els.JPG\n"
        "2,b,Bart,1,user,weg.jpg\n3,c,Leuven,7,guest,els.jpg\n4,d,Dirk,1,user,\n"
        "5,e,Eva,0,user,els.jpg\n"
    )
    path = packed(tmp_path, {"users.csv": users, "photos/Els.jpg": b"Els", "other/els.jpg": b""})

    with Archive(path) as archive:
        plan = build_plan(archive, Choices(statuses=(AccountStatus.ACTIVE,)))
        read = archive.picture(plan.accounts[0].picture)

    assert [account.picture for account in plan.accounts] == ["els.jpg", "", "", "", ""]
    assert read == b"Els"
    assert plan.receipt.pictures == 1
    assert [(issue.line, issue.code, issue.field) for issue in plan.receipt.issues] == [
        (3, Code.NOT_FOUND, "image_file")
    ]
    assert plan.receipt.tables[0].aside == ()


def test_our_template_names_the_picture_of_a_member_too(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "leden.csv": "lidnummer;naam;status;foto\na;Els;actief;els.jpg\nb;Bart;actief;\n",
        "els.jpg": b"x",
    }

    with Archive(packed(tmp_path, files)) as archive:
        plan = build_plan(archive)

    assert {account.code: account.picture for account in plan.accounts} == {"a": "els.jpg", "b": ""}
