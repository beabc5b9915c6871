"""The link by which a group's first coordinator comes in, before the node can send mail.

It is printed for whoever runs the server, so it is given only as long as no coordinator has ever
signed in and no mail server is named: afterwards links go to their owners by mail, and nobody else
sees one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog

from federation.members.roles import with_role
from federation.node.control_shapes import ControlCommand
from federation.node.patience import connection_in_time
from federation.node.service import now_s
from federation.node.use_cases import account_by_code
from federation.web.queries import SQL
from federation.web.sessions import new_token, token_hash
from schemas.errors import Code, RefusedError
from schemas.member_bodies import Role

if TYPE_CHECKING:
    from federation.node.service import Node

log = structlog.get_logger()

LASTS_S: Final = 86_400
NEXT_PATH: Final = "/group"


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who comes in: a coordinator, by code."""

    code: str


async def first_link(node: Node, account: int, *, at_s: int) -> str:
    """Give a link that lets a coordinator in once, within a day.

    Raises:
        RefusedError: `forbidden` when the account is no coordinator's, when one of them has signed
            in before, or when the node sends mail.

    """
    coordinators = with_role(node, Role.COORDINATOR)
    if account not in coordinators or node.settings.mail.mode != "off":
        raise RefusedError(Code.FORBIDDEN, field="link")
    link, browser = new_token(), new_token()
    async with connection_in_time(node.pool) as connection:
        if await connection.fetchval(SQL["ever_signed_in"], coordinators):
            raise RefusedError(Code.FORBIDDEN, field="link")
        await connection.execute(
            SQL["begin_login"],
            token_hash(link),
            token_hash(browser),
            token_hash(new_token()),
            NEXT_PATH,
            at_s + LASTS_S,
        )
        await connection.execute(SQL["let_in"], token_hash(link), [account], [0])
    log.info("first_link_given", account=account)
    return f"{node.settings.public_url}/login/{link}"


async def give(node: Node, wanted: Wanted) -> dict[str, Any]:
    """Give the link."""
    account = account_by_code(node, wanted.code).account
    return {"link": await first_link(node, account, at_s=now_s())}


COMMANDS: Final = {"member.link": ControlCommand(Wanted, give)}
