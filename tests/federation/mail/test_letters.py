"""Every kind of mail in every language: subject, text and HTML say the same, and harm nobody."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from federation.mail.choices import read_stop
from federation.mail.compose.people import thanked
from federation.mail.compose.talks import Talk, answered
from federation.mail.kinds import ALWAYS, FOR_ANYBODY, FOR_PARTNERS, MailKind, choosable, words_of
from federation.mail.links import DO_PATH, STOP_PATH, Purpose, read_token
from federation.words.texts import texts
from schemas.errors import RefusedError
from schemas.texts.words import Language
from tests.federation.mail.letters import DESK, LETTERS, NOON_S, SECRET, to

QUICK = {texts(language).say("Ja, maar …") for language in Language}
URL = re.compile(r"https?://[^\s\"<>]+")
EVERY = pytest.mark.parametrize("name", LETTERS)
LANGUAGES = pytest.mark.parametrize("language", Language)


class Page(HTMLParser):
    """Reads a mail as a mail client does: its words, its links, its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self._inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._inside = tag
        self.attributes += [(name, value or "") for name, value in attrs]
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        if self._inside not in {"style", "title"}:
            self.words += data.split()


def test_every_kind_is_written() -> None:
    assert {LETTERS[name](to()).kind for name in LETTERS} == set(MailKind)


@EVERY
@LANGUAGES
def test_text_and_html_say_the_same(name: str, language: Language) -> None:
    letter = LETTERS[name](to(language))
    page = Page(letter.html)

    assert letter.language is language
    assert letter.subject
    assert set(page.links) >= set(URL.findall(letter.text)) - {DESK.url}
    assert set(page.links) <= set(URL.findall(letter.text))
    written = {word for word in letter.text.replace(">", " ").split() if "://" not in word}
    shown = {word for text in page.words for word in text.replace(">", " ").split()}
    assert written - shown <= {"--", "==", "*"}  # marks of a plain text


@EVERY
def test_every_language_has_the_same_places(name: str) -> None:
    """The same links, numbers and names stand in each language."""
    facts = []
    for language in Language:
        letter = LETTERS[name](to(language))
        numbers = sorted(re.findall(r"(?<![\w/-])-?\d+(?= (?:polleke|blommeke))", letter.text))
        names = {x for x in ("Marc", "LETS Leuven", "Jef", "012345") if x in letter.text}
        quoted = [line for line in letter.text.splitlines() if line.startswith(">")]
        quick = f"> {texts(language).say('Ja, maar …')}"
        quoted = ["quick answer" if line == quick else line for line in quoted]
        facts.append((URL.findall(letter.text), numbers, names, quoted))

    assert facts[0] == facts[1] == facts[2]


@EVERY
def test_the_languages_differ(name: str) -> None:
    letters = [LETTERS[name](to(language)) for language in Language]

    assert len({letter.subject for letter in letters}) == len(Language)
    assert len({letter.text for letter in letters}) == len(Language)
    assert all(f'<html lang="{letter.language}">' in letter.html for letter in letters)


@EVERY
@LANGUAGES
def test_html_fetches_nothing_and_runs_nothing(name: str, language: Language) -> None:
    html = LETTERS[name](to(language)).html
    page = Page(html)

    assert not set(page.tags) & {"img", "script", "link", "iframe", "object", "form", "video"}
    assert not [x for x, _ in page.attributes if x in {"src", "srcset", "background"}]
    assert not [x for x, _ in page.attributes if x.startswith("on")]
    assert "url(" not in html
    assert "@import" not in html
    assert all(link.startswith(DESK.url) for link in page.links)
    assert "prefers-color-scheme: dark" in html


@EVERY
@LANGUAGES
def test_no_place_is_left_open(name: str, language: Language) -> None:
    letter = LETTERS[name](to(language))

    for said in (letter.subject, letter.text, letter.html):
        assert "%(" not in said
        assert "%%" not in said
        assert "None" not in said
        assert "{{" not in said


