"""The markup of a group's texts: read into words, and never markup of the page."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from federation.words.markup import Block, BlockKind, Span, blocks, plain, spans

LETTERS = st.text(alphabet="ab #*-[]()<>:/.\n\"'htpsmailto javascript&;", max_size=200)
HEADING, LIST, PARAGRAPH = BlockKind


def test_headings_lists_and_paragraphs_are_told_apart() -> None:
    read = blocks("## Wie\nWij.\nEn jij.\n\n- een\n- **twee**\n\n\nSlot")

    assert read == (
        Block(HEADING, ((Span("Wie"),),)),
        Block(PARAGRAPH, ((Span("Wij."),), (Span("En jij."),))),
        Block(LIST, ((Span("een"),), (Span("twee", strong=True),))),
        Block(PARAGRAPH, ((Span("Slot"),),)),
    )


def test_links_lead_to_the_web_or_a_mailbox_and_nowhere_else() -> None:
    assert spans("Zie [ons](https://lets.be/x) of https://lets.be.") == (
        Span("Zie "),
        Span("ons", url="https://lets.be/x"),
        Span(" of "),
        Span("https://lets.be", url="https://lets.be"),
        Span("."),
    )
    assert spans("[mail](mailto:a@b.be)") == (Span("mail", url="mailto:a@b.be"),)
    for bad in (
        "javascript:alert",
        "JavaScript:x",
        "data:text/html,x",
        "//evil.example",
        "/me",
        "ftp://x.be",
    ):
        assert all(not span.url for span in spans(f"[klik]({bad})"))


@given(LETTERS)
def test_every_address_is_plain_and_every_word_comes_back(text: str) -> None:
    read = blocks(text)

    for block in read:
        for span in (span for line in block.lines for span in line):
            assert span.words
            assert "\n" not in span.words
            if span.url:
                assert re.fullmatch(r"(?:https?://|mailto:)[^\s<>\"']+", span.url)
    kept = re.sub(r"[^a-z]", "", text)
    for url in (span.url for block in read for line in block.lines for span in line if span.url):
        assert re.sub(r"[^a-z]", "", url) in kept
    assert set(re.findall("[a-z]", plain(text))) <= set(kept)
    assert all(len(block.lines) == 1 for block in read if block.kind is HEADING)


def test_what_is_not_understood_stays_as_it_was_typed() -> None:
    for odd in ("** los **teken", "[naam] (https://x.be)", "#geen kop", "-geen lijst", "<b>x</b>"):
        assert plain(odd) == odd
