"""The pages of a node, added to its application; every page is made the same way.

How to add a page:

1. A module in `federation/web/pages/` with `pages = Pages()`, named in `MODULES` below.
2. A handler, at most 15 lines: parse, call one use case of `federation.members`, render.

       @pages.get("/posts/{post}")                  # for members; else Audience.EVERYBODY, ...
       async def show_post(visit: Visit) -> web.Response:
           found = await posts.post(visit.node, visit.part("post"), visit.reader)
           return visit.show("post.html", post=found)

   `visit` knows the node, the signed-in `member`, the `reader` for use cases, `now_s`, `unit`. An
   error of a use case (`RuilbrugError`) may pass: it becomes a page in the reader's language.
3. A form posts to the path of its own page, so that what was typed finds its way back:

       @pages.post("/posts/new")
       async def place_post(visit: Visit) -> web.Response:
           form = await visit.form()
           title = form.text("title", most=100, required=True)
           if form.fine:
               async with visit.trying(form):       # a refusal stands on top, and nothing is lost
                   key = form.command_key(visit.member)
                   await posts.place(visit.node, visit.reader, ..., key=key)
           if not form.fine:
               return visit.show("post_edit.html", status=422, form=form)
           await visit.sent()                       # forget the draft
           return visit.go("/home", notice="saved") # 303; a sentence of `notices`

   The command's key comes from the form, so a double click does it once. All that the command
   carries must then be the same too: no clock in it; a day goes into a hidden field. The page that
   shows the form first uses `await visit.blank(title=...)`, which also brings back a draft.
4. A template in `templates/`, which extends `base.html` and fills `title` and `main`: one `<h1>`,
   and the macros of `forms.html` for fields. Filters: `amount(unit)`, `number(decimals)`, `day`,
   `moment`, `name` (whatever a person wrote), `said` (a `Said`). No style or script in it, ever.
5. Sentences in Dutch: `{{ _("Dag %(name)s", name=name) }}`, `ngettext`; in code `later("...")` and
   `visit.texts.say`. French and English in `federation/words/locale/{fr,en}/web.po`;
   `tests/tidy/catalogues.py` prints what is missing.
6. Its line in `tests/federation/web/audiences.py`: `test_audiences` walks all pages as everybody.
7. Its line in `tests/federation/api/pages_and_operations.py`: which operation of the API does the
   same, or why none does. A form that names somebody's thing also has one in
   `tests/federation/web/somebody_elses.py`, which is sent as everybody.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog
from aiohttp import web

from events.recovery import STORAGE_TROUBLE
from federation.node import looked
from federation.node.node_key import NODE
from federation.node.sending import Pieces, send
from federation.peer.problems import status_of
from federation.web import failures, security
from federation.web.drafts import keep_draft, owner_of
from federation.web.forms import NUL
from federation.web.login import letters
from federation.web.look import load as load_look
from federation.web.looking import look_of
from federation.web.pages import (
    activities,
    activity_spread,
    balances,
    board,
    booking,
    bookings,
    categories,
    closing,
    collective,
    crawlers,
    devices,
    digest,
    directory,
    door,
    erase,
    exporting,
    figures,
    flow_details,
    flow_findings,
    flow_reports,
    flows,
    group,
    group_limits,
    group_partners,
    home,
    household,
    invitations,
    joining,
    joining_list,
    languages,
    login,
    look,
    mail_links,
    mailbox,
    me,
    member_file,
    member_list,
    member_mail,
    member_merge,
    member_page,
    members,
    moderation,
    moving_in,
    my_data,
    my_limits,
    my_mail,
    newsletter,
    newsletter_issues,
    own_posts,
    own_thanks,
    own_words,
    partner_deeds,
    partner_line,
    partner_link,
    partner_rate,
    partner_trade,
    pictures,
    post_report,
    posts,
    privacy,
    profile_picture,
    proof,
    public_page,
    qr,
    reports,
    retention,
    roles,
    search,
    statement,
    thread_steps,
    threads,
    trades,
    umbrella,
)
from federation.web.pages import password as password_pages
from federation.web.pages import static as static_pages
from federation.web.place import PLACE, Place
from federation.web.sessions import COOKIE_LASTS_S, read_session
from federation.web.visit import FORM_BYTES_MAX, MadeForAnotherError, Visit
from schemas.errors import Code, RefusedError, RuilbrugError, StorageError

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from federation.web.routes import Page

log = structlog.get_logger()

MODULES: Final = (
    door,
    public_page,
    crawlers,
    newsletter_issues,
    newsletter,
    login,
    home,
    me,
    profile_picture,
    devices,
    password_pages,
    members,
    statement,
    languages,
    group,
    group_limits,
    digest,
    look,
    categories,
    own_words,
    partner_rate,
    partner_line,
    partner_deeds,
    group_partners,
    partner_link,
    partner_trade,
    balances,
    member_file,
    member_list,
    member_mail,
    member_merge,
    member_page,
    joining,
    joining_list,
    exporting,
    closing,
    moving_in,
    invitations,
    reports,
    retention,
    roles,
    collective,
    board,
    activities,
    activity_spread,
    household,
    bookings,
    proof,
    my_data,
    my_limits,
    erase,
    privacy,
    mail_links,
    my_mail,
    mailbox,
    search,
    moderation,
    posts,
    post_report,
    own_posts,
    own_thanks,
    pictures,
    booking,
    threads,
    thread_steps,
    trades,
    qr,
)
UMBRELLA_MODULES: Final = (
    umbrella,
    crawlers,
    directory,
    newsletter_issues,
    newsletter,
    login,
    languages,
    devices,
    password_pages,
    mailbox,
    flows,
    flow_reports,
    flow_details,
    flow_findings,
    figures,
)
BAD: Final = web.HTTPBadRequest.status_code
FORBIDDEN: Final = web.HTTPForbidden.status_code
CONFLICT: Final = web.HTTPConflict.status_code
OTHERS: Final = ("/federation/", "/log/", "/api/", "/healthz", "/readyz")
"""What is no page, and keeps its own ways; the addresses of the node and of programs."""


def add_pages(app: web.Application) -> None:
    """Add the pages to the application of a node: those of a group, or those of an umbrella."""
    place = app[PLACE] = app[NODE].parts[Place] = Place(app[NODE])
    app.middlewares.append(_around)
    app.cleanup_ctx.append(letters)
    app.cleanup_ctx.append(load_look)
    of_umbrella = app[NODE].settings.role == "umbrella"
    for module in UMBRELLA_MODULES if of_umbrella else MODULES:
        for page in module.pages.all:
            add = app.router.add_get if page.method == "GET" else app.router.add_post
            add(page.path, _serve(place, page))
    static_pages.add_static(app, place)


@web.middleware
async def _around(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Add the headers of every page, and say in words what no handler of ours answered."""
    if request.path.startswith(OTHERS):
        return await handler(request)
    place = request.app[PLACE]
    try:
        response = await handler(request)
    except web.HTTPException as error:
        if error.status < 400:  # noqa: PLR2004 - a redirect of the router
            raise
        response = failures.page(_anonymous(request, place), error.status)
    security.add_headers(response.headers, https=place.https)
    return response


