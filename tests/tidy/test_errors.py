"""Every code says in three languages what happened, what is kept, and what to do next."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from schemas.core_parts import FreezeReason
from schemas.errors import TEXTS, Code, Language, sentence
from schemas.quarantine import QuarantineCode
from schemas.reasons import explain
from schemas.texts.facts import FIELDS, REASONS
from tests.tidy.errors_page import SECTIONS, stale, words
from tests.tidy.rooms import Module, product

HOW = "run tests/tidy/errors_page.py, which writes the tables of: "
PEOPLE_ROOMS = tuple(
    f"federation/{room}/" for room in ("group", "mail", "members", "public", "umbrella", "web")
)
"""Where pages, and forms that people fill in, name what is wrong."""
FOR_PROGRAMS = {
    *("after", "body", "caller", "core", "cores", "event", "feed", "figures", "first"),
    *("key", "key_statement", "keys", "logs", "mail.bounces", "mail.mode", "mail.sender"),
    *("members_see_balances", "register", "root", "seq", "signature", "size", "tile"),
}
"""Fields that only another program, or whoever runs a server, can get wrong."""
LINE_ROOMS = ("federation/line/", "federation/node/intake", "federation/node/machine")


def test_every_code_has_a_sentence() -> None:
    silent = [f"{code}: no entry in TEXTS" for code in Code if code not in TEXTS]

    assert not silent, "\n".join(silent)


@pytest.mark.parametrize("language", Language)
def test_every_code_has_words_in_each_language(language: Language) -> None:
    silent = []
    for section in SECTIONS:
        for code in section.codes:
            try:
                found = words(code, language)
            except KeyError:
                silent.append(f"{section.mark}, {language}: {code} has no words")
                continue
            if not all(found):
                silent.append(f"{section.mark}, {language}: {code} lacks a part")

    assert not silent, "\n".join(silent)


@pytest.mark.parametrize("language", [Language.NL, Language.FR])
def test_each_language_fills_in_the_same_facts(language: Language) -> None:
    different = [
        f"{language}: {code} has {places(code, language)}, not {places(code, Language.EN)}"
        for section in SECTIONS
        for code in section.codes
        if places(code, language) != places(code, Language.EN)
    ]

    assert not different, "\n".join(different)


def places(code: object, language: Language) -> set[str]:
    found = words(code, language)  # type: ignore[arg-type]
    return {name for part in found for _, name, _, _ in Formatter().parse(part) if name}


def test_the_tables_of_the_pages_are_those_of_today() -> None:
    old = [page.name for page in stale()]

    assert not old, HOW + ", ".join(old)


@pytest.mark.parametrize("language", Language)
def test_a_sentence_says_what_happened_and_what_to_do(language: Language) -> None:
    odd = []
    for code in Code:
        said = sentence(code, {}, language)
        if not said.endswith((".", "!")) or "\n" in said or "{" in said:
            odd.append(f"{code}: {said}")
    for section in SECTIONS[1:]:
        for reason in section.codes:
            said = explain(reason, language)  # type: ignore[arg-type]
            if not said.endswith((".", "!")) or "{" in said:
                odd.append(f"{reason}: {said}")

    assert not odd, "\n".join(odd)


def test_no_language_keeps_the_words_of_another() -> None:
    same = [
        f"{code}: {one} says what {other} says"
        for section in SECTIONS
        for code in section.codes
        for one, other in (("nl", "en"), ("fr", "en"), ("nl", "fr"))
        if words(code, Language(one)).next_step == words(code, Language(other)).next_step
    ]

    assert not same, "\n".join(same)


def test_fields_and_reasons_have_names_in_each_translation() -> None:
    assert FIELDS[Language.NL].keys() == FIELDS[Language.FR].keys()
    for language in Language:
        assert REASONS[language].keys() == {reason.value for reason in FreezeReason}


def test_a_field_that_people_get_wrong_has_a_name_in_words() -> None:
    nameless = {
        f"{module.place}: {field}"
        for module in product()
        if module.place.startswith(PEOPLE_ROOMS)
        for field in named_fields(module)
        if field not in FIELDS[Language.NL] and field not in FOR_PROGRAMS
    }

    assert not nameless, "\n".join(sorted(nameless))


def named_fields(module: Module) -> Iterator[str]:
    """The fields that a refusal or an error names, where the name is written out."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.keyword) and node.arg == "field":
            values: list[ast.expr] = [node.value]
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            values = [v for k, v in pairs if isinstance(k, ast.Constant) and k.value == "field"]
        else:
            continue
        for value in values:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


def quarantined(module: Module) -> Iterator[str]:
    """The codes with which a rule sets a line aside: what it returns as text, or commands."""
    for node in ast.walk(module.tree):
        values: list[ast.expr | None] = []
        if isinstance(node, ast.Return):
            values = [node.value]
            if isinstance(node.value, ast.IfExp):
                values = [node.value.body, node.value.orelse]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Quarantine"):
            values = list(node.args)
        for value in values:
            text = value.value if isinstance(value, ast.Constant) else None
            if isinstance(text, str) and re.fullmatch(r"[a-z]+(_[a-z]+)+", text):
                yield text


def test_every_code_that_sets_a_line_aside_is_in_the_list() -> None:
    known = {code.value for code in QuarantineCode}
    unknown = [
        f"{module.place}: {code} is not in schemas/quarantine.py"
        for module in product()
        if module.place.startswith(LINE_ROOMS)
        for code in quarantined(module)
        if code not in known
    ]

    assert not unknown, "\n".join(unknown)
