"""Sending over real SMTP: TLS, refusals for now and for good, servers that break off or hang."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from federation.mail.addresses import Mailbox
from federation.mail.message import write_message
from federation.mail.sending import (
    Answer,
    Later,
    Refused,
    Sent,
    ServerAway,
    Smtp,
    Stage,
    meaning,
)
from federation.mail.server import Server
from tests.federation.mail.mails import MAIL, STATIONERY
from tests.federation.mail.post import Certificate, Post, listening

MESSAGE = write_message(MAIL, STATIONERY)


def server(port: int, **changes: Any) -> Server:
    settings = Server(
        host="127.0.0.1",
        port=port,
        security="none",
        username=None,
        password=None,
        sender=Mailbox("", "r@gent.example"),
        bounces="bounces@gent.example",
        tls=None,
        local_name="gent.example",
        timeout_s=2,
    )
    return settings._replace(**changes)


async def send(settings: Server, address: str = "an@voorbeeld.be") -> Answer:
    async with Smtp(settings).session() as session:
        return await session.send(address, MESSAGE)


async def test_a_mail_arrives_byte_for_byte() -> None:
    post = Post()
    async with listening(post) as port:
        assert await send(server(port)) == Sent("250 OK")

    assert post.taken == [("bounces@gent.example", ["an@voorbeeld.be"], MESSAGE)]


async def test_several_mails_share_a_connection() -> None:
    post = Post()
    async with listening(post) as port, Smtp(server(port)).session() as session:
        for _ in range(3):
            assert isinstance(await session.send("an@voorbeeld.be", MESSAGE), Sent)

    assert len(post.taken) == 3


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # TLS is there
@pytest.mark.parametrize("at_once", [True, False])
async def test_tls_with_a_password(tmp_path: Path, at_once: bool) -> None:
    post, certificate, seen = Post(), Certificate(tmp_path), []

    def check(_s: Any, _session: Any, _e: Any, _mechanism: Any, said: LoginPassword) -> AuthResult:
        seen.append((said.login, said.password))
        return AuthResult(success=said.password == b"geheim", handled=False)

    options = {"authenticator": check, "auth_required": True, "auth_require_tls": not at_once}
    async with listening(post, tls=certificate.server, at_once=at_once, **options) as port:
        settings = server(
            port,
            security="tls" if at_once else "starttls",
            tls=certificate.client,
            username="ruil",
            password="geheim",
        )
        assert isinstance(await send(settings), Sent)
        with pytest.raises(ServerAway, match="535"):
            await send(settings._replace(password="mis"))

    assert len(post.taken) == 1
    assert seen[0] == (b"ruil", b"geheim")


async def test_a_certificate_of_somebody_else_is_refused(tmp_path: Path) -> None:
    post, certificate = Post(), Certificate(tmp_path)
    async with listening(post, tls=certificate.server) as port:
        with pytest.raises(ServerAway, match=r"(?i)certificate|ssl"):
            await send(server(port, security="starttls", tls=ssl.create_default_context()))

    assert post.taken == []


async def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    post, certificate = Post(), Certificate(tmp_path, host="127.0.0.2")
    async with listening(post, tls=certificate.server) as port:
        with pytest.raises(ServerAway):
            await send(server(port, security="starttls", tls=certificate.client))

    assert post.taken == []


async def test_a_server_without_starttls_gets_no_mail() -> None:
    post = Post()
    async with listening(post) as port:
        with pytest.raises(ServerAway):
            await send(server(port, security="starttls", tls=ssl.create_default_context()))

    assert post.taken == []


async def test_a_refusal_for_now_is_told_from_one_for_good() -> None:
    post = Post()
    async with listening(post) as port, Smtp(server(port)).session() as session:
        post.rcpt = "450 4.2.1 greylisted"
        assert await session.send("an@voorbeeld.be", MESSAGE) == Later("450 4.2.1 greylisted")
        post.rcpt = "550 5.1.1 no such user"
        assert await session.send("an@voorbeeld.be", MESSAGE) == Refused(
            "550 5.1.1 no such user", bounced=True
        )
        post.rcpt = "250 OK"
        post.data = lambda _: "554 5.7.1 looks like spam"
        assert await session.send("an@voorbeeld.be", MESSAGE) == Refused(
            "554 5.7.1 looks like spam", bounced=False
        )
        post.data = lambda _: "250 OK"
        assert isinstance(await session.send("an@voorbeeld.be", MESSAGE), Sent)

    assert len(post.taken) == 1


async def test_a_sender_that_is_refused_says_nothing_about_the_mail() -> None:
    post = Post()
    post.mail = "550 5.7.1 not your domain"
    async with listening(post) as port:
        with pytest.raises(ServerAway, match="not your domain"):
            await send(server(port))


async def test_a_server_that_breaks_off_is_tried_again() -> None:
    post = Post()

    def drop(smtp: Any) -> str:
        smtp.transport.abort()
        return "250 OK"

    post.data = drop
    async with listening(post) as port:
        answer = await send(server(port))

    assert isinstance(answer, Later)
    assert answer.over


async def test_a_server_that_hangs_is_left() -> None:
    post = Post()
    post.data = lambda _: asyncio.Event().wait()
    async with listening(post) as port:
        async with asyncio.timeout(10):
            answer = await send(server(port, timeout_s=1))
        assert isinstance(answer, Later)
        assert answer.over


async def test_a_server_that_says_nothing_is_left() -> None:
    gone = asyncio.Event()

    class Silent(asyncio.Protocol):
        def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - asyncio's
            gone.set()

    listener = await asyncio.get_running_loop().create_server(Silent, "127.0.0.1", 0)
    async with listener, asyncio.timeout(10):
        with pytest.raises(ServerAway):
            await send(server(listener.sockets[0].getsockname()[1], timeout_s=1))
        await gone.wait()


@pytest.mark.parametrize("reply", range(1, 8))
async def test_a_cancellation_in_the_turn_of_an_answer_is_not_lost(
    monkeypatch: pytest.MonkeyPatch, reply: int
) -> None:
    """From the greeting to the farewell: a task that goes on would keep its node from stopping."""
    read, replies = aiosmtplib.protocol.SMTPProtocol.data_received, 0
    attempts: list[asyncio.Task[Answer]] = []

    def read_and_cancel(protocol: aiosmtplib.protocol.SMTPProtocol, data: bytes) -> None:
        nonlocal replies
        read(protocol, data)
        replies += 1
        if replies == reply:
            attempts[0].cancel()

    monkeypatch.setattr(aiosmtplib.protocol.SMTPProtocol, "data_received", read_and_cancel)
    async with listening(Post()) as port:
        attempts.append(asyncio.create_task(send(server(port))))
        with pytest.raises(asyncio.CancelledError):
            await attempts[0]

    assert replies >= reply


async def test_no_server_is_no_bug(unused_tcp_port: int) -> None:
    with pytest.raises(ServerAway):
        await send(server(unused_tcp_port))


async def test_no_command_is_injected_through_an_address() -> None:
    post = Post()
    async with listening(post) as port:
        answer = await send(server(port), "an@voorbeeld.be>\r\nRCPT TO:<alle@voorbeeld.be")

    assert answer == Refused(answer.reply, bounced=True)  # type: ignore[union-attr]
    assert post.taken == []


@pytest.mark.parametrize(
    ("stage", "code", "reply", "expected"),
    [
        (Stage.RECIPIENT, 421, "4.3.2 closing", "over"),
        (Stage.RECIPIENT, 450, "greylisted", "later"),
        (Stage.RECIPIENT, 451, "4.7.1 try later", "later"),
        (Stage.RECIPIENT, 550, "no such user", "bounced"),
        (Stage.RECIPIENT, 550, "5.1.1 no such user", "bounced"),
        (Stage.RECIPIENT, 550, "5.2.1 disabled", "bounced"),
        (Stage.RECIPIENT, 550, "5.5.0 mailbox unavailable", "bounced"),
        (Stage.RECIPIENT, 550, "5.7.1 your server is on a blocklist", "refused"),
        (Stage.RECIPIENT, 554, "5.4.6 routing loop", "refused"),
        (Stage.RECIPIENT, 552, "5.2.2 over quota", "later"),
        (Stage.RECIPIENT, 552, "quota exceeded", "later"),
        (Stage.CONTENT, 451, "4.3.0 later", "later"),
        (Stage.CONTENT, 552, "5.3.4 too large", "refused"),
        (Stage.CONTENT, 554, "transaction failed", "refused"),
        (Stage.CONTENT, 554, "5.7.1 spam", "refused"),
        (Stage.CONTENT, 550, "5.1.1 no such user", "bounced"),
    ],
)
def test_what_an_answer_means(stage: Stage, code: int, reply: str, expected: str) -> None:
    answer = meaning(stage, code, reply)

    match answer:
        case Later(over=over):
            assert expected == ("over" if over else "later")
        case Refused(bounced=bounced):
            assert expected == ("bounced" if bounced else "refused")
