"""What templates say often, made cheaply: sentences, marks, options, prices, distances.

A page of search has some three hundred of these; as calls of macros they were half of what it cost.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import quote

from jinja2.ext import Extension
from jinja2.lexer import Token
from markupsafe import Markup, escape

from federation.words.amounts import amount
from schemas.member_bodies import PriceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from jinja2.lexer import TokenStream

    from federation.members.search_shapes import PriceShown
    from federation.words.texts import Texts
    from schemas.amounts import Unit
    from schemas.member_bodies import Picture

NEARBY_M: Final = 1000
OPTIONS_KEPT: Final = 64
"""Two hundred groups to choose from stand on every page of search, the same each time."""
_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Signs that set the direction of what follows them, until something ends it."""
_CALL: Final = ("name", "lparen", "string", "rparen")


class WrittenIn(Extension):
    """Writes sentences without places into a template when it is compiled, in its language.

    `_("Zoeken")` becomes the translated constant: nothing is looked up when a page is made.
    """

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """Put the translation in place of each call of `_` with nothing but a sentence."""
        return self._written(list(stream))

    def _written(self, tokens: list[Token]) -> Iterator[Token]:
        say = cast("Callable[[str], str]", self.environment.globals["_"])
        at = 0
        while at < len(tokens):
            call = tokens[at : at + 4]
            if call[0].value == "_" and tuple(token.type for token in call) == _CALL:
                line = call[0].lineno
                yield Token(line, "string", str(say(call[2].value)))
                yield Token(line, "pipe", "|")
                yield Token(line, "name", "safe")
                at += 4
            else:
                yield call[0]
                at += 1


def sentences(words: Texts) -> Callable[..., Markup]:
    """Give what `_` does in templates; the facts that fill its places are escaped."""

    @cache
    def whole(sentence: str) -> Markup:
        return Markup(words.say(sentence))  # noqa: S704 - a sentence of ours, from a template

    def say(sentence: str, /, **facts: object) -> Markup:
        if not facts:
            return whole(sentence)
        told = words.around(words.gettext(sentence), facts)
        return Markup(told) % facts  # noqa: S704 - likewise

    return say


def marks(path: str) -> Callable[[str], Markup]:
    """Give what draws a mark of the file at `path` beside words that say the same."""

    @cache
    def icon(name: str) -> Markup:
        return Markup(
            '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
        ).format(path, name)

    return icon


def options(named: Mapping[str, str], chosen: str) -> Markup:
    """Write the options of a choice: words by value."""
    return _options(tuple(named.items()), chosen)


@lru_cache(maxsize=OPTIONS_KEPT)
def _options(named: tuple[tuple[str, str], ...], chosen: str) -> Markup:
    return Markup(  # noqa: S704 - escaped
        "".join(
            f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
            f"{escape(said)}</option>\n"
            for value, said in named
        )
    )


def name_as_it_reads(name: str) -> Markup:
    """Set off what somebody else has written: a right-to-left name turns nothing else around."""
    return Markup(f"<bdi>{escape(name)}</bdi>")  # noqa: S704 - escaped


def straight(facts: Mapping[str, object]) -> dict[str, object]:
    """Give what fills a sentence so that nothing in it turns the rest of the sentence around."""
    return {
        name: _TURNING.sub("", fact) if isinstance(fact, str) else fact
        for name, fact in facts.items()
    }


def price(kind: PriceKind, minor: int | None, unit: Unit | None, words: Texts) -> str:
    """Say what something costs."""
    if minor is None or unit is None or kind not in (PriceKind.HOUR, PriceKind.PIECE):
        return words.say("in overleg")
    said = amount(minor, unit, words.language)
    if kind is PriceKind.HOUR:
        return words.say("± %(amount)s per uur", amount=said)
    return words.say("± %(amount)s per stuk", amount=said)


def shown_price(shown: PriceShown, words: Texts) -> str:
    """Say a price in the reader's own unit; where it cannot be, as the other group says it."""
    if shown.own_minor is None and shown.their_minor is not None:
        return price(shown.kind, shown.their_minor, shown.their_unit, words)
    return price(shown.kind, shown.own_minor, shown.own_unit, words)


def picture_path(node: str, picture: Picture, size: str) -> str:
    """Give the address of a picture of a post, of this group or of another."""
    where = f"{quote(node, safe='')}/" if node else ""
    return f"/pictures/{where}{quote(picture.digest, safe='')}/{size}"


def away(distance_m: int, words: Texts) -> str:
    """Say how far something is."""
    if distance_m < NEARBY_M:
        return words.say("vlakbij")
    return words.say("%(km)s km", km=round(distance_m / 1000))
