"""What an umbrella's people and its groups do with the register: admit, state keys, lines, leave.

The rules are in `federation.umbrella.register_rules`; here is what has to be fetched for them. Each
statement is held against the group's log as far as it was followed before, and written down with
size and root of that: so it stays visible what was known first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import structlog

from events.keys import read_history
from events.merkle import EMPTY_ROOT
from federation.node.key_judging import KeyJudge
from federation.node.origins import log_origin
from federation.node.peers import Peer, fetch_statements
from federation.node.settings import parse_invitation
from federation.node.use_cases import about_peer, find_peer
from federation.node.witness import newest_cosigned
from federation.umbrella.following import read_core
from federation.umbrella.mirror import resume
from federation.umbrella.queries import SQL
from federation.umbrella.register_rules import (
    AdmitGroup,
    Followed,
    LeaveGroup,
    RecordKeys,
    RecordLine,
)
from schemas import cores
from schemas.encoding import b64
from schemas.errors import Code, InputError, PeerUnavailable, RefusedError, VerificationError
from schemas.keys import Role
from schemas.terms import terms_hash

if TYPE_CHECKING:
    from events.keys import KeyHistory
    from federation.node.service import Node
    from projections.register import Group
    from schemas.keys import SignedKeyStatement

log = structlog.get_logger()


async def admit(umbrella: Node, invitation: str, name: str = "") -> Peer:
    """Take a group into the register with its keys; its id authenticates them.

    Raises:
        InputError: `malformed`.
        PeerUnavailable: it does not answer, or another node answers there.
        VerificationError: its key statements do not prove its id.
        RefusedError: `bad_key_statement`, `key_borrowed`, `key_late`, `address_taken`.

    """
    invited = parse_invitation(invitation)
    peer = Peer(invited.node, invited.url, name, "registered")
    about = await about_peer(umbrella, peer)
    peer = peer._replace(name=name or about.name)
    statements, history = await _fetch(umbrella, peer)
    followed = await followed_of(umbrella, peer.node, history)
    await umbrella.do(AdmitGroup(peer.node, peer.url, peer.name, statements, followed))
    await umbrella.peers.add(peer)
    await umbrella.peers.learn(peer.node, statements)
    if not umbrella.peers.http_keys(peer.node):
        raise PeerUnavailable(Code.PEER_UNREACHABLE, reason="key statements")
    return peer


async def fetch_keys(umbrella: Node, name: str) -> Group:
    """Fetch a group's key statements now and record what is new: after a theft, for one.

    Raises:
        InputError: `peer_unknown`.
        PeerUnavailable: it does not answer.
        VerificationError: its key statements do not prove its id.
        RefusedError: as `admit`, and `group_unknown`.

    """
    peer = find_peer(umbrella, name)
    statements, _ = await _fetch(umbrella, peer)
    return await record_keys(umbrella, peer.node, statements)


async def record_keys(
    umbrella: Node, node: str, statements: tuple[SignedKeyStatement, ...]
) -> Group:
    """Record what is new among a group's statements, and use it from now on.

    Raises:
        VerificationError: they do not prove this group's id.
        RefusedError: `group_unknown`, `bad_key_statement`, `key_borrowed`, `key_late`.

    """
    history = _proven(node, statements)
    followed = await followed_of(umbrella, node, history)
    group: Group = await umbrella.do(RecordKeys(node, statements, followed))
    await umbrella.peers.learn(node, statements)
    return group


async def leave(umbrella: Node, name: str) -> Group:
    """Take a group out of the register; its partners read so, and what is theirs goes on.

    Raises:
        InputError: `peer_unknown`.
        RefusedError: `group_unknown`.

    """
    found = [peer.node for peer in umbrella.peers.everyone() if name in (peer.node, peer.name)]
    if len(found) != 1:
        raise InputError(Code.PEER_UNKNOWN, field="group")
    group: Group = await umbrella.do(LeaveGroup(found[0]))
    await umbrella.peers.leave(found[0])
    return group


class RegisterJudge:
    """Lets an umbrella use no key statement that its register has not taken in."""

    def __init__(self, umbrella: Node) -> None:
        """Take the umbrella's node."""
        self._umbrella = umbrella
        self._inbox = KeyJudge(umbrella.pool, umbrella.machine)

    async def fits(
        self, node: str, statements: tuple[SignedKeyStatement, ...], history: KeyHistory
    ) -> bool:
        """Record the new statements of a group; of others, hold them against what they sent."""
        group = self._umbrella.machine.books.register.groups.get(node)
        if group is not None and group.here:
            followed = await followed_of(self._umbrella, node, history)
            try:
                await self._umbrella.do(RecordKeys(node, statements, followed))
            except RefusedError as error:
                log.warning("key_statement_refused", peer=node, code=error.code)
                return False
        return await self._inbox.fits(node, statements, history)


