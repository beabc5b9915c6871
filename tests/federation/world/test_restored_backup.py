"""A sealed backup goes back whole, into an empty database of the same node, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import asyncpg
import msgspec
import pytest
from PIL import Image

from events.migrations import Migration, read_migrations
from events.sealed_bodies import public_half
from events.sealed_stream import StreamSealer, open_stream
from federation.mail import choices, digest_choices
from federation.mail.digest import Rhythm
from federation.mail.digest_choices import Wish
from federation.mail.kinds import MailKind
from federation.members import pictures, profiles
from federation.members.projector import reached
from federation.members.reader import OPERATOR
from federation.node import restore as putting_back
from federation.node.backup import PURPOSE
from federation.node.identity import read_key_file, system_random
from federation.node.restore import restore
from federation.node.settings import NodeFolder
from federation.node.use_cases import new_key
from federation.node.verify import verify_log
from schemas.errors import Code, RuilbrugError
from tests.federation.world.backups import balances, ids
from tests.federation.world.conftest import World, WorldNode
from tests.federation.world.sealed_backups import backed_up

COUNT = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname IN ('public', 'plain')
"""
IDENTITIES = """
SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attidentity <> ''
"""


@pytest.fixture
def empty(database: tuple[str, str]) -> tuple[str, str]:
    """Give the addresses of a database in which no table was ever made."""
    return database


async def group(world: World) -> WorldNode:
    node = await world.make("alfa", 20)
    for code in ("001", "002"):
        await node.ask("member.add", code=code, name=f"Lid {code}", lower_minor=-50)
    await node.ask("pay", payer="001", payee="002", amount_minor=7, description="soep")
    return node


def move_to(folder: NodeFolder, addresses: tuple[str, str]) -> None:
    """Let the settings name another database, as after a lost one."""
    owner, runtime = addresses
    settings = folder.settings()
    (folder.path / "node.toml").unlink()
    folder.write_settings(msgspec.structs.replace(settings, database=runtime, database_owner=owner))


def paper(folder: NodeFolder) -> bytes:
    return read_key_file(folder.keys / "recovery.key")


async def tables_in(addresses: tuple[str, str]) -> int:
    connection = await asyncpg.connect(addresses[0])
    try:
        return int(await connection.fetchval(COUNT))
    finally:
        await connection.close()


async def test_a_restored_node_is_the_same_and_goes_on(
    world: World, tmp_path: Path, empty: tuple[str, str]
) -> None:
    node = await group(world)
    account = node.node.machine.books.ledger.codes["001"]
    drawn = BytesIO()
    Image.new("RGB", (30, 20), "teal").save(drawn, "PNG")
    face = await pictures.take_over(node.node, account, drawn.getvalue())
    await profiles.show_picture(node.node, OPERATOR, account, face, key=new_key())
    before, books = await ids(node), await balances(node)
    made = await backed_up(node.folder, tmp_path)
    await node.stop()
    move_to(node.folder, empty)

    back = await restore(node.folder, made.path, paper(node.folder))

    assert back.manifest == made.manifest
    assert (await verify_log(node.folder)).findings == []
    await node.open()
    assert await ids(node) == before
    assert await balances(node) == books
    await reached(node.node, node.node.sequencer.size - 1)
    names = await node.node.pool.fetch("SELECT name FROM plain.member ORDER BY code")
    assert [row["name"] for row in names][-2:] == ["Lid 001", "Lid 002"]
    assert (await profiles.profile(node.node, account, OPERATOR)).picture == face
    assert len(await pictures.read(node.node, face.digest, OPERATOR)) == face.size
    await node.ask("pay", payer="002", payee="001", amount_minor=3)
    assert (await verify_log(node.folder)).findings == []


async def test_who_stopped_a_kind_of_mail_does_not_get_it_again_after_a_restore(
    world: World, tmp_path: Path, empty: tuple[str, str]
) -> None:
    node = await group(world)
    account = node.node.machine.books.ledger.codes["001"]
    wanted = {"wanted": False, "now_s": 1}
    await choices.choose(node.node.pool, account, 0, MailKind.THANKED, **wanted)  # type: ignore[arg-type]
    await digest_choices.set_wish(node.node.pool, account, 0, Wish(Rhythm.MONTHLY))
    made = await backed_up(node.folder, tmp_path)
    await node.stop()
    move_to(node.folder, empty)

    await restore(node.folder, made.path, paper(node.folder))

    await node.start()
    pool = node.node.pool
    assert await choices.unwanted(pool, account, 0) == {MailKind.THANKED}
    assert (await digest_choices.wish(pool, account, 0)).rhythm is Rhythm.MONTHLY


async def test_no_table_that_is_copied_counts_by_itself(world: World) -> None:
    """A number that PostgreSQL gives out would begin anew after a restore."""
    node = await world.make("alfa", 20)

    found = {row["relname"] for row in await node.node.pool.fetch(IDENTITIES)}

    assert found == {"web_session"}


