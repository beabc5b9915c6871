"""Before an offer or a want ends: told once, to who can still act, and renewed by one tap."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from federation.mail.acting import perform, question
from federation.mail.choices import choose
from federation.mail.kinds import MailKind
from federation.mail.links import DO_PATH
from federation.mail.office import office_of
from federation.mail.own_words import OwnLetter, say
from federation.mail.reminders import BEFORE_END_S, RENEWED_FOR_S, Reminders
from federation.members import posts, roles
from federation.members.projector import reached
from federation.members.reader import OPERATOR
from federation.node.service import now_s
from federation.node.use_cases import new_key, set_status
from schemas.bodies import AccountStatus
from schemas.texts.words import Language
from tests.federation.mail.test_office import MAILBOX, SMTP, account, with_mail
from tests.federation.mail.test_telling import mails
from tests.federation.world.conftest import World, WorldNode

DAY_S = 86_400
ENDS = ("Bert", "Je aanbod loopt af: Fiets")


async def seen(node: WorldNode) -> None:
    await reached(node.node, node.node.sequencer.size - 1)


async def place(node: WorldNode, ends_s: int) -> int:
    placed = await node.ask("post.place", by="002", title="Fiets", expires_at_s=ends_s)
    await seen(node)
    return int(placed["post"])


async def remind(node: WorldNode, at_s: int) -> list[tuple[str, str]]:
    """Look at a moment, as a process that has just started; gives what was ever mailed."""
    await Reminders(node.node, office_of(node.node)).round(at_s)
    return await mails(node)


async def expiry_s(node: WorldNode, post: int) -> int:
    await seen(node)
    return (await posts.post(node.node, post, OPERATOR)).expires_at_s


async def token(node: WorldNode) -> str:
    """Give what the button of the one reminder holds."""
    text: str = await node.node.pool.fetchval("SELECT text FROM plain.mail")
    assert text.count(DO_PATH) == 1
    return text.partition(DO_PATH)[2].partition("\n")[0]


async def test_one_tap_in_the_reminder_renews_and_no_more_is_told(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    await say(node.node, OPERATOR, OwnLetter.ENDING, Language.NL, "Dag {naam}, even dit:")
    ends_s = now_s() + 3 * DAY_S
    post = await place(node, ends_s)
    assert await remind(node, ends_s - DAY_S) == [ENDS]
    assert "Dag Bert, even dit:" in await node.node.pool.fetchval("SELECT text FROM plain.mail")
    button = await token(node)

    asked = await question(node.node, button, Language.NL, now_s=now_s())
    assert (asked.title, asked.button) == ("Blijft dit nog gelden?", "Ja, verleng")
    assert await expiry_s(node, post) == ends_s  # looking does nothing
    for _ in range(2):
        await perform(node.node, button, now_s=now_s())
        assert await expiry_s(node, post) == ends_s + RENEWED_FOR_S
    after = await question(node.node, button, Language.NL, now_s=now_s())
    assert (after.title, after.button) == ("Dat is in orde", "")

    for at_s in (ends_s - DAY_S, ends_s - 1, ends_s + 1):
        assert await remind(node, at_s) == [ENDS]
    for _ in range(2):  # the new end is another one, and is told once too
        assert await remind(node, ends_s + RENEWED_FOR_S - DAY_S) == [ENDS, ENDS]


async def test_what_was_renewed_or_taken_back_before_is_not_told(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    ends_s = now_s() + 10 * DAY_S
    renewed, taken_back = await place(node, ends_s), await place(node, ends_s)
    await node.ask("post.renew", by="002", post=renewed, expires_at_s=ends_s + 90 * DAY_S)
    await node.ask("post.end", by="002", post=taken_back)
    await seen(node)

    assert await remind(node, ends_s - DAY_S) == []


async def test_what_lasts_shortly_is_told_after_half_of_it(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    ends_s = now_s() + 4 * DAY_S
    await place(node, ends_s)

    assert await remind(node, ends_s - 3 * DAY_S) == []
    assert await remind(node, ends_s - DAY_S) == [ENDS]


async def test_nothing_is_told_outside_the_last_week(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    ends_s = now_s() + 90 * DAY_S
    await place(node, ends_s)

    for at_s in (ends_s - BEFORE_END_S - 1, ends_s - BEFORE_END_S, ends_s + 1):
        assert await remind(node, at_s) == []
    assert await remind(node, ends_s - BEFORE_END_S + 1) == [ENDS]


async def test_a_restart_reminds_of_nothing_again(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    ends_s = now_s() + 3 * DAY_S
    await place(node, ends_s)
    assert await remind(node, ends_s - DAY_S) == [ENDS]

    await node.stop()
    await node.start()
    await seen(node)

    assert await remind(node, ends_s - DAY_S) == [ENDS]


async def test_who_is_away_is_reminded_after_coming_back(world: World) -> None:
    """Nobody sees the post meanwhile, and who comes back in time still hears of its end."""
    node = await with_mail(world, MAILBOX)
    ends_s, bert = now_s() + 3 * DAY_S, account(node, "002")
    await place(node, ends_s)
    reader = roles.reader_of(node.node, bert)
    await posts.pause(node.node, reader, bert, now_s() + 30 * DAY_S, key=new_key())
    await seen(node)
    assert await remind(node, ends_s - DAY_S) == []

    await posts.resume(node.node, reader, bert, key=new_key())
    await seen(node)

    assert await remind(node, ends_s - DAY_S) == [ENDS]


async def test_who_has_left_is_not_reminded(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    ends_s = now_s() + 3 * DAY_S
    await place(node, ends_s)
    await set_status(node.node, "002", AccountStatus.INACTIVE)
    await seen(node)

    assert await remind(node, ends_s - DAY_S) == []


async def test_who_wants_no_reminders_gets_none(world: World) -> None:
    node = await with_mail(world, MAILBOX)
    ends_s = now_s() + 3 * DAY_S
    await place(node, ends_s)
    pool, bert = node.node.pool, account(node, "002")
    await choose(pool, bert, 0, MailKind.ENDING, wanted=False, now_s=now_s())

    assert await remind(node, ends_s - DAY_S) == []


async def test_a_reminder_at_night_waits_for_the_morning(
    world: World, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    node = await with_mail(world, SMTP.format(unused_tcp_port))
    zone = office_of(node.node).zone
    tomorrow = datetime.fromtimestamp(now_s(), zone) + timedelta(days=1)
    night = tomorrow.replace(hour=23, minute=0, second=0, microsecond=0)
    night_s = int(night.timestamp())
    morning = (night + timedelta(days=1)).replace(hour=8)
    await place(node, night_s + DAY_S // 2)  # more than half of its time is over, whatever the hour
    monkeypatch.setattr("federation.mail.office.now_s", lambda: night_s)

    assert await remind(node, night_s) == [ENDS]

    waits_s = await node.node.pool.fetchval("SELECT next_attempt_at_s FROM plain.mail")
    assert waits_s == int(morning.timestamp())


async def test_an_old_button_neither_shortens_nor_brings_back(world: World) -> None:
    """Its page was opened before: what somebody did meanwhile counts."""
    node = await with_mail(world, MAILBOX)
    ends_s = now_s() + 3 * DAY_S
    post = await place(node, ends_s)
    await remind(node, ends_s - DAY_S)
    button, longer_s = await token(node), ends_s + RENEWED_FOR_S + 30 * DAY_S
    await node.ask("post.renew", by="002", post=post, expires_at_s=longer_s)
    await seen(node)

    await perform(node.node, button, now_s=now_s())
    assert await expiry_s(node, post) == longer_s
    await node.ask("post.end", by="002", post=post)
    await seen(node)
    await perform(node.node, button, now_s=now_s())

    await seen(node)
    assert (await posts.post(node.node, post, OPERATOR)).ended
    after = await question(node.node, button, Language.NL, now_s=now_s())
    assert after.lines == ("“Fiets” heb je zelf weggehaald.",)
