"""The list of threads page by page, and the thread about one post, among many others."""

from __future__ import annotations

from federation.members import one_post, threads
from federation.members.agreeing_queries import SQL
from federation.members.thread_views import ShownThread
from federation.node.service import now_s
from schemas.encoding import b64
from tests.federation.members.conftest import Group

LAST = b64(b"\xfb\xef\xbe" * 5 + b"\xf8")
"""Of threads of the same second this one comes last."""


async def _written(group: Group, by: str, code: str, **said: object) -> str:
    begun = await group.ask("thread.start", by=by, code=code, text="Dag", **said)
    return str(begun["thread"])


async def _pages(group: Group, by: str, *, limit: int) -> list[list[ShownThread]]:
    reader = group.reader(by)
    pages = [await threads.threads_of(group.node, reader, limit=limit)]
    while len(pages[-1]) == limit:
        last = pages[-1][-1]
        before = (last.at_s, last.thread)
        pages.append(await threads.threads_of(group.node, reader, before=before, limit=limit))
    return pages


async def test_who_blocked_somebody_still_finds_all_other_threads(group: Group) -> None:
    wanted = [await _written(group, "002", "001") for _ in range(3)]
    blocked = [await _written(group, "003", "001") for _ in range(3)]
    wanted += [await _written(group, "002", "001") for _ in range(2)]
    await group.ask("member.block", by="001", code="003")

    pages = await _pages(group, "001", limit=2)

    seen = [one.thread for page in pages for one in page]
    assert sorted(seen) == sorted(wanted)
    assert not set(seen) & set(blocked)


async def test_the_thread_about_a_post_is_found_however_many_came_after(group: Group) -> None:
    placed = await group.post("002")
    post = str(placed["post"])
    about = await _written(group, "001", "002", offer=post, key=LAST)
    for _ in range(31):
        await _written(group, "001", "003")
    node, reader = group.node, group.reader("001")

    seen = await one_post.look(node, reader, "", post, now_s=now_s())
    found = await one_post.reach(node, reader, seen)

    assert found.thread is not None
    assert found.thread.thread == about


async def test_names_of_members_elsewhere_are_looked_up_and_not_searched(group: Group) -> None:
    async with group.node.pool.acquire() as connection:
        plan = await connection.fetch("EXPLAIN " + SQL["names_of_posters"], ["x"])

    assert any("post_poster" in row[0] for row in plan), plan
