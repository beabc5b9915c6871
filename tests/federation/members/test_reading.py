"""What is pure about members: who may see what, how texts are kept, what a former system meant."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.members import words
from federation.members.opened import Place, Scene, former_price
from federation.members.reader import (
    ANONYMOUS,
    NEIGHBOUR,
    OPERATOR,
    Reader,
    former_visibility,
    may_see,
    may_see_balance,
    visibilities,
)
from schemas.errors import Code, InputError
from schemas.member_bodies import Price, PriceKind, Role, Visibility
from schemas.openings import PostText

ME, OTHER, HELPED = 5, 6, 7
MEMBER = Reader(account=ME)
HELPER = Reader(account=ME, acting_for=HELPED)
COORDINATOR = Reader(account=ME, roles=frozenset({Role.COORDINATOR}))
AUDITOR = Reader(account=ME, roles=frozenset({Role.AUDITOR}))
LADDER = (Visibility.STAFF, Visibility.MEMBERS, Visibility.INTERLETS, Visibility.PUBLIC)


@pytest.mark.parametrize(
    ("reader", "least"),
    [
        (ANONYMOUS, Visibility.PUBLIC),
        (NEIGHBOUR, Visibility.INTERLETS),
        (MEMBER, Visibility.MEMBERS),
        (HELPER, Visibility.MEMBERS),
        (AUDITOR, Visibility.MEMBERS),
        (COORDINATOR, Visibility.STAFF),
        (OPERATOR, Visibility.STAFF),
    ],
)
def test_a_reader_sees_from_one_step_of_the_ladder_on(reader: Reader, least: Visibility) -> None:
    seen = [may_see(reader, visibility, owner=OTHER) for visibility in LADDER]

    assert seen == [LADDER.index(visibility) >= LADDER.index(least) for visibility in LADDER]
    assert {v for v in LADDER if may_see(reader, v, owner=OTHER)} == visibilities(reader)


@pytest.mark.parametrize("visibility", LADDER)
def test_own_things_are_seen_whatever_they_are(visibility: Visibility) -> None:
    assert may_see(MEMBER, visibility, owner=ME)
    assert may_see(HELPER, visibility, owner=HELPED)
    assert may_see(MEMBER, Visibility.STAFF, owner=HELPED) is False
    assert may_see(ANONYMOUS, Visibility.STAFF, owner=None) is False


@pytest.mark.parametrize("rule", [True, False])
def test_balances_are_for_oneself_auditors_and_by_rule_for_members(rule: bool) -> None:
    def seen(reader: Reader, account: int) -> bool:
        return may_see_balance(reader, account, members_see_balances=rule)

    assert seen(MEMBER, ME)
    assert seen(HELPER, HELPED)
    assert seen(AUDITOR, OTHER)
    assert seen(COORDINATOR, OTHER)
    assert seen(MEMBER, OTHER) is rule
    assert not seen(ANONYMOUS, OTHER)
    assert not seen(NEIGHBOUR, OTHER)


@pytest.mark.parametrize(
    ("access", "meant"),
    [
        ("admin", "staff"),
        ("user", "members"),
        ("guest", "interlets"),
        ("anonymous", "public"),
        (" Public ", "public"),
        ("", "staff"),
        ("iets anders", "staff"),
    ],
)
def test_words_of_a_former_system_never_show_more_than_they_meant(access: str, meant: str) -> None:
    assert former_visibility(access).value == meant


@pytest.mark.parametrize(
    ("price", "unit", "decimals", "meant"),
    [
        ("8", "per uur", 0, (PriceKind.HOUR, 8)),
        ("8", "blommekes/uur", 2, (PriceKind.HOUR, 800)),
        ("8", "stuk", 0, (PriceKind.PIECE, 8)),
        ("8", "", 1, (PriceKind.PIECE, 80)),
        ("0", "uur", 0, (PriceKind.TALK, None)),
        ("", "uur", 0, (PriceKind.TALK, None)),
        ("-3", "uur", 0, (PriceKind.TALK, None)),
        ("٣", "uur", 0, (PriceKind.TALK, None)),
        ("9" * 30, "uur", 0, (PriceKind.TALK, None)),
    ],
)
def test_a_former_price_is_read_or_left_to_talk(
    price: str, unit: str, decimals: int, meant: tuple[PriceKind, int | None]
) -> None:
    kind, amount = meant

    found = former_price(PostText(title="", price=price, price_unit=unit), decimals)

    assert found == Price(kind=kind, amount_minor=amount)


def test_a_postcode_gives_the_place_unless_one_is_written() -> None:
    scene = Scene([], 0, lambda code: Place("Leuven", 50.9, 4.7) if code == "3000" else None, None)

    assert scene.place("3000", "") == ("3000", "Leuven", 50.9, 4.7)
    assert scene.place("3000", "Kessel-Lo") == ("3000", "Kessel-Lo", 50.9, 4.7)
    assert scene.place("9999", "Ergens") == ("9999", "Ergens", None, None)
    assert scene.place("", "Ergens") == ("", "Ergens", None, None)


@given(st.text())
def test_texts_are_kept_in_one_form_without_what_nobody_sees(said: str) -> None:
    kept = words.paragraphs(said, "text", 10_000)

    assert words.paragraphs(kept, "text", 10_000) == kept
    assert kept == kept.strip() == unicodedata.normalize("NFC", kept)
    kept.encode()
    assert not [c for c in kept if unicodedata.category(c) == "Cc" and c != "\n"]
    assert "\n" not in words.line(said, "title", 10_000)
    assert words.line(kept, "title", 10_000) == words.line(said, "title", 10_000)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("  Soep \r\n\r\n\r\n\r\nmet\tballetjes ", "Soep\n\nmet balletjes"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("👩\u200d🌾 رحمة", "👩\u200d🌾 رحمة"),
        ("links\u202eom\u2066!\x00\x1b[31m", "linksom![31m"),
        ("e\u0301e\u0301n", "één"),
        ("half \ud83d", "half"),
    ],
)
def test_what_people_paste_is_kept_as_they_saw_it(said: str, kept: str) -> None:
    assert words.paragraphs(said, "text", 100) == kept


@pytest.mark.parametrize(
    "address", ["a@b.be", "Anna.Aerts+lets@sub.voorbeeld.invalid", " anna@één.be ", "a_b@1.2.nl"]
)
def test_a_mail_address_is_taken_as_it_is_written(address: str) -> None:
    assert words.mail_address(address) == address.strip()


@pytest.mark.parametrize(
    "address",
    ["anna", "@b.be", "a@b", "a@b..be", "a b@c.be", "a@b.be, c@d.be", "a@b.be\nBcc: c@d.be",
     "<a@b.be>", "a" * 65 + "@b.be", "a@" + "b" * 250 + ".be", "a@@b.be"],
)  # fmt: skip
def test_what_is_no_mail_address_is_refused(address: str) -> None:
    with pytest.raises(InputError) as error:
        words.mail_address(address)

    assert error.value.code is Code.MAIL_ADDRESS_INVALID


def test_addresses_are_the_same_without_regard_to_case_and_blanks() -> None:
    assert words.address_key(" Anna@VOORBEELD.be\n") == words.address_key("anna@voorbeeld.be")
    assert words.address_key("e\u0301va@x.be") == words.address_key("éva@x.be")
