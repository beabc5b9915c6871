"""Templates become pages: jinja2 with everything escaped, and one environment for each language.

A value that a template misses is an error (`StrictUndefined`), never an empty place.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from federation.members import calendar
from federation.umbrella.flows import calendar_day
from federation.web import dates, hours, languages, template_words
from federation.web.kinds import KINDS
from federation.words import days
from federation.words.amounts import amount, number
from federation.words.texts import texts
from schemas.texts.words import Language

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from federation.web.forms import Said
    from federation.web.static_files import StaticFiles
    from schemas.amounts import Unit

_HTMX: Final = (
    '{"allowEval":false,"includeIndicatorStyles":false,"selfRequestsOnly":true,'
    '"historyCacheSize":0,"refreshOnHistoryMiss":true}'
)


class Renderer:
    """Makes the pages of one node."""

    def __init__(self, static: StaticFiles, zone: ZoneInfo) -> None:
        """Prepare an environment for each language."""
        self._environments = {
            language: _environment(language, static, zone) for language in Language
        }

    def render(self, template: str, language: Language, values: Mapping[str, Any]) -> str:
        """Give the HTML of a page."""
        return self._environments[language].get_template(template).render(values)


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
        return words.say(what.sentence, **what.facts)

    def day(at_s: int) -> str:
        return dates.day_text(calendar.date_of(at_s, zone), language)

    environment.filters.update(
        said=said,
        amount=partial(amount, language=language),
        number=partial(number, language=language),
        day=day,
        when=lambda at_s, ends_at_s=None: dates.when_text(at_s, ends_at_s, zone, words),
        utc_day=lambda number: dates.day_text(calendar_day(number), language),
        hours=partial(hours.hours, words=words),
        hours_number=partial(hours.hours_number, language=language),
        own=partial(hours.own_number, language=language),
        moment=partial(days.moment, zone=zone, language=language),
        name=template_words.name_as_it_reads,
        price=partial(template_words.price, words=words),
        shown_price=partial(template_words.shown_price, words=words),
        away=partial(template_words.away, words=words),
        signed=partial(signed, language=language),
        contact_kind=lambda kind: words.say(KINDS.get(kind, "%(kind)s"), kind=kind),
        said_values=lambda named: {key: words.say(what) for key, what in named.items()},
        with_none=lambda named, none: {**named, "": none},
        part=partial(quote, safe=""),
        dialled=lambda number: re.sub(r"[^0-9+]", "", number),
        post_path=post_path,
    )
    return environment


def signed(amount_minor: int, unit: Unit, language: Language) -> str:
    """Write what came in or went out, without the name of the unit: `+8`, `-8`."""
    plus = "+" if amount_minor > 0 else ""
    return plus + number(amount_minor, unit.rate.decimals, language)


def post_path(post: Any) -> str:
    """Give the address of an offer or a want: of this group, or of another one."""
    node = getattr(post, "node", "")
    return f"/posts/{node}.{post.post}" if node else f"/posts/{post.post}"
