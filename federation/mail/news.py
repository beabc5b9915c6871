"""Which events concern which members, so that these are mailed. Pure.

A mail is written from what tables and log say when it is written; an event only says whom to look
for, and where.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from federation.group.messages import report_readers
from projections.threads import message_id
from schemas import bodies
from schemas.content_bodies import PostHidden, PostUnhidden

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from projections.agreeing import Activity


class What(StrEnum):
    """What somebody is told of."""

    MESSAGE = "message"
    """`about` is the thread, `detail` the message."""
    TRADE = "trade"
    """`about` is the trade, or its place in the log."""
    THANKS = "thanks"
    JOINED = "joined"
    """`about` is the activity, `detail` the account of who comes."""
    LEFT = "left"
    CHANGED = "changed"
    CALLED_OFF = "called_off"
    PARTNER = "partner"
    """For the contact of a group without a node: `about` is the trade that it is to confirm."""
    PARTNER_BACK = "partner_back"
    """For such a contact: `about` is the place in the log of what gives a trade back."""
    REPORT = "report"
    """For a coordinator: `about` is the report."""
    HIDDEN = "hidden"
    """`about` is the post that the group hides."""
    UNHIDDEN = "unhidden"
    ROLE_GIVEN = "role_given"
    """`about` is the role."""
    ROLE_TAKEN = "role_taken"


class News(NamedTuple):
    """Something that one member is told of."""

    what: What
    account: int
    about: str
    at_s: int
    detail: str = ""
    event: str = ""
    """Tells apart what can happen twice to the same."""


def of_event(
    seq: int, body: Any, activities: Any, coordinators: Collection[int] = ()
) -> list[News]:
    """Give what an event of the own log tells, and whom; a report those who read it, not its own.

    What ends a request without a booking names no member: `ended_request`.
    """
    match body:
        case bodies.MessageWritten():
            message = message_id(body.message)
            return [News(What.MESSAGE, body.recipient, body.thread, body.at_s, message)]
        case bodies.RequestMade() if body.confirms is not None:
            return [News(What.PARTNER, body.confirms, body.request, body.at_s)]
        case bodies.RequestMade():
            return [News(What.TRADE, body.payer, body.request, body.at_s)]
        case bodies.TransferBooked() | bodies.CollectiveBooked() if len(body.postings) > 1:
            legs = [News(What.TRADE, leg.account, str(seq), body.at_s) for leg in body.postings]
            if body.reverses is not None:  # whoever is no such contact is not told so
                legs += [one._replace(what=What.PARTNER_BACK) for one in legs]
            return legs
        case bodies.ThanksGiven():
            return [News(What.THANKS, body.other, str(body.trade), body.at_s)]
        case bodies.ReportMade():
            told = sorted(report_readers(coordinators, body.other) - {body.account})
            return [News(What.REPORT, account, body.report, body.at_s) for account in told]
        case bodies.ActivityJoined() | bodies.ActivityLeft():
            return list(_came_or_left(seq, body, activities.get(body.activity)))
        case bodies.ActivityChanged():
            return list(_to_all(What.CHANGED, seq, body, activities.get(body.activity)))
        case bodies.ActivityCancelled():
            return list(_to_all(What.CALLED_OFF, seq, body, activities.get(body.activity)))
        case _:
            return list(_by_the_group(seq, body))


def _by_the_group(seq: int, body: Any) -> Iterable[News]:
    """Tell a member what those who run the group, or the server, did about it."""
    what = _BY_THE_GROUP.get(type(body))
    if what is not None:
        about = body.role.value if isinstance(body, _ABOUT_ROLES) else str(body.post)
        yield News(what, body.account, about, body.at_s, "", str(seq))


_BY_THE_GROUP: Final[dict[type, What]] = {
    PostHidden: What.HIDDEN,
    PostUnhidden: What.UNHIDDEN,
    bodies.RoleGiven: What.ROLE_GIVEN,
    bodies.RoleTaken: What.ROLE_TAKEN,
}
_ABOUT_ROLES: Final = (bodies.RoleGiven, bodies.RoleTaken)


def ended_request(body: Any) -> str:
    """Give the request that an event ends without a booking; empty for any other event."""
    return body.request if isinstance(body, bodies.RequestDeclined) else ""


def _came_or_left(
    seq: int, body: bodies.ActivityJoined | bodies.ActivityLeft, found: Activity | None
) -> Iterable[News]:
    if found is not None and found.account != body.account:
        what = What.JOINED if isinstance(body, bodies.ActivityJoined) else What.LEFT
        about, who = str(body.activity), str(body.account)
        yield News(what, found.account, about, body.at_s, who, str(seq))


def _to_all(
    what: What,
    seq: int,
    body: bodies.ActivityChanged | bodies.ActivityCancelled,
    found: Activity | None,
) -> Iterable[News]:
    if found is None:
        return
    for account in found.joined:
        if account != found.account:
            yield News(what, account, str(body.activity), body.at_s, "", str(seq))
