"""What was planted about a member is nowhere once it is erased, and the books still agree."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import asyncpg
import pytest
from msgspec.structs import replace
from PIL import Image

from federation.group import erasing as rules
from federation.members import erasing, feed_serving, pictures, posts, profiles, roles
from federation.members.booking_proof import proof_file
from federation.members.projector import reached
from federation.node.erasure import SQL, STEPS
from federation.node.rebuild import rebuild_tables
from federation.node.service import now_s
from federation.node.use_cases import new_key
from federation.node.verify import verify_log
from projections.receipt import check_receipt
from schemas.encoding import unb64
from schemas.errors import RefusedError
from schemas.member_bodies import Visibility
from schemas.openings import Contact, MemberText
from tests.federation.web.two_groups import Two, linked
from tests.federation.world.backups import balances
from tests.federation.world.conftest import World, WorldNode, lines
from tests.federation.world.feed_posts import read_feed
from tests.federation.world.sealed_backups import backed_up, opened
from tests.federation.world.test_booking_proof import policy_of, proof_ready

NAME: Final = "Zwaantje Naaldeman"
NEEDLES: Final = (
    NAME,
    "Naaldeman",
    "zwaantje.naald@voorbeeld.invalid",
    "zwaantje-naald",
    "0499 77 31 42",
    "Hooiweg 77",
    "speldenkussen",
    "Kimnaald",
    "kim.naald@voorbeeld.invalid",
    "egeltjesaanbod",
    "molshooptekst",
    "vleermuisbericht",
    "steltloperbericht",
    "kraanvogelboeking",
    "waterhoendank",
    "ijsvogelmelding",
    "roodborstreden",
    "pestvogelnota",
    "purperreiger",
    "boomkruiper",
)
BOOKED_INSIDE: Final = "kwikstaartboeking"
"""What a booking inside the group was for stays with the other of the two, sealed."""
TABLES: Final = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY 1, 2
"""
SEALED: Final = (
    "SELECT subject, commitment, sealed FROM sealed_text"
    " UNION ALL SELECT subject, commitment, sealed FROM line_inbox_text"
)
MAIL: Final = """
INSERT INTO plain.mail (mail, kind, account, person, name, address, language, subject, text, html,
    stop_url, written_at_s, give_up_at_s, next_attempt_at_s)
VALUES ($1, 'message', $2, 0, $3, $4, 'nl', $5, $6, '', '', $7::bigint, $7 + 9999, $7 + 9999)
"""


async def dump(node: WorldNode) -> dict[str, bytes]:
    """Give every table of every schema, as `pg_dump` would copy it."""
    found = {}
    connection = await asyncpg.connect(node.folder.settings().database_owner)
    try:
        for schema, table in await connection.fetch(TABLES):
            rows = io.BytesIO()
            await connection.copy_from_table(table, schema_name=schema, output=rows)
            found[f"{schema}.{table}"] = rows.getvalue()
    finally:
        await connection.close()
    return found


def written_as(needle: str) -> Iterator[bytes]:
    """Give the ways in which a word could stand in bytes."""
    plain = needle.encode()
    yield plain.lower()
    yield plain.hex().encode()
    for shift in range(3):
        coded = base64.urlsafe_b64encode(b"x" * shift + plain)
        yield coded[4 if shift else 0 : -4].lower()


def places_of(needles: tuple[str, ...], where: dict[str, bytes]) -> set[str]:
    lowered = {name: content.lower() for name, content in where.items()}
    return {
        f"{needle} in {name}"
        for needle in needles
        for name, content in lowered.items()
        if any(way in content for way in written_as(needle))
    }


def files_of(node: WorldNode) -> dict[str, bytes]:
    folder = node.folder.path
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def still_open(node: WorldNode) -> dict[str, bytes]:
    """Open whatever the keys that are left still open."""
    keyring = node.node.machine.keyring
    rows = await node.node.pool.fetch(SEALED)
    opened_texts = [keyring.open(row["subject"], row["commitment"], row["sealed"]) for row in rows]
    return {f"sealed text {at}": text[1] for at, text in enumerate(opened_texts) if text}