async def test_progress_ends_with_the_whole_file(
    world: World, tmp_path: Path, empty: tuple[str, str]
) -> None:
    node = await group(world)
    made = await backed_up(node.folder, tmp_path)
    await node.stop()
    move_to(node.folder, empty)
    told: list[tuple[int, int]] = []

    await restore(node.folder, made.path, paper(node.folder), told=lambda *at: told.append(at))

    assert told[-1] == (made.bytes_count, made.bytes_count)
    await node.start()


def resealed(folder: NodeFolder, file: Path, change: Callable[[bytes], bytes]) -> bytes:
    """Change what is inside a backup, as somebody could who has the public half alone."""
    private = paper(folder)
    with file.open("rb") as stream:
        inside = b"".join(open_stream(private, PURPOSE, stream, "a"))
    sealer = StreamSealer(public_half(private), PURPOSE, system_random)
    return sealer.seal(change(inside)) + sealer.end()


def flipped(data: bytes) -> bytes:
    changed = bytearray(data)
    changed[len(data) // 2] ^= 1
    return bytes(changed)


BAD_FILES: dict[str, tuple[Callable[[bytes], bytes], Code]] = {
    "empty": (lambda _: b"", Code.BACKUP_UNKNOWN),
    "something else": (lambda _: b"PK\3\4" + bytes(1_000), Code.BACKUP_UNKNOWN),
    "cut off": (lambda data: data[:-1], Code.BACKUP_TRUNCATED),
    "cut off in the middle": (lambda data: data[: len(data) // 2], Code.BACKUP_TRUNCATED),
    "changed": (flipped, Code.BACKUP_DAMAGED),
    "doubled": (lambda data: data * 2, Code.BACKUP_TRAILING),
    "opened and saved as text": (lambda data: data + b"\n", Code.BACKUP_TRAILING),
}
SEALED_ANEW: dict[str, tuple[Callable[[bytes], bytes], Code]] = {
    "nothing inside": (lambda _: b"", Code.BACKUP_DAMAGED),
    "of a newer release": (
        lambda d: d.replace(b'"migration":', b'"migration":9', 1),
        Code.BACKUP_NEWER,
    ),
    "of a later form": (lambda d: d.replace(b'"v":1', b'"v":2', 1), Code.BACKUP_NEWER),
    "another size": (lambda d: d.replace(b'"size":1', b'"size":2', 1), Code.BACKUP_DAMAGED),
}


def _fitting(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Let the manifest's frame say how long the changed manifest is."""

    def changed(inside: bytes) -> bytes:
        size = int.from_bytes(inside[1:5], "big")
        head, rest = inside[5 : 5 + size], inside[5 + size :]
        new = change(head)
        if new == head:
            return change(inside)
        return inside[:1] + len(new).to_bytes(4, "big") + new + (rest if new else b"")

    return changed


async def test_a_bad_file_is_refused_by_code_and_nothing_stays(
    world: World, tmp_path: Path, empty: tuple[str, str]
) -> None:
    node = await group(world)
    made = await backed_up(node.folder, tmp_path)
    await node.stop()
    before = node.folder.settings()
    move_to(node.folder, empty)
    whole = made.path.read_bytes()
    bad = {name: (change(whole), code) for name, (change, code) in BAD_FILES.items()}
    for name, (change, code) in SEALED_ANEW.items():
        bad[name] = resealed(node.folder, made.path, _fitting(change)), code
    file = tmp_path / "bad.backup"

    for name, (content, code) in bad.items():
        file.write_bytes(content)
        with pytest.raises(RuilbrugError) as error:
            await restore(node.folder, file, paper(node.folder))
        assert error.value.code is code, name
        assert "bad.backup" in str(error.value), name
        assert await tables_in(empty) == 0, f"{name}: something half-done stays"

    move_to(node.folder, (before.database_owner, before.database))
    await node.start()


async def refused(node: WorldNode, file: Path, private: bytes) -> RuilbrugError:
    with pytest.raises(RuilbrugError) as error:
        await restore(node.folder, file, private)
    return error.value


async def test_another_groups_backup_and_another_key_are_refused(
    world: World, tmp_path: Path, empty: tuple[str, str]
) -> None:
    node, other = await group(world), await world.make("beta", 60)
    made = await backed_up(other.folder, tmp_path)
    own = await backed_up(node.folder, tmp_path)
    await node.stop()
    before = node.folder.settings()
    move_to(node.folder, empty)

    wrong_group = await refused(node, made.path, paper(other.folder))
    wrong_key = await refused(node, own.path, paper(other.folder))

    assert wrong_group.code is Code.BACKUP_OTHER_GROUP
    assert "beta" in str(wrong_group)
    assert wrong_key.code is Code.BACKUP_OTHER_KEY
    assert await tables_in(empty) == 0
    move_to(node.folder, (before.database_owner, before.database))
    await node.start()


@pytest.mark.parametrize("missing", ["log.key", "http.key", "wrapping-1.key"])
async def test_missing_keys_are_named(
    world: World, tmp_path: Path, empty: tuple[str, str], missing: str
) -> None:
    node = await group(world)
    made = await backed_up(node.folder, tmp_path)
    await node.stop()
    before = node.folder.settings()
    move_to(node.folder, empty)
    (node.folder.keys / missing).rename(tmp_path / missing)

    error = await refused(node, made.path, paper(node.folder))

    assert error.code is Code.BACKUP_KEYS_MISSING
    assert missing.split("-", maxsplit=1)[0] in str(error)
    assert await tables_in(empty) == 0
    (tmp_path / missing).rename(node.folder.keys / missing)
    move_to(node.folder, (before.database_owner, before.database))
    await node.start()


async def test_the_one_wrapping_key_of_several_that_is_missing_is_named(
    world: World, tmp_path: Path, empty: tuple[str, str]
) -> None:
    """Else the texts of the members whose keys it wraps would look erased."""
    node = await group(world)
    made = await backed_up(node.folder, tmp_path)
    await node.stop()
    before = node.folder.settings()
    move_to(node.folder, empty)
    key = node.folder.keys / "wrapping-1.key"
    key.rename(node.folder.keys / "wrapping-2.key")

    error = await refused(node, made.path, paper(node.folder))

    assert error.code is Code.BACKUP_KEYS_MISSING
    assert "keys/wrapping-1.key" in str(error)
    assert await tables_in(empty) == 0
    (node.folder.keys / "wrapping-2.key").rename(key)
    move_to(node.folder, (before.database_owner, before.database))
    await node.start()


async def test_a_database_that_holds_a_log_is_left_alone(world: World, tmp_path: Path) -> None:
    node = await group(world)
    made = await backed_up(node.folder, tmp_path)
    before = await ids(node)

    running = await refused(node, made.path, paper(node.folder))
    await node.stop()
    stopped = await refused(node, made.path, paper(node.folder))

    assert running.code is Code.NODE_RUNS
    assert stopped.code is Code.RESTORE_NOT_EMPTY
    await node.start()
    assert await ids(node) == before


async def test_a_backup_whose_books_do_not_agree_is_refused(
    world: World, tmp_path: Path, empty: tuple[str, str]
) -> None:
    node = await group(world)
    await node.stop()
    before = node.folder.settings()
    connection = await asyncpg.connect(before.database_owner)
    try:
        await connection.execute("UPDATE account SET balance_minor = balance_minor + 1")
        made = await backed_up(node.folder, tmp_path)
        await connection.execute("UPDATE account SET balance_minor = balance_minor - 1")
    finally:
        await connection.close()
    move_to(node.folder, empty)

    error = await refused(node, made.path, paper(node.folder))

    assert error.code is Code.BACKUP_NOT_VERIFIED
    assert "balance" in str(error)
    assert await tables_in(empty) == 0
    move_to(node.folder, (before.database_owner, before.database))
    await node.start()


async def test_a_backup_of_an_older_release_is_brought_up_to_date(
    world: World, tmp_path: Path, empty: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    node = await group(world)
    made = await backed_up(node.folder, tmp_path)
    await node.stop()
    move_to(node.folder, empty)
    newer = [
        *read_migrations(files("federation.node").joinpath("migrations")),
        Migration(
            made.manifest.migration + 1,
            "9999_of_tomorrow.sql",
            "CREATE TABLE of_tomorrow AS SELECT count(*) AS events FROM log_event",
        ),
    ]
    monkeypatch.setattr(putting_back, "read_migrations", lambda _folder: newer)

    await restore(node.folder, made.path, paper(node.folder))

    connection = await asyncpg.connect(empty[0])
    try:
        events = await connection.fetchval("SELECT events FROM of_tomorrow")
        await connection.execute("DROP TABLE of_tomorrow")
        await connection.execute("DELETE FROM migration WHERE name = '9999_of_tomorrow.sql'")
    finally:
        await connection.close()
    assert events == made.manifest.size
    await node.start()


async def test_an_umbrella_comes_back_with_its_register_and_mirror(
    world: World, tmp_path: Path, empty: tuple[str, str]
) -> None:
    umbrella, a, b = await world.federation()
    await umbrella.ask("audit.report")
    count = "SELECT count(*) FROM mirror_event"
    mirrored = await umbrella.node.pool.fetchval(count)
    made = await backed_up(umbrella.folder, tmp_path)
    await umbrella.stop()
    move_to(umbrella.folder, empty)

    await restore(umbrella.folder, made.path, paper(umbrella.folder))

    await umbrella.start()
    assert mirrored > 0
    assert await umbrella.node.pool.fetchval(count) == mirrored
    names = [peer.name for peer in umbrella.node.peers.all()]
    assert {a.name, b.name} <= set(names)
