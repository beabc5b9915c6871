"""The five questions: what can be used is used, anything else is asked again with the reason."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.node.postgres import node_roles
from federation.setup.answers import (
    QUESTIONS,
    Answers,
    ask_answers,
    folder_name,
    read_mail,
    read_per_hour,
    read_trial_url,
    read_url,
)
from schemas.errors import Code, InputError, sentence
from schemas.texts.words import Language
from tests.federation.setup.scripted import Scripted

RIGHT = {
    "name": "LETS Voorbeeld",
    "singular": "polleke",
    "plural": "pollekes",
    "per_hour": "20",
    "url": "https://lets.example.org",
    "mail": "info@lets.example.org",
}
MADE = Answers(**(RIGHT | {"per_hour": 20}), language=Language.NL)  # type: ignore[arg-type]


def test_right_answers_make_a_group_with_twelve_hours_both_ways() -> None:
    scripted = Scripted(*RIGHT.values())

    answers = ask_answers(scripted.talk(Language.NL), {}, ask=True, trial=False)

    assert answers == MADE
    assert answers.limit_minor() == 240
    assert len(scripted.asked) == len(QUESTIONS)
    assert scripted.told == []


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("field", "wrong", "code"),
    [
        ("name", "  ", Code.TEXT_MISSING),
        ("name", "x" * 101, Code.TOO_LARGE),
        ("singular", "", Code.TEXT_MISSING),
        ("plural", "p" * 41, Code.TOO_LARGE),
        ("per_hour", "360001", Code.RATE_INVALID),
        ("url", "http://lets.example.org", Code.WEB_ADDRESS_INVALID),
        ("mail", "info at lets", Code.MAIL_ADDRESS_INVALID),
    ],
)
def test_a_wrong_answer_is_asked_again_with_the_reason(
    language: Language, field: str, wrong: str, code: Code
) -> None:
    answers = list(RIGHT.items())
    at = list(RIGHT).index(field)
    answers.insert(at, (field, wrong))
    scripted = Scripted(*(answer for _, answer in answers))

    found = ask_answers(scripted.talk(language), {}, ask=True, trial=False)

    assert (found.name, found.mail) == (MADE.name, MADE.mail)
    (told,) = scripted.told
    facts: dict[str, int | str] = {"field": field, "limit": 0}
    beginning = sentence(code, facts, language).partition(".")[0]
    assert told.startswith(re.split(r" 0\b|:", beginning)[0])
    assert scripted.asked[at] == scripted.asked[at + 1]


@pytest.mark.parametrize(
    "wrong", ["0", "-1", "2.5", "20,5", "360001", "twintig", "", "9" * 30, "²", "1e3", "٢٠"]
)
def test_no_other_rate_is_taken(wrong: str) -> None:
    with pytest.raises(InputError) as refused:
        read_per_hour(wrong)
    assert refused.value.code is Code.RATE_INVALID
    assert "360000" in str(refused.value)


@pytest.mark.parametrize(("typed", "rate"), [("1", 1), (" 20 ", 20), ("360 000", 360_000)])
def test_a_rate_of_whole_units_is_taken(typed: str, rate: int) -> None:
    assert read_per_hour(typed) == rate


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" https://Lets.Example.org/ ", "https://lets.example.org"),
        ("https://lets.example.org:443", "https://lets.example.org"),
        ("https://lets.example.org:8443", "https://lets.example.org:8443"),
        ("https://létseu.be", "https://xn--ltseu-bsa.be"),
    ],
)
def test_a_web_address_is_https_and_a_name(typed: str, address: str) -> None:
    assert read_url(typed) == address


@pytest.mark.parametrize(
    "wrong",
    [
        "lets.example.org",
        "http://lets.example.org",
        "https://lets",
        "https://192.0.2.1",
        "https://[2001:db8::1]",
        "https://lets.example.org/groep",
        "https://lets.example.org?x",
        "https://anna@lets.example.org",
        "https://lets.example.org:99999",
        "https://lets example.org",
        "https://.example.org",
        "https://[",
        "",
    ],
)
def test_no_other_web_address_is_taken(wrong: str) -> None:
    with pytest.raises(InputError) as refused:
        read_url(wrong)
    assert refused.value.code is Code.WEB_ADDRESS_INVALID


def test_a_trial_may_be_on_this_machine() -> None:
    assert read_trial_url("http://127.0.0.1:8080/") == "http://127.0.0.1:8080"
    assert read_trial_url("https://lets.example.org") == "https://lets.example.org"
    for wrong in ("http://lets.example.org:80", "http://127.0.0.1", "ftp://127.0.0.1:80"):
        with pytest.raises(InputError):
            read_trial_url(wrong)


@given(st.text())
def test_whatever_is_typed_is_taken_or_refused(typed: str) -> None:
    for question in QUESTIONS:
        try:
            question.read(typed)
        except InputError as error:
            assert error.facts["field"] == question.field


@pytest.mark.parametrize("wrong", ["info", "@lets.be", "a b@lets.be", "info@lets", "info@lets..be"])
def test_an_odd_mail_address_is_refused(wrong: str) -> None:
    with pytest.raises(InputError) as refused:
        read_mail(wrong)
    assert refused.value.code is Code.MAIL_ADDRESS_INVALID


def test_a_script_gives_everything_and_is_asked_nothing() -> None:
    scripted = Scripted()

    assert ask_answers(scripted.talk(Language.NL), RIGHT, ask=False, trial=False) == MADE

    for field in RIGHT:
        less = {name: text for name, text in RIGHT.items() if name != field}
        with pytest.raises(InputError) as refused:
            ask_answers(scripted.talk(), less, ask=False, trial=False)
        assert refused.value.facts["field"] == field


def test_what_was_given_is_not_asked() -> None:
    scripted = Scripted("info@lets.example.org")
    given = {name: text for name, text in RIGHT.items() if name != "mail"}

    assert ask_answers(scripted.talk(Language.NL), given, ask=True, trial=False) == MADE


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("LETS Gent", "lets_gent"),
        ("Létseu  Brüssel-Zuid!", "letseu_brussel_zuid"),
        ("1060", "groep_1060"),
        ("日本", "groep"),
        ("a" * 40, "a" * 31),
    ],
)
def test_a_folder_is_named_after_the_group(name: str, folder: str) -> None:
    assert folder_name(name) == folder


@given(st.text())
def test_every_name_gives_a_folder_that_a_database_can_be_named_after(name: str) -> None:
    assert node_roles(folder_name(name))
