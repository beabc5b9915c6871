"""A group with things of member 001, and everything that can be asked about them.

Member 001 has a name, texts, a staff-only contact, a booking, a trade with another group, a request
that waits for it, a post that is for staff with a picture, a thread, a report and an activity.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from PIL import Image

from federation.api.operation import BINARY, JPEG, KeyUse, Operation
from federation.api.table import OPERATIONS
from federation.members import partners
from federation.members.reader import OPERATOR
from federation.node.service import now_s
from federation.node.use_cases import new_key
from federation.web.sessions import begin_session
from tests.federation.api.conftest import Answer, Asker, Group
from tests.federation.world.conftest import World, WorldNode
from tests.federation.world.feed_posts import read_feed
from tests.federation.world.test_booking_proof import proof_ready

NAME = "Geheimnaam"
TEXTS = (
    "GEHEIMTEKST",
    "GEHEIMRUIL",
    "GEHEIMVRAAG",
    "GEHEIMNOTA",
    "geheim@mail.example",
    "GEHEIMPOST",
    "GEHEIMBERICHT",
    "GEHEIMKLACHT",
    "GEHEIMDANK",
    "GEHEIMMAIL",
)
DESCRIBED = {
    "name": NAME,
    "admin_comment": "GEHEIMNOTA",
    "contacts": [{"kind": "mail", "value": "geheim@mail.example", "visibility": "staff"}],
}
POST = {"want": False, "title": "GEHEIMPOST", "visibility": "staff", "expires_at_s": 0}


def in_a_month_s() -> int:
    return now_s() + 30 * 24 * 3600


def jpeg(side: int = 40, colour: str = "red") -> bytes:
    said = BytesIO()
    Image.new("RGB", (side, side), colour).save(said, "JPEG")
    return said.getvalue()


class Walk:
    """The group, the other one, and the ids of things of member 001."""

    def __init__(self, group: Group, other: WorldNode, ids: dict[str, str]) -> None:
        self.group = group
        self.other = other
        self.ids = ids
        self.keys = 0

    def content(self, operation: Operation) -> Any:
        code, group = self.ids["code"], self.ids["group"]
        payment = {"group": group, "amount_minor": 1, "payer": "001", "payee": "001"}
        activity = {"code": code, "title": "Anders", "starts_at_s": in_a_month_s()}
        activity |= {"ends_at_s": in_a_month_s() + 60}
        contents: dict[str, Any] = {
            "transfer": {"payer": code, "payee": "002", "amount_minor": 1},
            "member_add": {"code": "099", "name": "Nieuw"},
            "limits_set": {"lower_minor": -7},
            "status_set": {"status": "leaving"},
            "pay": payment | {"payer": code},
            "request": payment | {"payee": code},
            "consent": {},
            "decline": {},
            "cancel": {},
            "reverse": {},
            "thank": {"text": "Dank je"},
            "item_place": {"kind": "news", "title": "Nieuws", "starts_at_s": now_s()},
            "item_change": {"title": "Anders", "text": "Anders", "starts_at_s": now_s()},
            "item_remove": {},
            "file_take": b"Verslag",
            "mail_choose": {"wanted": ["booked"], "evening": 22, "morning": 7},
            "mail_works": {},
            "device_end": {},
            "thanks_choose": {"everybody": [self.ids["booking"]]},
            "erasing_set": {"erase": False},
            "thread_start": {"other": "002", "text": "Dag"},
            "thread_write": {"text": "Dag"},
            "thread_propose": {"gives": True, "amount_minor": 4},
            "thread_answer": {"reply": "yes"},
            "thread_book": {},
            "block_set": {"blocked": True, "other": "004"},
            "report_make": {"text": "Dit klopt niet"},
            "report_handle": {},
            "activity_place": activity,
            "activity_change": activity,
            "activity_join": {"code": code, "comes": True},
            "activity_cancel": {"code": code},
            "activity_quote": {"payer": code, "helpers": ["002"], "total_minor": 3},
            "activity_spread": {"payer": code, "helpers": ["002"], "total_minor": 3},
            "picture_take": jpeg(),
            "describe": {"name": "Anders"},
            "picture_show": {},
            "person_join": {"name": "Iemand", "address": "iemand@mail.example"},
            "person_leave": {},
            "helper_set": {"helper": "002", "helps": True},
            "role_set": {"role": "auditor", "has": True},
            "away_set": {"away": True},
            "name_shared_set": {"shares": False},
            "rules_set": {"members_see_balances": True, "names_shared": True},
            "category_place": {"name": "Nieuw"},
            "post_place": POST | {"code": code, "expires_at_s": in_a_month_s()},
            "post_change": POST | {"title": "Anders", "expires_at_s": in_a_month_s()},
            "post_renew": {"expires_at_s": in_a_month_s()},
            "post_end": {},
            "post_hide": {"reason": "Niet voor ons"},
            "post_unhide": {},
            "category_change": {"name": "Anders"},
            "category_order": {"categories": []},
            "category_end": {},
            "mailed_ask": {
                "partner": self.ids.get("partner", "7"),
                "gives": True,
                "amount_minor": 1,
                "person": "Els",
            },
            "mailed_reverse": {"reason": "Vergissing"},
            "terms_propose": {"grants_units": 1_000},
            "terms_answer": {"accept": False, "terms": "A" * 43},
            "limit_lower": {"grants_units": 0},
            "freeze": {"reason": "coordinator"},
        }
        wanted = {one.name for one in OPERATIONS if one.has_content()}
        assert contents.keys() == wanted, "say what is sent to each operation"
        return contents[operation.name]

    async def ask(self, asker: Asker, operation: Operation, **instead: str) -> Answer:
        """Ask as described, with a fresh key, and some fields of it with other text."""
        self.keys += 1
        path = operation.path
        for name, value in self.ids.items():
            path = path.replace(f"{{{name}}}", value)
        query = {
            "quote": {"amount_minor": "3", "other": "002"},
            "items": {"kind": "news"},
            "counterparts": {"said": "Lid"},
            "search": {"code": self.ids["code"], "text": "GEHEIMPOST"},
        }.get(operation.name, {})
        content = self.content(operation) if operation.has_content() else None
        if content is not None and instead:
            content |= instead
        elif instead:
            query |= instead
        path += "?" + urlencode(query) if query else ""
        is_bytes = isinstance(content, bytes)
        return await asker.ask(
            operation.method,
            path,
            json=None if is_bytes else content,
            data=content if is_bytes else None,
            headers={"Content-Type": operation.takes[0]} if is_bytes else {},
            key=f"walk-{self.keys}" if operation.key is not KeyUse.NONE else None,
        )


async def make_walk(world: World, node: WorldNode, other: WorldNode, group: Group) -> Walk:
    """Fill two groups."""
    await world.link(node, other)
    await other.ask("member.add", code="001", name="Buur")
    ladder = other.folder.path / "ladder.jpg"
    ladder.write_bytes(jpeg(colour="blue"))
    await other.ask(
        "post.place",
        by="001",
        title="Ladder",
        goods=True,
        visibility="interlets",
        expires_at_s=in_a_month_s(),
        pictures=[str(ladder)],
    )
    await node.ask("member.add", code="001", name=NAME)
    for code in ("002", "003", "004"):
        await node.ask("member.add", code=code, name=f"Lid {code}")
    owner, staff = await group.token("member", "001"), await group.token("coordinator", "003")
    await _fine(staff.ask("PUT", "/members/001/description", json=DESCRIBED))
    said = {"payer": "001", "payee": "004", "amount_minor": 2, "description": "GEHEIMTEKST"}
    booked = await _made(owner, "/transfers", said)
    await _made(owner, f"/accounts/001/trades/{booked['booking']}/thanks", {"text": "GEHEIMDANK"})
    said = {"payer": "001", "payee": "001", "group": other.node.id, "amount_minor": 3}
    trade = await _made(owner, "/payments", said | {"description": "GEHEIMRUIL"})
    assert trade["state"] == "settled", trade
    await other.ask(
        "pay.request",
        payer="001",
        payee="001",
        group="alfa",
        amount_minor=3,
        description="GEHEIMVRAAG",
    )
    taken = await owner.post(
        "/accounts/001/pictures", None, "p", data=jpeg(), headers={"Content-Type": JPEG}
    )
    assert taken.status == 201, taken.text
    shown = {name: taken.json[name] for name in ("digest", "size")}
    said = POST | {"code": "001", "expires_at_s": in_a_month_s(), "pictures": [shown]}
    post = await _made(owner, "/posts", said)
    person = await _made(
        owner, "/members/001/persons", {"name": "Huisgenoot", "address": "geheim@mail.example"}
    )
    thread = await _made(owner, "/accounts/001/threads", {"other": "004", "text": "GEHEIMBERICHT"})
    report = await _made(
        owner, "/accounts/001/reports", {"text": "GEHEIMKLACHT", "thread": thread["thread"]}
    )
    activity = await _made(
        owner,
        "/activities",
        {
            "code": "001",
            "title": "Haag snoeien",
            "starts_at_s": in_a_month_s(),
            "ends_at_s": in_a_month_s() + 60,
        },
    )
    file = await staff.post(
        "/files/verslag.txt", None, "f", data=b"Verslag", headers={"Content-Type": BINARY}
    )
    said = {"kind": "document", "title": "Verslag", "starts_at_s": now_s(), "file": file.json}
    item = await _made(staff, "/items", said)
    device = await _signed_in(node)
    partner, mailed = await _by_mail(group)
    await proof_ready(node, "001", int(booked["booking"]))
    category = await _made(staff, "/categories", {"name": "Tuin"})
    ids = {
        "category": category["category"],
        "activity": activity["activity"],
        "booking": booked["booking"],
        "code": "001",
        "device": str(device),
        "digest": taken.json["digest"],
        "file": "verslag.txt",
        "group": other.node.id,
        "item": item["item"],
        "mailed": mailed,
        "name": await _read_feed(node, other),
        "partner": partner,
        "person": person["person"],
        "post": post["post"],
        "report": report["report"],
        "thread": thread["thread"],
        "trade": trade["trade"],
    }
    return Walk(group, other, ids)


async def _by_mail(group: Group) -> tuple[str, str]:
    """Reach a group by mail; member 004 gave somebody there a unit, and its contact confirmed."""
    form = partners.PartnerForm(
        group="LETS Veraf",
        contact="Vera",
        address="vera@mail.example",
        language="nl",
        lower_minor=-100,
        upper_minor=100,
        code="veraf",
    )
    account = await partners.reach(group.node, OPERATOR, form, key=new_key())
    said = {"partner": str(account), "gives": True, "amount_minor": 1, "person": "Els"}
    giver = await group.token("member", "004")
    asked = await _made(giver, "/accounts/004/mailed-trades", said | {"description": "GEHEIMMAIL"})
    await partners.confirm(group.node, account, asked["trade"], expected_minor=1)
    staff = await group.token("coordinator", "003")
    (booked,) = (await _fine(staff.get(f"/mailed-groups/{account}")))["booked"]
    return str(account), str(booked["booking"])


async def _signed_in(node: WorldNode) -> int:
    """Sign member 001 in on a device, and give its session."""
    account = node.node.machine.books.ledger.codes["001"]
    await begin_session(node.node, (account, 0), "Firefox op Linux", now_s=now_s())
    session = await node.node.pool.fetchval("SELECT max(session) FROM web_session")
    assert isinstance(session, int)
    return session


async def _read_feed(node: WorldNode, other: WorldNode) -> str:
    """Have the other group's feed read, and name its post."""
    await read_feed(node, other)
    name = await node.node.pool.fetchval("SELECT post FROM plain.post WHERE node <> ''")
    assert isinstance(name, str)
    return name


async def _fine(asking: Any) -> Any:
    answer = await asking
    assert answer.status in (200, 201), answer.text
    return answer.json


async def _made(asker: Asker, path: str, content: Any) -> Any:
    return await _fine(asker.post(path, content, "a"))
