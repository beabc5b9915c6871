"""The newsletter: nobody gets it unasked, nobody twice, and ending it deletes everything."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from federation.mail.office import office_of
from federation.mail.own_words import OwnLetter, say
from federation.members.reader import OPERATOR
from federation.members.roles import reader_of
from federation.node.service import now_s
from federation.public import consent, issues, subscribers
from federation.web.pages import newsletter
from federation.web.place import LoginMail
from schemas.errors import RefusedError
from schemas.openings import Contact, MemberText
from schemas.texts.words import Language
from tests.federation.web.conftest import Browser, House, Page
from tests.federation.web.test_mail_pages import keep_mails

NEWS = {"subject-nl": "Lentefeest", "text-nl": "Kom je ook?\n\nNeem <b>soep</b> mee."}
BOTH = {**NEWS, "subject-fr": "Fête", "text-fr": "Tu viens ?"}


@pytest.fixture
async def demo(house: House) -> House:
    await keep_mails(house)
    house.node.parts[LoginMail] = house.mail
    return house


async def mails(house: House, kind: str) -> list[Any]:
    rows = await house.node.pool.fetch(
        "SELECT address, language, subject, text, stop_url, person FROM plain.mail "
        "WHERE kind = $1 ORDER BY address",
        kind,
    )
    return list(rows)


async def ask(house: House, address: str, browser: Browser | None = None, **typed: str) -> Page:
    found = browser or house.browser()
    form = await found.get("/newsletter")
    return await found.post(
        "/newsletter", {"form": form.key, "address": address, "agree": "yes", **typed}
    )


async def confirmed(house: House, address: str, language: Language = Language.NL) -> None:
    """Let somebody get the newsletter."""
    secret = office_of(house.node).secret
    asked = consent.Asked(address, language.value, 1, now_s())
    token = consent.write_link(secret, asked, consent.ASK, lambda size: b"n" * size)
    await subscribers.confirm(house.node, token, now_s=now_s())


async def kept(house: House) -> int:
    rows = await house.node.pool.fetchrow(
        "SELECT (SELECT count(*) FROM subscriber) AS people, "
        "(SELECT count(*) FROM data_key WHERE octet_length(subject) = 16 "
        " AND subject IN (SELECT subject FROM subscriber)) AS keys"
    )
    assert rows is not None
    assert rows["people"] == rows["keys"]
    return int(rows["people"])


async def test_an_address_is_kept_only_once_its_owner_has_said_so(demo: House) -> None:
    stranger = demo.browser()
    keys = await demo.node.pool.fetchval("SELECT count(*) FROM data_key")
    first = await ask(demo, "mia@voorbeeld.be", stranger)
    (mail,) = await mails(demo, "newsletter_asked")
    path = re.search(r"/newsletter/confirm/\S+", mail["text"])
    assert path is not None

    looked = await stranger.get(path[0])
    before = await kept(demo)
    done = await stranger.post(path[0], {"form": looked.key})
    again = await stranger.post(path[0], {"form": looked.key})
    known = await ask(demo, "MIA@voorbeeld.be", stranger)

    assert "Kijk in je mail" in first.words
    assert "mia@voorbeeld.be" in looked.words
    assert before == 0
    assert "Vanaf nu krijg je nieuws" in done.words
    assert again.status == 200
    assert await kept(demo) == 1
    assert known.words == first.words
    row = await demo.node.pool.fetchrow("SELECT * FROM subscriber")
    assert row is not None
    assert b"mia" not in b"".join(value for value in row if isinstance(value, bytes))
    assert await demo.node.pool.fetchval("SELECT count(*) FROM data_key") == keys + 1


async def test_what_is_kept_says_to_what_was_agreed_and_when(demo: House) -> None:
    await confirmed(demo, "mia@voorbeeld.be", Language.FR)
    row = await demo.node.pool.fetchrow(
        "SELECT s.subject, s.sealed, k.wrapping_key, k.wrapped "
        "FROM subscriber s JOIN data_key k USING (subject)"
    )
    assert row is not None

    found = subscribers.opened(demo.node, row)

    assert found is not None
    assert (found.address, found.language) == ("mia@voorbeeld.be", Language.FR)
    assert newsletter.CONSENTS[found.consent]
    assert 0 < found.asked_at_s <= found.confirmed_at_s


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"agree": ""}, "Vink dit aan"),
        ({"address": "geen adres"}, "Dit lijkt geen mailadres"),
    ],
)
async def test_nobody_is_mailed_without_a_yes_and_an_address(
    demo: House, typed: dict[str, str], said: str
) -> None:
    page = await ask(demo, **{"address": "mia@voorbeeld.be", **typed})  # type: ignore[arg-type]

    assert page.status == 422
    assert said in page.words


async def test_one_network_cannot_fill_a_mailbox(demo: House) -> None:
    stranger = demo.browser()
    pages = [await ask(demo, "mia@voorbeeld.be", stranger) for _ in range(7)]

    assert [page.status for page in pages] == [200] * 5 + [422] * 2
    assert len(await mails(demo, "newsletter_asked")) == 5


async def test_an_issue_goes_once_to_each_in_its_language(demo: House) -> None:
    await confirmed(demo, "mia@voorbeeld.be", Language.NL)
    await confirmed(demo, "luc@voorbeeld.be", Language.FR)
    await confirmed(demo, "tom@voorbeeld.be", Language.EN)
    cora = await demo.signed_in("003")
    form = await cora.get("/newsletter/issues/new")
    preview = await cora.post("/newsletter/issues/new", {"form": form.key, **BOTH})
    tried = await cora.post(preview.path, {"form": preview.key, "try": "yes"})
    (trial,) = await mails(demo, "newsletter")

    assert "Neem <b>soep</b> mee." in preview.words
    assert "Verstuur naar 3 mensen" in preview.words
    assert "De proef is onderweg" in tried.words
    assert trial["address"] == "cora@voorbeeld.be"

    demo.node.parts.pop(issues.Sender)  # the task sleeps; this test does its work
    sent = await cora.post(preview.path.partition("?")[0], {"form": tried.key, "version": "1"})
    twice = await cora.post(preview.path.partition("?")[0], {"form": tried.key, "version": "1"})
    await confirmed(demo, "laat@voorbeeld.be")
    while await issues.send_some(demo.node):
        pass
    await demo.node.pool.execute("UPDATE newsletter_issue SET state = 'sending', sent_to = 0")
    while await issues.send_some(demo.node):  # as after a crash that lost how far it came
        pass
    rows = [row for row in await mails(demo, "newsletter") if row["address"] != trial["address"]]

    assert "gaat de deur uit" in sent.words
    assert twice.status == 200
    assert [(row["address"], row["subject"]) for row in rows] == [
        ("luc@voorbeeld.be", "Fête"),
        ("mia@voorbeeld.be", "Lentefeest"),
        ("tom@voorbeeld.be", "Lentefeest"),
    ]
    listed = await cora.get("/newsletter/issues")
    assert "3 mails" in listed.words
    assert (await cora.get("/newsletter/issues/1")).path.endswith("/send")


async def test_an_issue_that_nobody_asked_for_has_no_button_and_says_what_to_do(
    demo: House,
) -> None:
    cora = await demo.signed_in("003")
    form = await cora.get("/newsletter/issues/new")
    preview = await cora.post("/newsletter/issues/new", {"form": form.key, **BOTH})

    assert "Nog niemand vroeg om deze nieuwsbrief, dus ze gaat naar niemand." in preview.words
    assert "Verstuur naar" not in preview.words
    assert 'href="/newsletter"' in preview.text
    assert "Mail het eerst naar mezelf" in preview.words
    await confirmed(demo, "mia@voorbeeld.be")
    again = await cora.get(preview.path)
    assert "Verstuur naar 1 mens" in again.words
    assert "Nog niemand vroeg" not in again.words


async def test_one_click_ends_it_and_deletes_all(demo: House) -> None:
    await confirmed(demo, "mia@voorbeeld.be")
    cora = await demo.signed_in("003")
    form = await cora.get("/newsletter/issues/new")
    preview = await cora.post("/newsletter/issues/new", {"form": form.key, **NEWS})
    demo.node.parts.pop(issues.Sender)
    await cora.post(preview.path, {"form": preview.key, "version": "1"})
    while await issues.send_some(demo.node):
        pass
    (mail,) = await mails(demo, "newsletter")
    path = mail["stop_url"].removeprefix(demo.node.settings.public_url)

    looked = await demo.browser().get(path)
    before = await kept(demo)
    stopped = await demo.browser().post(path, {"List-Unsubscribe": "One-Click"}, headers={})
    again = await demo.browser().post(path, {"List-Unsubscribe": "One-Click"}, headers={})

    assert "Geen nieuws meer" in looked.words
    assert before == 1
    assert (stopped.status, stopped.path) == (200, path)
    assert "Je adres is gewist" in stopped.words
    assert again.status == 200
    assert await kept(demo) == 0
    assert await mails(demo, "newsletter") == []


async def test_a_coordinator_takes_an_address_off_and_learns_nothing(demo: House) -> None:
    await confirmed(demo, "mia@voorbeeld.be")
    cora = await demo.signed_in("003")
    said = []
    for address in ("niemand@voorbeeld.be", "Mia@voorbeeld.be"):
        form = await cora.get("/newsletter/issues")
        page = await cora.post("/newsletter/issues", {"form": form.key, "address": address})
        said.append(page.words.partition("0 mensen")[0].partition("1 mens")[0])

    assert said[0] == said[1]
    assert await kept(demo) == 0


async def test_a_draft_is_not_sent_as_somebody_else_left_it(demo: House) -> None:
    cora = await demo.signed_in("003")
    form = await cora.get("/newsletter/issues/new")
    preview = await cora.post("/newsletter/issues/new", {"form": form.key, **NEWS})
    edit = await cora.get("/newsletter/issues/1")
    await cora.post(
        "/newsletter/issues/1", {"form": edit.key, "version": "1", **NEWS, "text-nl": "Anders"}
    )

    late = await cora.post(preview.path, {"form": preview.key, "version": "1"})
    half = await cora.post("/newsletter/issues/1", {"version": "2", "subject-nl": "Zonder tekst"})

    assert late.status == 422
    assert "intussen bewaard" in late.words
    assert "Anders" in late.words
    assert half.status == 422
    assert "Een taal heeft een titel en een tekst nodig" in half.words


def test_a_link_is_good_for_one_thing_and_for_three_days() -> None:
    secret, asked = b"s" * 32, consent.Asked("mia@voorbeeld.be", "nl", 1, 1_000)
    token = consent.write_link(secret, asked, consent.ASK, lambda size: b"n" * size)

    assert consent.read_asked(secret, token, now_s=1_000) == asked
    for wrong, at_s in (
        (token, 1_000 + consent.CONFIRM_LASTS_S),
        (token[:-2] + "AA", 1_000),
        ("", 1_000),
        ("x" * 2_000, 1_000),
    ):
        with pytest.raises(RefusedError):
            consent.read_asked(secret, wrong, now_s=at_s)
    with pytest.raises(RefusedError):
        consent.read_stop(secret, token)
    with pytest.raises(RefusedError):
        consent.read_asked(b"t" * 32, token, now_s=1_000)
    assert "mia" not in str(msgspec.json.encode(token))


async def test_an_erased_member_gets_no_newsletter_and_its_address_is_kept_nowhere(
    demo: House,
) -> None:
    await confirmed(demo, "an@voorbeeld.be")
    await confirmed(demo, "buur@voorbeeld.be")

    await demo.group.ask("member.erase", code="001")

    assert await subscribers.count(demo.node) == 1
    assert await kept(demo) == 1


async def test_an_address_that_two_members_share_stays_with_the_other(demo: House) -> None:
    shared = Contact(kind="mail", value="an@voorbeeld.be", access="members")
    await demo.describe("002", MemberText(name="Bert", contacts=(shared,)))
    await confirmed(demo, "an@voorbeeld.be")

    await demo.group.ask("member.erase", code="001")

    assert await subscribers.count(demo.node) == 1


async def test_each_issue_ends_with_the_words_of_the_group(demo: House) -> None:
    await say(demo.node, OPERATOR, OwnLetter.NEWSLETTER, Language.NL, "Tot gauw bij {groep}!")
    await confirmed(demo, "buur@voorbeeld.be")
    said = issues.Issue(subject={"nl": "Feest"}, text={"nl": "Kom af"})
    cora = reader_of(demo.node, demo.account("003"))
    number = await issues.write(demo.node, cora, said, now_s=now_s())

    await issues.send(demo.node, cora, number, version=1, now_s=now_s())
    while await issues.send_some(demo.node):
        pass

    (mail,) = await mails(demo, "newsletter")
    assert mail["text"].index("Kom af") < mail["text"].index("Tot gauw bij alfa!")
    assert mail["text"].index("Tot gauw bij alfa!") < mail["text"].index("omdat je erom vroeg")
