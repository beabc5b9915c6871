"""Signing in and out, step by step; one decision a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.members.devices import end_device
from federation.web import login
from federation.web.forms import Form
from federation.web.routes import Audience, Pages
from federation.web.security import local_path
from federation.web.sessions import COOKIE_LASTS_S, device_words
from federation.words.texts import later

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

COOKIE: Final = "-login"
EVERYBODY: Final = Audience.EVERYBODY

pages = Pages()

_WAIT: Final = later(
    "Er is al enkele keren na elkaar geprobeerd. Probeer het over %(minutes)s minuten opnieuw, en "
    "kijk intussen of er een mail bij de ongewenste mail zit."
)
_WRONG_CODE: Final = later(
    "Deze code klopt niet, of ze is te oud. Kijk ze nog eens na; na vijf keer vraag je een nieuwe."
)
_WRONG_PASSWORD: Final = later(
    "Dit adres en dit wachtwoord horen niet bij elkaar. Zonder wachtwoord kan het ook: vraag een "
    "mail."
)
_NOBODY: Final = later("Kies wie je bent.")


@pages.get("/login", EVERYBODY)
async def show_login(visit: Visit) -> web.Response:
    """Ask for the address."""
    if visit.person is not None:
        return visit.go(local_path(visit.query("next")))
    return visit.show("login.html", form=Form.filled(next=local_path(visit.query("next"))))


@pages.post("/login", EVERYBODY)
async def ask_mail(visit: Visit) -> web.Response:
    """Have a mail sent, if somebody signs in with this address; the answer is always the same."""
    form = await visit.form()
    address, place = form.address("address"), visit.place
    if form.fine:
        _bounded(form, place.paces.ask_mail(visit.network, login.rate_key(address)))
    if not form.fine:
        return visit.show("login.html", status=422, form=form)
    asked = await login.ask_mail(
        place,
        address,
        language=visit.language,
        next_path=local_path(form.value("next")),
        now_s=visit.now_s,
    )
    response = visit.go("/login/code")
    place.set_cookie(response, COOKIE, asked.browser, lasts_s=login.LASTS_S)
    return response


@pages.get("/login/code", EVERYBODY)
async def show_code(visit: Visit) -> web.Response:
    """Say that a mail is on its way, and ask for its code."""
    if not _browser(visit):
        return visit.go("/login")
    return visit.show("login_code.html", form=Form.filled())


@pages.post("/login/code", EVERYBODY)
async def try_code(visit: Visit) -> web.Response:
    """Try a code."""
    form = await visit.form()
    code = "".join(filter(str.isdecimal, form.text("code", most=40, required=True)))
    if form.fine:
        _bounded(form, visit.place.paces.try_code(visit.network), "code")
    browser = None
    if form.fine:
        browser = await login.check_code(
            visit.place, _browser(visit), code, form_key=form.key, now_s=visit.now_s
        )
    if browser is None:
        form.fail("code", _WRONG_CODE)
        return visit.show("login_code.html", status=422, form=form)
    return await _enter(visit, browser)


@pages.get("/login/password", EVERYBODY)
async def show_password(visit: Visit) -> web.Response:
    """Ask for address and password."""
    return visit.show("login_password.html", form=Form.filled(next=local_path(visit.query("next"))))


@pages.post("/login/password", EVERYBODY)
async def try_password(visit: Visit) -> web.Response:
    """Try a password."""
    form = await visit.form()
    address, place, browser = form.address("address"), visit.place, None
    if form.fine:
        _bounded(form, place.paces.try_password(visit.network, login.rate_key(address)))
    if form.fine:
        browser = await login.check_password(
            place,
            address,
            form.value("password"),
            next_path=local_path(form.value("next")),
            now_s=visit.now_s,
        )
    if browser is None:
        form.fail("password", _WRONG_PASSWORD)
        return visit.show("login_password.html", status=422, form=form)
    return await _enter(visit, browser)


@pages.get("/login/choose", EVERYBODY)
async def show_choice(visit: Visit) -> web.Response:
    """Ask who of several it is."""
    found = await login.proven(visit.place, _browser(visit), now_s=visit.now_s)
    if not found.people:
        return visit.go("/login", notice="link-used")
    return visit.show("login_choose.html", form=Form.filled(), people=found.people)


@pages.post("/login/choose", EVERYBODY)
async def choose(visit: Visit) -> web.Response:
    """Sign in as the one who was chosen."""
    form = await visit.form()
    browser = _browser(visit)
    found = await login.proven(visit.place, browser, now_s=visit.now_s)
    who = {f"{known.account}-{known.person}": known for known in found.people}
    known = who.get(form.value("who"))
    if not found.people:
        return visit.go("/login", notice="link-used")
    if known is None:
        form.fail("who", _NOBODY)
        return visit.show("login_choose.html", status=422, form=form, people=found.people)
    return await _signed_in(visit, browser, (known.account, known.person), found.next_path)


@pages.get("/login/{link}", EVERYBODY)
async def show_link(visit: Visit) -> web.Response:
    """Show the button behind a mailed link; looking, as mail programs do, uses nothing up."""
    link = visit.request.match_info["link"]
    if not await login.link_works(visit.place, link, now_s=visit.now_s):
        return visit.go("/login", notice="link-used")
    return visit.show("login_link.html", form=Form.filled())


@pages.post("/login/{link}", EVERYBODY)
async def use_link(visit: Visit) -> web.Response:
    """Use a mailed link up."""
    form = await visit.form()
    _bounded(form, visit.place.paces.try_code(visit.network), "")
    browser = None
    if form.fine:
        link = visit.request.match_info["link"]
        browser = await login.use_link(visit.place, link, form_key=form.key, now_s=visit.now_s)
    if browser is None:
        return visit.go("/login", notice="link-used")
    return await _enter(visit, browser)


@pages.post("/logout", EVERYBODY)
async def sign_out(visit: Visit) -> web.Response:
    """Sign this device out."""
    if visit.person is not None:
        await end_device(visit.node, visit.person, visit.person.session, now_s=visit.now_s)
    response = visit.go("/", notice="goodbye")
    visit.place.drop_cookie(response, "")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


async def _enter(visit: Visit, browser: str) -> web.Response:
    """Go on with a browser that has proven who may enter."""
    found = await login.proven(visit.place, browser, now_s=visit.now_s)
    if not found.people:
        return visit.go("/login", notice="link-used")
    if len(found.people) == 1:
        (known,) = found.people
        return await _signed_in(visit, browser, (known.account, known.person), found.next_path)
    response = visit.go("/login/choose")
    visit.place.set_cookie(response, COOKIE, browser, lasts_s=login.LASTS_S)
    return response


async def _signed_in(
    visit: Visit, browser: str, who: tuple[int, int], next_path: str
) -> web.Response:
    """Begin the session; the one that this browser had before ends."""
    if visit.person is not None:
        await end_device(visit.node, visit.person, visit.person.session, now_s=visit.now_s)
    device = device_words(visit.request.headers.get("User-Agent", ""))
    token = await login.sign_in(visit.place, browser, who, device, now_s=visit.now_s)
    response = visit.go(next_path)
    visit.place.set_cookie(response, "", token, lasts_s=COOKIE_LASTS_S)
    visit.place.drop_cookie(response, COOKIE)
    return response


def _browser(visit: Visit) -> str:
    return visit.request.cookies.get(visit.place.cookie(COOKIE), "")


def _bounded(form: Form, wait_s: float, field: str = "address") -> None:
    """Note that there were too many tries."""
    if wait_s:
        form.fail(field, _WAIT, minutes=int(wait_s // 60) + 1)
