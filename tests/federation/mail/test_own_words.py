"""A group's own words in mails: only places that are filled, in the language of who reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.mail.compose.digest import digest
from federation.mail.compose.joining import invitation
from federation.mail.digest import Digest, Rhythm, Story
from federation.mail.own_words import (
    SAID_MAX,
    OwnLetter,
    filled,
    own_words,
    paragraphs_of,
    say,
    unknown_place,
)
from federation.members.reader import OPERATOR, Reader
from schemas.errors import Code, InputError, RefusedError
from schemas.texts.words import Language
from tests.federation.mail.letters import DESK, NOON_S, to
from tests.federation.mail.test_office import MAILBOX, with_mail
from tests.federation.world.conftest import World

NL, FR = Language.NL, Language.FR


@given(st.text(alphabet="ab {}naamgroep\n", max_size=60))
def test_what_is_accepted_leaves_no_brace_in_a_mail(said: str) -> None:
    if unknown_place(said) is None:
        written = " ".join(filled(said, DESK, to()))
        assert not set(written) & set("{}")
        assert written.count("LETS Gent") == said.count("{groep}")


@pytest.mark.parametrize("bad", ["{name}", "{", "}", "{}", "{naam", "{{naam}}", "{naam }"])
def test_what_cannot_be_filled_is_named(bad: str) -> None:
    assert unknown_place(f"Dag {bad}!") is not None


def test_a_name_with_braces_is_a_name() -> None:
    somebody = to()._replace(name="{groep} %(x)s <b>")
    assert filled("Dag {naam},\n\nTot {groep}", DESK, somebody) == (
        "Dag {groep} %(x)s <b>,",
        "Tot LETS Gent",
    )


def test_each_reads_own_words_in_the_own_language_and_what_must_be_said_stays() -> None:
    own = {(OwnLetter.DIGEST, NL): "Kom af!", (OwnLetter.INVITATION, FR): "Salut {naam}"}
    found = Digest(stories=(Story(item=1, title="Feest", placed_at_s=1, known_s=1),))
    for language in Language:
        said = paragraphs_of(own, OwnLetter.DIGEST, DESK, to(language))
        letter = digest(DESK, to(language), found, Rhythm.WEEKLY, due_s=NOON_S, own=said)
        assert ("Kom af!" in letter.text) is ("Kom af!" in letter.html) is (language is NL)
        assert "Feest" in letter.text
    said = paragraphs_of(own, OwnLetter.INVITATION, DESK, to(FR))
    link = f"{DESK.url}/login/x"
    letter = invitation(DESK, to(FR), link=link, about="x", lasts_s=86_400, at_s=NOON_S, own=said)
    assert "Salut An" in letter.text
    assert link in letter.text


async def test_coordinators_say_it_and_nobody_else(world: World) -> None:
    node = (await with_mail(world, MAILBOX)).node
    await say(node, OPERATOR, OwnLetter.DIGEST, NL, " Dag {naam} ")
    assert await own_words(node.pool) == {(OwnLetter.DIGEST, NL): "Dag {naam}"}
    for said, code in (("{x}", Code.MALFORMED), ("x" * (SAID_MAX + 1), Code.TOO_LARGE)):
        with pytest.raises(InputError) as wrong:
            await say(node, OPERATOR, OwnLetter.DIGEST, NL, said)
        assert wrong.value.code is code
    with pytest.raises(RefusedError) as refused:
        await say(node, Reader(account=2), OwnLetter.DIGEST, NL, "Hallo")
    assert refused.value.code is Code.FORBIDDEN
    await say(node, OPERATOR, OwnLetter.DIGEST, NL, "")
    assert await own_words(node.pool) == {}
