"""Issues of the newsletter: write, look, try out on oneself, send once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.public import issues, subscribers
from federation.public.issues import Issue
from federation.web.forms import Form
from federation.web.languages import NAMES
from federation.web.pages.public_page import SAVED_MEANWHILE
from federation.web.routes import Audience, Pages
from federation.words.texts import later

if TYPE_CHECKING:
    from aiohttp import web

    from federation.web.visit import Visit

EDITORS: Final = Audience.EDITORS
PATH: Final = "/newsletter/issues"
NO_ADDRESS: Final = later("We kennen geen mailadres van jou. Zet het eerst op je bladzijde.")
NEEDS_BOTH: Final = later("Een taal heeft een titel en een tekst nodig, of geen van beide.")

pages = Pages()


@pages.get(PATH, EDITORS)
async def show_issues(visit: Visit) -> web.Response:
    """List the issues, and how many people get them."""
    return await _list(visit, await visit.blank())


@pages.post(PATH, Audience.COORDINATORS)
async def remove_address(visit: Visit) -> web.Response:
    """Take an address off the list for somebody who asks; says the same for every address."""
    form = await visit.form()
    address = form.address("address")
    if not form.fine:
        return await _list(visit, form, status=422)
    await subscribers.end_address(visit.node, address)
    return visit.go(PATH, notice="newsletter-removed")


@pages.get(f"{PATH}/new", EDITORS)
async def show_new(visit: Visit) -> web.Response:
    """Show an empty issue."""
    return _edit(visit, await visit.blank())


@pages.post(f"{PATH}/new", EDITORS)
async def write(visit: Visit) -> web.Response:
    """Keep it as a draft."""
    form = await visit.form()
    said = _read(form)
    if not form.fine:
        return _edit(visit, form, status=422)
    number = await issues.write(visit.node, visit.reader, said, now_s=visit.now_s)
    await visit.sent()
    return visit.go(f"{PATH}/{number}/send")


@pages.get(f"{PATH}/{{issue}}", EDITORS)
async def show_edit(visit: Visit) -> web.Response:
    """Show a draft to write on; what was sent can only be read."""
    found = await issues.issue(visit.node, visit.reader, visit.part("issue"))
    if found.state != "draft":
        return visit.go(f"{PATH}/{found.issue}/send")
    known = {f"subject-{language}": text for language, text in found.said.subject.items()}
    known |= {f"text-{language}": text for language, text in found.said.text.items()}
    return _edit(visit, await visit.blank(version=str(found.version), **known))


@pages.post(f"{PATH}/{{issue}}", EDITORS)
async def change(visit: Visit) -> web.Response:
    """Keep the draft as it is now."""
    form, number = await visit.form(), visit.part("issue")
    said, version = _read(form), form.number("version") or 0
    if form.fine and not await issues.change(
        visit.node, visit.reader, number, said, version=version, now_s=visit.now_s
    ):
        found = await issues.issue(visit.node, visit.reader, number)
        form.values["version"] = str(found.version)
        form.fail("", SAVED_MEANWHILE)
    if not form.fine:
        return _edit(visit, form, status=422)
    await visit.sent()
    return visit.go(f"{PATH}/{number}/send")


@pages.get(f"{PATH}/{{issue}}/send", EDITORS)
async def show_send(visit: Visit) -> web.Response:
    """Show an issue as it will be read, and to how many it goes."""
    return await _preview(visit, Form.filled())


@pages.post(f"{PATH}/{{issue}}/send", EDITORS)
async def send(visit: Visit) -> web.Response:
    """Mail it to oneself, or send what was seen to everybody who asked for it: once."""
    form, number = await visit.form(), visit.part("issue")
    node, reader = visit.node, visit.reader
    if form.flag("try"):
        if not await issues.try_out(node, reader, number, language=visit.language):
            form.fail("", NO_ADDRESS)
            return await _preview(visit, form, status=422)
        return visit.go(f"{PATH}/{number}/send", notice="newsletter-tried")
    version = form.number("version") or 0
    if not await issues.send(node, reader, number, version=version, now_s=visit.now_s):
        found = await issues.issue(node, reader, number)
        if found.state == "draft":
            form.fail("", SAVED_MEANWHILE)
            return await _preview(visit, form, status=422)
    return visit.go(f"{PATH}/{number}/send", notice="newsletter-sent")


async def _list(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    return visit.show(
        "newsletter_issues.html",
        status=status,
        of_umbrella=visit.node.settings.role == "umbrella",
        form=form,
        issues=await issues.issues(visit.node, visit.reader),
        readers=await subscribers.count(visit.node),
        works=visit.node.settings.mail.mode != "off",
    )


def _edit(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    most = {"subject": issues.SUBJECT_MAX, "text": issues.TEXT_MAX}
    return visit.show(
        "newsletter_edit.html",
        status=status,
        of_umbrella=visit.node.settings.role == "umbrella",
        form=form,
        languages=NAMES,
        most=most,
    )


async def _preview(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    found = await issues.issue(visit.node, visit.reader, visit.part("issue"))
    return visit.show(
        "newsletter_send.html",
        status=status,
        of_umbrella=visit.node.settings.role == "umbrella",
        form=form,
        found=found,
        languages=NAMES,
        readers=await subscribers.count(visit.node),
        works=visit.node.settings.mail.mode != "off",
    )


def _read(form: Form) -> Issue:
    subjects, texts = {}, {}
    for one in NAMES:
        subject = form.text(f"subject-{one.value}", most=issues.SUBJECT_MAX)
        text = form.text(f"text-{one.value}", most=issues.TEXT_MAX, lines=True)
        if bool(subject) is not bool(text):
            form.fail(f"{'text' if subject else 'subject'}-{one.value}", NEEDS_BOTH)
        if subject and text:
            subjects[one.value], texts[one.value] = subject, text
    if not texts:
        form.fail("subject-nl", NEEDS_BOTH)
    return Issue(subject=subjects, text=texts)
