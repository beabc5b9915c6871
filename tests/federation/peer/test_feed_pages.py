"""A page of a feed: what is good enters, what is not is counted, and nothing keeps us reading."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.peer.feed_pages import Checked, Cursor, check_page
from federation.peer.feed_reading import ANEW_S, PASS_PAGES_MAX, Reading, followed
from schemas.encoding import b64, encode
from schemas.errors import Code, VerificationError
from schemas.feed import PAGE_BYTES_MAX, TEXT_LENGTH_MAX, TITLE_LENGTH_MAX, lines, one_line

NOW_S = 1_800_000_000
EPOCH = b64(b"e" * 16)
OTHER_EPOCH = b64(b"o" * 16)


def offer(number: int) -> str:
    return b64(number.to_bytes(16, "big"))


def post(n: int, number: int | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "entry": "post",
        "n": n,
        "offer": offer(n if number is None else number),
        "title": "Fiets herstellen",
        "unit": {"singular": "bloem", "plural": "bloemen", "rate": {"per_hour": 20, "decimals": 0}},
        "placed_at_s": NOW_S - 10,
        "expires_at_s": NOW_S + 10,
        "poster": b64(b"p" * 32),
        **fields,
    }


def gone(n: int, number: int | None = None) -> dict[str, Any]:
    return {"entry": "gone", "n": n, "offer": offer(n if number is None else number)}


def card(n: int, number: int | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "entry": "card",
        "n": n,
        "card": offer(n if number is None else number),
        "member": b64(b"p" * 32),
        "name": "Marc Peeters",
        **fields,
    }


def card_gone(n: int, number: int | None = None) -> dict[str, Any]:
    return {"entry": "card_gone", "n": n, "card": offer(n if number is None else number)}


def page(*entries: Any, last: int | None = None, more: bool = False, epoch: str = EPOCH) -> bytes:
    numbers = [entry["n"] for entry in entries if isinstance(entry, dict) and "n" in entry]
    said = {"epoch": epoch, "entries": entries, "more": more}
    return json.dumps(said | {"next": max(numbers, default=0) if last is None else last}).encode()


def checked(data: bytes, asked: Cursor = Cursor()) -> Checked:  # noqa: B008 - a value
    return check_page(data, asked, now_s=NOW_S)


def refused(data: bytes, asked: Cursor = Cursor()) -> Code:  # noqa: B008 - a value
    with pytest.raises(VerificationError) as caught:
        check_page(data, asked, now_s=NOW_S)
    return caught.value.code


def test_a_page_brings_posts_and_takes_away_what_is_gone() -> None:
    found = checked(page(post(1), gone(2), post(4), last=5))

    assert [p.offer for p in found.posts] == [offer(1), offer(4)]
    assert found.gone == (offer(2),)
    assert found.next == Cursor(EPOCH, 5)
    assert (found.more, found.anew, found.refused) == (False, True, {})


@pytest.mark.parametrize(
    ("reason", "entry"),
    [
        ("malformed", post(2, title="a\u0000b")),
        ("malformed", post(2, title="a\u202eb")),
        ("malformed", post(2, title="a\nb")),
        ("malformed", post(2, text="a\tb")),
        ("malformed", post(2, title="")),
        ("malformed", post(2, title="x" * (TITLE_LENGTH_MAX + 1))),
        ("malformed", post(2, text="x" * (TEXT_LENGTH_MAX + 1))),
        ("malformed", post(2, phone="+32 470 00 00 00")),
        ("malformed", post(2, want="yes")),
        ("malformed", post(2, poster="me")),
        ("malformed", post(2, postcode="<b>")),
        ("malformed", post(2, expires_at_s=2**40)),
        ("malformed", post(2, price={"kind": "hour", "amount_minor": 2**60})),
        ("malformed", post(2, price={"kind": "hour", "amount_minor": -1})),
        ("malformed", post(2, price={"kind": "gold"})),
        ("malformed", post(2, pictures=[{"digest": b64(b"d" * 32), "size": 2**40}])),
        ("malformed", post(2, pictures=[{"digest": b64(b"d" * 32), "size": 1}] * 7)),
        ("price", post(2, price={"kind": "hour", "amount_minor": 20_001})),
        ("price", post(2, price={"kind": "talk", "amount_minor": 20})),
        ("price", post(2, price={"kind": "piece"})),
        ("title", post(2, title="   ")),
        ("time", post(2, placed_at_s=NOW_S + 90_000)),
        ("unit", post(2, unit=post(1)["unit"] | {"plural": "a\u202eb"})),
        ("unit", post(2, unit=post(1)["unit"] | {"rate": {"per_hour": 360_000, "decimals": 1}})),
        ("pictures", post(2, pictures=[{"digest": b64(b"d" * 32), "size": 1}] * 2)),
    ],
)
def test_a_bad_entry_stays_out_and_the_others_enter(reason: str, entry: Any) -> None:
    found = checked(page(post(1), entry, post(3)))

    assert [p.offer for p in found.posts] == [offer(1), offer(3)]
    assert found.gone == (offer(2),), "nor does what was there under its name stay"
    assert found.refused == {reason: 1}


@pytest.mark.parametrize("entry", [7, None, [], {}, {"entry": "post"}, {"offer": 5}, "x"])
def test_an_entry_that_is_none_is_counted(entry: Any) -> None:
    found = checked(page(post(1), entry, post(3)))

    assert [p.offer for p in found.posts] == [offer(1), offer(3)]
    assert found.refused == {"malformed": 1}


def test_bytes_that_are_no_text_spoil_one_entry_only() -> None:
    data = page(post(1), post(2, title="XXXX"), post(3)).replace(b"XXXX", b"\xff\xfe")

    assert [p.offer for p in checked(data).posts] == [offer(1), offer(3)]


def test_entries_out_of_order_stay_out() -> None:
    found = checked(page(post(3), post(2), post(9), last=5))

    assert [p.offer for p in found.posts] == [offer(3)]
    assert found.refused == {"order": 2}
    assert found.next.n == 5


def test_what_was_read_before_does_not_come_again() -> None:
    found = checked(page(post(3), post(8), last=8), Cursor(EPOCH, 5))

    assert [p.offer for p in found.posts] == [offer(8)]
    assert found.refused == {"order": 1}


def test_of_two_entries_for_one_offer_the_newer_counts() -> None:
    changed = post(2, number=1, title="Nieuw")
    found = checked(page(post(1), changed, post(3), gone(4, number=3), gone(5), post(6, number=5)))

    assert [(p.offer, p.title) for p in found.posts] == [
        (offer(1), "Nieuw"),
        (offer(5), "Fiets herstellen"),
    ]
    assert found.gone == (offer(3),)
    assert found.refused == {"twice": 3}


def test_what_has_expired_is_gone() -> None:
    found = checked(page(post(1, expires_at_s=NOW_S)))

    assert (found.posts, found.gone, found.refused) == ((), (offer(1),), {})


def test_texts_are_kept_in_one_form() -> None:
    (found,) = checked(page(post(1, title=" cafe\u0301 ", text="a\nb"))).posts

    assert (found.title, found.text) == ("café", "a\nb")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{" * 5000,
        b"\xff",
        page(post(1), epoch="short"),
        page(*[post(n) for n in range(1, 502)]),
        page(post(1), last=-1),
        page(post(1), last=2**53),
        page(last=0, more=True),
    ],
)
def test_what_is_no_page_is_refused(data: bytes) -> None:
    assert refused(data) is Code.PEER_WRONG


def test_a_page_that_is_too_large_is_refused() -> None:
    assert refused(b" " * (PAGE_BYTES_MAX + 1)) is Code.TOO_LARGE


def test_a_cursor_that_goes_back_or_stands_still_is_refused() -> None:
    assert refused(page(last=4), Cursor(EPOCH, 5)) is Code.PEER_WRONG
    assert refused(page(last=5, more=True), Cursor(EPOCH, 5)) is Code.PEER_WRONG
    assert checked(page(last=5), Cursor(EPOCH, 5)).next.n == 5


def test_another_epoch_begins_anew() -> None:
    found = checked(page(post(1), epoch=OTHER_EPOCH), Cursor(EPOCH, 5))

    assert found.anew
    assert found.next == Cursor(OTHER_EPOCH, 1)


@given(st.binary(max_size=400))
def test_random_bytes_are_refused_or_nothing(data: bytes) -> None:
    try:
        checked(data)
    except VerificationError as error:
        assert error.code is Code.PEER_WRONG


@given(st.data())
def test_a_flipped_byte_never_lets_anything_odd_in(data: st.DataObject) -> None:
    good = bytearray(page(post(1), gone(2), post(3)))
    good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))

    try:
        found = checked(bytes(good))
    except VerificationError:
        return
    assert all(p.title.isprintable() for p in found.posts)
    assert len(found.posts) + len(found.gone) + sum(found.refused.values()) >= 1


def test_our_own_texts_are_written_so_that_they_are_taken() -> None:
    title = one_line("Fiets\u202e\u0000 her\nstellen " + "x" * 500, TITLE_LENGTH_MAX)
    text = lines("een\r\ntwee\u2066drie\rvier" + "y" * 5000, TEXT_LENGTH_MAX)

    (found,) = checked(page(post(1, title=title, text=text))).posts

    assert found.title.startswith("Fiets her stellen xxx")
    assert found.title.endswith("…")
    assert found.text.startswith("een\ntweedrie\nvier")
    assert len(found.text) == TEXT_LENGTH_MAX


def step(reading: Reading, **fields: Any) -> Reading:
    last = fields.pop("last", reading.n + 1)
    data = page(last=last, more=fields.pop("more", False), epoch=fields.pop("epoch", EPOCH))
    now_s = fields.pop("now_s", NOW_S)
    asked = reading.cursor(now_s=now_s)
    return followed(reading, check_page(data, asked, now_s=now_s), now_s=now_s)


def test_a_pass_has_a_number_of_its_own() -> None:
    first = step(Reading(), more=True)
    second = step(first)
    anew = step(second, epoch=OTHER_EPOCH, last=1)

    assert first.pass_n == second.pass_n < anew.pass_n
    assert (first.pages, second.pages) == (1, 0)


def test_a_pass_number_does_not_come_again_when_the_reading_was_lost() -> None:
    known = step(Reading())
    lost = step(Reading(), now_s=NOW_S + 1)

    assert lost.pass_n > known.pass_n


def test_a_feed_without_end_is_left() -> None:
    reading = Reading()
    for _ in range(PASS_PAGES_MAX):
        reading = step(reading, more=True)

    with pytest.raises(VerificationError):
        step(reading, more=True)


def test_a_feed_is_read_anew_once_a_week_and_when_clocks_were_wrong() -> None:
    reading = step(Reading())

    assert reading.cursor(now_s=NOW_S + ANEW_S - 1).query() == f"{EPOCH}.1"
    assert reading.cursor(now_s=NOW_S + ANEW_S).query() == ""
    assert reading.cursor(now_s=NOW_S - 1).query() == ""


def test_what_was_left_out_is_counted_over_a_pass() -> None:
    bad = json.loads(page(post(1, title="")))
    reading = followed(Reading(), checked(encode(bad | {"more": True})), now_s=NOW_S)
    asked = reading.cursor(now_s=NOW_S)
    reading = followed(reading, checked(page(post(2, title="")), asked), now_s=NOW_S)

    assert reading.left_out == {"malformed": 2}
    assert step(reading, epoch=OTHER_EPOCH, last=1).left_out == {}


def test_cards_enter_beside_posts_of_the_same_name() -> None:
    found = checked(page(post(1), card(2, 1, name="Marc\u0065\u0301 "), gone(3), card_gone(4)))

    assert [one.offer for one in found.posts] == [offer(1)]
    assert [(one.card, one.name, one.place) for one in found.cards] == [(offer(1), "Marcé", "")]
    assert (found.gone, found.cards_gone, found.refused) == ((offer(3),), (offer(4),), {})


@pytest.mark.parametrize(
    ("entries", "names", "ended", "refused"),
    [
        ((card(1, 7), card(2, 7, name="An")), ["An"], [], {"twice": 1}),
        ((card(1, 7), card_gone(2, 7)), [], [7], {"twice": 1}),
        ((card_gone(1, 7), card(2, 7)), ["Marc Peeters"], [], {"twice": 1}),
        ((card(1, 7), card(2, 7, name=" ")), [], [7], {"twice": 1, "name": 1}),
        ((card(1, 7), card(2, 7, name="")), [], [7], {"malformed": 1}),
        ((card(1, 7), card(2, 7, phone="0470")), [], [7], {"malformed": 1}),
        ((card(1, 7), card(2, 7, place="x" * 101)), [], [7], {"malformed": 1}),
        ((card(1, 7), card(2, 7, name="An\u202e")), [], [7], {"malformed": 1}),
        ((card(1, 7), card(2, 7, offer="kort", name="An\n")), [], [7], {"malformed": 1}),
        ((card(2, 7), card(1, 8)), ["Marc Peeters"], [], {"order": 1}),
    ],
)
def test_of_each_card_the_last_word_counts_and_a_bad_one_is_none(
    entries: tuple[Any, ...], names: list[str], ended: list[int], refused: dict[str, int]
) -> None:
    found = checked(page(*entries))

    assert [one.name for one in found.cards] == names
    assert found.cards_gone == tuple(offer(number) for number in ended)
    assert found.refused == refused