def _anonymous(request: web.Request, place: Place) -> Visit:
    return Visit(request, place, None, place.now_s())


def _serve(place: Place, page: Page) -> Handler:
    """Make the handler of one page: who asks, may they, what came of it."""

    async def serve(request: web.Request) -> web.StreamResponse:
        visit = _anonymous(request, place)
        if NUL in request.path:  # names nothing, and no query of the database takes it
            return failures.page(visit, web.HTTPNotFound.status_code)
        try:
            if not page.from_elsewhere and not security.is_ours(
                request.method, request.headers, place.node.settings.public_url
            ):
                return failures.page(visit, FORBIDDEN, failure=failures.ELSEWHERE)
            visit = await _visit(request, place)
            if page.audience.admits(visit.person):
                response = await _handled(visit, page)
            elif visit.person is None:
                response = await _sign_in_first(visit, page)
            else:
                response = failures.page(visit, FORBIDDEN)
        except MadeForAnotherError:
            response = failures.page(visit, CONFLICT, failure=failures.MADE_FOR_ANOTHER)
        except RuilbrugError as error:
            response = _told(visit, error)
        except STORAGE_TROUBLE as error:
            log.warning("page_without_storage", kind=type(error).__name__)
            response = _told(visit, StorageError(Code.DATABASE_UNAVAILABLE))
        except web.HTTPException:
            raise
        except Exception as error:  # noqa: BLE001 - the edge: a bug ends this request, no more
            response = _bug(visit, error)
        return _kept_alive(visit, response)

    return serve


