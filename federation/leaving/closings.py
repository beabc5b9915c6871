"""Who says that a group has ended, and whether it counts. Pure.

Keeps: only the log key that speaks at the end of the log ends it, and a closing counts once: when
the group was taken in again since, the same words from back then change nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from events.canonical import decode
from federation.leaving.signed_words import require_signed, sign_words
from schemas.closings import ClosingStatement, SignedClosing
from schemas.encoding import b64, encode, unb64
from schemas.errors import Code, Refusal, VerificationError
from schemas.keys import Role

if TYPE_CHECKING:
    from events.keys import KeyHistory
    from events.signing import PrivateKey

CLOSING_PREFIX: Final = b"ruilbrug/closed/v1\n"
_DECODER: Final = msgspec.json.Decoder(ClosingStatement)


def sign_closing(statement: ClosingStatement, key: PrivateKey) -> SignedClosing:
    """Sign a closing with the log key."""
    content = encode(statement)
    return SignedClosing(statement=b64(content), signature=sign_words(CLOSING_PREFIX, content, key))


def read_closing(signed: SignedClosing, history: KeyHistory) -> ClosingStatement:
    """Give what a closing says, if the log key of this history signed it.

    1. It is a statement in its one form. 2. It is of this node. 3. The log key that speaks where
    the log ends has signed it.

    Raises:
        VerificationError: `bad_closing` with the reason.

    """
    try:
        content = unb64(signed.statement, field="closing")
        statement = decode(content, _DECODER, field="closing")  # 1
        require_signed(CLOSING_PREFIX, content, signed.signature, field="closing")
    except VerificationError as error:
        raise _bad(str(error.code)) from error
    if statement.node != history.node:  # 2
        raise _bad("it names another node")
    if not history.speaks(Role.LOG, signed.signature.key, statement.size):  # 3
        raise _bad("the log key has not signed it")
    return statement


def judge(
    statement: ClosingStatement, *, here: bool, known_size: int | None, followed: int | None
) -> Refusal | None:
    """Say why a closing does not count; none when it does, also when it is known already.

    `here`: the group has not left. `known_size`: where its log ended by a closing that was taken in
    before. `followed`: how far its log was followed; None where none is.

    Refusals, in this order: `closing_late`; `log_not_followed`, which is asked again.
    """
    if known_size is not None and (
        statement.size < known_size or (here and statement.size == known_size)
    ):
        return Refusal(Code.CLOSING_LATE, {"field": "closing"})
    if followed is not None and followed > statement.size:
        return Refusal(Code.CLOSING_LATE, {"field": "closing"})
    if here and followed is not None and followed < statement.size:
        return Refusal(Code.LOG_NOT_FOLLOWED, {"size": followed})
    return None


def _bad(reason: str) -> VerificationError:
    return VerificationError(Code.BAD_CLOSING, field="closing", reason=reason)
