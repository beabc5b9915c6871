"""A new group has categories, a welcome and its first coordinator, each once; she gets in."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from msgspec.structs import replace

from federation.members import board, categories, profiles, roles
from federation.members.reader import OPERATOR
from federation.node.service import Node, now_s
from federation.node.settings import MailSettings
from federation.node.use_cases import add_member
from federation.setup import filling
from federation.setup.content import CATEGORIES
from federation.setup.content import categories as wanted_categories
from federation.setup.filling import fill
from federation.web.first_link import LASTS_S, first_link
from schemas.board_bodies import ItemKind
from schemas.errors import Code, RefusedError
from schemas.member_bodies import Role
from schemas.texts.words import Language
from tests.federation.setup.test_answers import MADE
from tests.federation.web.conftest import Browser
from tests.federation.world.conftest import World
from tests.interrupted import Interrupted, at_call


@pytest.fixture
async def node(world: World) -> Node:
    return (await world.make("alfa", 20)).node


async def found(node: Node) -> dict[str, Any]:
    return {
        "size": node.sequencer.size,
        "categories": [one.name for one in await categories.categories(node)],
        "news": [one.title for one in await board.items(node, OPERATOR, ItemKind.NEWS)],
        "documents": [one.title for one in await board.items(node, OPERATOR, ItemKind.DOCUMENT)],
        "members": [one.code for one in await profiles.profiles(node, OPERATOR)],
    }


@pytest.mark.parametrize("language", Language)
async def test_a_new_group_finds_its_first_content(node: Node, language: Language) -> None:
    answers = replace(MADE, language=language)

    account = await fill(node, answers)

    there = await found(node)
    wanted = wanted_categories(answers)
    assert sorted(there["categories"]) == sorted([*wanted, *itertools.chain(*wanted.values())])
    assert len(there["categories"]) == len(set(there["categories"]))
    assert len(there["news"]) == len(there["documents"]) == 1
    assert there["members"] == ["kern"]
    profile = await profiles.profile(node, account, OPERATOR)
    assert profile.contacts[0].value == MADE.mail
    assert roles.roles_of(node, account) == {Role.COORDINATOR}
    (about,) = await board.items(node, OPERATOR, ItemKind.DOCUMENT)
    assert "240" in about.text
    assert "%(" not in about.text


STEPS = 1 + len(CATEGORIES) + sum(map(len, CATEGORIES.values())) + 5


@pytest.mark.parametrize("number", [1, 2, 9, STEPS - 5, STEPS - 4, STEPS - 3, STEPS - 2, STEPS - 1])
async def test_what_was_interrupted_goes_on_and_nothing_comes_twice(
    world: World, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    whole, node = (await world.make("whole", 20)).node, (await world.make("alfa", 20)).node
    await fill(whole, MADE)
    with monkeypatch.context() as patched:
        patched.setattr(filling, "_key", at_call(number, filling._key, after=False))
        with pytest.raises(Interrupted):
            await fill(node, MADE)
    monkeypatch.setattr(filling, "now_s", lambda: 4_000_000_000)
    for _ in range(2):
        await fill(node, MADE)

    assert await found(node) == await found(whole)


async def test_the_first_coordinator_gets_in_by_the_printed_link_once(world: World) -> None:
    group = await world.make("alfa", 20)
    account = await fill(group.node, MADE)
    link = (await group.ask("member.link", code="kern"))["link"]
    browser = Browser(group)
    try:
        path = link.removeprefix(group.node.settings.public_url)
        door = await browser.get(path)
        inside = await browser.post(path, form=door.key)

        assert inside.path == "/group"
        assert (await browser.get("/group/settings")).status == 200
        with pytest.raises(RefusedError) as refused:
            await first_link(group.node, account, at_s=now_s())
        assert refused.value.code is Code.FORBIDDEN
    finally:
        await browser.session.close()


async def test_no_link_is_printed_for_members_nor_beside_mail(node: Node) -> None:
    account = await fill(node, MADE)
    member = await add_member(node, code="002", name="An")
    await first_link(node, account, at_s=1_000)

    with pytest.raises(RefusedError):
        await first_link(node, member, at_s=1_000)
    node.settings = replace(node.settings, mail=MailSettings(mode="smtp"))
    with pytest.raises(RefusedError):
        await first_link(node, account, at_s=1_000)


async def test_a_link_lasts_a_day(world: World) -> None:
    group = await world.make("alfa", 20)
    account = await fill(group.node, MADE)
    link = await first_link(group.node, account, at_s=now_s() - LASTS_S)
    browser = Browser(group)
    try:
        page = await browser.get(link.removeprefix(group.node.settings.public_url))
        assert page.path.startswith("/login?")
    finally:
        await browser.session.close()


async def test_a_group_that_moves_in_brings_its_own_categories(node: Node) -> None:
    await fill(node, MADE, moves_in=True)

    there = await found(node)
    assert there["categories"] == []
    assert len(there["documents"]) == 1
