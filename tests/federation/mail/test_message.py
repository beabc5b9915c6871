"""What travels: headers that nobody can inject into, the same bytes each time, RFC 8058."""

from __future__ import annotations

import email
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from federation.mail.addresses import Mailbox
from federation.mail.kinds import MailKind
from federation.mail.message import message_id, read_message_id, write_message
from schemas.errors import InputError
from schemas.texts.words import Language
from tests.federation.mail.letters import DESK, LETTERS, NOON_S, SECRET, to
from tests.federation.mail.mails import LETTER, MAIL, STATIONERY

HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
]


def parsed(message: bytes) -> EmailMessage:
    found = email.message_from_bytes(message, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_a_mail_says_what_its_letter_says() -> None:
    message = parsed(write_message(MAIL, STATIONERY))

    assert message.keys() == HEADERS
    assert message["Subject"] == LETTER.subject
    assert message["From"].addresses[0].display_name == "LETS Gent, kring één"
    assert message["From"].addresses[0].addr_spec == "r@gent.example"
    assert message["To"].addresses[0].addr_spec == "an@voorbeeld.be"
    assert message["Date"].datetime.timestamp() == NOON_S
    assert message.get_content_type() == "multipart/alternative"
    assert part(message, "plain") == LETTER.text
    assert part(message, "html") == LETTER.html


def test_one_click_stops_it() -> None:
    message = parsed(write_message(MAIL, STATIONERY))

    assert message["List-Unsubscribe"] == f"<{LETTER.stop_url}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"List-Unsubscribe: <{LETTER.stop_url}>\r\n".encode() in write_message(MAIL, STATIONERY)


def test_what_nobody_can_do_without_has_no_such_header() -> None:
    message = parsed(write_message(replace(MAIL, kind=MailKind.LOGIN, stop_url=""), STATIONERY))

    assert "List-Unsubscribe" not in message
    assert "List-Unsubscribe-Post" not in message


def test_the_same_mail_gives_the_same_bytes() -> None:
    assert write_message(MAIL, STATIONERY) == write_message(MAIL, STATIONERY)
    assert write_message(MAIL, STATIONERY) == write_message(
        replace(MAIL, attempts=3, begun=1), STATIONERY
    )


@pytest.mark.parametrize("name", LETTERS)
@pytest.mark.parametrize("language", Language)
def test_what_travels_is_seven_bit_in_short_lines(name: str, language: Language) -> None:
    letter = LETTERS[name](to(language))
    mail = replace(
        MAIL,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        stop_url=letter.stop_url,
        name="Ån שרה",
    )
    message = write_message(mail, STATIONERY)

    assert message.isascii()
    assert b"\n" not in message.replace(b"\r\n", b"")
    assert max(len(line) for line in message.split(b"\r\n")) <= 250
    assert parsed(message)["To"].addresses[0].display_name == "Ån שרה"
    assert part(parsed(message), "plain") == letter.text


NASTY = st.text() | st.sampled_from(
    [
        "An\r\nBcc: alle@voorbeeld.be",
        "An\nSubject: iets anders",
        "An\r\n\r\n<html>",
        '"An" <jef@voorbeeld.be>, ',
        "An\x0b\x0cX: y",
        "An\u2028Bcc: alle@voorbeeld.be",
        "=?utf-8?q?An=0D=0ABcc:_alle@voorbeeld.be?=",
        "=??Q?=0D0",
    ]
)


@given(NASTY, NASTY, NASTY)
def test_nobody_injects_a_header(name: str, subject: str, group: str) -> None:
    letter = LETTERS["thanked"](to()._replace(name=name))
    mail = replace(MAIL, name=letter.name, subject=subject)
    sender = Mailbox(DESK._replace(group=group).group, "r@gent.example")
    message = parsed(write_message(mail, replace(STATIONERY, sender=sender)))

    assert message.keys() == HEADERS
    assert [x.addr_spec for x in message["To"].addresses] == ["an@voorbeeld.be"]
    assert [x.addr_spec for x in message["From"].addresses] == ["r@gent.example"]
    assert part(message, "plain") == LETTER.text


@pytest.mark.parametrize(
    "address", ["an@voorbeeld.be\r\nBcc: alle@voorbeeld.be", "an@voorbeeld.be, jef@x.be", ""]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(InputError):
        write_message(replace(MAIL, address=address), STATIONERY)


def test_a_message_id_proves_mail_and_address() -> None:
    text = message_id(b"m" * 16, "An@Voorbeeld.be", STATIONERY)

    assert parsed(write_message(MAIL, STATIONERY))["Message-ID"] == text
    assert read_message_id(text, "an@voorbeeld.be", SECRET) == b"m" * 16
    assert read_message_id(f"  {text} ", " AN@voorbeeld.be", SECRET) == b"m" * 16
    assert read_message_id(text, "jef@voorbeeld.be", SECRET) is None
    assert read_message_id(text, "an@voorbeeld.be", b"o" * 32) is None
    assert read_message_id(text.replace("6d", "6e", 1), "an@voorbeeld.be", SECRET) is None


@given(st.text())
def test_a_message_id_of_others_is_none_of_ours(text: str) -> None:
    assert read_message_id(text, "an@voorbeeld.be", SECRET) is None
