"""The courier: every mail has its end, none is sent again, and a death in between repeats once."""

from __future__ import annotations

import asyncio
import email
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from federation.mail.courier import (
    BATCH,
    DIED_TWICE,
    FIRST_PAUSE_S,
    KEPT_S,
    PAUSE_MAX_S,
    POLL_S,
    SWEEP_S,
    pause_s,
)
from federation.mail.kinds import MailKind
from federation.mail.nowhere import Nowhere
from federation.mail.outbox import DELIVER_WITHIN_S
from federation.mail.sending import Later, Mailbox, Refused, Sent, Smtp
from tests.federation.mail.conftest import Office, ProcessDied
from tests.federation.mail.letters import NOON_S, booking, signing_in
from tests.federation.mail.post import Post, listening
from tests.federation.mail.test_sending import server


def message_ids(office: Office) -> list[str]:
    return [email.message_from_bytes(said)["Message-ID"] for _, said in office.server.handed]


async def die(office: Office) -> None:
    """Let the process die while the server has the mail and nothing is written down yet."""
    office.server.answers.append(ProcessDied())
    with pytest.raises(ProcessDied):
        await office.courier.round()
    office.restart()


async def test_a_mail_is_sent_and_forgets_its_text(office: Office) -> None:
    await office.put(booking())
    await office.courier.round()

    (row,) = await office.rows()
    assert (row["state"], row["reply"], row["attempts"]) == ("sent", "250 OK", 1)
    assert row["text"] == row["html"] == row["stop_url"] == ""
    assert [address for address, _ in office.server.handed] == ["an@voorbeeld.be"]


async def test_what_was_sent_is_never_sent_again(office: Office) -> None:
    await office.put(booking())
    await office.courier.round()
    office.restart()
    office.now_s += 7200
    await office.courier.round()
    await office.put(booking())
    await office.courier.round()

    assert len(office.server.handed) == 1


async def test_a_death_between_send_and_mark_repeats_once(office: Office) -> None:
    await office.put(booking())
    await die(office)
    office.now_s += FIRST_PAUSE_S
    await office.courier.round()
    office.now_s += 7200
    await office.courier.round()

    assert await office.states() == ["sent"]
    assert len(office.server.handed) == 2
    assert office.server.handed[0] == office.server.handed[1]
    assert len(set(message_ids(office))) == 1


async def test_the_repeat_does_not_come_at_once(office: Office) -> None:
    await office.put(booking())
    await die(office)
    await office.courier.round()

    assert len(office.server.handed) == 1


async def test_a_mail_on_which_the_process_dies_twice_is_given_up(office: Office) -> None:
    await office.put(booking())
    for _ in range(2):
        await die(office)
        office.now_s += PAUSE_MAX_S
    await office.courier.round()

    (row,) = await office.rows()
    assert (row["state"], row["reply"]) == ("given_up", DIED_TWICE)
    assert len(office.server.handed) == 2


async def test_a_refusal_for_now_pauses_twice_as_long_each_time(office: Office) -> None:
    await office.put(booking())
    for pause in (60, 120, 240):
        office.server.answers.append(Later("450 busy"))
        await office.courier.round()
        office.now_s += pause - 1
        await office.courier.round()
        office.now_s += 1

    assert len(office.server.handed) == 3
    await office.courier.round()
    assert await office.states() == ["sent"]


async def test_a_mail_is_given_up_after_three_days(office: Office) -> None:
    await office.put(booking())
    office.server.answers = [Later("450 busy")] * 1000
    while await office.states() == ["waiting"]:
        assert office.now_s <= NOON_S + DELIVER_WITHIN_S + PAUSE_MAX_S
        await office.courier.round()
        office.now_s += 600

    assert await office.states() == ["given_up"]
    assert 15 < len(office.server.handed) < 40


async def test_a_code_is_given_up_when_it_expires(office: Office) -> None:
    await office.put(signing_in())
    office.now_s += 900
    await office.courier.round()

    assert await office.states() == ["given_up"]
    assert office.server.handed == []


async def test_a_bounce_is_told_and_ends_the_mail(office: Office) -> None:
    await office.put(booking())
    office.server.answers = [Refused("550 5.1.1 no such user", bounced=True)]
    await office.courier.round()

    (row,) = await office.rows()
    assert (row["state"], row["text"]) == ("refused", "")
    ((mail, reply),) = office.bounced
    assert (mail.account, mail.address, reply) == (7, "an@voorbeeld.be", "550 5.1.1 no such user")


