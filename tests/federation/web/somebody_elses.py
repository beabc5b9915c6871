"""Forms about things of member 001, as her own pages would send them, and a world that has them.

What `tests.federation.api.walking` makes, and what only pages ask about: a request to consent to,
to decline and to take back, a proposal that stands, thanks for the group, a helper, somebody who
comes along to the activity, a post that every member sees.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple

import asyncpg

from federation.node.service import now_s
from federation.web.sessions import begin_session, cookie_name
from schemas.encoding import b64
from tests.federation.api.conftest import Asker
from tests.federation.api.walking import Walk, in_a_month_s
from tests.federation.web.conftest import Browser
from tests.federation.world.conftest import WorldNode, lines

OWNER: Final = "001"
STRANGERS: Final = {
    "member": "002",
    "coordinator": "003",
    "auditor": "005",
    "treasurer": "006",
    "editor": "007",
}
"""Members who have nothing to do with what member 001 and 004 have together, by role."""


class Sending(NamedTuple):
    """A form that is sent: about whose thing, where to, and with which fields."""

    page: str
    """The page of the table."""
    fields: dict[str, str]
    """`{name}` is the id of something of member 001."""
    by: str | None = OWNER
    """Who may send it, and changes something by it; nobody: it would need another state."""
    ids: dict[str, str] = {}  # noqa: RUF012 - never changed
    """Which thing stands in the address, where there are several of one kind."""


def day() -> str:
    """Give a day in a month, as a form holds it."""
    return f"{datetime.fromtimestamp(in_a_month_s(), UTC):%Y-%m-%d}"


def said_post(title: str = "Anders") -> dict[str, str]:
    """Give the fields of an offer."""
    typed = {"side": "offer", "kind": "service", "title": title, "text": "", "category": ""}
    typed |= {"price-kind": "talk", "price": "", "postcode": "", "place": ""}
    return typed | {"visibility": "members", "until": day()}


def sendings() -> tuple[Sending, ...]:
    """Give the forms of the pages that every member has, in an order in which the owner can too."""
    met = {"title": "Anders", "text": "", "place": "", "day": day(), "from": "10:00"}
    met |= {"until": "12:00"}
    helped = {"amount": "4", "helper-{helper}": "yes", "description": "Haag"}
    shown = {"post": "{shown}"}
    return (
        Sending("/me/acting", {"account": "{owner}"}, by="004"),
        Sending("/me/thanks", {"thanks-{thanked}": "yes"}),
        Sending("/posts/new", {**said_post("Nieuw"), "picture-0": "{digest}.{size}"}),
        Sending("/posts/{post}/edit", said_post()),
        Sending("/posts/{post}/edit", said_post("Anders gezegd"), ids=shown),
        Sending("/posts/{post}/renew", {"until": day()}),
        Sending("/posts/{post}/renew", {"until": day()}, ids=shown),
        Sending("/posts/{post}/report", {"text": "Dit klopt niet"}, by="003"),
        Sending("/threads/new", {"post": "{post}", "text": "Dag"}, by="003"),
        Sending("/posts/{post}/end", {}),
        Sending("/posts/{post}/end", {}, ids=shown),
        Sending("/activities/{activity}/edit", met),
        Sending("/activities/{activity}/spread", helped, by=None),
        Sending("/activities/{activity}/spread/confirm", helped),
        Sending("/activities/{activity}/cancel", {}, ids={"activity": "{second}"}),
        Sending("/threads/{thread}", {"do": "say", "text": "Dag"}),
        Sending("/threads/{thread}", {"do": "no", "standing": "{proposal}"}, by=None),
        Sending(
            "/threads/{thread}", {"do": "but", "standing": "{proposal}", "text": "Ja"}, by=None
        ),
        Sending("/threads/{thread}", {"do": "propose", "gives": "yes", "amount": "5"}, by=None),
        Sending("/threads/{thread}", {"do": "yes", "standing": "{proposal}"}),
        Sending("/threads/{thread}/report", {"text": "Dit klopt niet"}),
        Sending(
            "/threads/{thread}/book",
            {"own": "4", "proposal": "{proposal}", "description": "Haag"},
        ),
        Sending("/threads/{thread}/block", {"do": "block"}),
        Sending("/trades/{path}", {"do": "consent", "own": "5"}, ids={"path": "{asked}"}),
        Sending("/trades/{path}/decline", {"text": "Nee"}, ids={"path": "{declined}"}),
        Sending("/trades/{path}", {"do": "withdraw"}, ids={"path": "{own_request}"}),
        Sending("/trades/{path}", {"do": "cancel"}, by=None, ids={"path": "{trade}"}),
        Sending("/trades/{path}", {"do": "thank", "text": "Dank je"}, ids={"path": "{unthanked}"}),
        Sending("/trades/{path}/wrong", {"description": "Fout"}, ids={"path": "{unthanked}"}),
        Sending("/me/helpers", {"dismiss": "{helper}"}),
        Sending("/me/household/{person}/leave", {}),
        Sending("/me/devices", {"which": "{device}"}),
    )


BY_RIGHT: Final[dict[str, dict[str, str]]] = {
    "/posts/{post}/hide": {"reason": "Niet voor ons"},
    "/posts/{post}/unhide": {},
    "/members/{code}/erase": {"do": "now"},
    "/newsletter/issues": {"address": "geheim@mail.example"},
    "/newsletter/issues/{issue}": {"title": "Anders", "text": "Anders"},
    "/newsletter/issues/{issue}/send": {"do": "send"},
    "/group/categories/{category}": {"name": "Anders"},
    "/group/categories/{category}/move": {"do": "down"},
    "/group/categories/{category}/end": {},
    "/group/partners/line/{line}": {"do": "note", "text": "Dag"},
    "/group/partners/line/{line}/notes/{note}": {},
    "/group/partners/line/{line}/{deed}": {},
    "/group/partners/{account}/trades/{seq}": {"reason": "Vergissing"},
    "/group/partners/{account}": {"do": "pause"},
    "/group/members/{code}/merge": {"into": "002"},
    "/group/members/{code}/status": {"status": "inactive"},
    "/group/members/{code}/limits": {"lower": "-1", "upper": "1"},
    "/group/members/{code}/note": {"note": "Anders"},
    "/group/members/{code}/roles/{role}": {"do": "give"},
    "/group/joining/{applicant}": {"code": "099"},
    "/group/joining/{applicant}/decline": {"text": "Nee"},
    "/group/reports": {"report": "{report}", "note": "Gezien"},
    "/group/collective/{seq}": {},
    "/group/member-file/take": {"file": "code;naam"},
    "/group/letters/send": {"codes": "001"},
    "/news/{item}/edit": {"title": "Anders", "day": "2026-01-01"},
    "/news/{item}/remove": {},
    "/calendar/{item}/edit": {"title": "Anders", "day": "2026-01-01"},
    "/calendar/{item}/remove": {},
    "/documents/{item}/edit": {"title": "Anders", "day": "2026-01-01"},
    "/documents/{item}/remove": {},
    "/pages/{item}/edit": {"title": "Anders", "day": "2026-01-01"},
    "/pages/{item}/remove": {},
}
"""What is sent to pages of a role that name somebody's thing, or one of the group."""


