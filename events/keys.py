"""Which keys speak for a node, as a fold over its key statements (design section 3).

A node's id is the hash of its first root statement, so its statements prove themselves: they can
come from anybody. Keeps: a statement counts only with the signatures that its cause needs.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec

from events.canonical import decode
from events.signing import PublicKey
from schemas.encoding import b64, encode, unb64
from schemas.errors import Code, VerificationError
from schemas.ids import node_id
from schemas.keys import Cause, KeySignature, KeyStatement, Role, SignedKeyStatement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from events.signing import PrivateKey

KEY_PREFIX: Final = b"ruilbrug/key/v1\n"
STATEMENTS_MAX: Final = 1000
_DECODER: Final = msgspec.json.Decoder(KeyStatement)


class HeldKey(msgspec.Struct, frozen=True):
    """A key with the range of log indexes in which it speaks: from, and until when revoked."""

    role: Role
    key: str
    next: str
    holds_from: int
    holds_until: int | None = None

    def holds_at(self, index: int) -> bool:
        """Tell whether it was stated for `index` and not revoked there."""
        until = self.holds_until
        return self.holds_from <= index and (until is None or index < until)


class KeyHistory(msgspec.Struct, frozen=True):
    """All keys of one node, oldest first."""

    node: str
    keys: tuple[HeldKey, ...]

    def current(self, role: Role) -> HeldKey | None:
        """Give the newest key of a role that is not revoked."""
        live = [key for key in self.keys if key.role is role and key.holds_until is None]
        return live[-1] if live else None

    def speaks(self, role: Role, key: str, index: int) -> bool:
        """Tell whether `key` speaks in `role` at log index `index`.

        It does from the index that its statement names, until the one from which its successor
        holds, or it is revoked.
        """
        found: HeldKey | None = None
        for held in self.keys:
            if held.role is not role:
                continue
            if found is not None:
                return found.holds_at(index) and index < held.holds_from
            if held.key == key:
                found = held
        return found is not None and found.holds_at(index)

    def revoked(self, key: str) -> bool:
        """Tell whether a log key was revoked: whoever holds it can back-date at will."""
        return any(
            held.role is Role.LOG and held.key == key and held.holds_until is not None
            for held in self.keys
        )

    def public_keys(self, role: Role) -> dict[str, PublicKey]:
        """Give the usable keys of a role by their text."""
        return {
            held.key: PublicKey.of_text(held.key)
            for held in self.keys
            if held.role is role and held.holds_until is None
        }


def continues(newer: KeyHistory, older: KeyHistory, roles: Sequence[Role] = tuple(Role)) -> bool:
    """Tell whether a history says all that an older one said about the keys of these roles.

    Statements are only ever added; one that revokes adds to its key the index where it ends.
    """
    if newer.node != older.node:
        return False
    now = [key for key in newer.keys if key.role in roles]
    before = [key for key in older.keys if key.role in roles]
    return len(before) <= len(now) and all(
        msgspec.structs.replace(then, holds_until=key.holds_until) == key
        and then.holds_until in (None, key.holds_until)
        for key, then in zip(now, before, strict=False)
    )


def still_speak(history: KeyHistory, used: Mapping[str, int]) -> bool:
    """Tell whether a history leaves what was signed under a node's log keys so far.

    `used` gives the highest log index that was received under each key. A statement that silences
    a key at an index where it has spoken comes too late: what was received would change its worth.
    """
    return all(history.speaks(Role.LOG, key, index) for key, index in used.items())


def sign_statement(statement: KeyStatement, keys: Iterable[PrivateKey]) -> SignedKeyStatement:
    """Sign a statement with each of `keys`."""
    data = encode(statement)
    return SignedKeyStatement(
        statement=b64(data),
        signatures=tuple(
            KeySignature(key=b64(key.public.data), signature=b64(key.sign(KEY_PREFIX + data)))
            for key in keys
        ),
    )


def pre_commitment(next_public: bytes) -> str:
    """Give the digest by which a statement names the key that will follow."""
    return b64(sha256(next_public).digest())


def read_history(
    statements: Iterable[SignedKeyStatement], *, node: str | None = None
) -> KeyHistory:
    """Fold statements into a history, verifying each; `node` is the id that they must prove.

    Raises:
        VerificationError: `bad_key_statement` with the reason; `bad_signature`.

    """
    history: KeyHistory | None = None
    for count, signed in enumerate(statements):
        if count >= STATEMENTS_MAX:
            raise _bad("there are too many")
        history = with_statement(history, signed)
    if history is None:
        raise _bad("there is none")
    if node is not None and history.node != node:
        raise _bad("they belong to another node")
    return history


def read_statement(signed: SignedKeyStatement) -> KeyStatement:
    """Give what a statement says; nothing is verified here.

    Raises:
        VerificationError: `bad_encoding`, `not_canonical`, `malformed`.

    """
    return decode(unb64(signed.statement, field="statement"), _DECODER, field="statement")


def with_statement(history: KeyHistory | None, signed: SignedKeyStatement) -> KeyHistory:
    """Verify one more statement, and give the history with it; the first has none before it.

    Raises:
        VerificationError: `bad_key_statement` with the reason; `bad_signature`; as
            `read_statement`.

    """
    data, statement = unb64(signed.statement, field="statement"), read_statement(signed)
    signers = _signers(data, signed.signatures)
    if history is None:
        return _first(data, statement, signers)
    return _extend(history, statement, signers)


def _signers(data: bytes, signatures: tuple[KeySignature, ...]) -> frozenset[str]:
    if not 1 <= len(signatures) <= 3:  # noqa: PLR2004 - a rotation has two, with root three
        raise _bad("it has no signatures or too many")
    for signature in signatures:
        key = PublicKey.of_text(signature.key)
        raw = unb64(signature.signature, size=64, field="signature")
        key.require(raw, KEY_PREFIX + data, field="key_statement")
    return frozenset(signature.key for signature in signatures)


def _first(data: bytes, statement: KeyStatement, signers: frozenset[str]) -> KeyHistory:
    if (
        statement.role is not Role.ROOT
        or statement.cause is not Cause.FIRST
        or statement.node is not None
        or statement.holds_from != 0
    ):
        raise _bad("the first one is not a first root statement")
    if statement.key not in signers:
        raise _bad("the root key has not signed its own statement")
    return KeyHistory(node_id(data), (_held(statement),))


def _extend(history: KeyHistory, statement: KeyStatement, signers: frozenset[str]) -> KeyHistory:
    if statement.node != history.node:
        raise _bad("it names another node")
    root = history.current(Role.ROOT)
    assert root is not None
    if statement.cause is Cause.REVOCATION:
        return _revoke(history, statement, by_root=root.key in signers)
    if any(held.key == statement.key for held in history.keys):
        raise _bad("this key was stated before")
    before = history.current(statement.role)
    if any(statement.holds_from < k.holds_from for k in history.keys if k.role is statement.role):
        raise _bad("it is back-dated")
    match statement.cause:
        case Cause.FIRST:
            fine = before is None and root.key in signers and statement.role is not Role.ROOT
        case Cause.ROTATION:
            fine = (
                before is not None
                and {before.key, statement.key} <= signers
                and pre_commitment(unb64(statement.key, size=32, field="key")) == before.next
            )
        case _:
            fine = root.key in signers and statement.role is not Role.ROOT
    if not fine:
        raise _bad("it lacks the signatures that its cause needs")
    return KeyHistory(history.node, (*history.keys, _held(statement)))


def _revoke(history: KeyHistory, statement: KeyStatement, *, by_root: bool) -> KeyHistory:
    match = [k for k in history.keys if k.key == statement.key and k.role is statement.role]
    if not by_root or not match or statement.role is Role.ROOT:
        raise _bad("only the root key revokes, and only a key that was stated")
    keys = tuple(
        msgspec.structs.replace(key, holds_until=statement.holds_from)
        if key in match and key.holds_until is None
        else key
        for key in history.keys
    )
    return KeyHistory(history.node, keys)


def _held(statement: KeyStatement) -> HeldKey:
    return HeldKey(statement.role, statement.key, statement.next, statement.holds_from)


def _bad(reason: str) -> VerificationError:
    return VerificationError(Code.BAD_KEY_STATEMENT, reason=reason)
