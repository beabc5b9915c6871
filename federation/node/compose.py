"""Drafts become bytes: commitments, sealed texts, the place in a chain, the signed decision.

The only place where a core is encoded. The rules yield drafts and know none of this.

Invariant: what is composed can be read back. A type checks nothing when it is written: a number
beyond what its field holds would stand in the log for ever, and whoever reads that would fail.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace

from events.commitments import SALT_SIZE, commitment
from events.evidence import DECISION_PREFIX
from events.machine import Composed
from federation.line.drafts import DecisionDraft, LineDraft, LocalDraft
from schemas import cores
from schemas.bodies import AnyBody, TextReference
from schemas.encoding import b64, encode, unb64

if TYPE_CHECKING:
    from events.machine import Context, Header
    from events.sealed import Keyring
    from federation.line.drafts import Draft
    from projections.books import Books

HOUR_S: Final = 3600
SALT16: Final = 16
_BODY: Final = msgspec.json.Decoder(AnyBody)
_LINE_CORE: Final = msgspec.json.Decoder(cores.LineEvent)


class Meaning(NamedTuple):
    """What `apply` needs of an event that has just been composed."""

    core: cores.AnyCore
    body: AnyBody | None


@lru_cache(maxsize=20_000)
def subject_bytes(subject: str) -> bytes:
    """Give the 16 bytes of a subject; the same few hundred come again and again."""
    return unb64(subject, size=SALT16)


Sealed = tuple[bytes, bytes, str, bytes]
"""(commitment, subject, layer, sealed)"""


def compose(
    books: Books, keyring: Keyring, draft: Draft, header: Header, context: Context
) -> Composed:
    """Give the bytes of an event and what they mean."""
    if isinstance(draft, LocalDraft):
        return _local(keyring, draft, header, context)
    return _line(books, keyring, draft, header, context)


def _local(keyring: Keyring, draft: LocalDraft, header: Header, context: Context) -> Composed:
    body, texts = draft.body, _texts(keyring, draft, context)
    if texts:
        references = tuple(
            TextReference(subject, b64(sealed[0]))
            for (subject, _), sealed in zip(draft.texts, texts, strict=True)
        )
        body = replace(body, texts=references)
    body_bytes = _readable(body, _BODY)
    salt = context.random(SALT_SIZE)
    core = cores.LocalCore(
        v=1,
        origin=header.origin,
        seq=header.seq,
        root=header.root,
        key=header.key,
        ts=context.now_s - context.now_s % HOUR_S,
        commitment=b64(commitment("body", salt, body_bytes)),
    )
    return Composed(encode(core), body_bytes, salt, texts, Meaning(core, body))


def _texts(keyring: Keyring, draft: LocalDraft, context: Context) -> list[Sealed]:
    """Seal each text; the same text for two members has one salt and one commitment."""
    sealed: list[Sealed] = []
    last: Any = None
    for subject_text, text in draft.texts:
        if last is None or last[0] is not text:
            salt, data = context.random(SALT_SIZE), encode(text)
            last = (text, salt, data, commitment("personal", salt, data))
        subject = subject_bytes(subject_text)
        cipher = keyring.seal(subject, last[3], last[1], last[2], context.random)
        sealed.append((last[3], subject, "personal", cipher))
    return sealed


def _line(
    books: Books, keyring: Keyring, draft: LineDraft, header: Header, context: Context
) -> Composed:
    line = books.lines.get(draft.line)
    fields = dict(draft.fields)
    decision = fields.get("decision")
    if isinstance(decision, DecisionDraft):
        fields["decision"] = _decision(decision, header, context)
    texts: list[Sealed] = []
    body_bytes = body_salt = body_commitment = peer_commitment = None
    if draft.body is not None:
        body_bytes, body_salt = _readable(draft.body, _BODY), context.random(SALT_SIZE)
        body_commitment = b64(commitment("body", body_salt, body_bytes))
    if draft.peer is not None:
        salt, data = context.random(SALT_SIZE), encode(draft.peer)
        peer_commitment = commitment("peer", salt, data)
        texts.append(_seal_peer(keyring, draft.subject, peer_commitment, salt, data, context))
    if draft.peer_received is not None:
        salt, data = unb64(draft.peer_received.salt), unb64(draft.peer_received.bytes)
        received = commitment("peer", salt, data)
        texts.append(_seal_peer(keyring, draft.subject, received, salt, data, context))
    if body_commitment is None:
        fields["salt"] = b64(context.random(SALT16))
    else:
        fields["commitments"] = cores.Commitments(
            body=body_commitment, peer=None if peer_commitment is None else b64(peer_commitment)
        )
    core: Any = draft.core(
        v=1,
        origin=header.origin,
        seq=header.seq,
        root=header.root,
        key=header.key,
        ts=context.now_s,
        line=draft.line,
        n=1 if line is None else line.out_n + 1,
        prev=line.out_id or None if line is not None else None,
        seen=cores.Seen(n=line.in_n, id=line.in_id) if line is not None and line.in_n else None,
        **fields,
    )
    core_bytes = _readable(core, _LINE_CORE)
    return Composed(core_bytes, body_bytes, body_salt, texts, Meaning(core, draft.body))


def _readable(said: msgspec.Struct, decoder: msgspec.json.Decoder[Any]) -> bytes:
    """Encode what goes into the log, and see that it can be read back.

    Takes three microseconds of the hundreds that an event costs; what fails costs only its command.
    """
    data = encode(said)
    try:
        decoder.decode(data)
    except msgspec.MsgspecError as error:
        what = type(said).__name__
        raise AssertionError(f"{what} could not be read back: {error}") from error
    return data


def _seal_peer(
    keyring: Keyring, subject: str, commit: bytes, salt: bytes, data: bytes, context: Context
) -> Sealed:
    key = unb64(subject)
    return (commit, key, "peer", keyring.seal(key, commit, salt, data, context.random))


def _decision(draft: DecisionDraft, header: Header, context: Context) -> cores.SignedDecision:
    decision = cores.Decision(
        v=1,
        origin=header.origin,
        path=draft.path,
        verdict=cores.Verdict.COMMIT if draft.commit else cores.Verdict.ABORT,
        key=header.key,
        accept=draft.accept or None,
    )
    signature = context.sign(DECISION_PREFIX + encode(decision))
    return cores.SignedDecision(decision=decision, signature=b64(signature))
