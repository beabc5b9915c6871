"""Every reason that an import gives has words on pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import federation.migrate
from federation.migrate.issues import Issue
from federation.web.import_words import issue_words
from schemas.codes import Code

FOLDER = Path(federation.migrate.__file__).parent
NAMES = {"ZEROS_LOST", "REWRITTEN", "_NO_ACCOUNT", "_SAID_BEFORE"}


def text_of(node: ast.expr) -> Iterator[str]:
    """Give the text of a constant, each of a choice, or a pattern with something in each place."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            str(each.value) if isinstance(each, ast.Constant) else "7" for each in node.values
        )
    elif isinstance(node, ast.IfExp):
        yield from text_of(node.body)
        yield from text_of(node.orelse)


def reasons() -> set[str]:
    found: set[str] = set()
    for path in sorted(FOLDER.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "reason":
                found |= set(text_of(node.value))
            if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") in NAMES:
                assert node.value is not None
                found |= set(text_of(node.value))
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            if name in {"malformed", "note"} and len(node.args) > 1:
                found |= set(text_of(node.args[1]))
            if name == "Issue" and len(node.args) > 4:
                found |= set(text_of(node.args[4]))
            for word in node.keywords:
                if word.arg == "reason":
                    found |= set(text_of(word.value))
    return found


@pytest.mark.parametrize("reason", sorted(reasons()))
def test_a_reason_has_words(reason: str) -> None:
    said = issue_words(Issue("x.csv", 1, Code.MALFORMED, "code", reason))

    assert "reason" not in said.facts


def test_reasons_are_found_and_one_without_words_is_told_as_it_is() -> None:
    assert len(reasons()) > 20
    said = issue_words(Issue("x.csv", 1, Code.MALFORMED, "code", "the moon is full"))
    assert said.facts == {"reason": "the moon is full"}
    assert re.search(r"%\(reason\)s", said.sentence)
