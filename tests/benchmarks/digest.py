"""A digest for each of 300 members, out of 100,000 posts of 200 groups: written, not yet sent."""

from __future__ import annotations

import random
import time
from typing import Final

from events.recovery import connect
from federation.mail.digest_choices import setting
from federation.mail.digest_days import next_due_s
from federation.mail.digest_round import Digests
from federation.mail.office import office_of
from federation.members.postcodes import all_places
from federation.members.projector import reached
from federation.node.service import Node, now_s, running_node
from tests.benchmarks.limits import Limits
from tests.benchmarks.place import Place
from tests.benchmarks.posts import GROUPS, POSTS, fill_posts, know_groups
from tests.benchmarks.report import Limit, Report
from tests.benchmarks.writing import MEMBERS, writing

FIGURE: Final = "digest.300"


async def digest(place: Place, limits: Limits, report: Report) -> None:
    """Measure one edition from the moment it is due until everybody's lies in the outbox."""
    folder = await place.make_node()
    file = folder.path / "node.toml"
    file.write_text(f'{file.read_text()}[mail]\nmode = "mailbox"\n')
    async with writing(folder) as writer:
        await writer.open_members()
    async with running_node(folder) as node:
        digests, due_s = Digests(node, office_of(node)), await _filled(node)
        start = time.perf_counter()
        written = await digests.round(due_s)
        taken_s = time.perf_counter() - start
        assert written == MEMBERS, written
    bare = Limit(MEMBERS / limits.commits.value, limits.commits.of)
    report.figure(FIGURE, taken_s, "s", limit=bare, target="<= 10 s")


async def _filled(node: Node) -> int:
    """Give everybody an address and a home, and bring the posts; gives when the edition is due."""
    await reached(node, node.sequencer.size - 1)
    chance, office = random.Random(6), office_of(node)
    owner = await connect(node.settings.database_owner)
    try:
        await know_groups(owner)
        await node.peers.load()
        people = await owner.fetch("SELECT account FROM plain.person ORDER BY account")
        await owner.executemany(
            "UPDATE plain.person SET address = 'lid' || account || '@voorbeeld.be',"
            " address_key = 'lid' || account || '@voorbeeld.be' WHERE account = $1",
            [(row["account"],) for row in people],
        )
        homes = [chance.choice(all_places()).spot for _ in people]
        await owner.executemany(
            "UPDATE plain.member SET latitude = $2, longitude = $3 WHERE account = $1",
            [(row["account"], *home) for row, home in zip(people, homes, strict=True)],
        )
        await Digests(node, office).round(now_s())  # begins before there is anything to tell
        wanted = await setting(node.pool)
        due_s = next_due_s(now_s(), office.zone, wanted.weekday)
        await fill_posts(owner, POSTS, GROUPS, now_s=due_s)
    finally:
        await owner.close()
    return due_s
