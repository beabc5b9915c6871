"""What the other is called in a mail: with a name or none, at the start of a sentence or inside."""

from __future__ import annotations

import pytest

from federation.mail.compose.talks import Talk, answered
from federation.mail.compose.trade_facts import Trade
from federation.mail.compose.trades import Seen, booked
from federation.mail.naming import begun, called, group_behind
from federation.members.people import Party
from federation.words.texts import texts
from schemas.texts.words import Language
from tests.federation.mail.letters import BLOMMEKES, DESK, NOON_S, to

NEAR = Party(account=4, code="045", name="Marc")
FAR = Party(node="n", group="LETS Leuven", pseudonym="p", name="Marc")
DUTCH = texts(Language.NL)


@pytest.mark.parametrize(
    ("other", "said", "group"),
    [
        (NEAR, "Marc", ""),
        (FAR, "Marc", "LETS Leuven"),
        (Party(account=4, code="045"), "letscode 045", ""),
        (Party(node="n", group="LETS Leuven"), "iemand van LETS Leuven", ""),
        (Party(), "iemand", ""),
    ],
)
def test_who_has_no_name_is_called_by_what_is_known(other: Party, said: str, group: str) -> None:
    assert called(other, DUTCH) == said
    assert group_behind(other) == group


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("iemand van LETS Leuven schreef je", "Iemand van LETS Leuven schreef je"),
        ("letscode 045 bedankt je", "Letscode 045 bedankt je"),
        ("Je gaf iemand 8 pollekes.", "Je gaf iemand 8 pollekes."),
        ("an bedankt je", "an bedankt je"),  # a name stays as its owner writes it
        ("", ""),
    ],
)
def test_a_sentence_begins_with_a_capital(text: str, said: str) -> None:
    assert begun(text, DUTCH) == said


@pytest.mark.parametrize("language", Language)
def test_mails_about_somebody_unnamed_name_the_group_once(language: Language) -> None:
    who = called(Party(node="n", group="LETS Leuven"), texts(language))
    trade = Trade(
        id="p" * 22,
        other=who,
        other_group="LETS Leuven",
        named=False,
        amount_minor=8,
        other_minor=6,
        other_unit=BLOMMEKES,
    )
    recipient = to(language)
    gave, got = (
        booked(
            DESK, recipient, trade, gave=given, seen=Seen.CONFIRMED, balance_minor=0, at_s=NOON_S
        )
        for given in (True, False)
    )
    written = answered(DESK, recipient, Talk(thread="t", message="m", who=who), at_s=NOON_S)

    assert who in gave.subject
    for letter in (got, written):
        assert letter.subject.startswith(who[:1].upper() + who[1:])
    for letter in (gave, got, written):
        assert "(LETS Leuven)" not in letter.subject + letter.text
        assert f"\n{who}" not in letter.text