async def more_things(walk: Walk) -> dict[str, str]:
    """Add what only pages ask about, and give all ids."""
    node, ask = walk.group.world_node, walk.group.world_node.ask
    accounts = node.node.machine.books.ledger.codes
    owner, other = await walk.group.token("member", OWNER), await walk.group.token("member", "004")
    for role in ("auditor", "treasurer", "editor"):
        await ask("member.add", code=STRANGERS[role], name=f"Lid {role}")
        await ask("member.role", code=STRANGERS[role], role=role)
    await ask("member.helper", code=OWNER, helper="004")
    (line,) = [one.line for one in lines(node)]
    return {
        **walk.ids,
        **await _trades(owner, other),
        **await _agreed(walk, owner, other),
        "owner": str(accounts[OWNER]),
        "helper": str(accounts["004"]),
        "path": walk.ids["trade"],
        "line": line,
        "deed": "pause",
        "note": "1",
        "account": walk.ids["partner"],
        "seq": walk.ids["mailed"],
        "role": "auditor",
        "issue": "1",
        "applicant": "1",
    }


async def _trades(owner: Asker, other: Asker) -> dict[str, str]:
    """Ask and give among the two, and thank once."""
    given = {"payer": OWNER, "payee": "004", "amount_minor": 3}
    booked, thanked = [await _posted(owner, "/transfers", given, key) for key in ("u", "t")]
    path = f"/accounts/{OWNER}/trades/{thanked['booking']}/thanks"
    await _posted(owner, path, {"text": "Lekkere soep", "public": True}, "t")
    (thanks,) = (await owner.get("/me/thanks")).json["thanks"]
    return {
        "asked": await _asked(other, payer=OWNER, payee="004", name="x"),
        "declined": await _asked(other, payer=OWNER, payee="004", name="y"),
        "own_request": await _asked(owner, payer="004", payee=OWNER, name="z"),
        "unthanked": booked["booking"],
        "thanked": thanks["id"],
    }


