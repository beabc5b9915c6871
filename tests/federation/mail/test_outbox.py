"""The outbox: written with what it tells, told once, bounded, and only what is wanted."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from federation.mail.kinds import MailKind
from federation.mail.outbox import DELIVER_WITHIN_S, WAITING_MAX, enqueue, forget
from federation.node.identity import system_random
from tests.federation.mail.conftest import Office
from tests.federation.mail.letters import BRUSSELS, NOON_S, booking, signing_in, to


async def test_a_mail_is_there_once_its_transaction_is(office: Office) -> None:
    async with office.pool.acquire() as connection, connection.transaction():
        assert await enqueue(
            connection, booking(), now_s=NOON_S, zone=BRUSSELS, random=system_random
        )
        assert await office.states() == []

    assert await office.states() == ["waiting"]


async def test_a_mail_goes_with_what_it_would_have_told(office: Office) -> None:
    class Undone(Exception):
        pass

    async def book_and_fail() -> None:
        async with office.pool.acquire() as connection, connection.transaction():
            assert await enqueue(
                connection, booking(), now_s=NOON_S, zone=BRUSSELS, random=system_random
            )
            raise Undone

    with pytest.raises(Undone):
        await book_and_fail()

    assert await office.states() == []
    assert await office.put(booking())


async def test_the_same_is_told_once(office: Office) -> None:
    assert await office.put(booking())
    assert not await office.put(booking())
    assert await office.put(booking(about="q" * 22))

    assert await office.states() == ["waiting", "waiting"]


async def test_a_lost_outbox_tells_nothing_again(office: Office) -> None:
    """What a restored backup lacks is the schema `plain`; the notes of what was told are there."""
    await office.put(booking())
    await office.pool.execute("DELETE FROM plain.mail")

    assert not await office.put(booking())


async def test_a_rebuild_long_after_tells_nothing(office: Office) -> None:
    """Notes go after ten times three days, and what is older than three days is not mailed."""
    office.now_s = NOON_S + DELIVER_WITHIN_S
    assert not await office.put(booking())
    office.now_s -= 1
    assert await office.put(booking())


async def test_a_code_that_has_expired_is_not_mailed(office: Office) -> None:
    office.now_s = NOON_S + 900
    assert not await office.put(signing_in())
    office.now_s -= 1
    assert await office.put(signing_in())


async def test_who_does_not_want_a_kind_gets_the_others(office: Office) -> None:
    await office.stop(MailKind.BOOKED)
    await office.stop(MailKind.LOGIN)

    assert not await office.put(booking())
    assert await office.put(signing_in())


async def test_an_address_that_does_not_work_gets_only_what_was_asked_for(office: Office) -> None:
    await office.mark("an@voorbeeld.be")

    assert not await office.put(booking())
    assert await office.put(signing_in())
    assert await office.put(replace(booking(about="q"), address="an@anders.example"))


@pytest.mark.parametrize("address", ["", "an", "an@x.be\r\nBcc: jef@x.be"])
async def test_what_is_no_address_gets_nothing(office: Office, address: str) -> None:
    assert not await office.put(replace(booking(), address=address))
    assert await office.states() == []


async def test_an_outbox_is_bounded_for_each_person(office: Office) -> None:
    for number in range(WAITING_MAX):
        assert await office.put(booking(about=f"p{number}"))

    assert not await office.put(booking(about="one more"))
    other = replace(booking(about="p1"), account=8, key="another")
    assert await office.put(other)


async def test_what_is_written_at_night_waits(office: Office) -> None:
    office.now_s = NOON_S + 12 * 3600
    at_night = replace(booking(), happened_at_s=office.now_s)
    await office.put(at_night)
    await office.put(replace(signing_in(), useful_until_s=office.now_s + 900))

    booked, code = sorted(await office.rows(), key=lambda row: str(row["kind"]))
    assert booked["next_attempt_at_s"] == NOON_S + 20 * 3600
    assert code["next_attempt_at_s"] == office.now_s


async def test_an_erased_member_leaves_nothing(office: Office) -> None:
    await office.put(booking())
    await office.stop(MailKind.ASKED)
    await office.mark("oud@voorbeeld.be")
    other = replace(booking(), account=8, key="another")
    await office.put(other)

    async with office.pool.acquire() as connection:
        await forget(connection, to().account)

    assert [row["account"] for row in await office.rows()] == [8]
    assert await office.pool.fetchval("SELECT count(*) FROM mail_choice") == 0
    assert await office.pool.fetchval("SELECT count(*) FROM plain.mail_address") == 0
