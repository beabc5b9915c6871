"""What tables hold about members is what the log says: after a start, a rebuild, a verification."""

from __future__ import annotations

from typing import Any

import pytest

from federation.members import posts, profiles, projector
from federation.node.postgres import PostgresServer
from federation.node.rebuild import rebuild_tables
from federation.node.use_cases import new_key
from federation.node.verify import verify_log
from schemas.errors import Code, StorageError
from tests.federation.members.conftest import Group, later
from tests.federation.world.test_verify import intruder

TABLES = (
    "post",
    "category",
    "person",
    "member_text",
    "helper",
    "member_role",
    "pause",
    "shared_name",
)
READ = """
SELECT to_jsonb(t) - 'change_n' AS row FROM plain.post t UNION ALL
SELECT to_jsonb(t) FROM plain.member t UNION ALL SELECT to_jsonb(t) FROM plain.contact t UNION ALL
SELECT to_jsonb(t) FROM plain.person t UNION ALL SELECT to_jsonb(t) FROM plain.helper t UNION ALL
SELECT to_jsonb(t) FROM plain.role t UNION ALL SELECT to_jsonb(t) FROM plain.category t
"""
CHANGES = {
    "post": "UPDATE post SET ended = NOT ended WHERE post = 1",
    "category": """UPDATE category SET parent = CASE WHEN parent IS NULL THEN 9 END
        WHERE category = 1""",
    "person": "UPDATE person SET here = NOT here",
    "member_text": "UPDATE member_text SET seq = seq # 1",
    "helper": "UPDATE helper SET helper = helper # 16",
    "member_role": """UPDATE member_role SET role = CASE role WHEN 'auditor' THEN 'coordinator'
        ELSE 'auditor' END""",
    "pause": "UPDATE pause SET until_s = CASE WHEN until_s IS NULL THEN 7 END",
    "group_rule": "UPDATE group_rule SET names_shared = NOT names_shared",
    "shared_name": "UPDATE shared_name SET account = account # 1",
}


async def lively(group: Group) -> None:
    """Let something of every kind happen."""
    await group.ask("member.describe", code="001", name="Anna A.", postcode="3000")
    await group.ask("member.join", code="001", name="Dirk", address="dirk@voorbeeld.invalid")
    await group.ask("member.join", code="001", name="Els", address="els@voorbeeld.invalid")
    await group.ask("member.leave", code="001", person=2)
    await group.ask("member.helper", code="001", helper="002")
    await group.ask("member.helper", code="002", helper="001")
    await group.ask("member.helper", code="002", helper="001", dismiss=True)
    await group.ask("member.role", code="001", role="auditor")
    await group.ask("member.role", code="001", role="auditor", take=True)
    await group.ask("member.rules", members_see_balances=True)
    await group.ask("group.share_names", names_shared=True)
    await group.ask("member.share_name", code="001", by="001", shares=True)
    await group.ask("member.share_name", code="002", by="002", shares=True)
    await group.ask("member.share_name", code="002", shares=False)
    parent = await group.ask("category.place", name="Huis")
    await group.ask("category.place", name="Tuin", parent=parent["category"])
    first = await group.post(category=2)
    ended, renewed = await group.post(), await group.post(want=True)
    await group.ask("post.end", post=ended["post"])
    await group.ask("post.end", post=renewed["post"])
    await group.ask("post.renew", post=renewed["post"], expires_at_s=later(90))
    await group.ask("post.place", post=first["post"], title="Anders", expires_at_s=later(9))
    await group.ask("member.pause", code="002")
    await group.ask("member.pause", code="003")
    await group.ask("member.resume", code="003")


def facts(group: Group) -> dict[str, Any]:
    return dict(group.node.machine.books.members.parts())


async def plain(group: Group) -> list[str]:
    return sorted(row["row"] for row in await group.node.pool.fetch(READ))


async def test_a_start_reads_what_was_folded(group: Group) -> None:
    await lively(group)
    before, opened = facts(group), await plain(group)
    assert {name for name, found in before.items() if found} >= {*TABLES}

    await group.world.stop()
    await group.world.start()

    assert facts(group) == before
    assert await plain(group) == opened
    assert (await group.post())["post"] == 4


async def test_a_rebuild_gives_the_same_tables_opened_ones_too(group: Group) -> None:
    await lively(group)
    before, opened = facts(group), await plain(group)
    settings = group.world.folder.settings()

    for chunk in (1, 4096):
        await group.world.stop()
        await rebuild_tables(settings.database, settings.database_owner, chunk=chunk)
        assert (await verify_log(group.world.folder)).findings == []
        await group.world.start()
        await projector.reached(group.node, group.node.sequencer.size - 1)

        assert facts(group) == before
        assert await plain(group) == opened


