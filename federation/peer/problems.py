"""Problems on the wire (RFC 9457): what a node answers when it does not do what was asked.

A problem carries the code and the facts; the sentence is made again from them by the reader, in the
reader's language. Nothing else of an error leaves the node.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from federation.peer.signatures import Response
from schemas.amounts import Unit
from schemas.encoding import encode, parse
from schemas.errors import (
    Code,
    Language,
    PeerUnavailable,
    RefusedError,
    RuilbrugError,
    StorageError,
    VerificationError,
    sentence,
)

PROBLEM_TYPE: Final = "application/problem+json"

_STATUS: Final = {
    Code.SIGNATURE_MISSING: 401,
    Code.SIGNATURE_MALFORMED: 401,
    Code.SIGNATURE_WRONG: 401,
    Code.SIGNATURE_EXPIRED: 401,
    Code.SIGNATURE_NOT_YET_VALID: 401,
    Code.SIGNATURE_REPLAYED: 401,
    Code.SIGNATURE_OTHER_ADDRESS: 401,
    Code.SIGNATURE_KEY_UNKNOWN: 401,
    Code.DIGEST_MISMATCH: 401,
    Code.TOKEN_INVALID: 401,
    Code.FORBIDDEN: 403,
    Code.PEER_UNKNOWN: 403,
    Code.LINE_OTHER: 403,
    Code.NOT_FOUND: 404,
    Code.PROOF_GONE: 404,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.IDEMPOTENCY_KEY_MISSING: 400,
    Code.CONFLICT: 409,
    Code.LINE_GAP: 409,
    Code.SESSION_UNKNOWN: 409,
    Code.LINE_FORK: 409,
    Code.LINE_PREV: 409,
    Code.PROPOSAL_OPEN: 409,
    Code.ALREADY_DECIDED: 409,
    Code.TOO_LARGE: 413,
    Code.MEDIA_TYPE: 415,
    Code.RATE_LIMITED: 429,
    Code.INTERNAL: 500,
    Code.BUSY: 503,
    Code.FENCED: 503,
    Code.LOG_INCOMPLETE: 503,
    Code.READ_ONLY: 503,
    Code.HANDED_OVER: 503,
    Code.KEYS_FORGOTTEN: 503,
    Code.RELEASES_NOTHING: 503,
    Code.PROOF_NOT_READY: 503,
    Code.DATABASE_UNAVAILABLE: 503,
}
_OTHERWISE: Final = 422

ShortText = Annotated[str, Meta(max_length=200)]
Fact = Annotated[int, Meta(ge=-(2**53 - 1), le=2**53 - 1)] | ShortText


class ToldProblem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error as it is told (RFC 9457): `title` is the sentence, in the language asked for."""

    type: str
    title: str
    status: int
    code: Code
    facts: dict[str, int | str]
    """What fills the sentence: integers, amounts in the smallest unit, short texts."""
    field: str = ""
    """What is wrong, where one thing is."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader uses of a problem; members that it does not know are skipped."""

    code: ShortText
    facts: Annotated[dict[ShortText, Fact], Meta(max_length=16)] = {}


_DECODER: Final = msgspec.json.Decoder(Problem)


def status_of(error: RuilbrugError) -> int:
    """Give the HTTP status of an error."""
    if isinstance(error, PeerUnavailable | StorageError):
        return 503
    return _STATUS.get(error.code, _OTHERWISE)


def write_problem(
    error: RuilbrugError, language: Language = Language.EN, unit: Unit | None = None
) -> Response:
    """Give the response that tells an error (RFC 9457 section 3); amounts show in `unit`."""
    status = status_of(error)
    body = ToldProblem(
        type=f"/docs/errors#{error.code}",
        title=sentence(error.code, error.facts, language, unit),
        status=status,
        code=error.code,
        facts=error.facts,
        field=str(error.facts.get("field", "")),
    )
    return Response(status=status, fields={"content-type": PROBLEM_TYPE}, body=encode(body))


def read_problem(response: Response) -> RuilbrugError:
    """Give the error that a response tells; the response was verified, or is public.

    A refusal keeps its code if we know it. Whatever else it is, the peer does what no peer of ours
    does: `peer_wrong`.
    """
    told = response.fields.get("content-type", "").partition(";")[0].strip()
    if told == PROBLEM_TYPE:
        try:
            problem = parse(_DECODER, response.body)
            return RefusedError(Code(problem.code), **problem.facts)
        except (ValueError, TypeError):  # msgspec's errors and an unknown code are ValueErrors
            pass
    return VerificationError(Code.PEER_WRONG, reason=f"status {response.status}")
