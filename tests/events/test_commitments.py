"""Commitments open with their own layer, salt and data, and with nothing else."""

from __future__ import annotations

from hashlib import sha256
from itertools import permutations
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.commitments import SALT_SIZE, Layer, commitment, require_opening
from schemas.errors import Code, VerificationError

LAYERS: tuple[Layer, ...] = get_args(Layer)
SALT = bytes(range(SALT_SIZE))


@pytest.mark.parametrize("layer", LAYERS)
def test_a_commitment_is_the_hash_that_the_design_says(layer: Layer) -> None:
    expected = sha256(b"ruilbrug/commit/v1\n" + layer.encode() + SALT + b"{}").digest()

    assert commitment(layer, SALT, b"{}") == expected


def test_no_layer_begins_another() -> None:
    assert not any(one.startswith(other) for one, other in permutations(LAYERS, 2))


@given(st.sampled_from(LAYERS), st.binary(max_size=50), st.binary(max_size=40), st.binary())
def test_an_opening_fits_or_is_refused(
    layer: Layer, content: bytes, salt: bytes, other: bytes
) -> None:
    made = commitment(layer, SALT, content)

    require_opening(layer, SALT, content, made)
    for wrong in ((salt, content, made), (SALT, content + b" ", made), (SALT, content, other)):
        if wrong == (SALT, content, made):
            continue
        with pytest.raises(VerificationError) as caught:
            require_opening(layer, *wrong)
        assert caught.value.code is Code.BAD_COMMITMENT
        assert caught.value.facts == {"field": layer}


def test_the_same_bytes_in_another_layer_do_not_open() -> None:
    for one, other in permutations(LAYERS, 2):
        with pytest.raises(VerificationError):
            require_opening(other, SALT, b"{}", commitment(one, SALT, b"{}"))
