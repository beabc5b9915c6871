"""From what happened to letters: looks at how it stands now, and composes.

Whoever is mailed reads the same as on the page of the thread, the trade or the activity; what has
gone on meanwhile is told by what came after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from federation.mail.compose import moderation, talks, together
from federation.mail.compose.asking import proposed
from federation.mail.compose.partners import trade_asked, trade_reversed
from federation.mail.compose.people import reported, thanked
from federation.mail.compose.trade_facts import Trade
from federation.mail.naming import SOMEBODY, called, group_behind
from federation.mail.news import What
from federation.mail.queries import SQL
from federation.mail.trade_letters import trade_letter
from federation.members import activities, agreed, partner_reversals, partners
from federation.members.acting import Actor
from federation.members.feed_of import feed_of
from federation.members.moderation import reasons
from federation.members.people import names_of
from federation.members.reader import Reader
from federation.members.thread_views import load
from federation.members.trade_loading import load_trade
from federation.node.line_use_cases import line_with
from federation.words.texts import texts
from projections.agreeing import RequestPhase
from projections.threads import ThreadState
from schemas.amounts import Unit
from schemas.errors import RuilbrugError
from schemas.member_bodies import Role
from schemas.proposals import Reply

if TYPE_CHECKING:
    from federation.mail.letter import Desk, Letter, Recipient
    from federation.mail.news import News
    from federation.members.thread_views import ShownMessage, ShownThread
    from federation.members.trade_views import ShownTrade
    from federation.node.service import Node
    from schemas.amounts import Rate


class Writer:
    """Writes the letters of one node."""

    def __init__(self, node: Node, desk: Desk) -> None:
        """Take the node, and what letters are written with."""
        self._node = node
        self._desk = desk

    async def letters(self, news: News, people: list[Recipient]) -> list[Letter]:
        """Write to everybody of an account about something that happened."""
        match news.what:
            case What.MESSAGE:
                found = await self._message(news, people)
            case What.TRADE:
                found = await self.trade(news.account, news.about, people, at_s=news.at_s)
            case What.PARTNER:
                found = await self.partner_trade(news.account, news.about, people, at_s=news.at_s)
            case What.PARTNER_BACK:
                back = await partner_reversals.given_back(self._node, news.account, int(news.about))
                found = [
                    trade_reversed(self._desk, to, back, about=news.about, at_s=news.at_s)
                    for to in people
                ]
            case What.THANKS:
                found = await self._thanks(news, people)
            case What.REPORT:
                found = [
                    reported(self._desk, to, report=news.about, at_s=news.at_s) for to in people
                ]
            case What.HIDDEN | What.UNHIDDEN:
                found = await self._hidden(news, people)
            case What.ROLE_GIVEN | What.ROLE_TAKEN:
                found = await self._role(news, people)
            case _:
                found = await self._activity(news, people)
        return found

    async def _hidden(self, news: News, people: list[Recipient]) -> list[Letter]:
        """Say that the group hides a post, or shows it again; nothing when that changed since."""
        number = int(news.about)
        hides = news.what is What.HIDDEN
        why = (await reasons(self._node, [number])).get(number)
        title = await self._node.pool.fetchval(SQL["title_of"], "", news.about)
        if title is None or hides is not (why is not None):
            return []
        more: dict[str, Any] = {"post": news.about, "title": title, "at_s": news.at_s}
        more["about"] = f"{news.about}:{news.event}"
        if hides:
            return [moderation.hidden(self._desk, to, reason=why or "", **more) for to in people]
        return [moderation.shown_again(self._desk, to, **more) for to in people]

    async def _role(self, news: News, people: list[Recipient]) -> list[Letter]:
        """Say that somebody has a task in the group, or has it no more; nothing when not so now."""
        role, gives = Role(news.about), news.what is What.ROLE_GIVEN
        if self._node.machine.books.members.has_role(news.account, role) is not gives:
            return []
        about = f"{role}:{news.event}"
        return [
            moderation.role_changed(
                self._desk, to, role=role, gives=gives, about=about, at_s=news.at_s
            )
            for to in people
        ]

    async def partner_trade(
        self, account: int, name: str, people: list[Recipient], *, at_s: int, reminder: int = 0
    ) -> list[Letter]:
        """Ask the contact of a group to confirm a trade; nothing when it has an end already."""
        request = await partners.request_of(self._node, account, name)
        if request.phase is not RequestPhase.OPEN:
            return []
        trade = await partners.open_trade(self._node, request)
        return [trade_asked(self._desk, to, trade, reminder=reminder, at_s=at_s) for to in people]

    async def trade(
        self, account: int, name: str, people: list[Recipient], *, at_s: int, waits: bool = False
    ) -> list[Letter]:
        """Write how a trade stands; with `waits` also what the other group has yet to see."""
        shown = await load_trade(self._node, account, name)
        unit = await self._unit(shown.other.node, shown.other_rate)
        balance = self._node.machine.books.ledger.balance(account)
        entered_by = ""
        if shown.entered_by is not None and shown.gives:
            entered_by = (await names_of(self._node, [shown.entered_by])).get(shown.entered_by, "")
        written = []
        for to in people:
            trade = self._trade(shown, to, unit)
            letter = trade_letter(
                self._desk,
                to,
                shown,
                trade,
                balance_minor=balance,
                entered_by=entered_by,
                waits=waits,
                at_s=at_s,
            )
            if letter is not None:
                written.append(letter)
        return written

    async def trade_for(self, name: str, to: Recipient) -> tuple[ShownTrade, Trade]:
        """Give a trade as one person reads it, and as sentences about it need it."""
        shown = await load_trade(self._node, to.account, name)
        unit = await self._unit(shown.other.node, shown.other_rate)
        return shown, self._trade(shown, to, unit)

    def _trade(self, shown: ShownTrade, to: Recipient, unit: Unit | None) -> Trade:
        return Trade(
            id=shown.id,
            other=called(shown.other, texts(to.language)),
            other_group=shown.other.group,
            named=bool(shown.other.name),
            amount_minor=shown.own_minor,
            other_minor=shown.other_minor if unit is not None else None,
            other_unit=unit,
            description=shown.description,
        )

    async def _unit(self, peer: str, rate: Rate | None) -> Unit | None:
        """Give the unit of another group, when its offers say what it is called."""
        if not peer or rate is None:
            return None
        row = await self._node.pool.fetchrow(SQL["unit_of"], peer)
        if row is None:
            return None
        return Unit(singular=row["unit_singular"], plural=row["unit_plural"], rate=rate)

    async def _message(self, news: News, people: list[Recipient]) -> list[Letter]:
        loaded = await load(self._node, Actor(news.account), news.about)
        shown = loaded.shown
        message = next((one for one in shown.messages if one.id == news.detail), None)
        if message is None or message.own or message.forgotten or shown.blocked:
            return []
        title = await self._title(shown)
        numbers = await self.numbers(shown)
        written = []
        for to in people:
            talk = talks.Talk(
                thread=shown.thread,
                message=message.id,
                who=called(shown.other, texts(to.language)),
                group=group_behind(shown.other),
                about=title,
                text=message.text,
                reply=message.reply,
            )
            written.append(self._talk(to, talk, shown, message, numbers, news.at_s))
        return written

    def _talk(
        self,
        to: Recipient,
        talk: talks.Talk,
        shown: ShownThread,
        message: ShownMessage,
        numbers: tuple[int, int | None, Unit | None] | None,
        at_s: int,
    ) -> Letter:
        """Write about one message: a proposal, a yes to ours, a sign of interest, or words."""
        standing = shown.standing
        said_yes = message.reply is Reply.YES and shown.state is not ThreadState.DECLINED
        if standing is not None and numbers is not None:
            own_minor, other_minor, unit = numbers
            trade = Trade(
                id=shown.thread,
                other=talk.who,
                other_group=talk.group,
                amount_minor=own_minor,
                other_minor=other_minor,
                other_unit=unit,
                description=talk.text,
            )
            if message.proposal is not None and message.proposal.id == standing.id:
                return proposed(
                    self._desk,
                    to,
                    trade,
                    proposal=standing.id,
                    gives=standing.gives,
                    answer_until_s=at_s + talks.LINK_LASTS_S,
                    at_s=at_s,
                )
            if said_yes and standing.own and message.answers == standing.id:
                return talks.agreed(self._desk, to, talk, trade, gives=standing.gives, at_s=at_s)
        first = shown.messages[0].id == message.id
        if first and talk.about and shown.state is ThreadState.INTEREST:
            return talks.interested(self._desk, to, talk, at_s=at_s)
        return talks.answered(self._desk, to, talk, at_s=at_s)

    async def numbers(self, shown: ShownThread) -> tuple[int, int | None, Unit | None] | None:
        """Give what the standing proposal comes to: own, the other's, in which unit."""
        standing = shown.standing
        if standing is None:
            return None
        if not shown.line:
            return standing.amount_minor, None, None
        try:
            quote = agreed.numbers(self._node, standing, shown.other.node)
            line = line_with(self._node, shown.other.node)
        except RuilbrugError:
            return None  # the line is not open just now: the thread says more
        own, other = quote.payer_minor, quote.payee_minor
        if not standing.gives:
            own, other = other, own
        rate = None if line.terms is None else line.terms.other(line.us).rate
        unit = await self._unit(shown.other.node, rate)
        return own, None if unit is None else other, unit

    async def _title(self, shown: ShownThread) -> str:
        """Give what the offer or want of a thread is called; empty when it is gone."""
        fetch = self._node.pool.fetchval
        if not shown.offer:
            return ""
        if not shown.line:
            return await fetch(SQL["title_of"], "", shown.offer) or ""
        theirs = await fetch(SQL["title_of"], shown.other.node, shown.offer)
        if theirs is not None:
            return str(theirs)
        post = await feed_of(self._node).server.post_of(shown.offer)
        return "" if post is None else await fetch(SQL["title_of"], "", str(post)) or ""

    async def _thanks(self, news: News, people: list[Recipient]) -> list[Letter]:
        shown = await load_trade(self._node, news.account, news.about)
        theirs = [one for one in shown.thanks if not one.own]
        return [
            thanked(
                self._desk,
                to,
                trade=shown.id,
                who=called(shown.other, texts(to.language)),
                group=group_behind(shown.other),
                note=one.text,
                public=one.public,
                at_s=news.at_s,
            )
            for to in people
            for one in theirs[-1:]
        ]

    async def gathering(self, account: int, activity: int) -> together.Gathering:
        """Give what is done together, as a letter says it."""
        shown = await activities.show(self._node, Reader(account=account), activity)
        return together.Gathering(
            activity=activity, title=shown.title, place=shown.place, starts_at_s=shown.starts_at_s
        )

    async def _activity(self, news: News, people: list[Recipient]) -> list[Letter]:
        what = await self.gathering(news.account, int(news.about))
        more: dict[str, Any] = {"news": news.event, "at_s": news.at_s}
        if news.what is What.CHANGED:
            return [together.changed(self._desk, to, what, **more) for to in people]
        if news.what is What.CALLED_OFF:
            return [together.called_off(self._desk, to, what, **more) for to in people]
        who, comes = int(news.detail), news.what is What.JOINED
        name = (await names_of(self._node, [who])).get(who, "")
        return [
            together.joined(
                self._desk,
                to,
                what,
                who=name or texts(to.language).say(SOMEBODY),
                comes=comes,
                **more,
            )
            for to in people
        ]
