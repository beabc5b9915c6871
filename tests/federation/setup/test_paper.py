"""What is typed from the paper is the key, or the line with the mistake is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.setup.paper import (
    PAPER_KEYS,
    line_names,
    read_line,
    read_lines,
    write_lines,
    wrong_endings,
)
from schemas.errors import Code, InputError

KEYS = st.binary(min_size=32, max_size=32)
LETTERS = st.sampled_from(sorted(PAPER_KEYS))
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KEY = bytes(range(0, 64, 2))


def refused(typed: str) -> tuple[Code, str]:
    with pytest.raises(InputError) as caught:
        read_lines(typed)
    return caught.value.code, str(caught.value.facts["field"])


@given(KEYS, LETTERS)
def test_what_stands_on_the_paper_is_the_key(key: bytes, letter: str) -> None:
    assert read_lines("\n".join(write_lines(letter, key))) == {PAPER_KEYS[letter]: key}


@given(KEYS, LETTERS)
def test_a_line_is_short_enough_to_type(key: bytes, letter: str) -> None:
    for line in write_lines(letter, key):
        assert len(line) == 23
        assert set(line[4:]) <= set(SYMBOLS + " ")


def test_small_letters_hyphens_and_letters_for_digits_are_understood() -> None:
    (line, *others) = write_lines("A", KEY)
    sloppy = line[:4] + line[4:].replace("0", "o").replace("1", "l")
    sloppy = sloppy.lower().replace(" ", "-")

    assert read_lines("\n".join([sloppy, *others])) == {"root": KEY}
    assert read_lines("\n".join([line[:4] + line[4:].replace("1", "I"), *others])) == {"root": KEY}


@given(
    KEYS, LETTERS, st.integers(0, 3), st.integers(4, 22), st.sampled_from(SYMBOLS + "U"), st.data()
)
def test_one_wrong_character_is_always_found(
    key: bytes, letter: str, number: int, at: int, symbol: str, data: st.DataObject
) -> None:
    lines = write_lines(letter, key)
    line = lines[number]
    if line[at] in (symbol, " "):
        at, symbol = 4, SYMBOLS[(SYMBOLS.index(line[4]) + data.draw(st.integers(1, 31))) % 32]
    lines[number] = line[:at] + symbol + line[at + 1 :]

    assert refused("\n".join(lines)) == (Code.PAPER_LINE, line[:2])


def test_a_letter_that_no_paper_shows_is_no_other() -> None:
    line, *others = write_lines("A", bytes(6) + b"\x01@" + bytes(24))
    assert line[:20] == "A1  0000 0000 000M 1"

    for letter in "Uu":
        assert refused("\n".join([line.replace("M", letter), *others])) == (Code.PAPER_LINE, "A1")


@given(KEYS, LETTERS, st.integers(0, 3), st.integers(0, 14))
def test_two_neighbours_that_changed_places_are_always_found(
    key: bytes, letter: str, number: int, at: int
) -> None:
    line = write_lines(letter, key)[number]
    plain = line[2:].replace(" ", "")
    swapped = plain[:at] + plain[at + 1] + plain[at] + plain[at + 2 :]

    if swapped == plain:
        read_line(line[:2], swapped)
    else:
        with pytest.raises(InputError):
            read_line(line[:2], swapped)


@given(KEYS, st.sampled_from(line_names()), st.sampled_from(line_names()))
def test_a_line_at_the_place_of_another_is_always_found(key: bytes, one: str, other: str) -> None:
    line = write_lines(one[0], key)[int(one[1]) - 1]

    if one == other:
        read_line(other, line[4:])
    else:
        with pytest.raises(InputError):
            read_line(other, line[4:])


def test_a_line_that_names_another_than_the_one_asked_for_is_refused() -> None:
    with pytest.raises(InputError):
        read_line("A2", write_lines("A", KEY)[0])


def test_missing_lines_of_a_key_that_was_begun_are_named() -> None:
    lines = write_lines("B", KEY)

    assert refused("\n".join([lines[0], lines[3]])) == (Code.PAPER_LINES_MISSING, "B2, B3")
    assert refused("Dear group") == (Code.PAPER_LINES_MISSING, ", ".join(line_names()))


@given(st.text())
def test_whatever_is_typed_is_keys_or_a_named_line(typed: str) -> None:
    try:
        found = read_lines(typed)
    except InputError as error:
        assert error.code in (Code.PAPER_LINE, Code.PAPER_LINES_MISSING)
    else:
        assert set(found) <= set(PAPER_KEYS.values())


def test_a_book_is_no_paper() -> None:
    assert refused("A1 x\n" * 5_000)[0] is Code.TOO_LARGE


def test_the_last_block_of_each_line_proves_that_it_was_written_down() -> None:
    keys = dict.fromkeys(PAPER_KEYS.values(), KEY)
    written = [line for letter in PAPER_KEYS for line in write_lines(letter, KEY)]
    endings = {line[:2]: line[-4:].lower() for line in written}

    assert wrong_endings(keys, endings) == []
    assert wrong_endings(keys, endings | {"B2": endings["B3"], "C4": ""}) == ["B2", "C4"]
    assert wrong_endings({"root": KEY}, endings | {"C4": ""}) == []
