"""Amounts, times and reasons as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.amounts import Rate, Unit
from schemas.core_parts import FreezeReason, WireCode
from schemas.errors import Code, Language, Refusal, sentence
from schemas.ids import SAFE_INTEGER
from schemas.quarantine import QuarantineCode
from schemas.reasons import explain
from schemas.texts.facts import amount_text, shown, time_text

POLLEKES = Unit(singular="polleke", plural="pollekes", rate=Rate(20))
BLOMMEKES = Unit(singular="blommeke", plural="blommekes", rate=Rate(10, 2))


@pytest.mark.parametrize(
    ("minor", "unit", "language", "text"),
    [
        (8, POLLEKES, Language.NL, "8 pollekes"),
        (1, POLLEKES, Language.NL, "1 polleke"),
        (-1, POLLEKES, Language.NL, "-1 polleke"),
        (0, POLLEKES, Language.FR, "0 pollekes"),
        (350, BLOMMEKES, Language.NL, "3,50 blommekes"),
        (100, BLOMMEKES, Language.FR, "1,00 blommeke"),
        (-5, BLOMMEKES, Language.EN, "-0.05 blommekes"),
    ],
)
def test_an_amount_has_its_unit(minor: int, unit: Unit, language: Language, text: str) -> None:
    assert amount_text(minor, unit, language) == text


@pytest.mark.parametrize(
    ("units", "language", "text"),
    [
        (504_000, Language.NL, "1 uur 24 min"),
        (504_000, Language.FR, "1 h 24 min"),
        (360_000, Language.EN, "1 h"),
        (6_000, Language.NL, "1 min"),
        (9_999, Language.NL, "1 min 39 sec"),
        (150, Language.NL, "1,50 sec"),
        (1, Language.EN, "0.01 s"),
        (0, Language.EN, "0 h"),
        (0, Language.NL, "0 uur"),
        (-366_100, Language.EN, "-1 h 1 min 1 s"),
    ],
)
def test_line_units_are_time(units: int, language: Language, text: str) -> None:
    assert time_text(units, language) == text


@given(st.integers(-SAFE_INTEGER, SAFE_INTEGER))
def test_a_time_is_never_more_than_it_is(units: int) -> None:
    parts = time_text(units).lstrip("-").split()
    worth = {"h": 360_000, "min": 6_000, "s": 100}

    total = sum(
        round(float(number) * worth[name])
        for number, name in zip(parts[::2], parts[1::2], strict=True)
    )

    assert abs(units) - 100 < total <= abs(units)


def test_facts_stay_integers_and_are_written_when_shown() -> None:
    facts: dict[str, int | str] = {"field": "payer", "possible_minor": 8, "n": 3}

    dutch = shown(facts, Language.NL, POLLEKES)

    assert dutch == {"field": "Gever", "possible_minor": "8 pollekes", "n": "3"}
    assert shown(facts, Language.EN) == {"field": "payer", "possible_minor": "8", "n": "3"}
    assert shown({"field": "node.toml", "reason": "findings"}, Language.FR) == {
        "field": "node.toml",
        "reason": "une vérification a trouvé une erreur",
    }


def test_a_refusal_speaks_the_language_of_its_reader() -> None:
    refusal = Refusal(Code.PAYER_LIMIT, {"field": "payer", "possible_minor": 8})

    assert refusal.sentence().startswith("payer: this passes the payer's lower limit; at most 8 ")
    assert refusal.sentence(Language.NL, POLLEKES) == (
        "Gever: hiermee zou de gever onder zijn ondergrens gaan; mogelijk is nog hoogstens "
        "8 pollekes. Er is niets veranderd. Geef hoogstens zoveel, of vraag de kerngroep om een "
        "andere limiet."
    )
    assert "21 min" in sentence(Code.LINE_LIMIT, {"possible_units": 126_000}, Language.FR)


def test_a_place_without_a_fact_is_a_question_mark() -> None:
    assert sentence(Code.QUOTE_CHANGED, {}, Language.NL).startswith("Invoer: het is nu ?.")


def test_a_reason_says_what_is_kept() -> None:
    assert explain(WireCode.PAYEE_LIMIT, Language.NL) == (
        "De ontvanger zou boven zijn bovengrens gaan. Er is niets geboekt, en wat apart stond is "
        "weer vrij. Geef minder, of laat de ontvanger zijn kerngroep om een andere limiet vragen."
    )
    assert "The terms stay as they were." in explain(WireCode.CROSSED)
    assert "Nothing is lost" in explain(FreezeReason.MAINTENANCE)
    assert "evidence list" in explain(QuarantineCode.CHANNEL_FORK)
