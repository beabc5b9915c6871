"""An umbrella over four groups that have traded with each other, and who looks at its pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from itertools import combinations, count
from typing import Final

import msgspec
import pytest

from federation.members import roles
from federation.members.reader import OPERATOR
from federation.node.peers import Peer
from federation.node.service import now_s
from federation.node.settings import PublishingSettings
from federation.node.use_cases import new_key
from federation.umbrella import noting
from federation.umbrella.flows import DAY_S
from federation.umbrella.known_findings import Looked
from federation.web.place import LoginMail
from schemas.amounts import Rate
from schemas.findings import What, found
from schemas.ids import line_id
from schemas.member_bodies import Role
from schemas.openings import Contact, MemberText
from tests.federation.umbrella.made_logs import HOUR, MadeLogs, group_id
from tests.federation.web.conftest import MEMBERS, House, Page, Recorder
from tests.federation.world.conftest import World, WorldNode

A, B, C, D, NEVER = map(group_id, "abcde")
GROUPS: Final = {
    A: ("LETS Gent", Rate(20, 0)),
    B: ("LETS Leuven en de Dijlevallei tot in Aarschot", Rate(15, 0)),
    C: ("LETS <b>Brugge</b>", Rate(60, 0)),
    D: ("SEL Namur", Rate(1, 2)),
}
RATES: Final = {one: rate for one, (_, rate) in GROUPS.items()}
CREDITED: Final = found(What.NOT_CREDITED, B, seq=12, path="A" * 22, line_units=HOUR * 3 // 2)
REFUSED: Final = found(What.LOG_REFUSED, C, seq=7, reason="bad_proof")
SILENT: Final = found(What.NO_ANSWER, NEVER, reason="peer_unreachable")
SOLVED: Final = "De server stond <b>uit</b>. Hij draait weer."
PROOF: Final = b'{"kind":"broken-promise"}'
MAY_S: Final = int(datetime(2026, 5, 3, 12, tzinfo=UTC).timestamp())
QUARTER = "2026-Q2"
"""The quarter of the trades in May."""


class Umbrella(House):
    """An umbrella with the logs that it has followed."""

    def __init__(self, world: World, group: WorldNode, recorder: Recorder) -> None:
        super().__init__(world, group, recorder)
        self.logs = MadeLogs()

    async def trade(self, *, trades: int, units: int, at_s: int) -> None:
        """Let A have paid B some times more."""
        for _ in range(trades):
            self.logs.trade(A, B, units, at_s=at_s)
        await self.logs.mirrored(self.node, at_s=now_s())


async def make_umbrella(world: World) -> Umbrella:
    """Make the umbrella: 001 without a role, 003 coordinates, 004 audits."""
    umbrella = await world.make("LETS Vlaanderen", None)
    made = Umbrella(world, umbrella, Recorder())
    umbrella.node.parts[LoginMail] = made.mail
    for code in ("001", "003", "004"):
        name, address = MEMBERS[code]
        await umbrella.ask("member.add", code=code, name=name)
        contact = Contact(kind="mail", value=address, access="members")
        await made.describe(code, MemberText(name=name, contacts=(contact,)))
    for code, role in (("003", Role.COORDINATOR), ("004", Role.AUDITOR)):
        await roles.give_role(umbrella.node, OPERATOR, made.account(code), role, key=new_key())
    await made.seen()
    return made


async def fill(house: Umbrella) -> None:
    """Let four groups have traded in May and five days ago; one more was never followed."""
    node, now, numbers = house.node, now_s(), count(2)
    for one, (name, _) in GROUPS.items():
        await node.peers.add(Peer(one, f"http://127.0.0.1/{one[0]}", name, "registered"))
    await node.peers.add(Peer(NEVER, "http://127.0.0.1/e", "SEL Liège", "registered"))
    logs, long_ago = house.logs, int(datetime(2025, 1, 8, tzinfo=UTC).timestamp())
    for lower, higher in combinations(GROUPS, 2):
        logs.agree(lower, higher, RATES, at_s=long_ago)
        for payer, payee in ((lower, higher), (higher, lower)):
            trades = next(numbers)
            for at_s in (MAY_S, now - 5 * DAY_S):
                for _ in range(trades):
                    logs.trade(payer, payee, HOUR * 3 // 4, at_s=at_s)
    logs.commit(A, B, HOUR, at_s=now - 3 * DAY_S)
    await logs.mirrored(node, at_s=now - 300)
    await node.pool.execute(
        "UPDATE mirror_state SET pulled_at_s = $2 WHERE node = $1", B, now - 2 * DAY_S
    )
    await _find(house, line_id(A, B, 0))


async def _find(house: Umbrella, line: str) -> None:
    """Let an audit have found four things, of which one is solved and one is proven."""
    node = house.node
    near = found(What.NEAR_LIMIT, A, line=line, line_units=40 * HOUR)
    nothing_missed = Looked(full=False, behind=frozenset())
    await noting.note(node, [SILENT, near, CREDITED, REFUSED], nothing_missed)
    await noting.note(node, [near, CREDITED, REFUSED], nothing_missed)
    await noting.solve(node, SILENT.id().hex(), SOLVED, by=house.account("004"), key=new_key())
    await node.pool.execute(
        """INSERT INTO evidence (id, kind, line, about, accused, kept_at_s, file)
        VALUES ($1, 'broken-promise', $2, '7', $2, $3, $4)""",
        sha256(PROOF).digest(),
        C,
        now_s(),
        PROOF,
    )


@pytest.fixture
async def umbrella(world: World) -> AsyncIterator[Umbrella]:
    made = await make_umbrella(world)
    await fill(made)
    yield made
    await made.close()


def publish(house: Umbrella, **shown: str) -> None:
    settings = msgspec.convert(shown, PublishingSettings)
    house.node.settings = msgspec.structs.replace(house.node.settings, publishing=settings)


def plain(page: Page) -> str:
    return page.words.replace("\N{NO-BREAK SPACE}", " ")
