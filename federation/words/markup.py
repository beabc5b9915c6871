"""The little markup that a group may use in its texts: headings, lists, bold, links. Pure.

What is read are blocks of words; a template writes the tags around them, and escapes all words. So
nothing that somebody types can be markup of the page: whatever is not understood stays as typed.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

URL_LENGTH_MAX: Final = 500
_SPAN: Final = re.compile(
    r"\*\*(?=\S)(?P<strong>[^*\n]{1,500})(?<=\S)\*\*"
    r"|\[(?P<words>[^\[\]\n]{1,200})\]\((?P<url>(?:https?://|mailto:)[^\s()<>\"']{1,500})\)"
    r"|(?P<bare>https?://[^\s()<>\"']{1,500}[^\s()<>\"'.,;:!?])"
)
_HEADING: Final = re.compile(r"#{1,3} +(?P<words>\S.*)")
_ITEM: Final = re.compile(r"[-*•] +(?P<words>\S.*)")


class Span(NamedTuple):
    """Some words of a line: plain, bold, or a link."""

    words: str
    strong: bool = False
    url: str = ""


class BlockKind(StrEnum):
    """What a block is."""

    HEADING = "heading"
    LIST = "list"
    PARAGRAPH = "paragraph"


class Block(NamedTuple):
    """A heading, the items of a list, or the lines of a paragraph."""

    kind: BlockKind
    lines: tuple[tuple[Span, ...], ...]


def blocks(text: str) -> tuple[Block, ...]:
    """Read a text; all its words come back, in their order."""
    found: list[tuple[BlockKind, list[str]]] = []
    begins = True
    for typed in text.splitlines():
        line = typed.strip()
        if not line:
            begins = True
            continue
        kind, said = _kind_of(line)
        if begins or kind is BlockKind.HEADING or not found or found[-1][0] is not kind:
            found.append((kind, []))
        found[-1][1].append(said)
        begins = kind is BlockKind.HEADING
    return tuple(Block(kind, tuple(spans(line) for line in lines)) for kind, lines in found)


def _kind_of(line: str) -> tuple[BlockKind, str]:
    if heading := _HEADING.fullmatch(line):
        return BlockKind.HEADING, heading["words"]
    if item := _ITEM.fullmatch(line):
        return BlockKind.LIST, item["words"]
    return BlockKind.PARAGRAPH, line


def spans(line: str) -> tuple[Span, ...]:
    """Read one line."""
    return tuple(span for span in _spans(line) if span.words)


def _spans(line: str) -> Iterator[Span]:
    at = 0
    for found in _SPAN.finditer(line):
        yield Span(line[at : found.start()])
        if found["strong"]:
            yield Span(found["strong"], strong=True)
        elif found["url"]:
            yield Span(found["words"], url=found["url"])
        else:
            yield Span(found["bare"], url=found["bare"])
        at = found.end()
    yield Span(line[at:])


def plain(text: str) -> str:
    """Give a text without its markup, for a mail or a line of a list; its lines stay."""
    return "\n".join(
        "".join(span.words for span in line) for block in blocks(text) for line in block.lines
    )
