"""Templates become pages: jinja2 with everything escaped, and one environment for each language.

A value that a template misses is an error (`StrictUndefined`), never an empty place.
"""

from __future__ import annotations

import re
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from federation.members import calendar
from federation.umbrella.flows import calendar_day
from federation.web import dates, hours, languages, own_codes, template_words
from federation.web.kinds import KINDS
from federation.web.label_width import amount_label, name_label
from federation.web.static_files import read_static_files
from federation.words import days
from federation.words.amounts import amount, number, percent
from federation.words.texts import texts
from schemas.amounts import minor_floor
from schemas.texts.words import Language

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from federation.web.forms import Said
    from federation.web.static_files import StaticFiles
    from schemas.amounts import Unit

_HTMX: Final = (
    '{"allowEval":false,"includeIndicatorStyles":false,"selfRequestsOnly":true,'
    '"historyCacheSize":0,"refreshOnHistoryMiss":true,"timeout":20000}'
)


class Renderer:
    """Makes the pages of nodes in one time zone."""

    def __init__(self, static: StaticFiles, zone: ZoneInfo) -> None:
        """Prepare an environment for each language."""
        self._environments = {
            language: _environment(language, static, zone) for language in Language
        }

    def render(self, template: str, language: Language, values: Mapping[str, Any]) -> str:
        """Give the HTML of a page."""
        return self._environments[language].get_template(template).render(values)


@cache
def renderer(zone: ZoneInfo) -> Renderer:
    """Give what makes pages; templates are read once, however many nodes run in a process."""
    return Renderer(read_static_files(), zone)


def _environment(language: Language, static: StaticFiles, zone: ZoneInfo) -> Environment:
    environment = Environment(
        loader=PackageLoader("federation.web"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", template_words.WrittenIn],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    words = texts(language)
    # the extension adds this method to the environment; its stubs cannot say so
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        words.gettext, words.ngettext, newstyle=True
    )
    environment.globals.update(
        _=template_words.sentences(words),
        icon=template_words.marks(static.path("icons.svg")),
        options=template_words.options,
        picture_path=template_words.picture_path,
        static=static.path,
        language=language.value,
        language_names={key.value: name for key, name in languages.NAMES.items()},
        htmx_settings=_HTMX,
    )

    def said(what: Said) -> str:
        return words.say(what.sentence, **template_words.straight(what.facts))

    environment.filters.update(
        said=said,
        amount=partial(amount, language=language),
        number=partial(number, language=language),
        percent=partial(percent, language=language),
        day=lambda at_s: dates.day_text(calendar.date_of(at_s, zone), language),
        when=lambda at_s, ends_at_s=None: dates.when_text(at_s, ends_at_s, zone, words),
        utc_day=lambda number: dates.day_text(calendar_day(number), language),
        hours=partial(hours.hours, words=words),
        hours_column=partial(hours.hours_in_column, language=language),
        minor=minor_floor,
        own=partial(hours.own_amount, language=language),
        own_hour=partial(hours.own_hour, language=language),
        moment=partial(days.moment, zone=zone, language=language),
        name=template_words.name_as_it_reads,
        price=partial(template_words.price, words=words),
        shown_price=partial(template_words.shown_price, words=words),
        away=partial(template_words.away, words=words),
        signed=partial(signed, language=language),
        code=partial(own_codes.shown_code, texts=words),
        contact_kind=lambda kind: words.say(KINDS.get(kind, "%(kind)s"), kind=kind),
        said_values=lambda named: {key: words.say(what) for key, what in named.items()},
        with_none=lambda named, none: {**named, "": none},
        part=partial(quote, safe=""),
        dialled=lambda number: re.sub(r"[^0-9+]", "", number),
        post_path=post_path,
        name_label=lambda text, room: name_label(unescaped(text), room),
        amount_label=lambda text, room: amount_label(unescaped(text), room),
    )
    return environment


def signed(amount_minor: int, unit: Unit, language: Language) -> str:
    """Write what came in or went out, without the name of the unit: `+8`, `-8`."""
    plus = "+" if amount_minor > 0 else ""
    return plus + number(amount_minor, unit.rate.decimals, language)


def unescaped(text: str | Markup) -> str:
    """Give what a macro has written as the text that it was."""
    return text.unescape() if isinstance(text, Markup) else text


def post_path(post: Any) -> str:
    """Give the address of an offer or a want: of this group, or of another one."""
    node = getattr(post, "node", "")
    return f"/posts/{node}.{post.post}" if node else f"/posts/{post.post}"
