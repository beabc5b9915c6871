"""A coordinator sees what a new group still has to do, each step as long as its fact is missing."""

from __future__ import annotations

import pytest

from federation.group.commands import SetGroupLimits
from federation.node.remembered import LastBackup, remember
from federation.node.use_cases import new_key
from federation.setup.paper_keys import take_away
from federation.web.beginning import (
    BACKUP,
    LIMITS,
    MAIL,
    MEMBERS,
    PAPER,
    PARTNER,
    Facts,
    Step,
    facts_of,
    steps_left,
)
from schemas.limit_bodies import Limits
from tests.federation.web.conftest import House

MAIL_THAT_LEFT = """
INSERT INTO plain.mail (mail, kind, account, person, name, address, language, subject, text, html,
                        stop_url, written_at_s, give_up_at_s, next_attempt_at_s, state)
VALUES ($1, 'login', 1, 0, '', 'an@voorbeeld.be', 'nl', '', '', '', '', 1, 2, 1, 'sent')
"""
DONE = Facts(on_paper=True, mail_left=True, limited=True, members=2, partners=1, backed_up=True)


def test_nothing_is_left_when_every_fact_stands() -> None:
    assert steps_left(DONE) == []


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        (DONE._replace(on_paper=False), PAPER),
        (DONE._replace(mail_left=False), MAIL),
        (DONE._replace(limited=False), LIMITS),
        (DONE._replace(members=1), MEMBERS),
        (DONE._replace(partners=0), PARTNER),
        (DONE._replace(backed_up=False), BACKUP),
    ],
)
def test_a_step_is_left_as_long_as_its_fact_is_missing(facts: Facts, step: Step) -> None:
    assert steps_left(facts) == [step]


def test_the_keys_come_first() -> None:
    nothing = Facts(
        on_paper=False, mail_left=False, limited=False, members=0, partners=0, backed_up=False
    )

    assert steps_left(nothing) == [PAPER, MAIL, LIMITS, MEMBERS, BACKUP, PARTNER]


async def test_coordinators_see_it_and_members_do_not(house: House) -> None:
    coordinator, member = await house.signed_in("003"), await house.signed_in("001")

    page = await coordinator.get("/group")

    assert "Begin hier" in page.words
    assert PAPER.title in page.words
    assert f'<a href="/group/limits">{LIMITS.title}</a>' in page.text
    assert f'<a href="/group/partners">{PARTNER.title}</a>' in page.text
    assert MEMBERS.title not in page.words
    assert "Begin hier" not in (await member.get("/group")).text


async def test_it_goes_away_with_what_is_done(house: House) -> None:
    node = house.node
    before = await facts_of(node)
    assert before == Facts(
        on_paper=False, mail_left=False, limited=False, members=5, partners=0, backed_up=False
    )

    take_away(node.folder)
    remember(node.folder, LastBackup(made_at_s=1000, size=3, bytes_count=9, file="x"))
    limits = Limits(lower_minor=-240, upper_minor=240)
    await node.do(SetGroupLimits(new_key(), None, limits))
    async with node.pool.acquire() as connection:
        await connection.execute(MAIL_THAT_LEFT, bytes(16))

    assert await facts_of(node) == DONE._replace(members=5, partners=0)
    coordinator = await house.signed_in("003")
    words = (await coordinator.get("/group")).words
    assert PARTNER.how in words
    assert PAPER.title not in words
