"""Sentences, amounts and days as people read them, in three languages."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog

from federation.words.amounts import amount, number, percent
from federation.words.days import day, moment
from federation.words.texts import Texts, catalogues, compiled, joined, texts
from schemas.amounts import Rate, Unit
from schemas.texts.words import Language

POLLEKES = Unit(singular="polleke", plural="pollekes", rate=Rate(20))
BLOMMEKES = Unit(singular="blommeke", plural="blommekes", rate=Rate(60, 2))
BRUSSELS = ZoneInfo("Europe/Brussels")
SUMMER_EVENING_S = 1_782_856_800  # 2026-06-30 22:00 UTC, the next day in Brussels


def french(**messages: str) -> Texts:
    catalog = Catalog(locale="fr")
    catalog.add(("%(n)s dag", "%(n)s dagen"), ("%(n)s jour", "%(n)s jours"))
    for sentence, translation in messages.items():
        catalog.add(sentence, translation)
    return Texts(Language.FR, compiled(catalog))


@pytest.mark.parametrize(("n", "said"), [(0, "0 jour"), (1, "1 jour"), (2, "2 jours")])
def test_french_counts_nothing_in_the_singular(n: int, said: str) -> None:
    assert french().count("%(n)s dag", "%(n)s dagen", n) == said


@pytest.mark.parametrize(("n", "said"), [(0, "0 dagen"), (1, "1 dag"), (2, "2 dagen")])
def test_dutch_counts_without_a_catalogue(n: int, said: str) -> None:
    assert texts(Language.NL).count("%(n)s dag", "%(n)s dagen", n) == said


def test_places_are_filled_once() -> None:
    assert french(Dag="Bonjour %(name)s").say("Dag", name="%(x)s 5 %") == "Bonjour %(x)s 5 %"


def test_a_sentence_translated_in_two_ways_is_a_bug() -> None:
    one, other = Catalog(locale="fr"), Catalog(locale="fr")
    one.add("Dag", "Bonjour")
    other.add("Dag", "Salut")

    with pytest.raises(AssertionError):
        joined([one, other], Language.FR)


def test_no_line_begins_with_a_french_sign() -> None:
    one, other = Catalog(locale="fr"), Catalog(locale="fr")
    for catalog in (one, other):  # a sentence of two rooms
        catalog.add("Klopt dit?", "Est-ce juste ?")
    one.add(("Nog %(n)s: «ja»!", "Nog %(n)s!"), ("Encore %(n)s : « oui » !", "Encore %(n)s !"))
    said = Texts(Language.FR, compiled(joined([one, other], Language.FR)))

    assert said.say("Klopt dit?") == "Est-ce juste\xa0?"
    assert said.count("Nog %(n)s: «ja»!", "Nog %(n)s!", 1) == "Encore 1\xa0: «\xa0oui\xa0»\xa0!"
    assert said.count("Nog %(n)s: «ja»!", "Nog %(n)s!", 2) == "Encore 2\xa0!"


@pytest.mark.parametrize("language", Language)
def test_every_language_compiles(language: Language) -> None:
    assert texts(language).language is language
    if language is not Language.NL:
        assert catalogues(language)


@pytest.mark.parametrize(
    ("minor", "decimals", "nl", "en"),
    [
        (0, 0, "0", "0"),
        (-12, 0, "-12", "-12"),
        (-5, 2, "-0,05", "-0.05"),
        (1_234_567, 2, "12\u00a0345,67", "12\u00a0345.67"),
        (1000, 0, "1\u00a0000", "1\u00a0000"),
    ],
)
def test_a_number_is_written(minor: int, decimals: int, nl: str, en: str) -> None:
    assert number(minor, decimals, Language.NL) == number(minor, decimals, Language.FR) == nl
    assert number(minor, decimals, Language.EN) == en


def test_a_per_cent_sign_stands_where_the_language_has_it() -> None:
    said = {language: percent(7, language) for language in Language}

    assert said == {Language.NL: "7%", Language.EN: "7%", Language.FR: "7\u00a0%"}


ELIDED = (
    ("heures", "Combien d'heures ?"),
    ("étoiles", "Combien d'étoiles ?"),
    ("Œufs", "Combien d'Œufs ?"),
    ("<bdi>ateliers</bdi>", "Combien d'<bdi>ateliers</bdi> ?"),
    ("haricots", "Combien de haricots ?"),
    ("pollekes", "Combien de pollekes ?"),
    ("8 oboles", "Combien de 8 oboles ?"),
    ("", "Combien de  ?"),
)


@pytest.mark.parametrize(("unit", "said"), ELIDED)
def test_french_shortens_what_stands_before_a_vowel(unit: str, said: str) -> None:
    words = french(Hoeveel="Combien de %(unit)s ?")

    assert words.say("Hoeveel", unit=unit).replace("\xa0?", " ?") == said


def test_only_what_stands_before_its_own_place_is_shortened() -> None:
    words = french(Zin="Il indique %(one)s, que %(two)s de %(one)s")

    said = words.say("Zin", one="Anna", two="Bert")

    assert said == "Il indique Anna, que Bert d'Anna"
    assert words.count("%(n)s dag", "%(n)s dagen", 2) == "2 jours"


@pytest.mark.parametrize("language", [Language.NL, Language.EN])
def test_no_other_language_shortens(language: Language) -> None:
    assert texts(language).around("de %(unit)s", {"unit": "uren"}) == "de %(unit)s"


@pytest.mark.parametrize(
    ("minor", "unit", "said"),
    [
        (1, POLLEKES, "1\u00a0polleke"),
        (-1, POLLEKES, "-1\u00a0polleke"),
        (0, POLLEKES, "0\u00a0pollekes"),
        (100, BLOMMEKES, "1,00\u00a0blommeke"),
        (1, BLOMMEKES, "0,01\u00a0blommekes"),
    ],
)
def test_an_amount_has_the_units_own_name(minor: int, unit: Unit, said: str) -> None:
    assert amount(minor, unit, Language.NL) == said


@pytest.mark.parametrize(
    ("language", "said", "at"),
    [
        (Language.NL, "woensdag 1 juli", "woensdag 1 juli om 00:00"),
        (Language.FR, "mercredi 1er juillet", "mercredi 1er juillet à 00\u00a0h\u00a000"),
        (Language.EN, "Wednesday 1 July", "Wednesday 1 July at 00:00"),
    ],
)
def test_a_day_is_that_of_the_group(language: Language, said: str, at: str) -> None:
    assert day(SUMMER_EVENING_S, BRUSSELS, language) == said
    assert day(SUMMER_EVENING_S, BRUSSELS, language, year=True) == f"{said} 2026"
    assert moment(SUMMER_EVENING_S, BRUSSELS, language) == at
