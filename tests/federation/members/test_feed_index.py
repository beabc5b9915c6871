"""The order of the own feed: whatever changes while pages are read, every reader ends the same."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.members import feed_index
from federation.members.feed_index import Listed, OfferIndex, Place

POSTS = [str(number) for number in range(6)]


def numbered() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"epoch{next(numbers)}"


def listed(contents: dict[str, str]) -> list[Listed]:
    return [Listed(post, content, f"offer-{post}") for post, content in contents.items()]


class Reader:
    """Reads pages as another group does, and keeps what they say."""

    def __init__(self) -> None:
        self.epoch = ""
        self.n = 0
        self.held: dict[str, str] = {}

    def read(self, index: OfferIndex, now: dict[str, str], limit: int) -> bool:
        """Read one page; tells whether it was the last."""
        if index.epoch != self.epoch:
            self.epoch, self.n, self.held = index.epoch, 0, {}
        places = index.after(self.n, limit)
        for place in places:
            assert place.n > self.n, "in order"
            self.n = place.n
            if place.post is None or place.post not in now:
                self.held.pop(place.offer, None)
            else:
                self.held[place.offer] = now[place.post]
        return len(places) < limit


lists = st.dictionaries(st.sampled_from(POSTS), st.sampled_from("abc"))
steps = st.lists(st.one_of(lists, st.integers(1, 4)), max_size=40)


@given(steps, st.integers(1, 4))
def test_any_interleaving_of_changes_and_pages_ends_in_the_same_set(
    story: list[dict[str, str] | int], last_limit: int
) -> None:
    index, reader, now = OfferIndex(numbered()), Reader(), dict[str, str]()
    for step in story:
        if isinstance(step, int):
            reader.read(index, now, step)
        else:
            now = step
            index.refresh(listed(now))

    while not reader.read(index, now, last_limit):
        pass

    assert reader.held == {f"offer-{post}": content for post, content in now.items()}


@given(st.lists(lists, max_size=60))
def test_memory_holds_each_post_once_however_often_it_changed(story: list[dict[str, str]]) -> None:
    index = OfferIndex(numbered())
    for now in story:
        index.refresh(listed(now))

    places = index.after(0, 1000)

    assert len(places) == len({place.offer for place in places}) <= len(POSTS)
    assert len(index._order) <= 2 * len(POSTS) + feed_index._SPARE + len(POSTS)


def test_what_was_never_listed_leaves_no_trace() -> None:
    index = OfferIndex(numbered())

    index.refresh(listed({"1": "a"}))
    index.refresh([])

    assert [(place.offer, place.post) for place in index.after(0, 10)] == [("offer-1", None)]
    assert index.post_of("offer-1") is None
    assert index.post_of("offer-2") is None


def test_what_says_nothing_new_keeps_its_place() -> None:
    index = OfferIndex(numbered())
    index.refresh(listed({"1": "a", "2": "a"}))
    before = index.after(0, 10)

    index.refresh(listed({"2": "a", "1": "a"}))

    assert index.after(0, 10) == before
    assert index.after(index.head, 10) == []
    assert index.post_of("offer-2") == "2"


@given(st.lists(st.tuples(lists, lists), max_size=20), st.integers(1, 4))
def test_who_wants_no_cards_reads_the_same_numbers_without_them(
    story: list[tuple[dict[str, str], dict[str, str]]], limit: int
) -> None:
    index = OfferIndex(numbered())
    for posts, cards in story:
        of_cards = [Listed(n, said, f"card-{n}", card=True) for n, said in cards.items()]
        index.refresh([*listed(posts), *of_cards])
    whole = index.after(0, 1000)

    without: list[Place] = []
    while len(page := index.after(without[-1].n if without else 0, limit, cards=False)) == limit:
        without += page

    assert [*without, *page] == [place for place in whole if not place.card]
    assert all(place.offer.startswith("card-") is place.card for place in whole)
    assert all(index.post_of(place.offer) is None for place in whole if place.card)


def test_too_many_tombstones_begin_a_new_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_index, "TOMBSTONES_MAX", 2)
    index, reader = OfferIndex(numbered()), Reader()
    index.refresh(listed({"1": "a", "2": "a", "3": "a"}))
    reader.read(index, {"1": "a", "2": "a", "3": "a"}, 10)
    index.refresh([])
    before = index.epoch

    index.refresh(listed({"4": "d"}))

    assert index.epoch != before
    reader.read(index, {"4": "d"}, 10)
    assert reader.held == {"offer-4": "d"}