async def _agreed(walk: Walk, owner: Asker, other: Asker) -> dict[str, str]:
    """Let something stand between the two: a proposal, an activity; and one more of some things."""
    proposed: dict[str, Any] = {"gives": False, "amount_minor": 4}
    path = f"/accounts/004/threads/{walk.ids['thread']}/proposals"
    thread = await _posted(other, path, proposed, "p")
    joined = {"code": "004", "comes": True}
    await other.ask("PUT", f"/activities/{walk.ids['activity']}/joined", json=joined)
    at_s = in_a_month_s()
    said = {"code": OWNER, "title": "Nog een haag", "starts_at_s": at_s, "ends_at_s": at_s + 60}
    second = await _posted(owner, "/activities", said, "s")
    offer = {"code": OWNER, "want": False, "title": "Voor elk lid", "expires_at_s": at_s}
    shown = await _posted(owner, "/posts", offer, "m")
    pictures = (await owner.get(f"/posts/{walk.ids['post']}")).json["pictures"]
    return {
        "proposal": thread["standing"]["id"],
        "message": thread["messages"][0]["id"],
        "second": second["activity"],
        "shown": shown["post"],
        "size": str(pictures[0]["size"]),
    }


async def _asked(asker: Asker, *, payer: str, payee: str, name: str) -> str:
    said = {"payer": payer, "payee": payee, "amount_minor": 5, "description": name}
    return str((await _posted(asker, "/requests", said, name))["trade"])


async def _posted(asker: Asker, path: str, content: object, key: str) -> Any:
    answer = await asker.post(path, content, f"pages-{key}")
    assert answer.status in (200, 201), answer.text
    return answer.json


async def signed_in(node: WorldNode, code: str, *at: WorldNode) -> Browser:
    """Give a browser in which a member of a group is signed in, and says so at each of these."""
    account = node.node.machine.books.ledger.codes[code]
    token = await begin_session(node.node, (account, 0), "Firefox op Linux", now_s=now_s())
    browser = Browser(at[0] if at else node)
    names = {cookie_name(one.node) for one in (node, *at)}
    browser.session.headers["Cookie"] = "; ".join(f"{name}={token}" for name in sorted(names))
    return browser


def form_key(seed: str) -> str:
    """Give a key as a page gives its form one."""
    return b64(sha256(seed.encode()).digest()[:16])


ALL_OF_IT: Final = """
CREATE FUNCTION pg_temp.all_of_it(without text[])
RETURNS TABLE (name text, rows bigint, sum text) LANGUAGE plpgsql AS $$
DECLARE one record;
BEGIN
  FOR one IN SELECT schemaname, tablename FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename <> ALL (without)
  LOOP
    RETURN QUERY EXECUTE format(
      'SELECT %L, count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM %I.%I AS t',
      one.schemaname || '.' || one.tablename, one.schemaname, one.tablename
    );
  END LOOP;
END $$
"""


class Tables:
    """All that lies in the database of a node, to be compared."""

    def __init__(
        self, connection: asyncpg.Connection[asyncpg.Record], without: frozenset[str]
    ) -> None:
        self._connection = connection
        self._without = sorted(without)

    @classmethod
    async def of(cls, node: WorldNode, *, without: frozenset[str]) -> Tables:
        """Look at the tables of a node, but for those that change by themselves."""
        connection = await asyncpg.connect(node.node.settings.database_owner)
        await connection.execute(ALL_OF_IT)
        return cls(connection, without)

    async def now(self) -> dict[str, tuple[int, str]]:
        """Give how many rows each table has, and what they come to."""
        rows = await self._connection.fetch(
            "SELECT name, rows, sum FROM pg_temp.all_of_it($1)", self._without
        )
        assert len(rows) > 50, "there are more tables in a node"
        return {row["name"]: (row["rows"], row["sum"]) for row in rows}

    async def close(self) -> None:
        await self._connection.close()
