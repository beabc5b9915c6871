"""Who reads what a booking was for: the whole table of the rule."""

from __future__ import annotations

import pytest

from federation.group.rights import BY_SERVER, Looks, reads_words

NOBODY = Looks(stands_for=False, books=False, sees_books=False)
ITS_OWN = Looks(stands_for=True, books=False, sees_books=False)
AUDITOR = Looks(stands_for=False, books=False, sees_books=True)
TREASURER = Looks(stands_for=False, books=True, sees_books=True)


@pytest.mark.parametrize(
    ("looks", "between_two", "of_group", "with_many"),
    [
        (NOBODY, False, False, False),
        (ITS_OWN, True, True, True),
        (AUDITOR, False, False, True),
        (TREASURER, False, True, True),
        (BY_SERVER, False, True, True),
    ],
)
def test_a_text_is_read_by_whom_it_concerns(
    looks: Looks, *, between_two: bool, of_group: bool, with_many: bool
) -> None:
    assert reads_words(looks, of_group=False, to_all=False) is between_two
    assert reads_words(looks, of_group=True, to_all=False) is of_group
    assert reads_words(looks, of_group=False, to_all=True) is with_many
