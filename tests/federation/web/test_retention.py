"""What is kept for a while: a task lets go of what is older, and leaves what is younger."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import pytest

from federation.api import keys
from federation.mail import courier
from federation.mail.office import office_of
from federation.members import erasing, joining
from federation.node.looked import DAY_S, Look, What, note
from federation.node.retention import looked_days
from federation.node.service import now_s
from federation.web import drafts, login, sessions
from federation.web.place import LoginMail
from schemas.errors import Code, RuilbrugError
from tests.federation.mail.test_office import until
from tests.federation.web.conftest import House, house
from tests.federation.web.test_mail_pages import keep_mails
from tests.federation.world.conftest import eventually

__all__ = ["house"]

MINUTE_S = 60
Task = Callable[[House], Awaitable[Any]]


class Kept(NamedTuple):
    """What is kept: how a row of it is made at a moment, which rows there are, and for how long."""

    make: str
    left: str
    kept_s: int
    task: str


KEPT = {
    "sessions": Kept(
        "INSERT INTO web_session (token, account, person, device, begun_at_s, seen_at_s,"
        " expires_at_s) VALUES (sha256($1::bytea), 999, 0, '', 0, 0, $2::bigint + 0)",
        "SELECT expires_at_s FROM web_session WHERE account = 999",
        sessions.KEPT_S,
        "web",
    ),
    "links to sign in": Kept(
        "INSERT INTO login_link (link, browser, code, next_path, expires_at_s)"
        " VALUES (sha256($1), sha256($1), sha256($1), '', $2)",
        "SELECT expires_at_s FROM login_link",
        login.KEPT_S,
        "web",
    ),
    "what was typed": Kept(
        "INSERT INTO plain.draft VALUES (1, 0, encode($1::bytea, 'hex'), '{}', $2)",
        "SELECT kept_at_s FROM plain.draft",
        drafts.KEPT_S,
        "web",
    ),
    "who wanted to join": Kept(
        "INSERT INTO plain.applicant (link, name, address, address_key, phone, postcode, place,"
        " about, language, asked_at_s, confirmed_at_s, decided_at_s, decision)"
        " VALUES (sha256($1), '', '', '', '', '', '', '', '', $2, $2, $2, 'declined')",
        "SELECT decided_at_s FROM plain.applicant",
        joining.KEPT_S,
        "web",
    ),
    "that a mail left": Kept(
        "INSERT INTO plain.mail (mail, kind, account, person, name, address, language, subject,"
        " text, html, stop_url, written_at_s, give_up_at_s, next_attempt_at_s, state) VALUES"
        " (substr(sha256($1), 1, 16), 'message', 1, 0, '', '', 'nl', '', '', '', '', $2, 0, 0,"
        " 'sent')",
        "SELECT written_at_s FROM plain.mail",
        courier.KEPT_S,
        "courier",
    ),
    "what was told": Kept(
        "INSERT INTO mail_told VALUES (sha256($1), $2)",
        "SELECT told_at_s FROM mail_told",
        courier.KEPT_S,
        "courier",
    ),
    "words of a mail to members": Kept(
        "INSERT INTO plain.member_mail (key, sent_by, sent_by_person, sent_at_s, subject, text,"
        " members, mails) VALUES (encode($1::bytea, 'hex'), 1, 0, $2, 'a', 'b', 1, 1)",
        "SELECT sent_at_s FROM plain.member_mail WHERE subject || text <> ''",
        courier.KEPT_S,
        "courier",
    ),
    "that members were mailed": Kept(
        "INSERT INTO plain.member_mail (key, sent_by, sent_by_person, sent_at_s, subject, text,"
        " members, mails) VALUES (encode($1::bytea, 'hex'), 1, 0, $2, '', '', 1, 1)",
        "SELECT sent_at_s FROM plain.member_mail",
        courier.YEAR_S,
        "courier",
    ),
    "answers to programs": Kept(
        "INSERT INTO api_answer VALUES (substr(sha256($1), 1, 16), '', '', $2)",
        "SELECT at_s FROM api_answer",
        keys.KEPT_S,
        "api",
    ),
}


async def web(of: House) -> None:
    await login._sweep_often(of.place)


async def carry(of: House) -> None:
    """Let the courier that runs think that it is a while ago."""
    carrying = office_of(of.node).courier
    await eventually(lambda: carrying._swept_at_s > 0)  # its first round is over
    carrying._swept_at_s = 0
    carrying.wake()


async def api(of: House) -> None:
    await keys.run(of.node)


TASKS: dict[str, Task] = {"web": web, "courier": carry, "api": api}


@pytest.fixture
async def demo(house: House) -> House:
    await keep_mails(house)
    house.node.parts[LoginMail] = house.mail
    return house


async def at_work(task: Awaitable[Any], done: Callable[[], Awaitable[bool]]) -> None:
    """Let a task of a node run until something is so."""
    running = asyncio.ensure_future(task)
    try:
        await until(done)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize("name", KEPT)
async def test_a_task_lets_go_of_what_is_older_and_leaves_what_is_younger(
    demo: House, name: str
) -> None:
    kept, pool, now = KEPT[name], demo.node.pool, now_s()
    younger_s, older_s = now - kept.kept_s + 10 * MINUTE_S, now - kept.kept_s - MINUTE_S
    for n, at_s in enumerate((younger_s, older_s)):
        await pool.execute(kept.make, bytes([n]), at_s)

    async def swept() -> bool:
        return older_s not in [row[0] for row in await pool.fetch(kept.left)]

    await at_work(TASKS[kept.task](demo), swept)

    assert [row[0] for row in await pool.fetch(kept.left)] == [younger_s]


@pytest.mark.parametrize("name", ["web-sweeper", "mail-courier", "api-answers", "eraser"])
async def test_a_running_node_has_each_of_these_tasks(demo: House, name: str) -> None:
    assert name in {task.get_name() for task in asyncio.all_tasks()}


async def test_the_register_goes_as_coordinators_chose(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    cora, about, by, now = await house.signed_in("003"), *_people(house), now_s()
    for ago in (0, 39, 41):
        await note(house.node, Look(by, about, What.PROFILE), now_s=now - ago * DAY_S)
    form = await cora.get("/group/retention")
    await cora.post("/group/retention", form=form.key, looked="40")
    monkeypatch.setattr(erasing, "TICK_S", 0.01)

    async def days() -> list[int]:
        sql = "SELECT day FROM looked WHERE about = $1 AND by_account = $2 ORDER BY day"
        rows = await house.node.pool.fetch(sql, about, by)
        return [now // DAY_S - row["day"] for row in rows]

    async def swept() -> bool:
        return 41 not in await days()

    assert await days() == [41, 39, 0]
    await at_work(erasing.run(house.node), swept)

    assert await days() == [39, 0]


def _people(house: House) -> tuple[int, int]:
    return house.account("001"), house.account("003")


async def test_what_the_pages_say_of_devices_is_how_long_they_are_kept(house: House) -> None:
    an, cora = await house.signed_in("001"), await house.signed_in("003")
    days = (sessions.LASTS_S + sessions.KEPT_S) // DAY_S

    for page in (await an.get("/privacy"), await cora.get("/group/retention")):
        assert f"Een toestel dat je niet gebruikt: {days} dagen." in page.words


async def test_the_register_is_kept_as_long_as_the_server_is_told_to(house: House) -> None:
    shown = await house.group.ask("retention.show")
    await house.group.ask("retention.set", looked_days=60, by="003")

    assert shown == {"looked_days": 365, "left_days": None}
    assert await looked_days(house.node) == 60
    assert await house.group.ask("retention.show") == {
        "looked_days": 60,
        "left_days": None,
    }


async def test_only_coordinators_choose_and_only_within_reason(house: House) -> None:
    codes = []
    for days, by in ((60, "001"), (29, "003"), (3651, "003")):
        with pytest.raises(RuilbrugError) as refused:
            await house.group.ask("retention.set", looked_days=days, by=by)
        codes.append(refused.value.code)

    assert codes == [Code.FORBIDDEN, Code.MALFORMED, Code.MALFORMED]
    assert await looked_days(house.node) == 365
