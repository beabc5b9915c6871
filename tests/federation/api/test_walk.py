"""One walk over all operations as everybody, with the ids of somebody else's things: nothing leaks.

Member 001 has a name, texts, a staff-only contact, a booking, a trade with another group, a request
that waits for it, and a post that is for staff. Whoever asks names exactly these.
"""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from federation.api.operation import KeyUse, Operation
from federation.api.table import OPERATIONS
from federation.api.tokens import TokenRole
from federation.node.service import now_s
from federation.node.settings import NodeLimits
from schemas.encoding import b64
from tests.federation.api.conftest import Answer, Asker, Group
from tests.federation.world.conftest import World, WorldNode

TEXTS = (
    "GEHEIMTEKST",
    "GEHEIMRUIL",
    "GEHEIMVRAAG",
    "GEHEIMNOTA",
    "geheim@mail.example",
    "GEHEIMPOST",
)
NAME = "Geheimnaam"
DESCRIBED = {
    "name": NAME,
    "admin_comment": "GEHEIMNOTA",
    "contacts": [{"kind": "mail", "value": "geheim@mail.example", "visibility": "staff"}],
}
POST = {"want": False, "title": "GEHEIMPOST", "visibility": "staff", "expires_at_s": 0}
LIMITS = NodeLimits(token_requests_at_once=100_000, stranger_requests_at_once=100_000)
OF_EVERYBODY = {"group", "me", "partners", "quote", "members", "member", "posts_of", "categories"}
"""What any member may ask also with somebody else's ids: it gives what all members may see."""

HIDDEN = {"not_found", "forbidden", "not_yours", "post_unknown"}


def in_a_month_s() -> int:
    return now_s() + 30 * 24 * 3600


class Walk:
    """A group with things of member 001, and everything that can be asked about them."""

    def __init__(self, group: Group, other: WorldNode, ids: dict[str, str]) -> None:
        self.group = group
        self.other = other
        self.ids = ids
        self.keys = 0

    def content(self, operation: Operation) -> Any:
        payment = {"group": self.ids["group"], "amount_minor": 1, "payer": "001", "payee": "001"}
        contents: dict[str, Any] = {
            "transfer": {"payer": self.ids["code"], "payee": "002", "amount_minor": 1},
            "member_add": {"code": "099", "name": "Nieuw"},
            "limits_set": {"lower_minor": -7},
            "status_set": {"status": "leaving"},
            "pay": payment | {"payer": self.ids["code"]},
            "request": payment | {"payee": self.ids["code"]},
            "consent": {},
            "decline": {},
            "cancel": {},
            "reverse": {},
            "describe": {"name": "Anders"},
            "person_join": {"name": "Iemand", "address": "iemand@mail.example"},
            "person_leave": {},
            "helper_set": {"helper": "002", "helps": True},
            "role_set": {"role": "auditor", "has": True},
            "away_set": {"away": True},
            "rules_set": {"members_see_balances": True},
            "category_place": {"name": "Nieuw"},
            "post_place": POST | {"code": self.ids["code"], "expires_at_s": in_a_month_s()},
            "post_change": POST | {"title": "Anders", "expires_at_s": in_a_month_s()},
            "post_renew": {"expires_at_s": in_a_month_s()},
            "post_end": {},
            "terms_propose": {"grants_units": 1_000},
            "terms_answer": {"accept": False},
            "limit_lower": {"grants_units": 0},
            "freeze": {"reason": "coordinator"},
        }
        wanted = {one.name for one in OPERATIONS if one.has_content()}
        assert contents.keys() == wanted, "say what is sent to each operation"
        return contents[operation.name]

    async def ask(self, asker: Asker, operation: Operation) -> Answer:
        """Ask as described, with a fresh key."""
        self.keys += 1
        path = operation.path
        for name, value in self.ids.items():
            path = path.replace(f"{{{name}}}", value)
        if operation.name == "quote":
            path += "?amount_minor=3"
        keyed = operation.key is not KeyUse.NONE
        return await asker.ask(
            operation.method,
            path,
            json=self.content(operation) if operation.has_content() else None,
            key=f"walk-{self.keys}" if keyed else None,
        )


@pytest.fixture
async def walk(api_world: World, session: aiohttp.ClientSession) -> Walk:
    node = await api_world.make("alfa", 20, limits=LIMITS)
    other = await api_world.make("beta", 60)
    await api_world.link(node, other)
    await other.ask("member.add", code="001", name="Buur")
    await node.ask("member.add", code="001", name=NAME)
    for code in ("002", "003", "004"):
        await node.ask("member.add", code=code, name=f"Lid {code}")
    group = Group(node, session)
    owner, staff = await group.token("member", "001"), await group.token("coordinator", "003")
    described = await staff.ask("PUT", "/members/001/description", json=DESCRIBED)
    assert described.status == 200, described.text
    booked = await owner.post(
        "/transfers",
        {"payer": "001", "payee": "004", "amount_minor": 2, "description": "GEHEIMTEKST"},
        "a",
    )
    assert booked.status == 201, booked.text
    trade = await owner.post(
        "/payments",
        {
            "payer": "001",
            "payee": "001",
            "group": other.node.id,
            "amount_minor": 3,
            "description": "GEHEIMRUIL",
        },
        "b",
    )
    assert trade.json["state"] == "settled", trade.text
    await other.ask(
        "pay.request",
        payer="001",
        payee="001",
        group="alfa",
        amount_minor=3,
        description="GEHEIMVRAAG",
    )
    post = await owner.post("/posts", POST | {"code": "001", "expires_at_s": in_a_month_s()}, "c")
    assert post.status == 201, post.text
    person = await owner.post(
        "/members/001/persons", {"name": "Huisgenoot", "address": "geheim@mail.example"}, "d"
    )
    assert person.status == 201, person.text
    ids = {
        "code": "001",
        "group": other.node.id,
        "path": trade.json["path"],
        "post": post.json["post"],
        "person": person.json["person"],
    }
    return Walk(group, other, ids)


