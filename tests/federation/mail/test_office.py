"""Mails of a running node: from what is told to what arrives, over real sockets and tables."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from federation.mail import bounces, choices, mailbox
from federation.mail.acting import open_link, perform
from federation.mail.compose.people import Ending, ending, thanked
from federation.mail.kinds import MailKind
from federation.mail.letter import Letter
from federation.mail.links import DO_PATH, STOP_PATH
from federation.mail.office import PostOffice, login_mail, office_of
from federation.mail.teller import Teller
from federation.members import posts, profiles
from federation.members.reader import OPERATOR
from federation.node.identity import system_random
from federation.node.service import now_s
from federation.node.use_cases import account_by_code, new_key
from schemas.errors import Code, InputError, RefusedError
from schemas.openings import Contact, MemberText
from schemas.texts.words import Language
from tests.federation.mail.post import Post, listening
from tests.federation.mail.test_reports import report
from tests.federation.world.conftest import World, WorldNode

DAY_S = 86_400
MAILBOX = '[mail]\nmode = "mailbox"\n'
SMTP = """[mail]
mode = "smtp"
host = "127.0.0.1"
port = {}
security = "none"
sender = "r@gent.be"
"""
PEOPLE = (("001", "Anna"), ("002", "Bert"), ("003", "Carla"))


async def with_mail(world: World, table: str, per_hour: int | None = 20) -> WorldNode:
    """Make a node of three with addresses, the third a coordinator, and this table of settings."""
    node = await world.make("alfa", per_hour)
    for code, name in PEOPLE:
        await node.ask("member.add", code=code, name=name)
        text = MemberText(name=name, contacts=(Contact(kind="mail", value=f"{name}@voorbeeld.be"),))
        await profiles.describe(
            node.node, OPERATOR, account_by_code(node.node, code).account, text, key=new_key()
        )
    await node.ask("member.role", code="003", role="coordinator")
    await node.stop()
    file = node.folder.path / "node.toml"
    file.write_text(f"{file.read_text()}{table}")
    await node.start()
    return node


def account(node: WorldNode, code: str) -> int:
    return account_by_code(node.node, code).account


async def thanks(node: WorldNode, code: str, about: str = "p1") -> Letter:
    office = office_of(node.node)
    (to,) = await office.people(account(node, code))
    return thanked(
        office.desk(), to, trade=about, who="Marc", group="", note="!", public=False, at_s=now_s()
    )


async def until(holds: Callable[[], Any]) -> Any:
    """Wait, bounded, until an asynchronous look finds something."""
    async with asyncio.timeout(20):
        while not (found := await holds()):  # noqa: ASYNC110 - a condition over tables
            await asyncio.sleep(0.02)
        return found


def awake(office: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test that runs at night mail as by day."""
    monkeypatch.setattr("federation.mail.outbox.may_go_at_s", lambda _k, at_s, _z, **_: at_s)
    monkeypatch.setattr("federation.mail.courier.may_go_at_s", lambda _k, at_s, _z, **_: at_s)
    office.courier.wake()


async def test_an_umbrella_mails_who_signs_in_and_tells_nothing_else(world: World) -> None:
    node = await with_mail(world, MAILBOX, per_hour=None)
    (anna,) = await profiles.person_by_address(node.node, "anna@voorbeeld.be")

    await login_mail(
        node.node, anna, language=Language.NL, link="http://x.be/login/abc", code="123456"
    )

    (row,) = await until(lambda: mailbox.mailbox(node.node))
    assert row.kind == MailKind.LOGIN
    assert Teller not in node.node.parts


