"""Each section of the stylesheet keeps its classes to itself, and says a thing once.

The sections begin with a line of comment that names their pages. What the first one says is for all
pages, and any other may add to it. A class of another section that turns up in a third one would
take over looks that were made for other pages.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.tidy.rooms import ROOT

STYLE = (ROOT / "federation" / "web" / "static" / "style.css").read_text("utf-8")
SECTION = re.compile(r"^/\*.*?\*/$", re.MULTILINE | re.DOTALL)
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
CLASS = re.compile(r"\.(-?[_a-zA-Z][\w-]*)")
GROUPED = re.compile(r"@(?:media|font-face|page)[^{]*\{(?:[^{}]|\{[^{}]*\})*\}")


def sections(text: str) -> list[str]:
    return [part for part in SECTION.split(text) if part.strip()]


def selectors(text: str) -> Iterator[str]:
    """Give each selector of each rule that holds on every screen."""
    for said, _ in RULE.findall(GROUPED.sub("", text)):
        yield from (" ".join(one.split()) for one in re.split(r",(?![^(]*\))", said))


def shared_classes(text: str) -> set[str]:
    """Give the classes that two sections name though the first one does not."""
    first, *others = (
        {c for s in selectors(one) for c in CLASS.findall(s)} for one in sections(text)
    )
    named = Counter(name for section in others for name in section - first)
    return {name for name, times in named.items() if times > 1}


def said_twice(text: str) -> set[str]:
    """Give the selectors with a class of which two rules decide the same property."""
    decided = Counter(
        (" ".join(one.split()), line.partition(":")[0].strip())
        for said, body in RULE.findall(GROUPED.sub("", SECTION.sub("", text)))
        for one in re.split(r",(?![^(]*\))", said)
        for line in body.split(";")
        if line.strip() and "." in one
    )
    return {f"{one} {{ {name} }}" for (one, name), times in decided.items() if times > 1}


def test_a_class_belongs_to_one_section() -> None:
    assert shared_classes(STYLE) == set()


def test_a_selector_decides_a_thing_once() -> None:
    assert said_twice(STYLE) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/* a */\n.x { top: 0 }\n/* b */\n.y { top: 0 }\n/* c */\n.y .x { top: 1px }", {"y"}),
        ("/* a */\n.x { top: 0 }\n/* b */\n.x .y { top: 0 }\n/* c */\n.x { left: 0 }", set()),
    ],
)
def test_a_class_of_two_sections_is_found(text: str, found: set[str]) -> None:
    assert shared_classes(text) == found


def test_a_thing_that_is_said_twice_is_found() -> None:
    text = ".x { top: 0 }\n.y, .x { top: 1px }\n@media print { .y { top: 2px } }"

    assert said_twice(text) == {".x { top }"}
