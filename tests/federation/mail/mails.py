"""A mail of the outbox and what it is written on, for tests."""

from __future__ import annotations

from federation.mail.addresses import Mailbox
from federation.mail.message import Mail, Stationery
from schemas.texts.words import Language
from tests.federation.mail.letters import LETTERS, NOON_S, SECRET, to

LETTER = LETTERS["asked"](to())
STATIONERY = Stationery(
    sender=Mailbox("LETS Gent, kring één", "r@gent.example"), host="gent.example", secret=SECRET
)
MAIL = Mail(
    mail=b"m" * 16,
    kind=LETTER.kind,
    account=7,
    person=0,
    name="An",
    address="an@voorbeeld.be",
    language=Language.NL,
    subject=LETTER.subject,
    text=LETTER.text,
    html=LETTER.html,
    stop_url=LETTER.stop_url,
    written_at_s=NOON_S,
    give_up_at_s=NOON_S + 1,
)