def told(answer: Answer) -> str:
    """Everything that an answer says."""
    return answer.text + str(dict(answer.headers))


async def test_nobody_learns_or_changes_what_is_somebody_elses(walk: Walk) -> None:
    node = walk.group.node
    anybody = walk.group.asker()
    member, auditor = await walk.group.token("member", "002"), await walk.group.token("auditor")
    askers = ((anybody, None), (member, TokenRole.MEMBER), (auditor, TokenRole.AUDITOR))
    before = node.sequencer.size
    wrong = []

    for operation in OPERATIONS:
        for asker, role in askers:
            answer = await walk.ask(asker, operation)
            said = f"{operation.name} as {role}: {answer.status} {answer.text[:200]}"
            if any(text in told(answer) for text in TEXTS):
                wrong.append(f"it tells a text: {said}")
            if role is not TokenRole.MEMBER and NAME in told(answer):
                wrong.append(f"it tells a name: {said}")
            if role is None:
                fine = answer.status == 401
            elif role not in operation.roles:
                fine = (answer.status, answer.json["code"]) == (403, "forbidden")
            elif role is TokenRole.AUDITOR:
                fine = answer.status == 200 or answer.json["code"] == "not_found"
            elif operation.name in OF_EVERYBODY:
                fine = answer.status == 200
            else:
                fine = answer.json.get("code") in {
                    "not_found",
                    "forbidden",
                    "not_yours",
                    "post_unknown",
                }
            if not fine:
                wrong.append(said)

    assert wrong == []
    assert node.sequencer.size == before


async def test_what_is_somebody_elses_is_answered_like_what_is_not_there(walk: Walk) -> None:
    member = await walk.group.token("member", "002")
    unknown = Walk(
        walk.group,
        walk.other,
        {
            "code": "777",
            "group": walk.ids["group"],
            "path": b64(bytes(16)),
            "post": "777",
            "person": "7",
        },
    )
    different = []

    for operation in OPERATIONS:
        if TokenRole.MEMBER not in operation.roles or operation.name in OF_EVERYBODY:
            continue
        if operation.name == "post_place":  # codes of members are no secret among members
            continue
        theirs = await walk.ask(member, operation)
        missing = await unknown.ask(member, operation)
        if (theirs.status, theirs.text) != (missing.status, missing.text):
            different.append(f"{operation.name}: {theirs.text} {missing.text}")

    assert different == []


async def test_the_owner_a_helper_and_a_coordinator_see_what_is_theirs(walk: Walk) -> None:
    await walk.group.world_node.ask("member.helper", code="001", helper="004")
    owner, helper = await walk.group.token("member", "001"), await walk.group.token("member", "004")
    staff = await walk.group.token("coordinator", "003")
    reads = [one for one in OPERATIONS if one.method == "GET" and TokenRole.MEMBER in one.roles]

    for asker in (owner, helper, staff):
        for operation in reads:
            answer = await walk.ask(asker, operation)
            assert answer.status == 200, f"{operation.name}: {answer.text}"
    statement = (await owner.get("/accounts/001/statement")).json
    assert {line["description"] for line in statement["lines"]} == {"GEHEIMTEKST", "GEHEIMRUIL"}
    assert (await owner.get("/accounts/001/requests")).json["trades"][0]["state"] == "requested"
    assert (await helper.get("/me")).json["acts_for"] == ["004", "001"]
    assert (await owner.get("/members/001/description")).json["admin_comment"] == ""
    assert (await staff.get("/members/001/description")).json["admin_comment"] == "GEHEIMNOTA"
    auditor = await walk.group.token("auditor")
    audited = (await auditor.get("/accounts/001/statement")).json["lines"]
    assert [line.get("description") for line in audited] == [None, None]


async def test_a_coordinator_may_do_each_of_these_with_the_codes_that_the_table_names(
    walk: Walk,
) -> None:
    """Whatever an operation refuses with is among the codes that its documents tell."""
    askers = [
        await walk.group.token("member", "001"),
        await walk.group.token("coordinator", "003"),
        await walk.group.token("auditor"),
    ]
    undocumented = []

    for operation in OPERATIONS:
        for asker in askers:
            answer = await walk.ask(asker, operation)
            if answer.status == operation.status:
                continue
            if answer.json["code"] not in {code.value for code in operation.all_codes()}:
                undocumented.append(f"{operation.name}: {answer.text}")

    assert undocumented == []


async def test_a_coordinators_token_ends_with_the_role(walk: Walk) -> None:
    staff = await walk.group.token("coordinator", "003")
    assert (await staff.get("/accounts")).status == 200

    await walk.group.world_node.ask("member.role", code="003", role="coordinator", take=True)

    assert (await staff.get("/accounts")).status == 401


async def test_a_members_token_has_no_role_of_its_member(walk: Walk) -> None:
    member = await walk.group.token("member", "002")
    await walk.group.world_node.ask("member.role", code="002", role="coordinator")

    assert (await member.get("/accounts")).status == 403
    assert (await member.get("/accounts/001")).status == 404
    assert (await member.get(f"/posts/{walk.ids['post']}")).status == 422
    answer = await member.ask("PUT", "/members/001/description", json={"name": "Anders"})
    assert answer.status == 404
