"""What still lacks, and what to do about it, in words. Pure."""

from __future__ import annotations

import pytest

from events.cosignature import CosignatureKey
from events.policy import Policy, parse_policy
from events.signing import PrivateKey
from federation.node import witness_words as words

SHOWN = {"k": "Koepel", "a": "LETS Gent"}


def policy(*rest: str) -> Policy:
    lines = [
        f"witness {name} {CosignatureKey(name, PrivateKey(name.encode() * 32).public).vkey()}"
        for name in "kabc"
    ]
    return parse_policy("\n".join([*lines, *rest, ""]).encode())


ONE_OF = policy("group partners 1 a b c", "group all 2 k partners", "quorum all")


@pytest.mark.parametrize(
    ("cosigned", "lacks"),
    [
        ([], "Koepel and 1 of (LETS Gent, b, c)"),
        (["k"], "1 of (LETS Gent, b, c)"),
        (["b"], "Koepel"),
        (["k", "b"], ""),
        (["k", "stranger"], "1 of (LETS Gent, b, c)"),
    ],
)
def test_who_still_has_to_cosign_is_named(cosigned: list[str], lacks: str) -> None:
    assert words.lacking(ONE_OF, cosigned, SHOWN) == lacks


def test_of_a_threshold_only_the_rest_is_wanted() -> None:
    two = policy("group g 2 a b c", "quorum g")

    assert words.wanted(two, SHOWN) == "2 of (LETS Gent, b, c)"
    assert words.lacking(two, ["c"], SHOWN) == "1 of (LETS Gent, b)"
    assert words.lacking(policy("group g 3 a b c", "quorum g"), ["c"], SHOWN) == "LETS Gent and b"


def test_a_single_witness_and_nobody_are_said_plainly() -> None:
    assert words.wanted(policy("quorum k"), SHOWN) == "Koepel"
    assert words.wanted(policy("quorum none"), SHOWN) == "nobody"
    assert words.lacking(policy("quorum none"), [], SHOWN) == ""


def test_advice_names_who_is_in_trouble_and_why() -> None:
    assert words.advice("", [("Koepel", "no connection")]) == words.NOTHING
    assert words.advice("Koepel", [("Koepel", "")]) == words.ON_THE_WAY
    told = words.advice("Koepel", [("Koepel", "no connection"), ("b", "")])
    assert told.startswith("Waits for Koepel (no connection). ")
