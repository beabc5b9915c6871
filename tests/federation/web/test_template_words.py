"""What templates say: sentences written in at compile time, options, names, prices, distances."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from federation.web import template_words
from federation.words.texts import texts
from schemas.amounts import Rate, Unit
from schemas.member_bodies import PriceKind
from schemas.texts.words import Language

UNIT = Unit(singular="polleke", plural="pollekes", rate=Rate(20))


def environment(language: Language) -> Environment:
    made = Environment(autoescape=True, extensions=[template_words.WrittenIn])
    made.globals["_"] = template_words.sentences(texts(language))
    return made


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ('{{ _("Zoeken") }}', "Chercher"),
        ('{{ _("Saldo") ~ "<" }}', "Solde&lt;"),
        ('{{ (_("Start") if yes else _("Leden"))|upper }}', "MEMBRES"),
        ('<a title="{{ _("Menu") }}">', '<a title="Menu">'),
        ('{{ _("%(km)s km", km=far) }}', "&lt;b&gt; km"),
        ("{{ _(sentence) }}", "Chercher"),
        ('{% set _other = 1 %}{{ _other }}{{ _("Zoeken") }}', "1Chercher"),
        ('{{ _("Hoeveel %(units)s?", units="uren") }}', "Combien d'uren\xa0?"),
    ],
)
def test_sentences_are_said_in_the_language_of_the_template(template: str, said: str) -> None:
    made = environment(Language.FR).from_string(template)

    assert made.render(yes=False, far="<b>", sentence="Zoeken") == said


def test_a_sentence_without_places_is_looked_up_once_when_its_template_is_compiled() -> None:
    made = environment(Language.FR)
    asked: list[str] = []

    def say(sentence: str) -> str:
        asked.append(sentence)
        return sentence.upper()

    made.globals["_"] = say
    page = made.from_string('{{ _("Zoeken") }} {{ _("Zoeken") }}')
    compiled = len(asked)

    assert [page.render(), page.render()] == ["ZOEKEN ZOEKEN"] * 2
    assert (compiled, len(asked)) == (2, 2)


class Reader(HTMLParser):
    """Reads options back."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, bool]] = []
        self.words: list[str] = []
        self.others: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "option":
            self.others.append(tag)
            return
        said = dict(attrs)
        self.found.append((said["value"] or "", "selected" in said))
        self.words.append("")

    def handle_data(self, data: str) -> None:
        if self.words:
            self.words[-1] += data


texts_of_people = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30) | st.text(
    "<>&;\"'=/ abglmpt", max_size=20
)


@given(st.dictionaries(texts_of_people, texts_of_people, max_size=8), texts_of_people)
def test_options_hold_what_was_named_whatever_it_is(named: dict[str, str], chosen: str) -> None:
    read = Reader(str(template_words.options(named, chosen)))

    assert read.found == [(value, value == chosen) for value in named]
    assert [words.removesuffix("\n") for words in read.words] == list(named.values())
    assert read.others == []


def test_a_name_is_set_off_and_escaped() -> None:
    assert template_words.name_as_it_reads("<i>דוד</i>") == "<bdi>&lt;i&gt;דוד&lt;/i&gt;</bdi>"


@pytest.mark.parametrize(
    ("kind", "minor", "unit", "said"),
    [
        (PriceKind.HOUR, 20, UNIT, "± 20 pollekes per uur"),
        (PriceKind.PIECE, 1, UNIT, "± 1 polleke per stuk"),
        (PriceKind.TALK, None, UNIT, "in overleg"),
        (PriceKind.TALK, 5, UNIT, "in overleg"),
        (PriceKind.HOUR, 5, None, "in overleg"),
    ],
)
def test_a_price_is_said_in_words(
    kind: PriceKind, minor: int | None, unit: Unit | None, said: str
) -> None:
    found = template_words.price(kind, minor, unit, texts(Language.NL))
    assert found.replace("\N{NO-BREAK SPACE}", " ") == said


@pytest.mark.parametrize(
    ("distance_m", "said"), [(0, "vlakbij"), (999, "vlakbij"), (1000, "1 km"), (12_600, "13 km")]
)
def test_a_distance_is_said_in_words(distance_m: int, said: str) -> None:
    assert template_words.away(distance_m, texts(Language.NL)) == said


def test_a_mark_is_hidden_from_who_listens() -> None:
    mark = template_words.marks("/static/icons.1.svg")("search")

    assert 'href="/static/icons.1.svg#search"' in mark
    assert 'aria-hidden="true"' in mark