async def test_verify_names_the_table_that_was_changed(
    group: Group, postgres_server: PostgresServer
) -> None:
    await lively(group)
    await group.world.stop()
    assert (await verify_log(group.world.folder)).findings == []
    missed: dict[str, list[str]] = {}

    async with intruder(postgres_server, group.world) as connection:
        await connection.execute("ALTER TABLE helper DROP CONSTRAINT helper_helper_check")
        for name, change in CHANGES.items():
            assert not (await connection.execute(change)).endswith(" 0")
            found = [f.what for f in (await verify_log(group.world.folder)).findings]
            await connection.execute(change)
            if set(found) != {name}:
                missed[name] = found

    assert missed == {}
    assert (await verify_log(group.world.folder)).findings == []


async def test_erased_texts_leave_rows_without_them(group: Group) -> None:
    await group.ask(
        "member.describe",
        code="001",
        contacts=[{"kind": "mail", "value": "anna@voorbeeld.invalid", "access": "members"}],
    )
    post = (await group.post())["post"]
    anna = group.account("001")
    await group.node.pool.execute(
        "DELETE FROM data_key WHERE subject = (SELECT subject FROM plain.member WHERE code = '001')"
    )
    settings = group.world.folder.settings()
    await group.world.stop()
    await rebuild_tables(settings.database, settings.database_owner)
    await group.world.start()
    await projector.reached(group.node, group.node.sequencer.size - 1)

    seen = await profiles.profile(group.node, anna, group.reader("003"))
    shown = await posts.post(group.node, post, group.reader("003"))

    assert (seen.code, seen.name, seen.contacts) == ("001", "", ())
    assert (shown.title, shown.text, shown.poster_name) == ("", "", "")
    assert await profiles.person_by_address(group.node, "anna@voorbeeld.invalid") == []
    assert await profiles.person_by_address(group.node, "") == []
    assert not [row for row in await plain(group) if "Anna" in row or "Fiets" in row]


async def test_what_others_bring_in_outlives_a_rebuild(group: Group) -> None:
    await group.post()
    await group.node.pool.execute(
        """INSERT INTO plain.post (node, post, want, title, visibility, placed_at_s, expires_at_s)
        VALUES ('beta', 'een', false, 'Taart', 'interlets', 0, 1)"""
    )
    await group.node.pool.execute("DELETE FROM plain.progress")
    projector.of(group.node).look_again()
    await projector.reached(group.node, group.node.sequencer.size - 1)

    rows = await group.node.pool.fetch("SELECT node, title FROM plain.post ORDER BY node")

    assert [(row["node"], row["title"]) for row in rows] == [
        ("", "Fiets herstellen"),
        ("beta", "Taart"),
    ]


async def test_an_event_that_cannot_be_taken_in_stops_the_projector_at_its_place(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    await group.post()
    follower = projector.of(group.node)
    place = group.node.sequencer.size

    def breaks(*_: object) -> Any:
        raise KeyError("a bug")

    monkeypatch.setattr(projector, "statements", breaks)
    with pytest.raises(StorageError) as error:
        await group.post(title="Nooit gezien")

    assert error.value.code is Code.INTERNAL
    assert follower.stopped
    with pytest.raises(StorageError):
        await projector.reached(group.node, 0)
    noted = await group.node.pool.fetchval("SELECT seq FROM plain.progress")
    assert noted <= place
    await group.ask("pay", payer="001", payee="002", amount_minor=1)  # the books go on
    monkeypatch.undo()
    await group.world.stop()
    await group.world.start()
    await projector.reached(group.node, group.node.sequencer.size - 1)
    found = await posts.posts_of(group.node, group.account("001"), group.reader("002"))
    assert [post.title for post in found] == ["Nooit gezien", "Fiets herstellen"]


async def test_texts_lie_nowhere_but_sealed_and_in_the_schema_that_is_left_out_of_backups(
    group: Group,
) -> None:
    await group.ask("member.describe", code="001", name="Merkwaardige Marieke")
    await group.ask(
        "member.join", code="001", name="Zonderlinge Zeno", address="zeno@voorbeeld.invalid"
    )
    await group.post(title="Uitzonderlijke Uiensoep", text="Onvergelijkelijk")
    tables = await group.node.pool.fetch(
        """SELECT format('SELECT t::text AS row FROM %I.%I t', table_schema, table_name) AS query,
            table_schema AS schema
        FROM information_schema.tables WHERE table_schema IN ('public', 'plain')"""
    )

    found = {
        (table["schema"], word)
        for table in tables
        for row in await group.node.pool.fetch(table["query"])
        for word in ("Marieke", "Zeno", "zeno@", "Uiensoep", "Onvergelijkelijk")
        if word in row["row"] or word.encode().hex() in row["row"]
    }

    assert {schema for schema, _ in found} == {"plain"}
    assert len(found) == 5


async def test_a_retried_command_answers_after_the_projector_was_emptied(group: Group) -> None:
    key = new_key()
    form = posts.PostForm(want=True, title="Boor te leen", expires_at_s=later())
    reader = group.reader("001")
    first = await posts.place(group.node, reader, form, key=key)
    await group.node.pool.execute("DELETE FROM plain.progress")
    projector.of(group.node).look_again()

    assert await posts.place(group.node, reader, form, key=key) == first
    assert (await posts.post(group.node, first, reader)).title == "Boor te leen"
