"""Mail to a selection of members: written, seen as it will come, tried on oneself, sent once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from federation.mail import mailbox, member_mail
from federation.mail.member_mail import MEMBERS_MAX, SUBJECT_MAX, TEXT_MAX, Words
from federation.members.member_list import view_of
from federation.web.member_cells import SHOWN
from federation.web.pages.member_list import asked_for, wanted_of
from federation.web.routes import Audience, Pages
from federation.words.texts import later
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from aiohttp import web

    from federation.group.member_list import Member, Wanted
    from federation.web.forms import Form
    from federation.web.visit import Visit

COORDINATORS: Final = Audience.COORDINATORS
PATH: Final = "/group/letters"
NO_ADDRESS: Final = later("We kennen geen mailadres van jou. Zet het eerst op je bladzijde.")
NOBODY: Final = later("Zo krijgt niemand deze mail. Kies anderen, of schrijf iets anders.")
TOO_MANY: Final = later(
    "Dit zijn meer dan %(most)s leden. Kies in de ledenlijst een deel, per gemeente bijvoorbeeld, "
    "en stuur de mail aan elk deel."
)
NO_MAIL: Final = later(
    "Er kunnen nu geen mails vertrekken: de mail van de server is niet ingesteld."
)
_ACCOUNTS: Final = re.compile(r"(?:[0-9]{1,15} ?)+")

pages = Pages()


@pages.get(PATH, COORDINATORS)
async def show_sent(visit: Visit) -> web.Response:
    """List what was sent to members, and by whom."""
    return visit.show(
        "member_mails.html", sent=await member_mail.sendings(visit.node, visit.reader)
    )


@pages.get(f"{PATH}/new", COORDINATORS)
async def ask(visit: Visit) -> web.Response:
    """Ask what to write to the members of a list."""
    return await _form(visit, await visit.blank())


@pages.post(f"{PATH}/new", COORDINATORS)
async def show_preview(visit: Visit) -> web.Response:
    """Show the mail exactly as it will come, and how many get it."""
    form = await visit.form()
    words = _words(form)
    found, _ = await _found(visit)
    if form.flag("back"):
        kept = set(_accounts(form))
        form.values |= {f"skip-{one.account}": "yes" for one in found if one.account not in kept}
        return await _form(visit, form)
    if not form.fine:
        return await _form(visit, form, status=422)
    accounts = [one.account for one in found if not form.flag(f"skip-{one.account}")]
    if len(accounts) > MEMBERS_MAX:
        form.fail("", TOO_MANY, most=MEMBERS_MAX)
    elif not accounts:
        form.fail("", NOBODY)
    if not form.fine:
        return await _form(visit, form, status=422)
    return await _preview(visit, form, words, accounts)


@pages.post(f"{PATH}/send", COORDINATORS)
async def send(visit: Visit) -> web.Response:
    """Mail it to oneself, or send what was seen to those who were shown: once."""
    form = await visit.form()
    words, accounts = _words(form), _accounts(form)
    if not form.fine:
        return await _form(visit, form, status=422)
    if visit.node.settings.mail.mode == "off":
        form.fail("", NO_MAIL)
        return await _preview(visit, form, words, accounts, status=422)
    key = form.command_key(visit.member)
    if form.flag("try"):
        tried = await member_mail.try_out(
            visit.node, visit.reader, words, key=key, now_s=visit.now_s
        )
        if not tried:
            form.fail("", NO_ADDRESS)
        form.again()
        return await _preview(visit, form, words, accounts, tried=tried)
    await member_mail.send(visit.node, visit.reader, words, accounts, key=key, now_s=visit.now_s)
    await visit.sent()
    return visit.go(PATH, notice="member-mail-sent")


async def _found(visit: Visit) -> tuple[list[Member], Wanted]:
    view = await view_of(visit.node, visit.member.account, visit.member.person)
    wanted = wanted_of(visit, view)
    found = await member_mail.selection(visit.node, visit.reader, wanted, now_s=visit.now_s)
    return found, wanted


async def _form(visit: Visit, form: Form, *, status: int = 200) -> web.Response:
    found, wanted = await _found(visit)
    return visit.show(
        "member_mail.html",
        status=status,
        form=form,
        found=found,
        asked=asked_for(wanted),
        skips=any(name.startswith("skip-") for name in form.values),
        words=wanted.words,
        whom=visit.texts.say(SHOWN[wanted.shown]),
        most={"subject": SUBJECT_MAX, "text": TEXT_MAX},
        works=visit.node.settings.mail.mode != "off",
    )


async def _preview(
    visit: Visit,
    form: Form,
    words: Words,
    accounts: list[int],
    *,
    status: int = 200,
    tried: bool = False,
) -> web.Response:
    node, reader = visit.node, visit.reader
    parts, letter = await member_mail.preview(node, reader, words, language=visit.language)
    to = await member_mail.receivers(node, reader, words, accounts)
    view = await view_of(node, visit.member.account, visit.member.person)
    wanted, ledger = wanted_of(visit, view), node.machine.books.ledger
    return visit.show(
        "member_mail_preview.html",
        status=status,
        form=form,
        parts=parts,
        letter=letter,
        lines=mailbox.lines(node, letter.text),
        to=to,
        mute=[ledger.accounts[account].code for account in to.without_address],
        asked=asked_for(wanted),
        accounts=" ".join(str(account) for account in accounts),
        tried=tried,
        works=node.settings.mail.mode != "off",
    )


def _words(form: Form) -> Words:
    return Words(
        form.text("subject", most=SUBJECT_MAX, required=True),
        form.text("text", most=TEXT_MAX, required=True, lines=True),
    )


def _accounts(form: Form) -> list[int]:
    """Read who was shown, as the page wrote it.

    Raises:
        InputError: `malformed`.

    """
    said = form.value("accounts")
    if not _ACCOUNTS.fullmatch(said):
        raise InputError(Code.MALFORMED, field="accounts", reason="no form of ours says so")
    return [int(one) for one in said.split()]