async def test_a_refused_content_marks_nobody(office: Office) -> None:
    await office.put(booking())
    office.server.answers = [Refused("554 5.7.1 spam", bounced=False)]
    await office.courier.round()

    assert await office.states() == ["refused"]
    assert office.bounced == []


async def test_one_bad_mail_holds_up_no_other(office: Office) -> None:
    for number in range(3):
        await office.put(booking(about=f"p{number}"))
    office.server.answers = [Later("451 later"), Sent("250 OK"), Sent("250 OK")]
    await office.courier.round()

    assert sorted(await office.states()) == ["sent", "sent", "waiting"]
    assert office.server.sessions == 1


async def test_a_connection_that_broke_is_left(office: Office) -> None:
    for number in range(2):
        await office.put(booking(about=f"p{number}"))
    office.server.answers = [Later("gone", over=True)]
    await office.courier.round()

    assert await office.states() == ["waiting", "waiting"]
    await office.courier.round()
    assert sorted(await office.states()) == ["sent", "waiting"]
    assert office.server.sessions == 2


async def test_a_server_that_is_away_costs_no_mail_an_attempt(office: Office) -> None:
    await office.put(booking())
    office.server.away = True
    for pause in (5, 10, 20):
        await office.courier.round()
        office.now_s += pause - 1
        office.server.away = False
        await office.courier.round()
        assert office.server.handed == []
        office.server.away = True
        office.now_s += 1
    office.server.away = False
    await office.courier.round()

    (row,) = await office.rows()
    assert (row["state"], row["attempts"]) == ("sent", 1)


async def test_a_node_without_a_mail_server_keeps_what_it_has(office: Office) -> None:
    await office.put(booking())
    office.restart(Nowhere())
    await office.courier.round()

    assert await office.states() == ["waiting"]


async def test_a_code_goes_before_the_rest(office: Office) -> None:
    for number in range(BATCH):
        await office.put(booking(about=f"p{number}"))
    await office.put(signing_in())
    await office.courier.round()

    assert b"012345" in office.server.handed[0][1]
    assert len(office.server.handed) == BATCH
    assert await office.courier.round() == POLL_S
    assert len(office.server.handed) == BATCH + 1


async def test_what_fell_into_the_night_waits_for_the_morning(office: Office) -> None:
    await office.put(booking())
    await office.put(replace(signing_in(), useful_until_s=None))
    office.now_s = NOON_S + 9 * 3600
    await office.courier.round()
    assert sorted(await office.states()) == ["sent", "waiting"]
    office.now_s = NOON_S + 20 * 3600 - 1
    await office.courier.round()
    assert sorted(await office.states()) == ["sent", "waiting"]
    office.now_s += 1
    await office.courier.round()

    assert await office.states() == ["sent", "sent"]


async def test_a_wish_counts_until_the_last_moment(office: Office) -> None:
    await office.put(booking())
    await office.put(signing_in())
    await office.stop(MailKind.BOOKED)
    await office.courier.round()

    assert {row["kind"]: row["state"] for row in await office.rows()} == {
        "booked": "stopped",
        "login": "sent",
    }


async def test_an_address_marked_meanwhile_gets_only_what_was_asked_for(office: Office) -> None:
    await office.put(booking())
    await office.put(signing_in())
    await office.mark("an@voorbeeld.be")
    await office.courier.round()

    assert sorted(await office.states()) == ["sent", "stopped"]
    assert len(office.server.handed) == 1


async def test_what_the_log_may_not_release_is_not_mailed(office: Office) -> None:
    office.released = False
    await office.put(booking())
    await office.put(signing_in())
    await office.courier.round()
    assert [row["state"] for row in await office.rows() if row["kind"] == "booked"] == ["waiting"]
    office.released = True
    await office.courier.round()

    assert await office.states() == ["sent", "sent"]


async def test_the_demo_keeps_its_mails(office: Office) -> None:
    await office.put(booking())
    office.restart(Mailbox())
    await office.courier.round()

    (row,) = await office.rows()
    assert row["state"] == "kept"
    assert row["text"] == booking().text


async def test_old_mails_and_notes_go(office: Office) -> None:
    await office.put(booking())
    await office.courier.round()
    office.now_s += KEPT_S + 1
    office.restart()
    await office.courier.round()

    assert await office.rows() == []
    assert await office.pool.fetchval("SELECT count(*) FROM mail_told") == 0


