"""What was looked for lately is known: how much of it, and that a search asks no second time."""

from __future__ import annotations

from typing import Any

from federation.members.known_words import KEPT_MAX, KnownWords, known_words
from federation.members.search import search
from federation.members.search_shapes import Query
from tests.federation.members.conftest import Group
from tests.federation.members.post_rows import NOW_S, put


def test_what_was_not_asked_for_the_longest_is_forgotten() -> None:
    known = KnownWords()
    for number in range(KEPT_MAX):
        known.keep(str(number), f"'{number}'")
    assert known.wanted("0") == "'0'"

    known.keep("one more", None)

    assert known.knows("0"), "it was asked for just before"
    assert not known.knows("1")
    assert known.wanted("one more") is None


async def test_a_known_text_finds_what_an_unknown_one_does(group: Group) -> None:
    await put(group.node, "Fietsherstelling")
    await put(group.node, "Taart")

    async def titles(**asked: Any) -> set[str]:
        page = await search(group.node, group.reader("001"), Query(**asked), now_s=NOW_S)
        return {hit.title for hit in page.hits}

    assert await titles(text="fiets", near="9000") == {"Fietsherstelling"}
    assert known_words(group.node).knows("fiets")
    assert await titles(text="fiets", near="9000") == {"Fietsherstelling"}
    assert await titles(text="fiets") == {"Fietsherstelling"}, "where the reader lives is asked"
    assert await titles(text="fiets", category="Tuin") == set(), "and so is a category"
    assert await titles(text="", near="9000") == {"Fietsherstelling", "Taart"}
    assert await titles(text="", near="9000") == {"Fietsherstelling", "Taart"}