async def _handled(visit: Visit, page: Page) -> web.StreamResponse:
    """Let the handler answer; a look is on record before anything of the answer leaves."""
    answer = await page.handler(visit)
    if isinstance(answer, Pieces) or answer.status < BAD:
        await looked.note(visit.node, look_of(visit, page), now_s=visit.now_s)
    return await send(visit.request, *answer) if isinstance(answer, Pieces) else answer


async def _visit(request: web.Request, place: Place) -> Visit:
    now_s = place.now_s()
    token = request.cookies.get(place.cookie(), "")
    found = await read_session(place.node, token, now_s=now_s) if token else None
    return Visit(request, place, found, now_s)


def _kept_alive(visit: Visit, response: web.StreamResponse) -> web.StreamResponse:
    """Let the browser keep the cookie of a session that goes on."""
    place, cookie = visit.place, visit.place.cookie()
    if visit.person is not None and visit.person.touched and cookie not in response.cookies:
        token = visit.request.cookies[cookie]
        place.set_cookie(response, "", token, lasts_s=COOKIE_LASTS_S)
    return response


async def _sign_in_first(visit: Visit, page: Page) -> web.Response:
    """Send to the login; what was typed is kept for the person whose session has ended.

    Files are not: the page says so (`files-lost`). A stranger may send little.
    """
    path = visit.request.path
    if visit.request.method in security.SAFE_METHODS:
        return visit.go("/login", next=security.local_path(visit.request.path_qs))
    bytes_max = page.bytes_max if visit.ended is not None else None
    form = await visit.form(bytes_max=bytes_max or FORM_BYTES_MAX)
    typed = {**form.values, **({"files-lost": "yes"} if form.files else {})}
    kept = visit.ended is not None and await keep_draft(
        visit.node, owner_of(visit.ended, form.made_for), path, typed, now_s=visit.now_s
    )
    return visit.go("/login", notice="draft" if kept else "login", next=security.local_path(path))


def _told(visit: Visit, error: RuilbrugError) -> web.Response:
    """Say an error of a use case in the reader's language."""
    status = status_of(error)
    if visit.request.method in security.SAFE_METHODS and error.code.endswith("_unknown"):
        status = web.HTTPNotFound.status_code
    log.info("page_refused", code=str(error.code), status=status)
    if isinstance(error, RefusedError) and error.code is Code.RATE_LIMITED:
        return failures.page(visit, status, wait_s=int(error.facts.get("wait_s", 1)))
    return failures.page(visit, status, said=visit.explain(error))


def _bug(visit: Visit, error: Exception) -> web.Response:
    """Say that something is wrong here; the log gets the place, and no value that is personal."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    log.critical(
        "page_failed",
        error=type(error).__name__,
        place=f"{Path(place.filename).name}:{place.lineno}",
    )
    return failures.page(visit, web.HTTPInternalServerError.status_code)
