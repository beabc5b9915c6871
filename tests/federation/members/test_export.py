"""What a group takes along reads back into a new one: members, balances, posts, categories."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import subprocess
import sys
import zipfile
from collections import Counter
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from deploy.demo.make_export import SECRET_MARKER, ExportSize, make_export
from federation.members import categories, export, pictures, posts, profiles, projector
from federation.members.reader import OPERATOR
from federation.members.roles import reader_of
from federation.node.use_cases import account_by_code, new_key
from schemas.errors import Code, InputError, RefusedError, StorageError
from tests.federation.members.conftest import Group, later
from tests.federation.world.conftest import World, WorldNode, eventually
from tests.federation.world.own_statement import own_lines

CHECKOUT = Path(__file__).resolve().parents[3]
SIZE = ExportSize(members=20, posts=40, transactions=300)
NASTY = 'Zei "ja", <b>vet</b> & 3 < 4;\n\n=1+1 é ☕'


async def shown(node: WorldNode) -> dict[str, Any]:
    """Give all that is to be the same on both sides, without numbers and accounts of no member."""
    await projector.reached(node.node, node.node.sequencer.size - 1)
    rows = {row["code"]: row for row in await node.ask("member.list")}
    members: dict[str, Any] = {}
    placed: list[tuple[Any, ...]] = []
    for profile in await profiles.profiles(node.node, OPERATOR, limit=1000):
        row = rows.pop(profile.code)
        text = await profiles.member_text(node.node, profile.account)
        known = [(c.kind, c.value, c.visibility, c.comment) for c in profile.contacts]
        members[profile.code] = (
            *(profile.name, profile.status, row["balance_minor"], row["lower_minor"]),
            *(row["upper_minor"], profile.since_s, profile.postcode, known),
            *(text and (text.full_name, text.birthdate, text.hobbies, text.comment),),
            *(text and text.admin_comment,),
            *(profile.place, text and (text.skills, text.language)),
        )
        own = await posts.posts_of(node.node, profile.account, OPERATOR, all_of_them=True)
        placed += [
            (
                *(profile.code, post.want, post.title, post.text, post.category_name),
                *(post.price, post.visibility, post.placed_at_s, post.goods),
                *(post.postcode, post.place),
                None if post.title == "Weg" else post.expires_at_s,
            )
            for post in own
        ]
    assert not rows
    known_categories = await categories.categories(node.node)
    by_number = {category.category: category.name for category in known_categories}
    tree = Counter((c.name, by_number.get(c.parent or 0)) for c in known_categories)
    return {"members": members, "posts": Counter(placed), "categories": tree}


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    """Read a table that holds no line breaks."""
    return list(csv.DictReader(archive.read(f"{name}.csv").decode().splitlines()))


async def booked(node: WorldNode, code: str) -> list[tuple[Any, ...]]:
    """Give what a member gave and got, in the order of time."""
    lines = await own_lines(node, code)
    return sorted((line.at_s, line.amount_minor, line.description) for line in lines)


async def test_a_group_that_moves_on_is_the_same_elsewhere(world: World, tmp_path: Path) -> None:
    brought = tmp_path / "brought.zip"
    make_export(brought, seed=5, size=SIZE)
    old, new = await world.make("alfa", 20), await world.make("beta", 20)
    await old.ask("import", file=str(brought))
    for code, name, lower in (
        ("A1", 'Els "de" Maes, Ø', -70),
        ("A2", "Bart", 0),
        ("A3", "C", None),
    ):
        await old.ask("member.add", code=code, name=name, lower_minor=lower)
    contacts = [{"kind": "mail", "value": "els@voorbeeld.be", "access": "members"}]
    own = {"place": "Ledeberg", "skills": "Breien\nen haken", "language": "fr"}
    await old.ask("member.describe", code="A1", comment=NASTY, contacts=contacts, **own)
    await old.ask("pay", payer="A1", payee="A2", amount_minor=7, description=NASTY[:9])
    for said in (
        {
            "title": "<b>Soep</b> & brood",
            "text": NASTY,
            "price_kind": "hour",
            "price_minor": 5,
        },
        {"title": "Fiets", "price_kind": "piece", "price_minor": 3, "want": True, "goods": True},
        {"title": "Plek", "postcode": "9000", "place": "achter de kerk"},
    ):
        await old.ask("post.place", by="A1", expires_at_s=later(), **said)
    taken_back = await old.ask("post.place", by="A1", title="Weg", expires_at_s=later())
    await old.ask("post.end", post=taken_back["post"])
    file = tmp_path / "group-db-csv.zip"

    answer = await old.ask("export", file=str(file))
    receipt = await new.ask("import", file=str(file))

    assert receipt["written"]["refused"] == []
    assert receipt["receipt"]["refused_total"] == 0
    assert receipt["receipt"]["skipped"] == []
    assert receipt["balances_differ"] == []
    assert receipt["receipt"]["sum_file_minor"] == 0
    before, after = await shown(old), await shown(new)
    assert len(before["members"]) >= SIZE.members + 3
    assert before["members"] == after["members"]
    assert before["posts"] == after["posts"]
    assert before["categories"] == after["categories"]
    a1 = account_by_code(new.node, "A1").account
    open_posts = await posts.posts_of(new.node, a1, OPERATOR)
    assert {post.title for post in open_posts} == {"<b>Soep</b> & brood", "Fiets", "Plek"}
    assert await booked(old, "A2") == await booked(new, "A2")
    accounts = await old.ask("account.list")
    partners = {r["name"]: r["balance_minor"] for r in accounts if r["kind"] == "old_partner"}
    found = {r["name"]: r["balance_minor"] for r in await new.ask("account.list")}
    assert partners.items() <= found.items()
    assert answer["bytes_count"] == file.stat().st_size
    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert not any(SECRET_MARKER in text or "\r" in text for text in texts.values())
    again = await new.ask("import", file=str(file))
    assert again["written"]["transfers"] == again["written"]["accounts"] == 0


async def test_a_trade_with_another_group_names_who_stood_behind_it(
    world: World, tmp_path: Path
) -> None:
    _, one, other = await world.federation()
    made = {"payer": "001", "payee": "001", "amount_minor": 6, "description": "Sap"}
    await one.ask("pay", group=other.name, **made)
    await eventually(lambda: any(other.node.machine.books.ledger.balances.base.values()))
    rows, groups = {}, {}

    for node in (one, other):
        file = tmp_path / f"{node.name}.zip"
        await node.ask("export", file=str(file))
        with zipfile.ZipFile(file) as archive:
            rows[node.name] = table(archive, "transactions")
            groups[node.name] = table(archive, "letsgroups")

    (gave,), (got,) = rows["alfa"], rows["beta"]
    assert (gave["amount"], gave["description"], gave["real_from"]) == ("2", "Sap", "")
    assert (got["amount"], got["description"], got["real_to"]) == ("6", "Sap", "")
    assert gave["real_to"]
    assert got["real_from"]
    (partner,) = groups["alfa"]
    assert (partner["groupname"], partner["id"]) == ("beta", gave["id_to"])


async def test_a_file_that_is_there_is_not_written_over(group: Group, tmp_path: Path) -> None:
    file = tmp_path / "there.zip"
    file.write_bytes(b"precious")

    with pytest.raises(InputError) as told:
        await group.ask("export", file=str(file))

    assert told.value.code is Code.EXPORT_THERE
    assert file.read_bytes() == b"precious"


async def test_a_folder_that_is_not_there_leaves_nothing(group: Group, tmp_path: Path) -> None:
    with pytest.raises(StorageError) as told:
        await group.ask("export", file=str(tmp_path / "none" / "out.zip"))

    assert told.value.code is Code.EXPORT_UNWRITABLE


async def test_an_export_that_stops_half_way_leaves_nothing(
    group: Group, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stops(_view: object) -> Any:
        raise asyncio.CancelledError
        yield

    monkeypatch.setattr(export, "posts", stops)
    with pytest.raises(asyncio.CancelledError):
        await group.ask("export", file=str(tmp_path / "out.zip"))
    monkeypatch.undo()

    assert not list(tmp_path.glob("out.zip*"))
    await group.ask("export", file=str(tmp_path / "out.zip"))


async def test_one_export_at_a_time(group: Group, tmp_path: Path) -> None:
    said = await asyncio.gather(
        group.ask("export", file=str(tmp_path / "a.zip")),
        group.ask("export", file=str(tmp_path / "b.zip")),
        return_exceptions=True,
    )

    (refused,) = [each for each in said if isinstance(each, RefusedError)]
    (written,) = [each for each in said if not isinstance(each, BaseException)]
    assert written["rows"]["users"] == 3
    assert refused.code is Code.EXPORT_RUNS


async def test_a_unit_with_decimals_is_written_in_its_smallest(
    world: World, tmp_path: Path
) -> None:
    node = await world.make("alfa", 20, decimals=2)
    await world.add_members(node)
    await node.ask("pay", payer="001", payee="002", amount_minor=150)
    file = tmp_path / "out.zip"

    answer = await node.ask("export", file=str(file))

    assert answer["decimals"] == 2
    with zipfile.ZipFile(file) as archive:
        (booking,) = table(archive, "transactions")
        config = {row["id"]: row["data"] for row in table(archive, "config")}
    assert booking["amount"] == "150"
    assert config["transactions.currency.per_hour_ratio"] == "2000"


async def test_the_command_line_writes_the_file_of_a_node_that_rests(
    group: Group, tmp_path: Path
) -> None:
    await group.world.stop()
    file = tmp_path / "out.zip"

    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "federation.cli", "--node", str(group.world.folder.path)]
        + ["export", str(file)],
        cwd=CHECKOUT,
        env=os.environ,
        capture_output=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr.decode()
    assert "3 users" in done.stdout.decode()
    assert "keep it locked away" in done.stdout.decode()
    with zipfile.ZipFile(file) as archive:
        assert [row["name"] for row in table(archive, "users")] == ["Anna", "Bert", "Carla"]
    await group.world.start()


async def test_pictures_come_along_and_are_the_same_elsewhere(world: World, tmp_path: Path) -> None:
    old, new = await world.make("alfa", 20), await world.make("beta", 20)
    taken = []
    for code, colour in (("A1", "red"), ("A2", "blue")):
        await old.ask("member.add", code=code, name=code)
        reader = reader_of(old.node, account_by_code(old.node, code).account)
        for shade in (colour, "green"):  # both have the green one: the same bytes
            drawn = BytesIO()
            Image.new("RGB", (60, 40), shade).save(drawn, "PNG")
            taken.append((await pictures.store(old.node, reader, drawn.getvalue())).picture)
        form = posts.PostForm(
            want=False, title=f"Van {code}", expires_at_s=later(), pictures=tuple(taken[-2:])
        )
        await posts.place(old.node, reader, form, key=new_key())
    await old.ask("member.add", code="A3", name="weg")
    file = tmp_path / "group-db-csv.zip"

    answer = await old.ask("export", file=str(file))
    receipt = await new.ask("import", file=str(file))
    await projector.reached(new.node, new.node.sequencer.size - 1)

    assert answer["pictures"] == 3
    with zipfile.ZipFile(file) as archive:
        images = [name for name in archive.namelist() if name.startswith("images/")]
        named = [row["image_files"] for row in table(archive, "messages")]
        assert sha256(archive.read(images[0])).hexdigest() == images[0][7:-4]
    assert len(images) == 3
    assert all(json.loads(names)[1] == json.loads(named[0])[1] for names in named)
    assert (receipt["written"]["pictures"], receipt["written"]["refused"]) == (4, [])
    for code, meant in (("A1", (255, 0, 0)), ("A2", (0, 0, 255))):
        account = account_by_code(new.node, code).account
        (post,) = await posts.posts_of(new.node, account, OPERATOR, all_of_them=True)
        seen: list[Any] = []
        for picture in post.pictures:
            with Image.open(BytesIO(await pictures.read(new.node, picture.digest, OPERATOR))) as it:
                assert it.size == (60, 40)
                seen.append(it.convert("RGB").getpixel((30, 20)))
        for found, drawn_so in zip(seen, (meant, (0, 128, 0)), strict=True):
            assert all(abs(one - so) < 6 for one, so in zip(found, drawn_so, strict=True))


async def test_pictures_of_members_make_the_whole_way_round(world: World, tmp_path: Path) -> None:
    old, new = await world.make("alfa", 20), await world.make("beta", 20)
    for code, colour in (("A1", "red"), ("A2", "")):
        await old.ask("member.add", code=code, name=code)
        account = account_by_code(old.node, code).account
        if colour:
            drawn = BytesIO()
            Image.new("RGB", (60, 40), colour).save(drawn, "PNG")
            taken = await pictures.take_over(old.node, account, drawn.getvalue())
            reader = reader_of(old.node, account)
            await profiles.show_picture(old.node, reader, account, taken, key=new_key())
    file = tmp_path / "group-db-csv.zip"

    answer = await old.ask("export", file=str(file))
    receipt = await new.ask("import", file=str(file))
    await projector.reached(new.node, new.node.sequencer.size - 1)

    assert answer["pictures"] == 1
    with zipfile.ZipFile(file) as archive:
        named = {row["code"]: row["image_file"] for row in table(archive, "users")}
        assert sha256(archive.read(f"images/{named['A1']}")).hexdigest() == named["A1"][:-4]
    assert named["A2"] == ""
    assert (receipt["written"]["pictures"], receipt["written"]["refused"]) == (1, [])
    found = await profiles.profile(new.node, account_by_code(new.node, "A1").account, OPERATOR)
    assert found.picture is not None
    with Image.open(BytesIO(await pictures.read(new.node, found.picture.digest, OPERATOR))) as it:
        assert it.size == (60, 40)