async def test_the_demo_shows_who_gets_in(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    (anna,) = await profiles.person_by_address(node.node, "anna@voorbeeld.be")

    await login_mail(
        node.node, anna, language=Language.FR, link="http://x.be/login/abc", code="123456"
    )

    (row,) = await until(lambda: mailbox.mailbox(node.node))
    assert row.kind == MailKind.LOGIN
    assert row.subject == "123456 est ton code pour alfa"
    assert await mailbox.mailbox(node.node, "ANNA@voorbeeld.be") == [row]
    assert await mailbox.mailbox(node.node, "bert@voorbeeld.be") == []
    message = await mailbox.message(node.node, row.id)
    assert "http://x.be/login/abc" in message.text
    assert "http://x.be/login/abc" in message.html
    for unknown in ("", "zz", "00" * 16):
        with pytest.raises(InputError):
            await mailbox.message(node.node, unknown)
    await node.node.pool.execute("UPDATE plain.mail SET kind = 'surveyed'")  # by a newer version
    (newer,) = await mailbox.mailbox(node.node)
    assert (newer.kind, newer.subject) == ("surveyed", row.subject)


async def test_a_node_that_sends_has_no_mailbox(world: World, unused_tcp_port: int) -> None:
    node = await with_mail(world, SMTP.format(unused_tcp_port))

    with pytest.raises(InputError):
        await mailbox.mailbox(node.node)
    with pytest.raises(InputError):
        await mailbox.message(node.node, "00" * 16)


async def test_a_bounce_marks_the_address_and_tells_the_coordinators(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Post()
    post.refuse = {"Anna@voorbeeld.be": "550 5.1.1 no such user"}
    async with listening(post) as port:
        node = await with_mail(world, SMTP.format(port))
        office = office_of(node.node)
        awake(office, monkeypatch)
        assert await office.post(await thanks(node, "001"))
        await until(lambda: bounces.marked(node.node.pool))
        office.courier.wake()
        await until(lambda: _taken(post))

        (marked,) = await bounces.marked(node.node.pool, account(node, "001"))
        assert marked.address_key == "anna@voorbeeld.be"
        assert marked.reply == "550 5.1.1 no such user"
        ((sender, recipients, content),) = post.taken
        assert (sender, recipients) == ("r@gent.be", ["Carla@voorbeeld.be"])
        assert b"Anna" in content
        assert not await office.post(await thanks(node, "001", "p2"))
        status = await node.ask("mail.status")
        assert status["mails"] == {"refused": 1, "sent": 1}
        assert [row["address"] for row in status["marked"]] == ["anna@voorbeeld.be"]

        assert await node.ask("mail.works", address=" ANNA@voorbeeld.be") == {"cleared": True}
        assert await node.ask("mail.works", address="anna@voorbeeld.be") == {"cleared": False}
        assert await office.post(await thanks(node, "001", "p3"))


async def _taken(post: Post) -> bool:
    return bool(post.taken)


async def test_a_report_marks_what_it_proves(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    post = Post()
    async with listening(post) as port:
        node = await with_mail(world, SMTP.format(port))
        office = office_of(node.node)
        awake(office, monkeypatch)
        await office.post(await thanks(node, "002"))
        await until(lambda: _taken(post))
        returned = post.taken[0][2].decode().replace("\r\n", "\n")
        said = report(address="bert@voorbeeld.be", returned=returned, kind="message/rfc822")
        argument = base64.b64encode(said).decode()

        assert await node.ask("mail.bounced", report=argument) == {"marked": ["Bert@voorbeeld.be"]}
        assert await node.ask("mail.bounced", report=argument) == {"marked": []}
        with pytest.raises(InputError):
            await node.ask("mail.bounced", report=base64.b64encode(b"hallo").decode())
        (marked,) = await bounces.marked(node.node.pool)
        assert marked.account == account(node, "002")


@pytest.mark.parametrize("table", [MAILBOX, SMTP.format(1)])
async def test_a_mark_is_told_at_night_only_where_nobody_sleeps(world: World, table: str) -> None:
    """The demo's mailbox wakes nobody; a mail that is sent waits for the morning."""
    node = await with_mail(world, table)
    office = office_of(node.node)
    tomorrow = datetime.fromtimestamp(now_s(), office.zone) + timedelta(days=1)
    night_s = int(tomorrow.replace(hour=23).timestamp())
    async with node.node.pool.acquire() as connection:
        await bounces.mark(
            connection,
            office.desk(),
            bounces.Bounce(account(node, "001"), 0, "anna@voorbeeld.be", "550 5.1.1"),
            now_s=night_s,
            zone=office.quiet_in,
            random=system_random,
        )

    goes_s = await node.node.pool.fetchval("SELECT next_attempt_at_s FROM plain.mail")

    assert (goes_s == night_s) is (table == MAILBOX)


async def test_one_tap_stops_a_kind_and_looking_does_not(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    office, pool = office_of(node.node), node.node.pool
    letter = await thanks(node, "001")
    token = letter.stop_url.partition(STOP_PATH)[2]

    _, kind = choices.read_stop(office.secret, token)
    assert kind is MailKind.THANKED
    assert await choices.unwanted(pool, account(node, "001"), 0) == frozenset()
    for _ in range(2):
        assert await choices.stop(pool, office.secret, token, now_s=now_s()) is kind
    assert await choices.unwanted(pool, account(node, "001"), 0) == {kind}
    assert not await office.post(letter)
    await choices.choose(pool, account(node, "001"), 0, kind, wanted=True, now_s=now_s())
    assert await choices.unwanted(pool, account(node, "001"), 0) == frozenset()
    with pytest.raises(InputError):
        await choices.choose(
            pool, account(node, "001"), 0, MailKind.LOGIN, wanted=False, now_s=now_s()
        )
    with pytest.raises(RefusedError):
        await choices.stop(pool, office.secret, token[:-2] + "AA", now_s=now_s())


async def test_a_post_is_renewed_from_its_mail(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    office, ends_s = office_of(node.node), now_s() + DAY_S
    placed = await node.ask("post.place", by="001", title="Fiets herstellen", expires_at_s=ends_s)
    number = placed["post"]
    (to,) = await office.people(account(node, "001"))
    until_s = ends_s + 30 * DAY_S
    letter = ending(
        office.desk(),
        to,
        Ending(
            post=str(number),
            title="Fiets herstellen",
            want=False,
            ends_at_s=ends_s,
            renew_until_s=until_s,
        ),
        at_s=now_s(),
    )
    token = letter.text.partition(DO_PATH)[2].partition("\n")[0]

    async def expires_at_s() -> int:
        return (await posts.post(node.node, number, OPERATOR)).expires_at_s

    await open_link(node.node, token, now_s=now_s())
    assert await expires_at_s() == ends_s
    for _ in range(2):
        await perform(node.node, token, now_s=now_s())
        assert await expires_at_s() == until_s
    with pytest.raises(RefusedError) as expired:
        await perform(node.node, token, now_s=until_s + 300 * DAY_S)
    assert expired.value.code is Code.EXPIRED


async def test_a_link_of_somebody_who_left_is_unknown(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    office = office_of(node.node)
    (to,) = await office.people(account(node, "001"))
    letter = ending(
        office.desk(),
        to._replace(person=3),
        Ending(
            post="1",
            title="Fiets",
            want=False,
            ends_at_s=now_s() + DAY_S,
            renew_until_s=now_s() + DAY_S,
        ),
        at_s=now_s(),
    )
    token = letter.text.partition(DO_PATH)[2].partition("\n")[0]

    with pytest.raises(RefusedError) as error:
        await open_link(node.node, token, now_s=now_s())
    assert error.value.code is Code.NOT_FOUND


async def test_the_key_of_links_outlives_a_restart(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    before = office_of(node.node).secret
    await node.stop()
    await node.start()

    assert office_of(node.node).secret == before
    assert (node.folder.keys / "mail.key").stat().st_mode & 0o777 == 0o600