def test_what_others_write_is_text_and_no_markup() -> None:
    letter = LETTERS["asked"](to())

    assert "met <b>nieuwe</b> remmen" in letter.text
    assert "met &lt;b&gt;nieuwe&lt;/b&gt; remmen" in letter.html
    assert "b" not in Page(letter.html).tags


@pytest.mark.parametrize("nasty", ["<script>alert(1)</script>", '"><img src=x>', "%(who)s 5 %"])
def test_names_are_text_and_no_markup(nasty: str) -> None:
    letter = answered(
        DESK,
        to()._replace(name=nasty),
        Talk(thread="t", message="m", who=nasty, group=nasty, about=nasty, text=nasty),
        at_s=NOON_S,
    )

    assert letter.text.count(nasty) == 5
    assert not set(Page(letter.html).tags) & {"script", "img"}


def test_a_long_text_of_somebody_is_cut() -> None:
    letter = thanked(
        DESK,
        to(),
        trade="p",
        who="M" * 500,
        group="G" * 500,
        note="dank " * 10_000,
        public=False,
        at_s=NOON_S,
    )

    assert len(letter.subject) <= 150
    assert len(letter.text) < 2000


@EVERY
def test_a_letter_has_a_link_to_stop_it_where_its_reader_may(name: str) -> None:
    letter = LETTERS[name](to())

    if letter.kind in ALWAYS | FOR_PARTNERS:
        assert letter.stop_url == ""
        assert STOP_PATH not in letter.text + letter.html
        assert "/me/mail" not in letter.text + letter.html
        return
    if letter.kind in FOR_ANYBODY:
        assert letter.stop_url in letter.text
        assert "/me/mail" not in letter.text + letter.html
        return
    link, _ = read_stop(SECRET, letter.stop_url.removeprefix(DESK.url + STOP_PATH))
    assert (link.account, link.person, link.subject) == (7, 0, letter.kind.value)
    assert letter.stop_url in letter.text


def acting(name: str) -> dict[Purpose, tuple[str, int]]:
    """Give what the acting links of a letter say: subject and end."""
    found = {}
    for url in URL.findall(LETTERS[name](to()).text):
        if DO_PATH in url:
            link = read_token(SECRET, url.partition(DO_PATH)[2], *Purpose, now_s=NOON_S)
            assert (link.account, link.person) == (7, 0)
            found[link.purpose] = (link.subject, link.expires_at_s - NOON_S)
    return found


def test_the_links_of_a_mail_do_what_it_says() -> None:
    path = "p" * 22

    assert acting("asked") == {
        Purpose.ACCEPT: (f"{path}:8", 86_400),
        Purpose.DECLINE: (path, 86_400),
    }
    assert acting("proposed_giving") == {
        Purpose.AGREE: (f"{path}:3", 86_400),
        Purpose.TURN_DOWN: (f"{path}:3", 86_400),
    }
    until_s = NOON_S + 180 * 86_400
    assert acting("offer_ending") == {Purpose.RENEW: (f"12:{until_s}", 37 * 86_400)}
    assert acting("booked_gave") == acting("refused") == {}


def test_no_link_of_a_mail_stops_what_another_stops() -> None:
    url = LETTERS["thanked"](to()).stop_url

    with pytest.raises(RefusedError):
        read_token(SECRET, url.rpartition("/")[2], Purpose.ACCEPT, now_s=NOON_S)


@LANGUAGES
def test_every_kind_has_words(language: Language) -> None:
    words = [words_of(kind, texts(language)) for kind in MailKind]

    assert all(word.name and word.about for word in words)
    assert len({word.name for word in words}) == len(MailKind)


def test_only_coordinators_choose_about_their_mails() -> None:
    theirs = {MailKind.REPORTED, MailKind.ADDRESS_MARKED}
    assert set(choosable(coordinator=True)) - set(choosable(coordinator=False)) == theirs
    assert not {MailKind.LOGIN, *FOR_ANYBODY} & set(choosable(coordinator=True))
