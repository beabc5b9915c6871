"""One walk over all operations as everybody, with the ids of somebody else's things: nothing leaks.

Whoever asks names exactly the things of member 001, who is neither of them.
"""

from __future__ import annotations

import aiohttp
import msgspec
import pytest

from federation.api.operation import Operation
from federation.api.table import OPERATIONS
from federation.api.tokens import TokenRole
from federation.node.settings import NodeLimits
from schemas.encoding import b64
from tests.federation.api.conftest import Answer, Group
from tests.federation.api.walking import NAME, TEXTS, Walk, make_walk
from tests.federation.world.conftest import World

LIMITS = NodeLimits(token_requests_at_once=100_000, stranger_requests_at_once=100_000)
OF_EVERYBODY = {
    "group",
    "me",
    "partners",
    "mailed_groups",
    "rules",
    "members",
    "member",
    "thanks_of",
    "posts_of",
    "categories",
    "feed_post",
    "activities",
    "activity",
    "items",
    "calendar",
    "item",
    "file",
    "mail",
    "mail_choose",
    "mail_works",
    "data",
    "devices",
    "device_end",
    "own_thanks",
    "thanks_choose",
    "looked",
    "erasing",
    "erasing_set",
}
"""What any member may ask also with somebody else's ids: it gives what all members may see,
or is about the member of the token whatever the address names."""

OF_TWO = ("GEHEIMTEKST", "GEHEIMRUIL", "GEHEIMVRAAG", "GEHEIMDANK")
"""What bookings were for, and a private thank you."""
HIDDEN = {"not_found", "forbidden", "not_yours", "post_unknown"}


@pytest.fixture
async def walk(world: World, session: aiohttp.ClientSession) -> Walk:
    node = await world.make("alfa", 20, limits=LIMITS)
    other = await world.make("beta", 60)
    return await make_walk(world, node, other, Group(node, session))


def told(answer: Answer) -> str:
    """Everything that an answer says."""
    return answer.text + str(dict(answer.headers))


async def test_nobody_learns_or_changes_what_is_somebody_elses(walk: Walk) -> None:
    node = walk.group.node
    anybody = walk.group.asker()
    member, auditor = await walk.group.token("member", "002"), await walk.group.token("auditor")
    made = await walk.other.ask("token.new", name="buur", role="member", account="001")
    neighbour = walk.group.asker(made["secret"])
    askers = (
        (anybody, None),
        (neighbour, None),
        (member, TokenRole.MEMBER),
        (auditor, TokenRole.AUDITOR),
    )
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
                fine = answer.json.get("code") in HIDDEN
            if not fine:
                wrong.append(said)

    assert wrong == []
    assert node.sequencer.size == before


async def test_a_treasurer_reads_the_books_and_an_editor_what_is_told_and_they_do_no_more(
    walk: Walk,
) -> None:
    """Exactly the rights that their pages have: what bookings were for stays between the two."""
    may = {
        TokenRole.TREASURER: {
            *("group", "me", "partners", "rules"),
            *("accounts", "account", "statement", "months", "proof", "books"),
        },
        TokenRole.EDITOR: {
            *("group", "me", "partners", "rules"),
            *("items", "calendar", "item", "file"),
            *("item_place", "item_change", "item_remove", "file_take"),
            *("categories", "category_place", "category_change", "category_order", "category_end"),
            *("post", "post_hide", "post_unhide"),
        },
    }
    wrong = []

    for role, names in may.items():
        asker = await walk.group.token(role, "002")
        for operation in OPERATIONS:
            answer = await walk.ask(asker, operation)
            said = f"{operation.name} as {role}: {answer.status} {answer.text[:200]}"
            if any(text in told(answer) for text in TEXTS):
                wrong.append(f"it tells a text: {said}")
            if (NAME in told(answer)) and operation.name not in {
                "accounts",
                "account",
                "statement",
            }:
                wrong.append(f"it tells a name: {said}")
            if operation.name not in names:
                if (answer.status, answer.json["code"]) != (403, "forbidden"):
                    wrong.append(said)
            elif answer.status not in (200, 201) and answer.json["code"] not in {
                code.value for code in operation.all_codes() if code.value != "forbidden"
            }:
                wrong.append(said)

    assert wrong == []
    rights = {role: {one.name for one in OPERATIONS if role in one.roles} for role in may}
    assert rights == may


