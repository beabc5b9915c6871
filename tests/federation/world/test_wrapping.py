"""Data keys are wrapped by a new key each month, and what an old one wrapped opens no more."""

from __future__ import annotations

import os

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.sealed import Keyring, WrappedKey
from federation.node import wrapping
from federation.node.identity import read_wrapping
from federation.node.settings import PrivacySettings
from federation.node.verify import verify_log
from schemas.errors import VerificationError
from tests.federation.world.conftest import World

DAY_S = 86_400
MONTH_S = 30 * DAY_S
START_S = 1_796_000_000
KEYS = "SELECT subject, wrapping_key, wrapped FROM data_key"


def test_the_name_of_a_key_tells_its_day_and_the_first_key_has_none() -> None:
    name = wrapping.name_of(START_S)

    assert name == "wrapping-20261130"
    assert wrapping.made_at_s(name) == START_S // DAY_S * DAY_S
    assert wrapping.made_at_s("wrapping-1") is None
    assert max(["wrapping-1", name, wrapping.name_of(START_S + MONTH_S)]) > name


@given(st.lists(st.integers(0, 400), min_size=1, max_size=12), st.integers(0, 500))
def test_the_newest_key_and_one_that_wraps_something_are_never_outlived(
    days: list[int], today: int
) -> None:
    made = {wrapping.name_of(START_S + day * DAY_S): START_S + day * DAY_S for day in days}
    now = START_S + today * DAY_S

    gone = wrapping.outlived(made, [], lasts_s=MONTH_S, now_s=now)

    assert max(made) not in gone
    assert wrapping.outlived(made, made, lasts_s=MONTH_S, now_s=now) == []
    assert all(now - made[name] >= MONTH_S for name in gone)


async def test_a_backup_of_more_than_sixty_days_opens_nothing_any_more(world: World) -> None:
    node = await world.make("alfa", 20)
    await world.add_members(node)
    keys = node.folder.keys
    os.utime(keys / "wrapping-1.key", (START_S, START_S))
    old = [WrappedKey(*row) for row in await node.node.pool.fetch(KEYS)]
    renew = wrapping.renew

    assert await renew(node.node, now_s=START_S + MONTH_S - 1) == []
    assert sorted(read_wrapping(node.folder)) == ["wrapping-1"]
    assert await renew(node.node, now_s=START_S + MONTH_S) == []
    assert len(read_wrapping(node.folder)) == 2
    await node.ask("member.add", code="003", name="Nieuw")
    assert await renew(node.node, now_s=START_S + 2 * MONTH_S) == ["wrapping-1"]

    left = read_wrapping(node.folder)
    assert len(left) == 2
    assert {row["wrapping_key"] for row in await node.node.pool.fetch(KEYS)} == {max(left)}
    with pytest.raises(VerificationError):
        Keyring(left, max(left)).learn(old[0])
    await node.stop()
    await node.start()
    result = await verify_log(node.folder)
    assert (result.findings, result.erased) == ([], 0)
    assert (await node.ask("member.show", code="003"))["name"] == "Nieuw"


async def test_a_process_that_dies_on_the_way_loses_no_key(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = await world.make("alfa", 20)
    await world.add_members(node)
    os.utime(node.folder.keys / "wrapping-1.key", (START_S, START_S))

    async def dies(*_: object) -> None:
        raise OSError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(wrapping, "_wrap_all", dies)
        with pytest.raises(OSError, match="no room"):
            await wrapping.renew(node.node, now_s=START_S + MONTH_S)
    await node.stop()
    await node.start()

    assert (await verify_log(node.folder)).findings == []
    assert await wrapping.renew(node.node, now_s=START_S + MONTH_S + DAY_S) == []
    assert (await verify_log(node.folder)).erased == 0


async def test_a_group_that_wants_one_key_for_ever_keeps_it(world: World) -> None:
    node = await world.make("alfa", 20)
    privacy = PrivacySettings(wrapping_days=0)
    node.node.settings = msgspec.structs.replace(node.node.settings, privacy=privacy)

    assert await wrapping.renew(node.node, now_s=START_S + 99 * MONTH_S) == []
    assert sorted(read_wrapping(node.folder)) == ["wrapping-1"]
