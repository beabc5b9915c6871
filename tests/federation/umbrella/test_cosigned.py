"""Which cosigned checkpoints the mirror keeps: none of which a newer one has all the witnesses."""

from __future__ import annotations

from itertools import permutations

from events.checkpoint import Checkpoint
from events.cosignature import CosignatureSigner
from events.note import NoteSigner, SignedNote, sign_note
from events.signing import PrivateKey
from federation.umbrella.cosigned import KEPT_MAX, Cosigned, signers, to_keep


def at(size: int, *witnesses: str, note: bytes = b"n") -> Cosigned:
    return Cosigned(size, frozenset(witnesses), note)


def test_an_older_one_stays_until_a_newer_one_has_all_its_witnesses() -> None:
    first, second, third = at(10, "u", "b"), at(20, "u"), at(30, "u", "b")

    for told in permutations((first, second)):
        assert to_keep(told) == [second, first]
    for told in permutations((first, second, third)):
        assert to_keep(told) == [third]


def test_what_nobody_has_cosigned_is_not_kept() -> None:
    assert to_keep([at(10, "u"), at(20)]) == [at(10, "u")]


def test_of_one_size_the_one_with_more_witnesses_is_kept() -> None:
    fewer, more = at(10, "u"), at(10, "u", "b")

    assert to_keep([fewer, more]) == to_keep([more, fewer]) == [more]
    assert to_keep([at(10, "u"), at(10, "b", "c")]) == [at(10, "b", "c")]


def test_two_that_make_a_quorum_together_stay_until_one_alone_does() -> None:
    """Neither of the newer ones has both: who wants both needs the oldest."""
    both, one, other = at(10, "a", "b"), at(20, "a"), at(30, "b")

    assert to_keep([both, one, other]) == [other, one, both]


def test_their_number_is_limited_and_the_oldest_go() -> None:
    many = [at(size, f"w{size}") for size in range(KEPT_MAX + 3)]

    assert [one.size for one in to_keep(many)] == list(range(KEPT_MAX + 2, 2, -1))


def test_a_line_that_does_not_fit_is_no_cosignature() -> None:
    """Somebody between puts the line of another checkpoint below this one."""
    log = NoteSigner("a.example/log", PrivateKey(b"l" * 32))
    witness = CosignatureSigner("w.example/w", PrivateKey(b"w" * 32))
    one, other = (
        sign_note(Checkpoint(log.public.name, n, bytes(32)).encode(), log) for n in (3, 4)
    )
    line = witness.sign(one.text, now_s=1)

    told = [
        signers(SignedNote(note.text, (*note.signatures, line)), [witness.public])
        for note in (one, other)
    ]

    assert told == [{witness.public.vkey()}, frozenset()]