async def test_a_coordinator_is_not_told_what_others_booked_for(walk: Walk) -> None:
    staff = await walk.group.token("coordinator", "003")
    wrong = []

    for operation in OPERATIONS:
        said = told(await walk.ask(staff, operation))
        wrong += [(operation.name, text) for text in OF_TWO if text in said]

    assert wrong == []
    (found,) = [one for one in OPERATIONS if one.name == "statement"]
    lines = (await walk.ask(staff, found)).json["lines"]
    assert {line["description"] for line in lines} == {""}
    assert (await walk.ask(staff, found, text="GEHEIM")).json["lines"] == []


async def test_a_coordinator_learns_nothing_of_what_is_reported_about_it(walk: Walk) -> None:
    await walk.group.world_node.ask("member.role", code="004", role="coordinator")
    about = await walk.group.token("coordinator", "004")
    told_of = []

    for operation in OPERATIONS:
        answer = await walk.ask(about, operation)
        if "GEHEIMKLACHT" in told(answer):
            told_of.append(operation.name)
        if operation.name == "report_handle":
            assert (answer.status, answer.json["code"]) == (404, "not_found")

    assert told_of == []
    staff = await walk.group.token("coordinator", "003")
    (report,) = (await staff.get("/reports")).json["reports"]
    assert (report["text"], report["about"]["code"]) == ("GEHEIMKLACHT", "004")
    assert report["handled_by"] is None


async def test_what_is_somebody_elses_is_answered_like_what_is_not_there(walk: Walk) -> None:
    member = await walk.group.token("member", "002")
    unknown = Walk(
        walk.group,
        walk.other,
        {
            **dict.fromkeys(("activity", "booking", "item", "post"), "777"),
            "file": "verslag.txt",
            **dict.fromkeys(("report", "thread", "trade"), b64(bytes(16))),
            "code": "777",
            "device": "777",
            "digest": b64(bytes(32)),
            "group": walk.ids["group"],
            "name": "777",
            "person": "7",
        },
    )
    different = []

    for operation in OPERATIONS:
        if TokenRole.MEMBER not in operation.roles or operation.name in OF_EVERYBODY:
            continue
        if operation.name in (
            "post_place",
            "member_statement",
        ):  # codes of members are no secret among members
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
    reads = [one for one in OPERATIONS if one.method == "GET" and one.name != "feed_picture"]
    askers = (
        (owner, TokenRole.MEMBER),
        (helper, TokenRole.MEMBER),
        (staff, TokenRole.COORDINATOR),
    )

    for asker, role in askers:
        for operation in reads:
            answer = await walk.ask(asker, operation)
            if operation.name == "search" and asker is staff:
                assert answer.json["code"] == "not_found"
            elif role in operation.roles:
                assert answer.status == 200, f"{operation.name}: {answer.text}"
            else:
                assert answer.status == 403, f"{operation.name}: {answer.text}"
    statement = (await owner.get("/accounts/001/statement")).json
    assert {line["description"] for line in statement["lines"]} == {"GEHEIMTEKST", "GEHEIMRUIL"}
    home = (await owner.get("/accounts/001/home")).json
    assert [trade["state"] for trade in home["trades"]] == ["requested"]
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

    await walk.group.world_node.ask("member.role", code="002", role="coordinator")
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


def texts_of(operation: Operation) -> list[str]:
    """Which fields of what is asked may hold text of any kind."""
    if operation.asked is None or operation.asked is bytes:
        return []
    schema = msgspec.json.schema(operation.asked)
    fields = schema["$defs"][operation.asked.__name__]["properties"]
    return [name for name, one in fields.items() if one.get("type") == "string"]


async def test_nul_in_any_text_is_refused_by_its_field(walk: Walk) -> None:
    coordinator = await walk.group.token("coordinator", "003")
    owner = await walk.group.token("member", "001")
    before = walk.group.node.sequencer.size
    wrong, asked = [], 0

    for operation in OPERATIONS:
        asker = owner if TokenRole.MEMBER in operation.roles else coordinator
        for field in texts_of(operation):
            answer = await walk.ask(asker, operation, **{field: "a\x00b"})
            asked += 1
            if (answer.status, answer.json.get("field")) != (422, field):
                wrong.append(f"{operation.name} {field}: {answer.status} {answer.text[:200]}")

    assert not wrong, "\n".join(wrong)
    assert asked > len(OPERATIONS) / 2
    assert walk.group.node.sequencer.size == before
