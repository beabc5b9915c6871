"""Every code has a sentence and a row in docs/errors.md."""

from __future__ import annotations

import re

from schemas.errors import TEXTS, Code, sentence
from tests.tidy.errors_page import HEAD, PAGE, row

HOW = "paste these rows into docs/errors.md, or run tests/tidy/errors_page.py:"


def test_every_code_has_a_sentence() -> None:
    silent = [f"{code}: no entry in TEXTS" for code in Code if code not in TEXTS]

    assert not silent, "\n".join(silent)


def test_every_code_has_its_row() -> None:
    lines = set(PAGE.read_text().splitlines())

    missing = [row(code) for code in Code if code in TEXTS and row(code) not in lines]

    assert not missing, "\n".join([HOW, *missing])


def test_no_row_is_about_a_code_that_is_gone() -> None:
    rows = PAGE.read_text().partition(HEAD)[2]

    gone = sorted(set(re.findall(r"^\| `(\w+)` \|", rows, re.MULTILINE)) - set(Code))

    assert not gone, f"gone: {gone}"


def test_a_sentence_says_what_happened_and_what_to_do() -> None:
    odd = []
    for code in Code:
        said = sentence(code, {})
        if not said.endswith((".", "!")) or "\n" in said or "{" in said:
            odd.append(f"{code}: {said}")

    assert not odd, "\n".join(odd)
