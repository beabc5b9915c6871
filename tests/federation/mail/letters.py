"""One letter of each kind with made-up facts, for tests that look at all."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from federation.mail.compose import together
from federation.mail.compose.asking import asked, proposed
from federation.mail.compose.people import address_marked, ending, login, reported, thanked
from federation.mail.compose.talks import Talk, agreed, answered, interested
from federation.mail.compose.trade_facts import Trade
from federation.mail.compose.trades import Seen, Silent, booked, expired, held, refused, reversed_
from federation.mail.letter import Desk, Letter, Recipient
from schemas.amounts import Rate, Unit
from schemas.core_parts import WireCode
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
        post="12",
        title="Fiets herstellen",
        want=want,
        ends_at_s=NOON_S + 7 * DAY_S,
        renew_until_s=NOON_S + 180 * DAY_S,
        at_s=NOON_S,
    )


def _expired(recipient: Recipient, silent: Silent) -> Letter:
    return expired(DESK, recipient, TRADE, silent=silent, at_s=NOON_S)


def _reversed(recipient: Recipient, *, gave: bool) -> Letter:
    return reversed_(DESK, recipient, TRADE, gave=gave, balance_minor=0, at_s=NOON_S)


def _came(recipient: Recipient, *, comes: bool) -> Letter:
    return together.joined(
        DESK, recipient, GATHERING, who="Marc", comes=comes, news=f"9{comes}", at_s=NOON_S
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
}
