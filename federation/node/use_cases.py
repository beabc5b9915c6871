"""What people do with a node: one function for each command.

Handlers, the command line and the demo call these; the rules are in `federation.group` and
`federation.line`, the waiting is here.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec

from federation.group import commands as group
from federation.node.identity import system_random
from federation.node.peers import Peer
from federation.node.service import now_s
from federation.node.settings import parse_invitation
from federation.node.written import written_text
from projections.ledger import code_key
from schemas.amounts import Unit
from schemas.bodies import AccountKind, AccountStatus, PeerInvited, RestoreOverridden
from schemas.encoding import b64, parse
from schemas.errors import Code, InputError, PeerUnavailable
from schemas.messages import About
from schemas.openings import DESCRIPTION_LENGTH_MAX, MemberText

if TYPE_CHECKING:
    from federation.node.machine import Answer
    from federation.node.service import Node
    from projections.ledger import Account

_ABOUT: Final = msgspec.json.Decoder(About)


def new_key() -> str:
    """Give a random key for a command: 16 bytes."""
    return b64(system_random(16))


def account_by_code(node: Node, code: str, *, field: str = "account") -> Account:
    """Find an account by its code; case and spaces do not matter.

    Raises:
        InputError: `account_unknown`, naming the field.

    """
    ledger = node.machine.books.ledger
    number = ledger.codes.get(code_key(code))
    if number is None:
        raise InputError(Code.ACCOUNT_UNKNOWN, field=field)
    return ledger.accounts[number]


async def configure(node: Node, unit: Unit, lower: int | None, upper: int | None) -> None:
    """Set unit and default limits."""
    await node.do(group.Configure(unit, lower, upper))


async def add_member(
    node: Node,
    *,
    code: str,
    name: str,
    key: str | None = None,
    lower_minor: int | None = None,
    upper_minor: int | None = None,
) -> int:
    """Open an account for a new member and give its number; the same again for the same key.

    Raises:
        RefusedError: `code_taken`, `conflict`.

    """
    key = key or new_key()
    command = group.OpenAccount(
        key=key,
        code=code,
        kind=AccountKind.MEMBER,
        subject=b64(sha256(b"ruilbrug/subject/v1\n" + key.encode()).digest()[:16]),
        text=MemberText(name=name),
        lower_minor=lower_minor,
        upper_minor=upper_minor,
    )
    answer: Answer = await node.do(command)
    return account_by_code(node, code).account if answer.replayed else int(answer.value)


async def pay_inside(
    node: Node,
    *,
    payer: str,
    payee: str,
    amount_minor: int,
    description: str = "",
    key: str | None = None,
    entered_by: int | None = None,
) -> Answer:
    """Book a transfer between two members of the group; `entered_by` is who did it for the payer.

    Raises:
        InputError: `account_unknown`; as `written_text`.
        RefusedError: the refusals of `federation.group.transfers.transfer`, `conflict`.

    """
    answer: Answer = await node.do(
        group.Transfer(
            key=key or new_key(),
            payer=account_by_code(node, payer, field="payer").account,
            payee=account_by_code(node, payee, field="payee").account,
            amount_minor=amount_minor,
            description=description and _described(description),
            entered_by=entered_by,
        )
    )
    return answer


def _described(text: str) -> str:
    return written_text(text, field="description", length_max=DESCRIPTION_LENGTH_MAX)


async def set_limits(
    node: Node,
    code: str,
    *,
    lower_minor: int | None,
    upper_minor: int | None,
    unlimited: bool = False,
) -> Account:
    """Give an account limits of its own; `None` falls back to the group's.

    Raises:
        InputError: `account_unknown`.

    """
    account = account_by_code(node, code).account
    await node.do(group.SetLimits(account, lower_minor, upper_minor, unlimited))
    return node.machine.books.ledger.accounts[account]


async def set_status(node: Node, code: str, status: AccountStatus) -> Account:
    """Make an account active, leaving or inactive.

    Raises:
        InputError: `account_unknown`.
        RefusedError: `account_held`.

    """
    account = account_by_code(node, code).account
    await node.do(group.SetStatus(account, status))
    return node.machine.books.ledger.accounts[account]


async def invite(node: Node, invitation: str, name: str = "") -> Peer:
    """Trust another group's invitation, and fetch the keys that its id proves.

    Raises:
        InputError: `malformed`, `peer_unreachable` when its key statements cannot be had.

    """
    invited = parse_invitation(invitation)
    peer = Peer(invited.node, invited.url, name, "invited")
    about = await about_peer(node, peer)
    peer = peer._replace(name=name or about.name)
    body = PeerInvited(v=1, at_s=now_s(), node=peer.node, url=peer.url, name=peer.name)
    await node.do(group.Note(new_key(), body))
    await node.peers.add(peer)
    await node.peers.refresh(peer.node)
    if not node.peers.http_keys(peer.node):
        raise PeerUnavailable(Code.PEER_UNREACHABLE, reason="key statements")
    return peer


async def about_peer(node: Node, peer: Peer) -> About:
    """Ask a node for its name and unit; the answer must be of the node that was meant."""
    data = await node.client.get_unsigned(peer.url, "/federation/v1/about")
    try:
        about = parse(_ABOUT, data)
    except msgspec.MsgspecError as error:
        raise PeerUnavailable(Code.PEER_WRONG, reason="about") from error
    if about.node != peer.node:
        raise PeerUnavailable(Code.PEER_WRONG, reason="another node answers there")
    return about


def find_peer(node: Node, name: str) -> Peer:
    """Find a peer by node id, or by a name that only one has.

    Raises:
        InputError: `peer_unknown`.

    """
    found = [p for p in node.peers.all() if p.node == name or p.name.casefold() == name.casefold()]
    if len(found) != 1:
        raise InputError(Code.PEER_UNKNOWN, field="group")
    return found[0]


async def override_restore(node: Node) -> None:
    """Vouch, as the operator, that no longer log of this node exists; it is written to the log.

    Lets a node go on whose mark is missing and whom nobody else can vouch for. A node that only
    reads because somebody has seen more is not overridden.
    """
    await node.do(
        group.Note(new_key(), RestoreOverridden(v=1, at_s=now_s(), size=node.sequencer.size))
    )
    node.overridden = True


def invitation_of(node: Node) -> str:
    """Give the node's own invitation."""
    return f"{node.settings.public_url}#{node.id}"
