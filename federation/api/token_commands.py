"""The control socket's commands about tokens of the API: arguments, use case, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from federation.api import tokens
from federation.api.access import ROLES
from federation.api.tokens import TokenRole
from federation.members.roles import roles_of
from federation.node.control_shapes import ControlCommand, Nothing
from federation.node.use_cases import account_by_code
from schemas.errors import Code, InputError
from schemas.ids import Positive

if TYPE_CHECKING:
    from federation.api.tokens import Token
    from federation.node.service import Node

DAYS = 365


class NewToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token for a program: what it is called, for whom it speaks, and how long."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    role: TokenRole = TokenRole.MEMBER
    account: str = ""
    days: Positive = DAYS


class Revoked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token by its id, which is not its secret."""

    token: str


async def token_new(node: Node, arguments: NewToken) -> dict[str, Any]:
    """Make a token; its secret is shown this once."""
    code = arguments.account
    account = account_by_code(node, code).account if code else None
    needed = ROLES.get(arguments.role)
    if account is not None and needed is not None and needed not in roles_of(node, account):
        reason = "this member does not have the role"
        raise InputError(Code.MALFORMED, field="role", reason=reason)
    made = await tokens.of(node).make(arguments.name, arguments.role, account, arguments.days)
    return {**_shown(node, made.token), "secret": made.secret}


async def token_list(node: Node, _: Nothing) -> list[dict[str, Any]]:
    """Give every token without its secret."""
    return [_shown(node, token) for token in await tokens.of(node).list()]


async def token_revoke(node: Node, arguments: Revoked) -> dict[str, Any]:
    """Make a token of no use."""
    await tokens.of(node).revoke(arguments.token)
    return {"token": arguments.token}


def _shown(node: Node, token: Token) -> dict[str, Any]:
    account = node.machine.books.ledger.accounts.get(token.account or 0)
    return {
        "token": token.token,
        "name": token.name,
        "role": token.role.value,
        "account": account.code if account else "",
        "made_at_s": token.made_at_s,
        "expires_at_s": token.expires_at_s,
        "revoked_at_s": token.revoked_at_s or 0,
    }


COMMANDS = {
    "token.new": ControlCommand(NewToken, token_new),
    "token.list": ControlCommand(Nothing, token_list),
    "token.revoke": ControlCommand(Revoked, token_revoke),
}
