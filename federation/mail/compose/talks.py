"""Mails about a thread: somebody is interested, wrote, or said yes to a proposal. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from federation.mail.addresses import name_in_text, one_line, paragraph
from federation.mail.compose.asking import acting_url
from federation.mail.compose.trade_facts import QUOTE_LENGTH_MAX, Trade
from federation.mail.kinds import MailKind
from federation.mail.letter import Button, Parts, render, words_for
from federation.mail.links import Purpose
from federation.words.texts import later
from schemas.proposals import Reply

if TYPE_CHECKING:
    from federation.mail.letter import Desk, Letter, Recipient

TITLE_LENGTH_MAX: Final = 80
LINK_LASTS_S: Final = 14 * 86_400
"""How long a thread can be answered from its mail."""
_REPLIES: Final = {
    Reply.YES: later("Ja"),
    Reply.YES_BUT: later("Ja, maar …"),
    Reply.RATHER_NOT: later("Liever niet"),
}


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a thread, as the person who is mailed reads it."""

    thread: str
    message: str
    who: str
    group: str = ""
    """Of who wrote; empty in the own group."""
    about: str = ""
    """Title of the offer or want; empty for a word between two people."""
    text: str = ""
    reply: Reply | None = None

    def name(self) -> str:
        """Give who wrote, with the group behind it."""
        said = name_in_text(self.who)
        return f"{said} ({name_in_text(self.group)})" if self.group else said

    def title(self) -> str:
        """Give what it is about, in one line."""
        return one_line(self.about, TITLE_LENGTH_MAX)

    def quote(self, to: Recipient) -> str:
        """Give what was written, behind the quick answer if there is one."""
        quick = "" if self.reply is None else words_for(to).say(_REPLIES[self.reply])
        return paragraph("\n".join(part for part in (quick, self.text) if part), QUOTE_LENGTH_MAX)

    def page(self, desk: Desk) -> str:
        """Give the address of the thread."""
        return desk.page(f"/threads/{self.thread}")


def answered(desk: Desk, to: Recipient, talk: Talk, *, at_s: int) -> Letter:
    """Somebody wrote in a thread."""
    said = words_for(to)
    facts = {"who": talk.name(), "title": talk.title()}
    if talk.about:
        subject = said.say("%(who)s schreef je: %(title)s", **facts)
        first = said.say("%(who)s schreef je over “%(title)s”:", **facts)
    else:
        subject = said.say("%(who)s schreef je", who=talk.name())
        first = said.say("%(who)s schreef je:", who=talk.name())
    parts = Parts(
        subject=subject,
        paragraphs=(first,),
        quote=talk.quote(to),
        buttons=(Button(said.say("Antwoorden"), talk.page(desk)),),
    )
    return _render(desk, to, talk, parts, at_s)


def interested(desk: Desk, to: Recipient, talk: Talk, *, at_s: int) -> Letter:
    """Somebody is interested in an offer or a want, and waits for one of the quick answers."""
    said = words_for(to)
    facts = {"who": talk.name(), "title": talk.title()}
    until_s = at_s + LINK_LASTS_S
    to_interest = f"{talk.thread}:"
    yes = acting_url(desk, to, Purpose.AGREE, to_interest, until_s=until_s)
    no = acting_url(desk, to, Purpose.TURN_DOWN, to_interest, until_s=until_s)
    parts = Parts(
        subject=said.say("%(who)s heeft interesse: %(title)s", **facts),
        paragraphs=(
            said.say("%(who)s heeft interesse in “%(title)s”:", **facts),
            said.say(
                "Zodra je antwoordt, zien jullie hoe je elkaar kunt bereiken. Er is nog niets "
                "geboekt."
            ),
        ),
        quote=talk.quote(to),
        buttons=(
            Button(said.say("Ja"), yes),
            Button(said.say("Ja, maar …"), talk.page(desk)),
            Button(said.say("Liever niet"), no),
        ),
    )
    return _render(desk, to, talk, parts, at_s)


def agreed(
    desk: Desk, to: Recipient, talk: Talk, trade: Trade, *, gives: bool, at_s: int
) -> Letter:
    """Somebody said yes to what was proposed; `gives` when who is mailed gives the units."""
    said = words_for(to)
    facts = {"who": talk.name(), "amount": trade.mine(desk, to)}
    first = (
        said.say("%(who)s is akkoord: jij krijgt hulp en geeft %(amount)s.", **facts)
        if gives
        else said.say("%(who)s is akkoord: jij geeft hulp en krijgt %(amount)s.", **facts)
    )
    book = said.say("Ik kreeg deze hulp") if gives else said.say("Ik gaf deze hulp")
    theirs = trade.theirs(to)
    if theirs:
        first += " " + said.say("Bij %(name)s is dat %(theirs)s.", name=trade.name(), theirs=theirs)
    parts = Parts(
        subject=said.say("%(who)s is akkoord", who=talk.name()),
        paragraphs=(
            first,
            said.say("Er is nog niets geboekt. Is het gedaan? Dan rond je het hier af."),
        ),
        quote=paragraph(talk.text, QUOTE_LENGTH_MAX),
        buttons=(
            Button(book, f"{talk.page(desk)}/book"),
            Button(said.say("Naar het gesprek"), talk.page(desk)),
        ),
    )
    return _render(desk, to, talk, parts, at_s)


def _render(desk: Desk, to: Recipient, talk: Talk, parts: Parts, at_s: int) -> Letter:
    about = f"{talk.thread}:{talk.message}"
    return render(desk, to, MailKind.ANSWERED, parts, about=about, at_s=at_s)
