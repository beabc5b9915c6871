"""One letter of each kind with made-up facts, for tests that look at all."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from federation.mail.compose import joining, moderation, together
from federation.mail.compose.asking import asked, proposed
from federation.mail.compose.closing import data_letter
from federation.mail.compose.digest import digest
from federation.mail.compose.leaving import Leaver, erased_soon
from federation.mail.compose.member_mail import member_letter
from federation.mail.compose.newsletter import confirmation, issue_letter
from federation.mail.compose.partners import month_asked, trade_asked, trade_reversed
from federation.mail.compose.people import Ending, address_marked, ending, login, reported, thanked
from federation.mail.compose.talks import Talk, agreed, answered, interested
from federation.mail.compose.trade_facts import Trade
from federation.mail.compose.trades import Seen, Silent, booked, expired, held, refused, reversed_
from federation.mail.digest import Date, Digest, Near, Post, Rhythm, Story
from federation.mail.letter import Desk, Letter, Recipient
from federation.members.partner_statement import MonthStatement, StatementLine
from federation.members.partners import OpenTrade
from schemas.amounts import Rate, Unit
from schemas.core_parts import WireCode
from schemas.member_bodies import Role
from schemas.proposals import Reply
from schemas.texts.words import Language

DAY_S = 86_400
NOON_S = 1_796_295_600  # Thursday 3 December 2026, 12:00 in Brussels
POLLEKES = Unit(singular="polleke", plural="pollekes", rate=Rate(20))
BLOMMEKES = Unit(singular="blommeke", plural="blommekes", rate=Rate(15))
BRUSSELS = ZoneInfo("Europe/Brussels")
SECRET = b"s" * 32
DESK = Desk("LETS Gent", "https://gent.example", BRUSSELS, POLLEKES, SECRET)
TRADE = Trade(
    id="p" * 22,
    other="Marc",
    other_group="LETS Leuven",
    amount_minor=8,
    other_minor=6,
    other_unit=BLOMMEKES,
    description="Fiets herstellen\nmet <b>nieuwe</b> remmen",
)


TALK = Talk(
    thread="t1",
    message="m1",
    who="Marc",
    group="LETS Leuven",
    about="Fiets herstellen",
    text="Dinsdag past mij.",
)
REPLIED = Talk(thread="t1", message="m2", who="Marc", text="Tot dan!", reply=Reply.YES_BUT)
GATHERING = together.Gathering(
    activity=4, title="Tuin opruimen", place="Tolhuislaan 3", starts_at_s=NOON_S + DAY_S
)


def to(language: Language = Language.NL, *, account: int = 7, person: int = 0) -> Recipient:
    return Recipient(account, person, "An", "an@voorbeeld.be", language)


def booking(language: Language = Language.NL, *, about: str = "p" * 22) -> Letter:
    trade = Trade(id=about, other="Marc", amount_minor=8)
    return booked(
        DESK, to(language), trade, gave=True, seen=Seen.SAME_GROUP, balance_minor=-12, at_s=NOON_S
    )


def signing_in(*, about: str = "try") -> Letter:
    return login(
        DESK,
        to(),
        link=f"{DESK.url}/login/abc",
        code="012345",
        about=about,
        expires_at_s=NOON_S + 900,
        at_s=NOON_S,
    )


def _booked(recipient: Recipient, *, gave: bool, seen: Seen, entered_by: str = "") -> Letter:
    return booked(
        DESK,
        recipient,
        TRADE,
        gave=gave,
        seen=seen,
        balance_minor=-12,
        at_s=NOON_S,
        entered_by=entered_by,
    )


def _asked(recipient: Recipient, *, reverses: bool) -> Letter:
    return asked(
        DESK,
        recipient,
        TRADE,
        balance_after_minor=-12,
        answer_until_s=NOON_S + DAY_S,
        at_s=NOON_S,
        reverses=reverses,
    )


def _proposed(recipient: Recipient, *, gives: bool) -> Letter:
    return proposed(
        DESK,
        recipient,
        TRADE,
        proposal="3",
        gives=gives,
        answer_until_s=NOON_S + DAY_S,
        at_s=NOON_S,
    )


def _ending(recipient: Recipient, *, want: bool) -> Letter:
    return ending(
        DESK,
        recipient,
        Ending(
            post="12",
            title="Fiets herstellen",
            want=want,
            ends_at_s=NOON_S + 7 * DAY_S,
            renew_until_s=NOON_S + 180 * DAY_S,
        ),
        at_s=NOON_S,
    )


def _expired(recipient: Recipient, silent: Silent) -> Letter:
    return expired(DESK, recipient, TRADE, silent=silent, at_s=NOON_S)


def _reversed(recipient: Recipient, *, gave: bool) -> Letter:
    return reversed_(DESK, recipient, TRADE, gave=gave, balance_minor=0, at_s=NOON_S)


def _digest(recipient: Recipient) -> Letter:
    post = Post(post="7", title="Fiets", poster="Marc", placed_at_s=NOON_S, known_s=NOON_S)
    other = replace(post, node="b" * 52, group="LETS Leuven", want=True)
    found = Digest(
        stories=(Story(item=3, title="Nazomer", text="!", placed_at_s=NOON_S, known_s=NOON_S),),
        dates=(Date(path="/calendar/4", title="Soep", starts_at_s=NOON_S + DAY_S, known_s=NOON_S),),
        here=(Near(post=post, away_m=300),),
        elsewhere=(Near(post=other, away_m=6_000),),
        more_elsewhere=2,
    )
    return digest(DESK, recipient, found, Rhythm.WEEKLY, due_s=NOON_S)


def _came(recipient: Recipient, *, comes: bool) -> Letter:
    return together.joined(
        DESK, recipient, GATHERING, who="Marc", comes=comes, news=f"9{comes}", at_s=NOON_S
    )


OPEN_TRADE = OpenTrade(
    request="AAAAAAAAAAAAAAAAAAAAAA",
    member=7,
    member_name="An",
    gives=True,
    amount_minor=8,
    description="Ramen lappen",
    person="Jef",
    at_s=NOON_S,
    expires_at_s=NOON_S + DAY_S,
)
MONTH = MonthStatement(
    month="2026-10",
    from_s=NOON_S - 30 * DAY_S,
    until_s=NOON_S,
    opening_minor=-3,
    closing_minor=5,
    lines=(
        StatementLine(
            at_s=NOON_S - DAY_S, amount_minor=8, balance_minor=5, description="Soep", person="Jef"
        ),
    ),
)
LEAVER = Leaver(NOON_S - 200 * DAY_S, 180, NOON_S + 14 * DAY_S, "kern@gent.example")


def _confirmation(r: Recipient, *, umbrella: bool) -> Letter:
    return confirmation(
        DESK,
        r.address,
        r.language,
        person=7,
        token="abc",
        umbrella=umbrella,
        at_s=NOON_S,
        lasts_s=DAY_S,
    )


LETTERS: dict[str, Callable[[Recipient], Letter]] = {
    "login": lambda r: login(
        DESK,
        r,
        link=f"{DESK.url}/login/abc",
        code="012345",
        about="try",
        expires_at_s=NOON_S + 900,
        at_s=NOON_S,
    ),
    "join_confirm": lambda r: joining.confirm(
        DESK, r, link=f"{DESK.url}/join/abc", about="one", lasts_s=2 * 86_400, at_s=NOON_S
    ),
    "join_known": lambda r: joining.known_already(DESK, r, about="two", at_s=NOON_S),
    "join_welcome": lambda r: joining.welcome(
        DESK, r, link=f"{DESK.url}/login/abc", about="three", lasts_s=14 * 86_400, at_s=NOON_S
    ),
    "join_declined": lambda r: joining.declined(
        DESK, r, reason="Vol tot de lente.", about="four", at_s=NOON_S
    ),
    "asked": lambda r: _asked(r, reverses=False),
    "asked_to_reverse": lambda r: _asked(r, reverses=True),
    "proposed_giving": lambda r: _proposed(r, gives=True),
    "proposed_getting": lambda r: _proposed(r, gives=False),
    "booked_gave": lambda r: _booked(r, gave=True, seen=Seen.WAITING),
    "booked_got": lambda r: _booked(r, gave=False, seen=Seen.CONFIRMED),
    "booked_for_me": lambda r: _booked(r, gave=True, seen=Seen.SAME_GROUP, entered_by="Jef"),
    "refused": lambda r: refused(DESK, r, TRADE, reason=WireCode.PAYEE_LIMIT, at_s=NOON_S),
    "expired_me": lambda r: _expired(r, Silent.ME),
    "expired_other": lambda r: _expired(r, Silent.OTHER),
    "expired_group": lambda r: _expired(r, Silent.OTHER_GROUP),
    "reversed_gave": lambda r: _reversed(r, gave=True),
    "reversed_got": lambda r: _reversed(r, gave=False),
    "partner_asked": lambda r: trade_asked(DESK, r, OPEN_TRADE, reminder=0, at_s=NOON_S),
    "partner_reminded": lambda r: trade_asked(DESK, r, OPEN_TRADE, reminder=1, at_s=NOON_S),
    "partner_reversed": lambda r: trade_reversed(DESK, r, OPEN_TRADE, about="9", at_s=NOON_S),
    "partner_month": lambda r: month_asked(DESK, r, MONTH, at_s=NOON_S),
    "held": lambda r: held(DESK, r, TRADE, until_s=NOON_S + DAY_S, at_s=NOON_S),
    "answered": lambda r: answered(DESK, r, TALK, at_s=NOON_S),
    "answered_by_word": lambda r: answered(DESK, r, REPLIED, at_s=NOON_S),
    "interested": lambda r: interested(DESK, r, TALK, at_s=NOON_S),
    "agreed_giving": lambda r: agreed(DESK, r, REPLIED, TRADE, gives=True, at_s=NOON_S),
    "agreed_getting": lambda r: agreed(DESK, r, REPLIED, TRADE, gives=False, at_s=NOON_S),
    "joined": lambda r: _came(r, comes=True),
    "left": lambda r: _came(r, comes=False),
    "changed": lambda r: together.changed(DESK, r, GATHERING, news="7", at_s=NOON_S),
    "called_off": lambda r: together.called_off(DESK, r, GATHERING, news="8", at_s=NOON_S),
    "soon": lambda r: together.soon(DESK, r, GATHERING, at_s=NOON_S),
    "offer_ending": lambda r: _ending(r, want=False),
    "want_ending": lambda r: _ending(r, want=True),
    "thanked": lambda r: thanked(
        DESK, r, trade="p1", who="Marc", group="", note="Prima werk!", public=True, at_s=NOON_S
    ),
    "digest": _digest,
    "hidden": lambda r: moderation.hidden(
        DESK, r, post="4", title="Fiets", reason="Dit is reclame", about="4:9", at_s=NOON_S
    ),
    "shown again": lambda r: moderation.shown_again(
        DESK, r, post="4", title="Fiets", about="4:10", at_s=NOON_S
    ),
    "role given": lambda r: moderation.role_changed(
        DESK, r, role=Role.EDITOR, gives=True, about="editor:11", at_s=NOON_S
    ),
    "role taken": lambda r: moderation.role_changed(
        DESK, r, role=Role.EDITOR, gives=False, about="editor:12", at_s=NOON_S
    ),
    "reported": lambda r: reported(DESK, r, report="A" * 22, at_s=NOON_S),
    "address_marked": lambda r: address_marked(
        DESK,
        r,
        member="Marc",
        code="045",
        address="marc@weg.example",
        reason="550 5.1.1 no such user",
        at_s=NOON_S,
    ),
    "newsletter_asked": lambda r: _confirmation(r, umbrella=False),
    "flash_asked": lambda r: _confirmation(r, umbrella=True),
    "newsletter": lambda r: issue_letter(
        DESK,
        r,
        subject=f"Nieuws van de groep ({r.language})",
        text="Een eerste regel.\n\nEen <b>tweede</b>.",
        about="1",
        stop_url=f"{DESK.url}/newsletter/stop/abc",
        at_s=NOON_S,
    ),
    "member_mail": lambda r: member_letter(
        DESK,
        r,
        subject=f"Lentefeest ({r.language})",
        text="# Kom je ook?\n\nEen <b>tweede</b>.\n- soep\n- **taart** en zie https://gent.example/news",
        sender="Cora",
        about="1",
        at_s=NOON_S,
    ),
    "closing": lambda r: data_letter(
        DESK, r, node="n" * 52, until_s=NOON_S + 60 * 86_400, at_s=NOON_S
    ),
    "erased_soon": lambda r: erased_soon(DESK, r, LEAVER, node="n" * 52, at_s=NOON_S),
    "erased_soon_without_contact": lambda r: erased_soon(
        DESK, r, LEAVER._replace(contact=""), node="n" * 52, at_s=NOON_S
    ),
    "member_mail_unnamed": lambda r: member_letter(
        DESK, r, subject=f"Stil ({r.language})", text="Kom", sender="", about="2", at_s=NOON_S
    ),
}
