"""Who may say that a group has ended, and when it counts: pure rules."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.keys import read_history
from events.signing import PrivateKey
from federation.leaving.closings import judge, read_closing, sign_closing
from schemas.closings import ClosingStatement
from schemas.encoding import b64, unb64
from schemas.errors import Code, VerificationError
from tests.events.stated import StatedGroup

GROUP, OTHER = StatedGroup(1), StatedGroup(2)
HISTORY = read_history((*GROUP.first, GROUP.rotation(1, 10)))
WORD = ClosingStatement(v=1, node=GROUP.node, size=12, closed_at_s=1_777_809_600)
SIZES = st.integers(0, 5)
MAYBE = st.none() | SIZES


def test_the_log_key_that_speaks_at_the_end_says_it() -> None:
    assert read_closing(sign_closing(WORD, GROUP.log[1]), HISTORY) == WORD


@pytest.mark.parametrize("key", [GROUP.log[0], GROUP.log[2], GROUP.root, OTHER.log[0]])
def test_no_other_key_says_it(key: PrivateKey) -> None:
    with pytest.raises(VerificationError) as refused:
        read_closing(sign_closing(WORD, key), HISTORY)

    assert refused.value.code is Code.BAD_CLOSING


def test_a_group_ends_no_other() -> None:
    with pytest.raises(VerificationError) as refused:
        read_closing(sign_closing(WORD, OTHER.log[0]), read_history(OTHER.first))

    assert refused.value.code is Code.BAD_CLOSING


@given(at=st.integers(0, 10_000), flipped=st.integers(1, 255), signature=st.booleans())
def test_no_byte_of_it_can_be_changed(at: int, flipped: int, *, signature: bool) -> None:
    said = sign_closing(WORD, GROUP.log[1])
    whole = bytearray(unb64(said.signature.signature if signature else said.statement))
    whole[at % len(whole)] ^= flipped
    if signature:
        other = msgspec.structs.replace(said.signature, signature=b64(bytes(whole)))
        changed = msgspec.structs.replace(said, signature=other)
    else:
        changed = msgspec.structs.replace(said, statement=b64(bytes(whole)))

    with pytest.raises(VerificationError) as refused:
        read_closing(changed, HISTORY)

    assert refused.value.code is Code.BAD_CLOSING


@given(size=SIZES, known=MAYBE, followed=MAYBE, here=st.booleans())
def test_a_closing_counts_at_the_end_of_the_log_and_never_twice(
    size: int, known: int | None, followed: int | None, *, here: bool
) -> None:
    word = ClosingStatement(v=1, node="a" * 52, size=size, closed_at_s=1)

    refused = judge(word, here=here, known_size=known, followed=followed)

    if refused is None:
        assert followed is None or followed == size or (not here and followed < size)
        assert known is None or known < size or (known == size and not here)
    else:
        late = refused.code is Code.CLOSING_LATE
        assert late or (here and followed is not None and followed < size)