async def test_a_courier_that_runs_is_woken(office: Office) -> None:
    sent = asyncio.Event()

    class Telling(Mailbox):
        async def send(self, address: str, message: bytes) -> Sent:
            del address, message
            sent.set()
            return Sent("250 OK")

    office.restart(Telling())
    task = asyncio.create_task(office.courier.run())
    await office.put(booking())
    office.courier.wake()
    async with asyncio.timeout(10):
        await sent.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("turns", range(1, 40, 3))
async def test_a_courier_ends_when_it_is_cancelled_wherever_it_is(
    office: Office, turns: int
) -> None:
    """Between two answers of the database or in the middle of a mail: else no node would stop."""
    await office.put(booking())
    task = asyncio.create_task(office.courier.run())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()

    async with asyncio.timeout(10):
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_bug_is_noted_by_its_place_and_names_nobody(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """The next round goes on, and what was stuck is sent."""
    failed, sent = asyncio.Event(), asyncio.Event()

    class Failing(Mailbox):
        async def send(self, address: str, message: bytes) -> Sent:
            del message
            if not failed.is_set():
                failed.set()
                raise LookupError(f"Anna Geheim, {address}")
            sent.set()
            return Sent("250 OK")

    office.restart(Failing())
    await office.put(booking())
    task = asyncio.create_task(office.courier.run())
    async with asyncio.timeout(10):
        await failed.wait()
    office.now_s += 7200
    office.courier.wake()
    async with asyncio.timeout(10):
        await sent.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    said = capsys.readouterr().out
    assert "mail_courier_failed" in said
    assert "LookupError" in said
    assert "test_courier.py:" in said
    for secret in ("Geheim", "voorbeeld.be", "Traceback"):
        assert secret not in said


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_pause_has_a_maximum(failures: int, jitter: float) -> None:
    pause = pause_s(failures, jitter, first_s=60, max_s=7200)

    assert 60 <= pause <= 7200 * 3 // 2
    assert pause >= pause_s(failures, 0, first_s=60, max_s=7200)
    assert pause_s(failures + 1, jitter, first_s=60, max_s=7200) >= pause


async def test_a_bad_server_loses_nothing_doubles_nothing_and_names_nobody(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """Over a real socket: for now not, cut off, for now not the sender; then it is taken, once."""
    post = Post()
    async with listening(post) as port:
        office.restart(Smtp(server(port)))
        await office.put(booking())
        turns: tuple[dict[str, Any], ...] = (
            {"data": lambda _: "451 4.3.0 an@voorbeeld.be, later"},
            {"data": lambda smtp: smtp.transport.abort() or "250 never read"},
            {"mail": "421 4.3.2 too busy"},
            {"rcpt": "450 4.2.1 an@voorbeeld.be is busy"},
        )
        for turn in turns:
            good = {name: getattr(post, name) for name in turn}
            for name, said in turn.items():
                setattr(post, name, said)
            await office.courier.round()
            assert await office.states() == ["waiting"]
            for name, said in good.items():
                setattr(post, name, said)
            office.now_s += 7200
        taken = len(post.taken)
        await office.courier.round()
        await office.courier.round()

    assert await office.states() == ["sent"]
    assert len(post.taken) == taken + 1
    said = capsys.readouterr().out
    assert "mail_put_off" in said
    assert "voorbeeld.be" not in said


async def renamed(office: Office, before: str, after: str) -> None:
    """Let a mail be of another kind, as a newer version of the program has put it down."""
    await office.pool.execute("UPDATE plain.mail SET kind = $2 WHERE kind = $1", before, after)


async def test_a_mail_of_a_kind_from_a_newer_version_waits_for_it_and_holds_up_nothing(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(BATCH + 1):
        await office.put(booking(about=f"p{number}"))
    await renamed(office, "booked", "surveyed")
    await office.put(booking(about="q"))

    for _ in range(3):
        await office.courier.round()
        office.now_s += SWEEP_S

    waiting, (sent,) = [
        [row for row in await office.rows() if (row["kind"] == "surveyed") is strange]
        for strange in (True, False)
    ]
    assert (sent["state"], len(office.server.handed)) == ("sent", 1)
    assert {(row["state"], row["attempts"]) for row in waiting} == {("waiting", 0)}
    said = capsys.readouterr().out
    (line,) = [line for line in said.splitlines() if "mail_kind_unknown" in line]
    assert "kind=surveyed" in line
    assert f"mails={BATCH + 1}" in line
    assert "mail_courier_failed" not in said
    assert "voorbeeld.be" not in said

    await renamed(office, "surveyed", "asked")  # the version that knows it is back
    office.restart()
    for _ in range(2):
        await office.courier.round()
    assert await office.states() == ["sent"] * (BATCH + 2)
