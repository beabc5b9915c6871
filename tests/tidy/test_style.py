"""The style of this code holds, and each of its rules finds what it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.tidy import rules
from tests.tidy.rooms import Module, everything, product, read_module

Rule = Callable[[Module], Iterator[str]]
LONG_FUNCTION = "def pay() -> None:\n" + "    book()\n" * 60
SAYS = '"""A room."""\n'


def found(rule: Rule, modules: tuple[Module, ...]) -> list[str]:
    return [finding for module in modules for finding in rule(module)]


@pytest.mark.parametrize("rule", [rules.too_long, rules.functions_too_long, rules.impurity])
def test_the_product_keeps(rule: Rule) -> None:
    assert found(rule, product()) == []


@pytest.mark.parametrize(
    "rule",
    [
        rules.without_first_words,
        rules.empty_name,
        rules.partiality,
        rules.built_sql,
        rules.left_over,
    ],
)
def test_every_file_keeps(rule: Rule) -> None:
    assert found(rule, everything()) == []


@pytest.mark.parametrize(
    ("rule", "place", "text"),
    [
        (rules.too_long, "events/log.py", "\n" * 401),
        (rules.functions_too_long, "events/log.py", LONG_FUNCTION),
        (rules.functions_too_long, "events/log.py", f"async {LONG_FUNCTION}"),
        (rules.without_first_words, "events/log.py", ""),
        (rules.without_first_words, "events/log.py", f"# a licence\n{SAYS}"),
        (rules.empty_name, "events/utils.py", SAYS),
        (rules.empty_name, "events/log_helper.py", SAYS),
        (rules.empty_name, "federation/common/log.py", SAYS),
        (rules.impurity, "schemas/ids.py", "import secrets\n"),
        (rules.impurity, "federation/line/payer.py", "def f():\n    from time import time\n"),
        (rules.impurity, "projections/books.py", "import os.path\n"),
        (rules.partiality, "tests/independent/judge.py", "import aiohttp\n"),
        (rules.partiality, "tests/independent/judge.py", "def f():\n    import schemas.encoding\n"),
        (rules.partiality, "tests/independent/judge.py", "from federation.line import rules\n"),
        (rules.partiality, "tests/independent/judge.py", "from tests import forks\n"),
        (rules.partiality, "tests/independent/judge.py", "from tests.independent_of import x\n"),
        (rules.partiality, "tests/independent/judge.py", "from ..forks import FORKS\n"),
        (rules.built_sql, "events/log.py", "q = f'SELECT {column} FROM log'\n"),
        (rules.built_sql, "events/log.py", "q = 'DELETE FROM %s' % table\n"),
        (rules.built_sql, "events/log.py", "q = 'UPDATE log SET ' + column\n"),
        (rules.built_sql, "events/log.py", "q = 'INSERT INTO {}'.format(table)\n"),
        (rules.left_over, "events/log.py", "# TO\x44O: sign\n"),
    ],
)
def test_a_rule_finds_what_breaks_it(rule: Rule, place: str, text: str) -> None:
    assert found(rule, (read_module(place, text),))


@pytest.mark.parametrize(
    ("rule", "place", "text"),
    [
        (rules.too_long, "events/log.py", "\n" * 400),
        (rules.functions_too_long, "events/log.py", LONG_FUNCTION.replace("    book()\n", "", 1)),
        (rules.empty_name, "events/commonwealth.py", SAYS),
        (rules.impurity, "projections/tables.py", "import asyncpg\n"),
        (rules.impurity, "federation/node/service.py", "import asyncio\n"),
        (rules.impurity, "schemas/ids.py", "from .time import later\n"),
        (rules.partiality, "tests/independent/judge.py", "import http.client, asyncpg, json\n"),
        (rules.partiality, "tests/independent/judge.py", "from cryptography.x import Key\n"),
        (rules.partiality, "tests/independent/judge.py", "from tests.independent.line import l\n"),
        (rules.partiality, "tests/independent/judge.py", "from .line import legs\n"),
        (rules.partiality, "tests/federation/crash/endings.py", "import federation\n"),
        (rules.built_sql, "events/log.py", "q = 'SELECT size FROM log_state'\n"),
        (rules.built_sql, "events/log.py", "print(f'select {one} from the list')\n"),
    ],
)
def test_a_rule_leaves_the_rest_alone(rule: Rule, place: str, text: str) -> None:
    assert found(rule, (read_module(place, text),)) == []
