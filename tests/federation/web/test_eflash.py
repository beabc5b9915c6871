"""The umbrella's E-Flash: asked for, confirmed by the owner, sent once, and ended."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from federation.public import issues
from federation.web.place import LoginMail
from tests.federation.web.conftest import House
from tests.federation.web.test_mail_pages import keep_mails
from tests.federation.web.test_newsletter import BOTH, ask, kept, mails
from tests.federation.web.umbrella_house import make_umbrella
from tests.federation.world.conftest import World

MIA = "mia@voorbeeld.be"


@pytest.fixture
async def umbrella(world: World) -> AsyncIterator[House]:
    made = await make_umbrella(world)
    await keep_mails(made)
    made.node.parts[LoginMail] = made.mail
    yield made
    await made.close()


async def asked(umbrella: House) -> str:
    """Let Mia ask, and give the path of the link in her mail."""
    await ask(umbrella, MIA)
    (mail,) = await mails(umbrella, "newsletter_asked")
    found = re.search(r"/newsletter/confirm/\S+", mail["text"])
    assert found is not None
    return found[0]


async def test_the_eflash_is_asked_for_and_confirmed_by_the_mailed_link_alone(
    umbrella: House,
) -> None:
    stranger = umbrella.browser()
    door, form = await stranger.get("/"), await stranger.get("/newsletter")
    no = await stranger.post("/newsletter", {"form": form.key, "address": MIA})
    nobody = await mails(umbrella, "newsletter_asked")
    link = await asked(umbrella)
    (mail,) = await mails(umbrella, "newsletter_asked")
    looked = await stranger.get(link)
    before = await kept(umbrella)
    forged = await stranger.post(link[:-4] + "AAAA", {"form": looked.key})
    done = await stranger.post(link, {"form": looked.key})
    again = await stranger.post(link, {"form": looked.key})

    assert 'href="/newsletter"' in door.text
    assert "De E-Flash" in door.words
    assert "De E-Flash" in form.words
    assert (no.status, nobody) == (422, [])
    assert "Iemand vroeg de E-Flash van LETS Vlaanderen op dit adres." in mail["text"]
    assert (before, forged.status) == (0, 404)
    assert "Vanaf nu krijg je nieuws" in done.words
    assert again.status == 200
    assert await kept(umbrella) == 1


async def test_an_eflash_goes_once_to_who_confirmed_and_ends_in_one_click(umbrella: House) -> None:
    stranger = umbrella.browser()
    link = await asked(umbrella)
    await stranger.post(link, {"form": (await stranger.get(link)).key})
    await ask(umbrella, "luc@voorbeeld.be")  # and confirms nothing
    cora, dirk = await umbrella.signed_in("003"), await umbrella.signed_in("004")
    form = await cora.get("/newsletter/issues/new")
    preview = await cora.post("/newsletter/issues/new", {"form": form.key, **BOTH})
    umbrella.node.parts.pop(issues.Sender)  # the task sleeps; this test does its work
    listed = await cora.get("/newsletter/issues")
    sent = [await cora.post(preview.path, {"form": preview.key, "version": "1"}) for _ in "12"]
    while await issues.send_some(umbrella.node):
        pass
    (mail,) = await mails(umbrella, "newsletter")
    path = mail["stop_url"].removeprefix(umbrella.node.settings.public_url)

    stopped = await stranger.post(path, {"List-Unsubscribe": "One-Click"}, headers={})

    assert (await dirk.get("/newsletter/issues")).status == 403
    assert "Verstuur naar 1 mens" in preview.words
    for page in (form, preview, listed):
        assert "E-Flash" in page.words
        assert "nieuwsbrief" not in page.words.casefold(), "one thing has one name"
    assert [one.status for one in sent] == [200, 200]
    assert (mail["address"], mail["subject"]) == (MIA, "Lentefeest")
    assert "LETS Vlaanderen" in mail["text"]
    assert "Je adres is gewist" in stopped.words
    assert (await kept(umbrella), await mails(umbrella, "newsletter")) == (0, [])
