"""Mails to the contact of a group without a node: a trade to confirm, a month to compare. Pure.

Each has one link, to a page with buttons; the contact signs in nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.mail.addresses import name_in_text
from federation.mail.kinds import MailKind
from federation.mail.letter import Button, Parts, render, words_for
from federation.mail.links import PARTNER_PATH, Purpose, make_link, write_token
from federation.mail.naming import SOMEBODY
from federation.words.amounts import amount
from federation.words.days import day, moment

if TYPE_CHECKING:
    from federation.mail.letter import Desk, Letter, Recipient
    from federation.members.partner_statement import MonthStatement
    from federation.members.partners import OpenTrade

SHOWN_AFTER_S: Final = 30 * 86_400
"""So long after its end the page behind a link still says how it stands."""
STATEMENT_S: Final = 90 * 86_400
LINES_IN_MAIL: Final = 40


def trade_words(desk: Desk, to: Recipient, trade: OpenTrade) -> str:
    """Say a trade to the contact: who of ours, who of theirs, which way the units go."""
    said = words_for(to)
    facts = {
        "member": name_in_text(trade.member_name) or said.say(SOMEBODY),
        "person": name_in_text(trade.person) or said.say(SOMEBODY),
        "group": name_in_text(desk.group),
        "amount": amount(trade.amount_minor, desk.unit, to.language),
    }
    if trade.gives:
        return said.say(
            "%(member)s (%(group)s) kreeg hulp van %(person)s van jullie groep, en geeft "
            "daarvoor %(amount)s.",
            **facts,
        )
    return said.say(
        "%(member)s (%(group)s) hielp %(person)s van jullie groep, en krijgt daarvoor %(amount)s.",
        **facts,
    )


def trade_asked(desk: Desk, to: Recipient, trade: OpenTrade, *, reminder: int, at_s: int) -> Letter:
    """Ask the contact to confirm; `reminder` counts how often it was asked before."""
    said = words_for(to)
    member = name_in_text(trade.member_name) or said.say(SOMEBODY)
    title = (
        said.say("Herinnering: klopt deze ruil met %(member)s?", member=member)
        if reminder
        else said.say("Klopt deze ruil met %(member)s?", member=member)
    )
    until = moment(trade.expires_at_s, desk.zone, to.language)
    parts = Parts(
        subject=title,
        paragraphs=(
            trade_words(desk, to, trade),
            said.say("Er is nog niets geboekt. We wachten op jouw antwoord."),
        ),
        quote=trade.description,
        buttons=(Button(said.say("Bekijken en antwoorden"), trade_url(desk, to, trade)),),
        after=(
            said.say(
                "Antwoorden kan tot %(when)s. Daarna vervalt de vraag vanzelf en verandert er "
                "niets.",
                when=until,
            ),
        ),
    )
    return render(
        desk,
        to,
        MailKind.PARTNER_ASKED,
        parts,
        about=f"{trade.request}:{reminder}",
        at_s=at_s,
        useful_until_s=trade.expires_at_s,
    )


def trade_reversed(desk: Desk, to: Recipient, trade: OpenTrade, *, about: str, at_s: int) -> Letter:
    """Tell the contact that a confirmed trade was given back; its description says why."""
    said = words_for(to)
    member = name_in_text(trade.member_name) or said.say(SOMEBODY)
    parts = Parts(
        subject=said.say("Teruggedraaid: de ruil met %(member)s", member=member),
        paragraphs=(
            said.say("Onze kerngroep draaide deze ruil terug, om deze reden:"),
            trade_words(desk, to, trade),
            said.say("Draai hem ook in jullie eigen boeken terug, dan blijven ze gelijk."),
        ),
        quote=trade.description,
    )
    return render(desk, to, MailKind.PARTNER_REVERSED, parts, about=about, at_s=at_s)


def trade_url(desk: Desk, to: Recipient, trade: OpenTrade) -> str:
    """Give the address of the page where the contact answers about a trade."""
    about = f"{trade.request}:{trade.amount_minor}"
    until_s = trade.expires_at_s + SHOWN_AFTER_S
    return _url(desk, to, Purpose.PARTNER_TRADE, about, until_s)


def statement_url(desk: Desk, to: Recipient, statement: MonthStatement) -> str:
    """Give the address of the page where the contact compares a month."""
    about = f"{statement.month}:{statement.closing_minor}"
    until_s = statement.until_s + STATEMENT_S
    return _url(desk, to, Purpose.PARTNER_STATEMENT, about, until_s)


def _url(desk: Desk, to: Recipient, purpose: Purpose, about: str, until_s: int) -> str:
    link = make_link(
        desk.secret,
        purpose,
        account=to.account,
        person=to.person,
        subject=about,
        expires_at_s=until_s,
    )
    return desk.page(PARTNER_PATH + write_token(desk.secret, link))


def month_asked(desk: Desk, to: Recipient, statement: MonthStatement, *, at_s: int) -> Letter:
    """Send the statement of a month: where it began, each trade, where it ended."""
    said = words_for(to)

    def count(minor: int) -> str:
        return amount(minor, desk.unit, to.language)

    group = name_in_text(desk.group)
    shown = statement.lines[-LINES_IN_MAIL:]
    lines = [
        f"{day(one.at_s, desk.zone, to.language)}: {count(one.amount_minor)}"
        + "".join(f" · {name_in_text(word)}" for word in (one.person, one.description) if word)
        for one in shown
    ]
    hidden = len(statement.lines) + statement.more - len(shown)
    parts = Parts(
        subject=said.say("Jullie rekening bij %(group)s: klopt deze maand?", group=group),
        paragraphs=(
            said.say("Zo stond jullie rekening bij %(group)s. Vergelijk het eens.", group=group),
            said.say(
                "Op %(day)s: %(amount)s.",
                day=day(statement.from_s, desk.zone, to.language, year=True),
                amount=count(statement.opening_minor),
            ),
            *(
                [said.say("Op de pagina staan nog %(n)s oudere ruilen.", n=hidden)]
                if hidden
                else []
            ),
            *lines,
            said.say(
                "Op %(day)s: %(amount)s.",
                day=day(statement.until_s - 1, desk.zone, to.language, year=True),
                amount=count(statement.closing_minor),
            ),
        ),
        buttons=(Button(said.say("Klopt dit? Antwoord hier"), statement_url(desk, to, statement)),),
    )
    about = f"{statement.month}"
    return render(desk, to, MailKind.PARTNER_MONTH, parts, about=about, at_s=at_s)
