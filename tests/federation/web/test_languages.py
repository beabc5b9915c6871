"""In which language a page is, and that a browser cannot upset the choice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.web.languages import choose
from schemas.texts.words import Language


@pytest.mark.parametrize(
    ("said", "accepted", "language"),
    [
        ((), "", Language.NL),
        ((), "fr-BE,fr;q=0.9,en;q=0.8", Language.FR),
        ((), "de, en;q=0.4, fr;q=0.3", Language.EN),
        ((), "de", Language.NL),
        ((), "fr;q=0", Language.NL),
        ((), "FR", Language.FR),
        ((), "en;q=0.5,nl;q=0.5", Language.EN),
        ((), "fr;q=nan, en;q=0.1", Language.EN),
        (("", "fr"), "en", Language.FR),
        (("en", "fr"), "nl", Language.EN),
        (("xx", "../etc"), "fr", Language.FR),
    ],
)
def test_the_first_that_says_something_counts(
    said: tuple[str, ...], accepted: str, language: Language
) -> None:
    assert choose(*said, accepted=accepted) is language


@given(st.text(max_size=200))
def test_any_header_gives_a_language(accepted: str) -> None:
    assert choose(accepted=accepted) in Language
