"""What a group says itself in some mails: for coordinators, in three languages, with a preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.mail import own_words
from federation.mail.letter import Recipient
from federation.mail.office import office_of
from federation.mail.own_words import (
    AT_THE_END,
    SAID_MAX,
    WITHOUT_NAME,
    OwnLetter,
    paragraphs_of,
    places_in,
    unknown_place,
)
from federation.mail.previews import preview
from federation.members import profiles
from federation.web.languages import NAMES
from federation.web.routes import Audience, Pages
from federation.words.texts import later
from schemas.errors import Code, InputError
from schemas.texts.words import Language

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.forms import Form
    from federation.web.visit import Visit

PATH: Final = "/group/mails"
LETTERS: Final = {
    OwnLetter.DIGEST: later("De overzichtsmail"),
    OwnLetter.INVITATION: later("De uitnodiging na de verhuizing"),
    OwnLetter.WELCOME: later("Welkom, wie lid wordt"),
    OwnLetter.DECLINED: later("Nee aan wie lid wil worden"),
    OwnLetter.ENDING: later("Een vraag of aanbod loopt af"),
    OwnLetter.NEWSLETTER: later("De nieuwsbrief"),
}
_NO_PLACE: Final = later("%(place)s kunnen we niet invullen. Schrijf {naam} of {groep}.")
_NO_NAME: Final = later("%(place)s kunnen we hier niet invullen. Schrijf enkel {groep}.")

pages = Pages()


@pages.get(PATH, Audience.COORDINATORS)
async def show_words(visit: Visit) -> web.Response:
    """Show what the group says."""
    said = await own_words.own_words(visit.node.pool)
    known = {_field(letter, language): text for (letter, language), text in said.items()}
    return _page(visit, await visit.blank(**known))


@pages.post(PATH, Audience.COORDINATORS)
async def save_words(visit: Visit) -> web.Response:
    """Say this from now on; with one place that cannot be filled nothing is kept."""
    form = await visit.form()
    typed = {
        (letter, language): form.text(_field(letter, language), most=SAID_MAX, lines=True)
        for letter in OwnLetter
        for language in Language
    }
    for (letter, language), text in typed.items():
        if wrong := unknown_place(text, places_in(letter)):
            words = _NO_NAME if letter in WITHOUT_NAME else _NO_PLACE
            form.fail(_field(letter, language), words, place=wrong)
    if not form.fine:
        return _page(visit, form, status=422)
    for (letter, language), text in typed.items():
        await own_words.say(visit.node, visit.reader, letter, language, text)
    await visit.sent()
    return visit.go(PATH, notice="saved")


@pages.get(f"{PATH}/{{letter}}/{{language}}", Audience.COORDINATORS)
async def show_preview(visit: Visit) -> web.Response:
    """Show a mail as the reader would get it, with what is kept now."""
    places = visit.request.match_info
    try:
        letter, language = OwnLetter(places["letter"]), Language(places["language"])
    except ValueError as error:
        raise InputError(Code.NOT_FOUND, field="letter") from error
    desk = office_of(visit.node).desk()
    me = await profiles.person(visit.node, visit.member.account, visit.member.person)
    name = "" if me is None or letter in WITHOUT_NAME else me.name
    to = Recipient(visit.member.account, visit.member.person, name, "", language)
    own = paragraphs_of(await own_words.own_words(visit.node.pool), letter, desk, to)
    return visit.show(
        "own_words_preview.html",
        title=LETTERS[letter],
        language_name=NAMES[language],
        language_code=language.value,
        letter=preview(letter, desk, to, own, at_s=visit.now_s),
    )


def _field(letter: OwnLetter, language: Language) -> str:
    return f"{letter}-{language}"


def _page(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    letters = []
    for letter, title in LETTERS.items():
        fields = [
            (_field(letter, language), name, f"{PATH}/{letter}/{language}")
            for language, name in NAMES.items()
        ]
        is_said = any(form.value(name) or name in form.errors for name, _, _ in fields)
        letters.append((title, letter in AT_THE_END, is_said, fields))
    return visit.show("own_words.html", status=status, form=form, letters=letters)