async def followed_of(umbrella: Node, node: str, history: KeyHistory) -> Followed:
    """Tell how far a group's log has been seen, and the last followed entry under each of its keys.

    What was cosigned counts like what was followed: the larger of the two.
    """
    state = await umbrella.pool.fetchrow(SQL["mirror_state"], node)
    own = {held.key for held in history.keys if held.role is Role.LOG}
    followed = await resume(umbrella.pool, node)
    used = sorted((key, last) for key, last in followed.used.items() if key in own)
    seen = [(0, EMPTY_ROOT)]
    peer = umbrella.peers.get(node)
    cosigned = None if peer is None else await newest_cosigned(umbrella.pool, log_origin(peer.url))
    seen += [(row["size"], row["root"]) for row in (cosigned, state) if row is not None]
    size, root = max(seen, key=lambda one: one[0])
    return Followed(size, b64(root), tuple(used))


async def followed_size(umbrella: Node, node: str) -> int:
    """Tell behind which entry the mirror has followed a group's log; 0 when it never has."""
    row = await umbrella.pool.fetchrow(SQL["mirror_state"], node)
    return 0 if row is None else int(row["size"])


async def record_lines(umbrella: Node) -> int:
    """Write down each line on which the followed logs of both groups agree; give how many.

    An acceptance is answered by a proposal in another log: both are looked for by the line.
    """
    register = umbrella.machine.books.register
    proposed: dict[tuple[str, str], cores.TermsPropose] = {}
    accepted: list[cores.TermsAccept] = []
    for row in await umbrella.pool.fetch(SQL["mirrored_terms"]):
        core = read_core(row["core"])
        if isinstance(core, cores.TermsPropose):
            proposed[core.line, terms_hash(core.terms)] = core
        elif isinstance(core, cores.TermsAccept) and core.line not in register.lines:
            accepted.append(core)
    found = 0
    for accept in accepted:
        propose = proposed.get((accept.line, accept.terms))
        if propose is None or accept.line in register.lines:
            continue
        try:
            await umbrella.do(RecordLine(propose, accept))
        except RefusedError as error:
            log.info("line_not_recorded", line=accept.line, code=error.code)
        else:
            found += 1
    return found


async def record_known_keys(umbrella: Node) -> None:
    """Record statements that are used here and not in the register: of before it had any, say."""
    register = umbrella.machine.books.register
    for group in list(register.groups.values()):
        statements = umbrella.peers.statements(group.node)
        if group.here and len(statements) > len(group.stated):
            try:
                await record_keys(umbrella, group.node, statements)
            except RefusedError as error:
                log.warning("key_statement_refused", peer=group.node, code=error.code)


async def _fetch(umbrella: Node, peer: Peer) -> tuple[tuple[SignedKeyStatement, ...], KeyHistory]:
    try:
        statements = await fetch_statements(umbrella.client, peer.url)
    except (VerificationError, RefusedError, msgspec.MsgspecError) as error:
        raise PeerUnavailable(Code.PEER_UNREACHABLE, reason="key statements") from error
    return statements, _proven(peer.node, statements)


def _proven(node: str, statements: tuple[SignedKeyStatement, ...]) -> KeyHistory:
    return read_history(statements, node=node)