async def plant(two: Two) -> tuple[int, int]:
    """Let a member write all that it can; gives its account, and a booking of it in the log."""
    here, there = two.here, two.there
    ask = here.group.ask
    await here.describe(
        "001",
        MemberText(
            name=NAME,
            full_name=f"{NAME} de Tweede",
            comment="speldenkussen",
            skills="speldenkussen maken",
            place="Hooiweg 77",
            admin_comment="purperreiger",
            contacts=(
                Contact(kind="mail", value=NEEDLES[2], access="members"),
                Contact(kind="tel", value=NEEDLES[4], access="interlets"),
            ),
        ),
    )
    account = here.account("001")
    await ask("member.join", code="001", name="Kimnaald", address=NEEDLES[8], by="001")
    await ask("group.share_names", names_shared=True)
    await ask("member.share_name", code="001", by="001", shares=True)
    reader = roles.reader_of(here.node, account)
    image = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(image, "PNG")
    stored = await pictures.store(here.node, reader, image.getvalue())
    await profiles.show_picture(here.node, reader, account, stored.picture, key=new_key())
    form = posts.PostForm(
        want=False,
        title="egeltjesaanbod",
        text="molshooptekst",
        place="Hooiweg 77",
        visibility=Visibility.PUBLIC,
        expires_at_s=now_s() + 86_400,
        pictures=(stored.picture,),
    )
    await posts.place(here.node, reader, form, key=new_key())
    await ask("thread.start", by="001", code="002", text="vleermuisbericht")
    await ask("pay", payer="001", payee="002", amount_minor=9, description=BOOKED_INSIDE)
    seq = here.node.sequencer.size - 1
    await ask("trade.thank", by="001", trade=str(seq), text="waterhoendank", public=True)
    made = await ask("report.make", by="001", text="ijsvogelmelding")
    await ask("member.role", code="002", role="coordinator")
    await ask("report.handle", by="002", report=made["report"], note="pestvogelnota")
    post = await posts.place(
        here.node, reader, replace(form, title="wielewaal", pictures=()), key=new_key()
    )
    await ask("post.hide", post=post, reason="roodborstreden")
    await two.offer("Fiets herstellen")
    marc = await here.node.pool.fetchval("SELECT poster FROM plain.post WHERE node <> ''")
    said = {"group": there.group.name, "pseudonym": marc, "text": "steltloperbericht"}
    await ask("thread.start", by="001", **said)
    await ask(
        "pay",
        payer="001",
        payee="002",
        amount_minor=8,
        group=there.group.name,
        description="kraanvogelboeking",
    )
    await two.met()
    await read_feed(there.group, here.group)
    for number, (whose, name, address) in enumerate(
        ((account, NAME, NEEDLES[2]), (here.account("002"), "Bert", "bert@voorbeeld.be"))
    ):
        words = (f"{NAME} schreef je", f"{NAME}: vleermuisbericht")
        row = (bytes([number]) * 16, whose, name, address, *words, now_s())
        await here.node.pool.execute(MAIL, *row)
    draft = json.dumps({"text": "boomkruiper"})
    await here.node.pool.execute(
        "INSERT INTO plain.draft VALUES ($1, 0, '/me/profile', $2::jsonb, $3)",
        account,
        draft,
        now_s(),
    )
    await ask("token.new", name="zwaantje-naald", account="001")
    return account, seq


async def faces(node: WorldNode) -> tuple[int, int]:
    """Count profiles that name a picture, and pictures."""
    pool = node.node.pool
    named = await pool.fetchval("SELECT count(*) FROM plain.member WHERE picture IS NOT NULL")
    return named, await pool.fetchval("SELECT count(*) FROM picture")


