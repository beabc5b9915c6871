"""By what a command that has a key is the same again: tables hold it from versions before."""

from __future__ import annotations

from typing import Any

import pytest

from federation.group.agreeing import ConsentToAsked
from federation.group.commands import Transfer
from federation.node.concerns import sameness

KEY = "A" * 22
OTHER = "B" * 21 + "A"


@pytest.mark.parametrize(
    ("command", "digest"),
    [
        (
            Transfer(KEY, 5, 6, 8, "Ramen", 7),
            "9fb41c6d5e4e65f70670e6e6de2524def4dc0a1b8bf65fc162c926019654456c",
        ),
        (
            Transfer(KEY, 5, 6, 8),
            "2ef8cb2cdf570456b164c2fced410359a6e0cb90a24e40b2ded5f422882dff22",
        ),
        (
            ConsentToAsked(KEY, OTHER, 5, 8, "Ramen", 7),
            "f20e5070bf0469a2593c6f4a70e2c209baa2f17d96b22b79277c81ba6472e2a7",
        ),
    ],
)
def test_which_other_ids_a_booking_must_not_meet_is_no_part_of_it(
    command: Any, digest: str
) -> None:
    assert sameness(command).hex() == digest
    assert sameness(command._replace(other_ids=(OTHER,))).hex() == digest
