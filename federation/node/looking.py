"""Which commands of the control socket are looks: every one is classed here, by its name.

The one place where whoever enters the server comes into the register `federation.node.looked`, as
for pages `federation.web.looking` and for programs `federation.api.looking`. Pure but for what the
books and the tables of trades and tokens know. A new command has to say what it is: a test demands
it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from federation.node.looked import EVERYBODY, OPERATOR, SQL, Look, What
from federation.node.patience import connection_in_time
from federation.node.payment_use_cases import whose
from projections.ledger import code_key

if TYPE_CHECKING:
    from federation.node.service import Node

IN_NAMES: Final = ("by", "acting_for", "coordinator")
"""Fields that say as whom, and for whom, something is done; of every command that has them."""
POST: Final = "post"
PATH: Final = "path"
TOKEN: Final = "token"  # noqa: S105 - the name of a field


class Classed(NamedTuple):
    """What a command is beside what it does in somebody's name, and which fields say to whom."""

    what: What | None = None
    fields: tuple[str, ...] = ()
    """The first one that says something counts: a member's code, a post's number, a trade's path or
    a token's id; none for what is about everybody."""


_NOBODY: Final = Classed()
_LISTED: Final = Classed(What.LISTED)
_CHANGED: Final = Classed(What.CHANGED, ("code",))
_OF_POST: Final = Classed(What.CHANGED, (POST,))
_OF_TRADE: Final = Classed(What.ACTED, (PATH,))

ABOUT: Final[dict[str, Classed]] = {
    **dict.fromkeys(
        ("member.list", "member.search", "account.list", "partner.show", "report.list"), _LISTED
    ),
    **dict.fromkeys(("export", "export.log", "hand-over", "close-group.end"), _LISTED),
    "member.by_address": _LISTED,  # whose it is, is found among all of them
    "member.show": Classed(What.PROFILE, ("code",)),
    "post.list": Classed(What.PROFILE, ("code",)),
    "account.statement": Classed(What.BOOKINGS, ("code",)),
    **dict.fromkeys(
        (
            *("member.describe", "member.join", "member.leave", "member.helper", "member.role"),
            *("member.pause", "member.resume", "member.share_name"),
            *("member.erase_ask", "member.erase_withdraw", "member.erase"),
        ),
        _CHANGED,
    ),
    "post.place": Classed(What.CHANGED, (POST, "code")),
    "retention.set": Classed(What.CHANGED),  # about everybody: how long the register itself is kept
    **dict.fromkeys(("post.renew", "post.end", "post.hide", "post.unhide"), _OF_POST),
    "member.link": Classed(What.SIGN_IN, ("code",)),
    "token.new": Classed(What.SIGN_IN, ("account",)),
    "token.revoke": Classed(What.CHANGED, (TOKEN,)),
    "token.list": _LISTED,  # who has programs, and what they call them
    "pay": Classed(What.ACTED, ("payer",)),
    "pay.request": Classed(What.ACTED, ("payee",)),  # who is asked is in another group
    **dict.fromkeys(("pay.consent", "pay.decline", "pay.cancel", "pay.reverse"), _OF_TRADE),
    # Only what is done in somebody's name; the others are told of it, or see what everybody sees.
    **dict.fromkeys(
        (
            *("thread.start", "thread.write", "thread.propose", "thread.answer", "thread.show"),
            *("thread.list", "thread.book", "member.block", "report.make", "report.handle"),
            *("trade.list", "trade.show", "trade.quote", "trade.ask", "trade.consent"),
            *("trade.decline", "trade.cancel", "trade.reverse", "trade.thank", "thanks.list"),
            *("activity.place", "activity.list", "activity.show", "activity.join"),
            *("activity.cancel", "activity.spread", "board.place", "board.list", "board.remove"),
            *("collective.plan", "collective.book", "collective.reverse", "collective.list"),
            *("partner.list", "partner.reach", "partner.pause", "partner.ask", "partner.reverse"),
            *("post.show", "post.search", "category.place", "category.change", "category.order"),
            *("category.end", "member.rules", "group.share_names"),
            *("line.lower", "line.freeze", "line.unfreeze", "line.close", "line.release"),
        ),
        _NOBODY,
    ),
    # About the group, its server, its lines and other groups.
    **dict.fromkeys(
        (
            *(
                "retention.show",
                "status",
                "node.override",
                "node.recover",
                "node.recovering",
                "node.doctor",
            ),
            *("member.add", "import", "import.progress", "export.progress", "category.list"),
            *("line.invite", "line.propose", "line.accept", "line.refuse", "line.show"),
            *("line.heads", "line.rate", "line.note", "line.notes", "line.forget", "line.list"),
            *("line.doctor", "line.settle", "pay.requests", "transfer.show"),
            *("evidence.list", "evidence.file", "witness.status", "witness.policy"),
            *("audit.admit", "audit.report", "audit.findings", "audit.solve"),
            *("flows.check", "flows.cores", "flows.cores.progress"),
            *("group.admit", "group.keys", "group.leave", "group.list"),
            *("feed.status", "feed.choose", "feed.read", "hand-over.progress", "close-group"),
            *("close-group.go", "close-group.end.progress", "export.log.progress"),
            *("mail.status", "mail.bounced", "mail.works"),
        ),
        _NOBODY,
    ),
}


async def looks_of_command(node: Node, name: str, asked: Any) -> tuple[Look, ...]:
    """Say what whoever enters the server does about whom by a command; nothing for most.

    Who is named as the one who does it, and for whom, did not do it itself: both are told.
    """
    said = (getattr(asked, field, "") for field in IN_NAMES)
    named = {number for code in said if (number := _by_code(node, code)) is not None}
    looks = [Look(OPERATOR, about, What.ACTED) for about in sorted(named)]
    classed = ABOUT.get(name, _NOBODY)
    if classed.what is not None:
        accounts = await _accounts(node, classed, asked) if classed.fields else {EVERYBODY}
        looks += [Look(OPERATOR, about, classed.what) for about in sorted(accounts - named)]
    return tuple(looks)


async def _accounts(node: Node, classed: Classed, asked: Any) -> set[int]:
    """Give whom the fields of a command name; nobody when they name nobody who is here."""
    field = next((one for one in classed.fields if getattr(asked, one, None)), "")
    said = getattr(asked, field, None)
    if field == PATH:
        return set(await whose(node, str(said)))
    if field == POST:
        post = node.machine.books.members.posts.get(int(said or 0))
        return set() if post is None else {post.account}
    if field == TOKEN:
        async with connection_in_time(node.pool) as connection:
            number = await connection.fetchval(SQL["account_of_token"], str(said))
    else:
        number = _by_code(node, said)
    return set() if number is None else {number}


def _by_code(node: Node, code: str | None) -> int | None:
    return node.machine.books.ledger.codes.get(code_key(code)) if code else None
