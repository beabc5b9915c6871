"""Proofs of bookings: what one says, once every byte of it was held against the log. Pure.

Invariant: nothing is told of a proof that the leaf does not fix, and the leaf stands under a
checkpoint that the reader's policy lets through. What a proof does not say: whose account a number
is, and that help was given as it was booked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace

from events.canonical import CORE_SIZE_MAX, check_profile, decode
from events.checkpoint import Checkpoint
from events.commitments import commitment, require_opening
from events.merkle import leaf_hash
from events.note import SignedNote
from events.policy import NONE, require_witnessed
from events.tlog_proof import TlogProof
from schemas import bodies, cores
from schemas.encoding import b64, unb64
from schemas.errors import Code, VerificationError
from schemas.openings import PeerText, TransferText
from schemas.receipt import Receipt

if TYPE_CHECKING:
    from events.policy import Policy, Witnessed

T = TypeVar("T")

BOOKINGS: Final[dict[type[cores.Core], tuple[type[Any], ...]]] = {
    cores.LocalCore: (bodies.TransferBooked, bodies.CollectiveBooked, bodies.TransferImported),
    cores.PayCommit: (bodies.CommitBody,),
    cores.PayReceipt: (bodies.ReceiptBody,),
    cores.LineRevalued: (bodies.RevaluedBody,),
    cores.LineClose: (bodies.ClosedBody,),
}
"""Which entries book, and by which bodies."""

_RECEIPT: Final = msgspec.json.Decoder(Receipt)
_CORE: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(cores.AnyCore)
_BODY: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(bodies.AnyBody)
_PEER: Final = msgspec.json.Decoder(PeerText)
_TEXT: Final = msgspec.json.Decoder(TransferText)


class Between(NamedTuple):
    """What a proof says of a trade with another group."""

    line: str
    path: str
    line_units: int
    payer_minor: int | None
    """In the payer's smallest unit; none when the proof stops short of the prepare."""
    payee_minor: int | None
    payer: str
    """Pseudonym; empty when the proof does not open it."""
    payee: str


class Booked(NamedTuple):
    """What a proof proves."""

    log: str
    node: str
    place: int
    """Of the entry in the log, counted from 0."""
    size: int
    """How long the log was by the checkpoint."""
    cosigned_at_s: dict[str, int]
    kind: str
    at_s: int
    postings: tuple[bodies.Posting, ...]
    between: Between | None
    description: str | None
    """What for; none when the proof does not open it."""


def check_receipt(file: bytes, policy: Policy) -> Booked:
    """Check a proof of a booking against nothing but a policy.

    1. It is a tlog-proof that carries a receipt. 2. Its checkpoint is of a log that the policy
    knows, and signed by it. 3. The witnesses that the policy wants have cosigned. 4. The receipt's
    core stands at the index under that root, and says so itself. 5. The core books, and its body
    opens its commitment. 6. Each earlier event is the one that the event after it names. 7. The
    texts open commitments of prepare and body.

    Raises:
        VerificationError: 1. `too_large`, `proof_unreadable`. 2. `proof_log_unknown`,
            `proof_unsigned`. 3. `proof_witnesses_missing`. 4. `proof_other_log`. 5.
            `proof_no_booking`. 5. to 7. `proof_changed`, naming the part.

    """
    proof = TlogProof.parse(file)  # 1
    receipt = read_receipt(proof)
    witnessed = _witnessed(proof, policy)  # 2 and 3
    core = _included(proof, receipt, witnessed.checkpoint)  # 4
    body = _opened(core, receipt)  # 5
    prepare = _prepare(core, receipt)  # 6
    peer = _peer(prepare, receipt)  # 7
    description = _description(body, receipt)
    return Booked(
        log=witnessed.checkpoint.origin,
        node=core.origin,
        place=proof.index,
        size=witnessed.checkpoint.size,
        cosigned_at_s=witnessed.cosigned_at_s,
        kind=type(body).__struct_config__.tag,
        at_s=getattr(body, "at_s", core.ts),
        postings=body.postings,
        between=_between(core, prepare, peer),
        description=description if peer is None else peer.description,
    )


def read_receipt(proof: TlogProof) -> Receipt:
    """Read what a proof opens; not yet held against anything.

    Raises:
        VerificationError: `proof_unreadable`.

    """
    if proof.extra is None:
        raise _unreadable("it opens nothing")
    try:
        return decode(proof.extra, _RECEIPT, field="receipt")
    except VerificationError as error:
        raise _unreadable(f"what it opens: {error.facts['reason']}") from error


def _witnessed(proof: TlogProof, policy: Policy) -> Witnessed:
    try:
        log = Checkpoint.parse(SignedNote.parse(proof.checkpoint).text).origin
    except VerificationError as error:
        reason = error.facts.get("reason", "it is too large")
        raise _unreadable(f"its checkpoint: {reason}") from error
    if log not in {one.key.name for one in policy.logs}:
        raise VerificationError(Code.PROOF_LOG_UNKNOWN, log=log)
    try:
        witnessed = require_witnessed(replace(policy, quorum=NONE), proof.checkpoint)
    except VerificationError as error:
        reason = str(error.facts["reason"])
        raise VerificationError(Code.PROOF_UNSIGNED, log=log, reason=reason) from error
    if not policy.suffices(witnessed.cosigned_at_s):
        found, known = len(witnessed.cosigned_at_s), len(policy.witnesses)
        raise VerificationError(Code.PROOF_WITNESSES_MISSING, found=found, known=known)
    return witnessed


