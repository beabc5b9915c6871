"""Who says that a group has moved, and whether it counts. Pure.

Keeps: only the root key of the node moves it, and a later move counts over an earlier one however
often that comes again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from events.canonical import decode
from federation.leaving.signed_words import require_signed, sign_words
from federation.peer.urls import check_base_url
from schemas.encoding import b64, encode, unb64
from schemas.errors import Code, VerificationError
from schemas.keys import Role
from schemas.moves import MoveStatement, SignedMove

if TYPE_CHECKING:
    from events.keys import KeyHistory
    from events.signing import PrivateKey

MOVE_PREFIX: Final = b"ruilbrug/move/v1\n"
_DECODER: Final = msgspec.json.Decoder(MoveStatement)


def sign_move(statement: MoveStatement, root: PrivateKey) -> SignedMove:
    """Sign a move with the root key."""
    content = encode(statement)
    return SignedMove(statement=b64(content), signature=sign_words(MOVE_PREFIX, content, root))


def read_move(signed: SignedMove, history: KeyHistory) -> MoveStatement:
    """Give what a move says, if the root key of this history signed it.

    1. It is a statement in its one form, about an address in its one form. 2. It is of this node.
    3. The root key that speaks now has signed it.

    Raises:
        VerificationError: `bad_move` with the reason.

    """
    try:
        content = unb64(signed.statement, field="move")
        statement = decode(content, _DECODER, field="move")  # 1
        check_base_url(statement.url)
        require_signed(MOVE_PREFIX, content, signed.signature, field="move")
    except VerificationError as error:
        raise _bad(str(error.code)) from error
    if statement.node != history.node:  # 2
        raise _bad("it names another node")
    root = history.current(Role.ROOT)
    if root is None or root.key != signed.signature.key:  # 3
        raise _bad("the root key has not signed it")
    return statement


def _bad(reason: str) -> VerificationError:
    return VerificationError(Code.BAD_MOVE, field="move", reason=reason)
