"""Who is asked to cosign the checkpoints of a node, and whose cosignatures make one count.

Asked are the umbrella, partners, and witnesses that the operator's policy names with an address.
What counts is that policy, or by default the umbrella and one partner; who shares a server with
the umbrella, or with the node itself, does not stand for somebody else (design section 6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from events.cosignature import CosignatureKey
from events.keys import read_history
from events.note import NoteKey
from events.policy import (
    POLICY_SIZE_MAX,
    KnownLog,
    KnownWitness,
    default_policy,
    parse_policy,
)
from events.signing import PublicKey
from federation.node.origins import WITNESS_PATH, log_origin, witness_name
from federation.node.standing import chosen
from schemas.errors import Code, InputError, VerificationError
from schemas.keys import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.policy import Policy
    from federation.node.peers import Peers
    from federation.node.service import Node
    from federation.node.settings import NodeFolder, NodeSettings

LABEL_SIZE_MAX: Final = 200
OTHERS_MAX: Final = 48
"""Witnesses beside the peers that are asked; with those they stay below a note's hundred lines."""


class Asked(NamedTuple):
    """A witness that is asked."""

    id: str
    """Node id of a peer; the verifier key of another witness."""
    url: str
    """Prefix of its addresses, as C2SP tlog-witness has it."""
    key: CosignatureKey | None = None
    """The key of a witness that the policy names; that of a peer is in its statements."""


def asked_of(node: Node) -> list[Asked]:
    """Give whom a node asks: umbrella and partners first, then whom its policy names beside."""
    nodes = [node.peers.get(name) for name in _peers_asked(node)]
    asked = [Asked(peer.node, peer.url + WITNESS_PATH) for peer in nodes if peer is not None]
    if node.own_policy is None:
        return asked
    known = {key.key.data for one in asked if (key := witness_key(node.peers, one.id)) is not None}
    others = [
        Asked(one.key.vkey(), one.url, one.key)
        for one in node.own_policy.witnesses
        if one.url and one.key.key.data not in known
    ]
    return asked + others[:OTHERS_MAX]


def policy_of(node: Node) -> Policy | None:
    """Give the policy that counts for the node's log, with its log keys.

    None as long as no policy would be honest: a group on the umbrella's server that knows no
    witness elsewhere, or a node that does not know yet by which key its umbrella cosigns.
    """
    logs = own_logs(node)
    if node.own_policy is not None:
        return node.own_policy.of_logs(logs)
    known = [(peer, _known_witness(node.peers, peer)) for peer in _peers_asked(node)]
    umbrella = next((one for peer, one in known if peer == node.umbrella), None)
    if node.umbrella is not None and umbrella is None:
        return None
    servers = umbrella_servers(node) | {server_of(node.settings, node.settings.public_url)}
    elsewhere = [
        one
        for _, one in known
        if one is not None and server_of(node.settings, one.url) not in servers
    ]
    partners = _others(umbrella, elsewhere)
    policy = default_policy(logs[-1], umbrella, partners, hosted=is_hosted(node))
    return None if policy is None else policy.of_logs(logs)


def witness_key(peers: Peers, node: str) -> CosignatureKey | None:
    """Give the key by which a peer cosigns now; none when it states none, or is unknown."""
    peer, history = peers.get(node), peers.history(node)
    held = None if history is None else history.current(Role.WITNESS)
    if peer is None or held is None:
        return None
    try:
        public = PublicKey.of_text(held.key)
        return CosignatureKey(witness_name(peer.url), public)
    except VerificationError:
        return None  # an address with a space in it is no key name


def own_logs(node: Node) -> tuple[KnownLog, ...]:
    """Give the node's log with each key that signs for it, oldest first."""
    url = node.settings.public_url
    keys = read_history(node.identity.statements).public_keys(Role.LOG).values()
    return tuple(KnownLog(NoteKey(log_origin(url), key), url + "/log") for key in keys)


def read_policy(folder: NodeFolder, settings: NodeSettings) -> Policy | None:
    """Read the operator's policy; none when the settings name no file.

    Raises:
        InputError: `malformed`, `too_large`, naming the file, or the line and what to do.

    """
    name = settings.witness.policy
    if not name:
        return None
    try:
        with (folder.path / name).open("rb") as file:
            return parse_policy(file.read(POLICY_SIZE_MAX + 1))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(Code.MALFORMED, field=name, reason=reason) from error


def is_hosted(node: Node) -> bool:
    """Tell whether this is a group on the umbrella's own server."""
    return server_of(node.settings, node.settings.public_url) in umbrella_servers(node)


def umbrella_servers(node: Node) -> frozenset[str]:
    """Name what stands for the umbrella's server."""
    umbrella = None if node.umbrella is None else node.peers.get(node.umbrella)
    if umbrella is None:
        return frozenset()
    return frozenset(
        {server_of(node.settings, umbrella.url), *node.settings.witness.umbrella_hosts}
    )


def server_of(settings: NodeSettings, url: str) -> str:
    """Name the server of an address: its host; on one machine of a demo, host and port."""
    parts = urlsplit(url)
    return parts.netloc if settings.allow_private_addresses else parts.hostname or ""


def _peers_asked(node: Node) -> list[str]:
    """Name umbrella and partners; the umbrella asks the groups that it has registered."""
    if node.settings.role == "umbrella":
        return chosen(None, (p.node for p in node.peers.all() if p.standing == "registered"))
    lines = node.machine.books.lines.values()
    return chosen(node.umbrella, (line.peer for line in lines if not line.closed()))


def _known_witness(peers: Peers, node: str) -> KnownWitness | None:
    """Give a peer as a policy names it: by the name of its key."""
    peer, key = peers.get(node), witness_key(peers, node)
    if peer is None or key is None or not key.name.isprintable() or len(key.name) > LABEL_SIZE_MAX:
        return None
    return KnownWitness(key.name, key, peer.url + WITNESS_PATH)


def _others(first: KnownWitness | None, rest: Iterable[KnownWitness]) -> list[KnownWitness]:
    """Leave out who has the key or the name of one before: that is one witness."""
    kept = [] if first is None else [first]
    for one in rest:
        if all(one.name != k.name and one.key.key.data != k.key.key.data for k in kept):
            kept.append(one)
    return kept if first is None else kept[1:]