def _included(proof: TlogProof, receipt: Receipt, checkpoint: Checkpoint) -> Any:
    core = _bytes(receipt.core, "core")
    try:
        proof.require_included(leaf_hash(core), checkpoint)
    except VerificationError as error:
        raise _elsewhere(str(error.facts["reason"])) from error
    read = _core(core, "core")
    if read.seq != proof.index:
        raise _elsewhere("the entry names another place itself")
    return read


def _opened(core: Any, receipt: Receipt) -> Any:
    kinds = BOOKINGS.get(type(core))
    if kinds is None:
        raise _no_booking("it books nothing")
    salt, data = unb64(receipt.body.salt), _bytes(receipt.body.bytes, "body")
    local = isinstance(core, cores.LocalCore)
    expected = core.commitment if local else getattr(core.commitments, "body", "")
    _require("body", salt, data, expected)
    body = _read(data, _BODY, "body")
    if type(body) not in kinds or not body.postings:
        raise _no_booking("its body is none of a booking")
    if sum(posting.amount_minor for posting in body.postings):
        raise _no_booking("its amounts do not add up to 0")
    return body


def rests_on(core: Any) -> str:
    """Give the id of the event that an event of a payment rests on; empty when there is none."""
    match core:
        case cores.PayReceipt():
            return core.commit
        case cores.PayCommit():
            return core.decision.decision.accept or ""
        case cores.PayAccept():
            return core.prepare
    return ""


def _prepare(core: Any, receipt: Receipt) -> cores.PayPrepare | None:
    """Follow a payment back to its prepare, as far as the receipt goes."""
    for earlier in receipt.earlier:
        data = _bytes(earlier, "earlier")
        if b64(leaf_hash(data)) != rests_on(core):
            raise _changed("earlier")
        core = _core(data, "earlier")
    return core if isinstance(core, cores.PayPrepare) else None


def _peer(prepare: cores.PayPrepare | None, receipt: Receipt) -> PeerText | None:
    if receipt.peer is None:
        return None
    expected = None if prepare is None else prepare.commitments.peer
    data = _bytes(receipt.peer.bytes, "peer")
    _require("peer", unb64(receipt.peer.salt), data, expected)
    return _read(data, _PEER, "peer", free_text=True)


def _description(body: Any, receipt: Receipt) -> str | None:
    if receipt.text is None:
        return None
    data = _bytes(receipt.text.bytes, "text")
    opened = b64(commitment("personal", unb64(receipt.text.salt), data))
    if opened not in {text.commitment for text in getattr(body, "texts", ())}:
        raise _changed("text")
    return _read(data, _TEXT, "text", free_text=True).description


def _between(core: Any, prepare: cores.PayPrepare | None, peer: PeerText | None) -> Between | None:
    if not isinstance(core, cores.PayCommit | cores.PayReceipt):
        return None
    return Between(
        line=core.line,
        path=core.path,
        line_units=core.line_units,
        payer_minor=None if prepare is None else prepare.payer_minor,
        payee_minor=None if prepare is None else prepare.payee_minor,
        payer="" if peer is None else peer.payer,
        payee="" if peer is None else peer.payee,
    )


def _require(layer: Any, salt: bytes, data: bytes, expected: str | None) -> None:
    if not expected:
        raise _changed(layer)
    try:
        require_opening(layer, salt, data, unb64(expected))
    except VerificationError as error:
        raise _changed(layer) from error


def _core(data: bytes, field: str) -> Any:
    try:
        check_profile(data, size_max=CORE_SIZE_MAX, field=field)
    except VerificationError as error:
        raise _no_booking(f"{field}: {error.facts.get('reason', 'it is too large')}") from error
    return _read(data, _CORE, field)


def _read(
    data: bytes, decoder: msgspec.json.Decoder[T], field: str, *, free_text: bool = False
) -> T:
    """Read what the log fixes: what cannot be read was written so, and not changed later."""
    try:
        return decode(data, decoder, free_text=free_text, field=field)
    except VerificationError as error:
        raise _no_booking(f"{field}: {error.facts['reason']}") from error


def _bytes(text: str, field: str) -> bytes:
    try:
        return unb64(text, field=field)
    except VerificationError as error:
        raise _unreadable(f"what it opens: {field} is not base64url") from error


def _unreadable(reason: str) -> VerificationError:
    return VerificationError(Code.PROOF_UNREADABLE, reason=reason)


def _elsewhere(reason: str) -> VerificationError:
    return VerificationError(Code.PROOF_OTHER_LOG, reason=reason)


def _changed(field: str) -> VerificationError:
    return VerificationError(Code.PROOF_CHANGED, field=field)


def _no_booking(reason: str) -> VerificationError:
    return VerificationError(Code.PROOF_NO_BOOKING, reason=reason)
