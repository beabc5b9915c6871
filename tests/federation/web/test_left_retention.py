"""After how long who has left is erased: chosen by coordinators, said to everybody."""

from __future__ import annotations

import re

import pytest

from federation.mail.leavers import Leavers
from federation.mail.office import office_of
from federation.members import erasing
from federation.node.looked import EVERYBODY, OPERATOR, Look, What, note
from federation.node.retention import left_days, looked_days
from federation.node.service import now_s
from federation.node.use_cases import set_status
from federation.web.place import LoginMail
from schemas.bodies import AccountStatus
from schemas.errors import Code, RuilbrugError
from tests.federation.web.conftest import House, house
from tests.federation.web.test_mail_pages import keep_mails

__all__ = ["house"]

DAY_S = 86_400
PATH = "/group/retention"
CHOSEN = {
    "nl": "na 200 dagen krijg je een mail, en 14 dagen later wissen we je gegevens.",
    "fr": "après 200 jours tu reçois un mail, et 14 jours plus tard nous effaçons tes données.",
    "en": "after 200 days you get a mail, and 14 days later we erase your data.",
}
NEVER = {
    "nl": "we wissen je gegevens als je het vraagt, niet uit onszelf.",
    "fr": "nous effaçons tes données si tu le demandes, pas de nous-mêmes.",
    "en": "we erase your data when you ask for it, not by ourselves.",
}


@pytest.mark.parametrize("language", CHOSEN)
async def test_what_coordinators_choose_is_said_where_data_are_told_of(
    house: House, language: str
) -> None:
    cora, an = await house.signed_in("003"), await house.signed_in("001")
    form = await cora.get(PATH)
    said = {"Accept-Language": language}

    for left, words in (("200", CHOSEN), ("", NEVER)):
        saved = await cora.post(PATH, form=form.key, looked="365", left=left)
        assert saved.path == f"{PATH}?done=saved"
        form = await cora.get(PATH)
        assert ('value="200"' in form.text) is (left == "200")
        for path in ("/privacy", "/me/data"):
            assert words[language] in (await an.get(path, **said)).words, path
    assert await left_days(house.node) is None


async def test_only_a_number_of_days_within_reason_is_taken(house: House) -> None:
    cora = await house.signed_in("003")
    form = await cora.get(PATH)
    for bad in ("179", "3651", "x", "-200", "0"):
        refused = await cora.post(PATH, form=form.key, looked="90", left=bad)
        assert refused.status == 422, bad
        assert "Vul een aantal dagen in van 180 tot 3650." in refused.words

    assert await left_days(house.node) is None
    assert await looked_days(house.node) == 365
    for fine in ("180", "3650"):
        form = await cora.get(PATH)
        await cora.post(PATH, form=form.key, looked="90", left=fine)
        assert await left_days(house.node) == int(fine)


async def test_the_two_are_chosen_apart_on_the_server(house: House) -> None:
    ask = house.group.ask

    assert await ask("retention.set", left_days=180) == {"looked_days": 365, "left_days": 180}
    assert await ask("retention.set", looked_days=60) == {"looked_days": 60, "left_days": 180}
    assert await ask("retention.set", left_days=None) == {"looked_days": 60, "left_days": None}


async def test_only_coordinators_choose_it(house: House) -> None:
    codes = []
    for days, by in ((200, "001"), (None, "001"), (179, "003"), (3651, "003")):
        with pytest.raises(RuilbrugError) as refused:
            await house.group.ask("retention.set", left_days=days, by=by)
        codes.append(refused.value.code)

    assert codes == [Code.FORBIDDEN, Code.FORBIDDEN, Code.MALFORMED, Code.MALFORMED]
    assert await left_days(house.node) is None


async def test_coordinators_see_who_goes_soon_and_who_left_fetches_its_data(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "TICK_S", 10**6)
    await keep_mails(house)
    house.node.parts[LoginMail] = house.mail
    await house.group.ask("retention.set", left_days=180)
    await set_status(house.node, "001", AccountStatus.INACTIVE)
    await Leavers(house.node, office_of(house.node)).round(now_s() + 181 * DAY_S)

    cora = await house.signed_in("003")
    page = await cora.get(PATH)
    assert "Wie binnenkort gewist wordt" in page.words
    assert 'href="/group/members/001"' in page.text
    text = await house.node.pool.fetchval("SELECT text FROM plain.mail WHERE kind = 'left'")
    link = re.search(r"/my-data/\S+", text)
    assert link is not None
    stranger = house.browser()
    shown = await stranger.get(link[0])
    assert "De groep stopt" not in shown.words
    given = await stranger.post(link[0], form=shown.key)
    assert given.headers["Content-Type"] == "application/zip"


async def test_members_read_that_the_groups_choice_erased_somebody(house: House) -> None:
    an = await house.signed_in("001")
    for _ in range(2):
        await note(house.node, Look(OPERATOR, EVERYBODY, What.LEFT_ERASED), now_s=now_s())

    words = (await an.get("/me/looked")).words

    assert "Wat de groep koos wiste de gegevens van wie al lang weg is" in words
    assert "2 keer" in words
