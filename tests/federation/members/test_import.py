"""What a group brings along lives on: members sign in, posts are shown and changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.demo.make_export import ExportSize, make_export
from federation.members import categories, posts, profiles, projector, roles
from federation.members.reader import OPERATOR
from federation.node.use_cases import account_by_code
from schemas.errors import RuilbrugError
from tests.federation.members.conftest import later
from tests.federation.world.conftest import World

SIZE = ExportSize(members=20, posts=40, transactions=30)


async def test_imported_members_and_posts_come_alive(world: World, tmp_path: Path) -> None:
    export = tmp_path / "group-db-csv.zip"
    make_export(export, seed=5, size=SIZE)
    node = await world.make("alfa", 20)
    written = (await node.ask("import", file=str(export)))["written"]
    await projector.reached(node.node, node.node.sequencer.size - 1)

    everybody = await profiles.profiles(node.node, OPERATOR, limit=1000)
    mail = {
        contact.value
        for profile in everybody
        for contact in profile.contacts
        if contact.kind == "mail"
    }
    assert len(everybody) >= SIZE.members
    assert mail
    for address in mail:
        found = await profiles.person_by_address(node.node, address.upper())
        active = [p for p in everybody if p.status != "inactive" and address in str(p.contacts)]
        assert {person.account for person in found} == {profile.account for profile in active}
    assert any(profile.since_s < later(-300) for profile in everybody)
    assert any(profile.postcode for profile in everybody)

    shown = [
        post
        for profile in everybody
        for post in await posts.posts_of(node.node, profile.account, OPERATOR, all_of_them=True)
    ]
    assert len(shown) == written["posts"]
    known = {
        category.category: category.name for category in await categories.categories(node.node)
    }
    assert len(known) == written["categories"]
    assert all(post.title for post in shown)
    assert all(known.get(post.category or 0, "") == post.category_name for post in shown)
    assert any(post.category_name for post in shown)
    assert any(post.price.amount_minor for post in shown)

    mine = next(post for post in shown if post.shown)
    reader = roles.reader_of(node.node, mine.account)
    await node.ask("post.end", post=mine.post)
    await node.ask("post.renew", post=mine.post, expires_at_s=later(40))
    again = await posts.post(node.node, mine.post, reader)
    assert (again.title, again.ended, again.shown) == (mine.title, False, True)


async def test_members_of_the_former_system_who_left_do_not_sign_in(
    world: World, tmp_path: Path
) -> None:
    export = tmp_path / "group-db-csv.zip"
    make_export(export, seed=5, size=SIZE)
    node = await world.make("alfa", 20)
    await node.ask("import", file=str(export))
    gone = [row for row in await node.ask("member.list") if row["status"] == "inactive"]
    assert gone

    for row in gone:
        account = account_by_code(node.node, row["code"]).account
        with pytest.raises(RuilbrugError):
            roles.reader_of(node.node, account)
