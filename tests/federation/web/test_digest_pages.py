"""The digest on pages: everybody chooses how often, coordinators on which day, and try it."""

from __future__ import annotations

from federation.mail import choices, digest_choices
from federation.mail.digest import Block, Rhythm
from federation.mail.digest_choices import Setting, Wish
from federation.mail.kinds import MailKind
from federation.mail.letter import Recipient, stop_token
from federation.mail.links import STOP_PATH
from federation.mail.office import office_of
from federation.node.service import now_s
from schemas.texts.words import Language
from tests.federation.web.conftest import House

DAY_S = 86_400
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def test_a_member_chooses_how_often_and_with_what(house: House) -> None:
    pool, account = house.node.pool, house.account("001")
    anna = await house.signed_in("001")
    page = await anna.get("/me/mail")
    assert 'value="weekly" selected' in page.text

    kept = {"night": "21-8", "kind-booked": "1", "form": page.key}
    page = await anna.post("/me/mail", {**kept, "rhythm": "monthly", "block-news": "1"})
    assert "Bewaard" in page.words
    wish = await digest_choices.wish(pool, account, 0)
    assert wish == Wish(Rhythm.MONTHLY, frozenset({Block.NEWS}))
    assert MailKind.DIGEST not in await choices.unwanted(pool, account, 0)

    page = await anna.post("/me/mail", {**kept, "rhythm": "never"})
    assert MailKind.DIGEST in await choices.unwanted(pool, account, 0)
    assert 'value="never" selected' in (await anna.get("/me/mail")).text
    assert (await digest_choices.wish(pool, account, 0)).rhythm is Rhythm.MONTHLY
    page = await anna.post("/me/mail", {**kept, "rhythm": "hourly"})
    assert page.status == 422


async def test_the_link_of_a_digest_stops_it_without_signing_in(house: House) -> None:
    account = house.account("001")
    to = Recipient(account, 0, "An", "an@voorbeeld.be", Language.NL)
    link = STOP_PATH + stop_token(office_of(house.node).secret, to, MailKind.DIGEST)

    page = await house.browser().post(link, ONE_CLICK, headers={})
    assert page.status == 200
    assert MailKind.DIGEST in await choices.unwanted(house.node.pool, account, 0)


async def test_a_coordinator_chooses_the_day_and_sees_what_it_would_tell(house: House) -> None:
    await house.group.ask(
        "post.place", by="002", title="Fiets <b>", expires_at_s=now_s() + 90 * DAY_S
    )
    await house.seen()
    cora = await house.signed_in("003")
    page = await cora.get("/group/digest")
    assert "vrijdag" in page.words
    assert "Deze groep verstuurt nog geen mails" in page.words

    page = await cora.post("/group/digest", form=page.key, day="1")
    assert await digest_choices.setting(house.node.pool) == Setting(weekday=1)
    page = await cora.post("/group/digest", form=page.key, day="never")
    assert await digest_choices.setting(house.node.pool) == Setting(active=False, weekday=1)
    assert "Er vertrekt er geen" in page.words
    page = await cora.post("/group/digest", form=page.key, day="8")
    assert page.status == 422
    page = await cora.post("/group/digest", form=(await cora.get("/group/digest")).key, test="1")
    assert "geen proef verstuurd" in page.words