@pytest.fixture
async def two(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(feed_serving, "REST", 0)
    async with linked(world) as made:
        yield made


async def test_nothing_planted_is_found_and_the_books_still_agree(
    two: Two, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    here, there = two.here.group, two.there.group
    account, inside = await plant(two)
    both = NEEDLES[:-2]  # what coordinators noted and what was only typed leave no house
    planted = places_of(NEEDLES, {**await dump(here), **await still_open(here)})
    assert {place.partition(" in ")[0] for place in planted} == set(NEEDLES)
    told = places_of(both, {**await dump(there), **await still_open(there)})
    assert {"steltloperbericht", "kraanvogelboeking", "egeltjesaanbod"} <= {
        place.partition(" in ")[0] for place in told
    }
    assert {f"{NAME} in plain.card", "Hooiweg 77 in plain.card"} <= told

    assert await faces(here) == (1, 1)
    await here.ask("member.erase", code="001")
    await two.met()
    await read_feed(there, here)

    assert await faces(here) == (0, 0), "neither the picture nor which one it was"
    assert places_of((*NEEDLES, BOOKED_INSIDE), await dump(here)) == set()
    assert places_of((*NEEDLES, BOOKED_INSIDE), await dump(there)) == set()
    assert places_of(NEEDLES, await still_open(here)) == set()
    assert places_of(NEEDLES, await still_open(there)) == set()
    made = [await backed_up(node.folder, tmp_path / node.name) for node in (here, there)]
    for node, backup in zip((here, there), made, strict=True):
        inner = opened(node.folder, backup.path).rows
        assert places_of((*NEEDLES, BOOKED_INSIDE), inner) == set()
        assert places_of(NEEDLES, files_of(node)) == set()
    said = capfd.readouterr()
    logged = f"{caplog.text}{said.out}{said.err}".encode()
    assert places_of(NEEDLES, {"log": logged}) == set()

    ledger = here.node.machine.books.ledger
    assert ledger.balance(account) == 0
    before = [await balances(node) for node in (here, there)]
    assert all(sum(books.values()) == 0 for books in before)
    assert lines(here)[0].balance_units == -lines(there)[0].balance_units
    await proof_ready(here, "002", inside)
    bert = roles.reader_of(here.node, two.here.account("002"))
    proof = await proof_file(here.node, bert, two.here.account("002"), inside)
    assert check_receipt(proof, policy_of(here)).description == BOOKED_INSIDE

    for node in (here, there):
        assert (await verify_log(node.folder)).findings == []
    settings = here.folder.settings()
    await here.stop()
    await rebuild_tables(settings.database, settings.database_owner)
    await here.open()
    await reached(here.node, here.node.sequencer.size - 1)
    assert await balances(here) == before[0]
    result = await verify_log(here.folder)
    assert result.findings == []
    assert result.erased > 0
    assert places_of((*NEEDLES, BOOKED_INSIDE), await dump(here)) == set()


GOES: Final = re.compile(r"(?:DELETE FROM|UPDATE) ([a-z_.]+)")
BY_THE_PROJECTOR: Final = frozenset(
    {"plain.contact", "plain.helper", "plain.member", "plain.person", "plain.post", "plain.role"}
)
NUMBERS: Final = frozenset(
    {
        "account",
        "activity",
        "booking_reversal",
        "command_key",
        "erasure",
        "helper",
        "hold",
        "line_event",
        "line_inbox",
        "log_event",
        "looked",
        "member_block",
        "member_role",
        "member_text",
        "partner",
        "pause",
        "person",
        "post",
        "posting",
        "register_event",
        "report",
        "request",
        "shared_name",
        "thanks",
        "thread_message",
        "transfer",
    }
)
"""The log says the same, in numbers; some of them have words that go."""
SEALED_UNDER_THE_KEY: Final = frozenset(
    {"api_answer", "data_key", "sealed_text", "unreleased_event", "unreleased_text"}
)
OF_THE_GROUP: Final = frozenset(
    {
        "board_item",
        "category",
        "digest_setting",
        "document_file",
        "feed_choice",
        "group_card",
        "group_look",
        "group_rule",
        "group_setting",
        "joining",
        "lost_body",
        "mail_told",
        "mail_words",
        "migration",
        "newsletter_issue",
        "plain.board_item",
        "plain.card",
        "plain.category",
        "plain.digest_known",
        "plain.digest_progress",
        "plain.feed",
        "plain.feed_picture",
        "plain.mail_read",
        "plain.progress",
        "public_page",
        "public_quarter",
        "retention",
        "subscriber",
    }
)
"""The group's own words, those of others, and people who are no members, who go their own way."""
OF_NODES: Final = re.compile(
    r"audit_|cosignature|evidence|flow_|forked_checkpoint|known_payee|line$|line_delivery|log_"
    r"|mirror_|peer|register_cursor|witnessed"
)


async def test_of_every_table_it_is_said_what_erasing_a_member_does_to_it(world: World) -> None:
    """A new table has to be named here, or in `federation/node/sql/erasing.sql`."""
    node = await world.make("alfa", 20)
    goes = {table for name in STEPS for table in GOES.findall(SQL[name])}
    said = goes | BY_THE_PROJECTOR | NUMBERS | SEALED_UNDER_THE_KEY | OF_THE_GROUP

    tables = {name.removeprefix("public.") for name in await dump(node)}

    assert {table for table in tables - said if not OF_NODES.match(table)} == set()
    assert said <= tables


async def alone(world: World) -> tuple[WorldNode, bytes]:
    """Give a group with two members, and whose data key seals the texts of the first."""
    node = await world.make("alfa", 20)
    await world.add_members(node)
    account = node.node.machine.books.ledger.accounts[node.node.machine.books.ledger.codes["001"]]
    assert account.subject is not None
    return node, unb64(account.subject)


async def test_a_data_key_that_is_gone_without_an_event_is_found(world: World) -> None:
    node, subject = await alone(world)
    await node.node.pool.execute("DELETE FROM data_key WHERE subject = $1", subject)

    result = await verify_log(node.folder)

    assert result.erased == result.found == 1
    assert result.findings[0].what == "blob"
    assert "no member.erased" in result.findings[0].reason


async def test_a_data_key_that_an_old_backup_brought_back_goes_at_the_start(world: World) -> None:
    node, subject = await alone(world)
    pool = node.node.pool
    key = await pool.fetchrow("SELECT * FROM data_key WHERE subject = $1", subject)
    await node.ask("member.erase", code="001")
    assert await pool.fetchval("SELECT count(*) FROM data_key WHERE subject = $1", subject) == 0
    assert key is not None
    await pool.execute("INSERT INTO data_key VALUES ($1, $2, $3)", *key.values())
    await node.stop()
    await node.start()

    left = "SELECT count(*) FROM data_key WHERE subject = $1"
    assert await node.node.pool.fetchval(left, subject) == 0
    assert not node.node.machine.keyring.knows(subject)
    assert (await verify_log(node.folder)).findings == []


async def test_what_stands_in_one_members_way_is_no_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, subject = await alone(world)
    member = node.node.machine.books.ledger.codes["001"]
    monkeypatch.setattr(rules, "COOLING_OFF_S", 0)
    await node.ask("member.erase_ask", code="001", by="001")
    monkeypatch.setattr(rules, "due", lambda *_, **__: [10**6, member])

    assert await erasing.erase_due(node.node) == 1

    assert not node.node.machine.keyring.knows(subject)


async def test_who_asked_is_erased_when_the_time_to_think_is_over(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, subject = await alone(world)
    asked = await node.ask("member.erase_ask", code="001", by="001")
    assert asked["due_s"] > now_s() + 13 * 86_400
    assert await erasing.erase_due(node.node) == 0
    stays = await node.ask("member.erase_withdraw", code="001", by="001")
    assert stays["due_s"] is None
    monkeypatch.setattr(rules, "COOLING_OFF_S", 0)
    await node.ask("member.erase_ask", code="001", by="001")

    assert await erasing.erase_due(node.node) == 1

    assert not node.node.machine.keyring.knows(subject)
    shown = await node.ask("member.show", code="001")
    assert (shown["name"], shown["status"]) == ("", "inactive")
    with pytest.raises(RefusedError):
        await node.ask("member.erase", code="001")
