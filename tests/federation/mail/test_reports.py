"""Reports of failed delivery: they count when they prove that the mail was ours."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.mail.message import message_id, write_message
from federation.mail.reports import REPORT_BYTES_MAX, Returned, read_report
from schemas.errors import Code, InputError
from tests.federation.mail.letters import SECRET
from tests.federation.mail.mails import MAIL, STATIONERY

ID = message_id(b"m" * 16, "an@voorbeeld.be", STATIONERY)
HEAD = """\
From: MAILER-DAEMON@mx.example
To: r@gent.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="grens"

--grens
Content-Type: text/plain

I'm sorry.

"""
STATUS = """\
--grens
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

"""
RETURNED = """\
--grens
Content-Type: {kind}

{returned}
--grens--
"""


def report(
    *,
    address: str = "an@voorbeeld.be",
    action: str = "failed",
    status: str = "5.1.1",
    returned: str = f"Message-ID: {ID}\nSubject: Geboekt\n",
    kind: str = "text/rfc822-headers",
) -> bytes:
    status = STATUS.format(address=address, action=action, status=status)
    return (HEAD + status + RETURNED.format(kind=kind, returned=returned)).encode()


FOUND = [Returned(b"m" * 16, "an@voorbeeld.be", "smtp; 550 5.1.1 no such user")]


def test_a_report_with_headers_is_believed() -> None:
    assert read_report(report(), SECRET) == FOUND


def test_a_report_with_the_whole_mail_is_believed() -> None:
    whole = write_message(MAIL, STATIONERY).decode().replace("\r\n", "\n")

    assert read_report(report(returned=whole, kind="message/rfc822"), SECRET) == FOUND


def test_the_original_recipient_counts_where_mail_is_forwarded() -> None:
    forwarded = report(address="elders@anders.example").replace(
        b"Action:", b"Original-Recipient: rfc822;An@Voorbeeld.be\nAction:"
    )

    assert [found.mail for found in read_report(forwarded, SECRET)] == [b"m" * 16]


@pytest.mark.parametrize(
    "said",
    [
        report(action="delayed", status="4.4.1"),
        report(action="failed", status="4.4.1"),
        report(action="delivered", status="2.0.0"),
        report(status="5.2.2"),  # the mailbox is full
        report(address="jef@voorbeeld.be"),  # another address than the mail went to
        report(returned="Message-ID: <zomaar@elders.example>\n"),
    ],
)
def test_what_is_no_proof_of_a_dead_address_marks_nothing(said: bytes) -> None:
    assert read_report(said, SECRET) == []


def test_a_forged_report_is_not_believed() -> None:
    forged = message_id(b"m" * 16, "an@voorbeeld.be", STATIONERY).replace(".", ".00", 1)

    assert read_report(report(returned=f"Message-ID: {forged}\n"), SECRET) == []
    assert read_report(report(), b"o" * 32) == []


@pytest.mark.parametrize("said", [b"", b"hallo", report(returned=""), b"\xff\xfe" * 50])
def test_what_is_no_report_is_refused(said: bytes) -> None:
    with pytest.raises(InputError) as error:
        read_report(said, SECRET)
    assert error.value.code is Code.MALFORMED


def test_a_report_has_a_limit() -> None:
    with pytest.raises(InputError) as error:
        read_report(report() + b"x" * REPORT_BYTES_MAX, SECRET)
    assert error.value.code is Code.TOO_LARGE


@given(st.binary() | st.binary(max_size=60).map(lambda noise: report()[:-400] + noise))
def test_random_bytes_are_a_report_or_refused(said: bytes) -> None:
    with contextlib.suppress(InputError):
        assert read_report(said, SECRET) in ([], FOUND)


@given(st.data())
def test_a_damaged_report_never_names_another_mail(data: st.DataObject) -> None:
    said = bytearray(report())
    for _ in range(data.draw(st.integers(1, 8))):
        said[data.draw(st.integers(0, len(said) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read_report(bytes(said), SECRET)
    except InputError:
        return
    assert {one.mail for one in found} <= {b"m" * 16}
