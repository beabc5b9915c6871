"""What happened to one member: joined, described, limited, left, and by whom. Read from the log.

Numbers come from the bodies, which fields changed from the texts; what was erased is not told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from federation.members.member_list import SQL, require
from federation.members.people import Party, names_of, party
from federation.node.patience import connection_in_time
from federation.node.statements import texts_of
from schemas import bodies
from schemas.bodies import AccountStatus
from schemas.openings import MemberText

if TYPE_CHECKING:
    from federation.members.reader import Reader
    from federation.node.service import Node
    from projections.ledger import Account

SHOWN_MAX: Final = 60
_WHO: Final = ("entered_by", "helper", "merged_into")
_BODY: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(bodies.AnyBody)
KINDS: Final = (
    "account.opened",
    "account.limited",
    "account.status",
    "member.described",
    "person.joined",
    "person.left",
    "helper.appointed",
    "helper.dismissed",
    "role.given",
    "role.taken",
    "post.hidden",
    "post.unhidden",
)


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a member."""

    seq: int
    at_s: int
    kind: str
    by: Party | None = None
    """Who did it in the member's name; nobody: the member itself, or whoever runs the node."""
    other: Party | None = None
    """The helper whom it is about, or the account that goes on for a double."""
    body: Any
    fields: tuple[str, ...] = ()
    """Which parts of what is written about the member became others."""


async def history(node: Node, reader: Reader, account: int) -> list[Change]:
    """Give the newest changes of a member, without bookings and messages; of posts hidden ones.

    Raises:
        RefusedError: `forbidden`.

    """
    require(reader)
    asked = (f'"account":{account},'.encode(), f'"account":{account}}}'.encode(), list(KINDS))
    async with connection_in_time(node.pool) as connection:
        rows = await connection.fetch(SQL["changes"], node.sequencer.size, *asked, SHOWN_MAX)
    found = [(row["seq"], _BODY.decode(row["body"])) for row in rows]
    changed = await _fields_changed(node, account, found)
    people = {getattr(body, name, None) for _, body in found for name in _WHO}
    names = await names_of(node, {one for one in people if one is not None})

    def who(number: int | None) -> Party | None:
        return None if number is None else party(node, number, names)

    return [
        Change(
            seq=seq,
            at_s=body.at_s,
            kind=str(type(body).__struct_config__.tag),
            by=who(getattr(body, "entered_by", None)),
            other=who(getattr(body, "helper", None) or getattr(body, "merged_into", None)),
            body=body,
            fields=changed.get(seq, ()),
        )
        for seq, body in found
    ]


def merged_into(account: Account, changes: list[Change]) -> Party | None:
    """Give the account that goes on for a double, from its history, newest first."""
    if account.status is not AccountStatus.INACTIVE:
        return None
    statuses = [one for one in changes if isinstance(one.body, bodies.AccountStatusSet)]
    return statuses[0].other if statuses else None


async def _fields_changed(
    node: Node, account: int, found: list[tuple[int, Any]]
) -> dict[int, tuple[str, ...]]:
    """Hold each text about a member against the one before it."""
    kinds = (bodies.MemberDescribed, bodies.AccountOpened)
    seqs = sorted(seq for seq, body in found if isinstance(body, kinds))
    subject = node.machine.books.ledger.accounts[account].subject or ""
    opened = await texts_of(node, seqs) if seqs else {}
    changed: dict[int, tuple[str, ...]] = {}
    before: MemberText | None = None
    for seq in seqs:
        own = opened.get((seq, subject), [])
        text = next((one for one in own if isinstance(one, MemberText)), None)
        if text is not None and before is not None:
            fields = MemberText.__struct_fields__
            changed[seq] = tuple(f for f in fields if getattr(text, f) != getattr(before, f))
        before = text
    return changed
