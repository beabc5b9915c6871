"""Who saw or changed what about whom: written at the edges, read by the member, kept a while."""

from __future__ import annotations

import msgspec
import pytest

from federation.members.partners import PartnerForm, reach
from federation.members.reader import OPERATOR
from federation.node import looked
from federation.node.looked import DAY_S, Look, What, looks_about
from federation.node.retention import looked_days
from federation.node.service import now_s
from federation.node.settings import PrivacySettings
from federation.node.use_cases import new_key
from federation.web import looking
from schemas.errors import Code, RefusedError, StorageError
from tests.federation.web.conftest import House


async def looks(house: House, code: str) -> list[tuple[str, str, int]]:
    """Give who did what about a member, and how often; what the test itself set up is left out."""
    found = await looks_about(house.node, house.account(code))
    return sorted((look.code or "server", look.what.value, look.times) for look in found)


async def fresh(house: House) -> None:
    """Forget what making the house has left in the register."""
    await house.node.pool.execute("DELETE FROM looked")


async def test_what_a_coordinator_sees_and_changes_is_told_to_the_member(house: House) -> None:
    an, cora, dirk = [await house.signed_in(code) for code in ("001", "003", "004")]
    await fresh(house)
    for _ in range(3):
        await cora.get("/members/001")
    await dirk.get("/members/001/bookings")
    await cora.get("/members/003")
    await cora.get("/members/999")

    assert await looks(house, "001") == [("003", "profile", 3), ("004", "bookings", 1)]
    assert await looks(house, "003") == []
    page = await an.get("/me/looked")
    assert "Cora Coördinator 003 bekeek je profiel" in page.words
    assert "Dirk Auditor 004 bekeek je boekingen" in page.words
    assert "3 keer" in page.words


async def test_a_list_of_all_is_about_everybody_and_what_every_member_sees_is_no_look(
    house: House,
) -> None:
    an, dirk = [await house.signed_in(code) for code in ("001", "004")]
    await fresh(house)
    await an.get("/members/002")
    assert await looks(house, "002") == []

    await dirk.get("/group/balances")

    assert await looks(house, "001") == await looks(house, "002") == [("004", "listed", 1)]
    assert await looks(house, "004") == []


async def test_who_trades_with_a_group_by_mail_is_a_list(house: House) -> None:
    form = PartnerForm(
        group="LETS Veraf",
        contact="Vera",
        address="vera@mail.example",
        language="nl",
        lower_minor=-100,
        upper_minor=100,
        code="veraf",
    )
    account = await reach(house.node, OPERATOR, form, key=new_key())
    cora = await house.signed_in("003")
    await fresh(house)

    assert (await cora.get(f"/group/partners/{account}")).status == 200

    assert await looks(house, "001") == [("003", "listed", 1)]


@pytest.mark.parametrize(
    "path", sorted(looking.LISTS - {"/group/export/{table}.csv", "/group/partners/{account}"})
)
async def test_each_list_of_all_members_is_a_page_and_a_look(house: House, path: str) -> None:
    code = "004" if path.startswith(("/group/balances", "/group/far")) else "003"
    who = await house.signed_in(code)
    await fresh(house)

    assert (await who.get(path)).status == 200

    assert await looks(house, "001") == [(code, "listed", 1)]


async def test_nothing_of_a_long_list_leaves_before_the_look_is_on_record(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def without_storage(*_: object, **__: object) -> None:
        raise StorageError(Code.DATABASE_UNAVAILABLE)

    cora = await house.signed_in("003")
    monkeypatch.setattr(looked, "note", without_storage)

    page = await cora.get("/group/export.zip")

    assert page.status == 503
    assert "Content-Disposition" not in page.headers


async def test_what_is_done_in_a_members_name_is_told(house: House) -> None:
    await house.group.ask("member.helper", code="001", helper="002")
    bert = await house.signed_in("002")
    await fresh(house)
    await bert.post("/me/acting", account=str(house.account("001")))
    await bert.get("/statement")

    assert ("002", "acted") in [look[:2] for look in await looks(house, "001")]


async def test_whoever_runs_the_server_leaves_a_trace_also_when_it_is_refused(
    house: House,
) -> None:
    await fresh(house)
    ask = house.group.ask
    await ask("pay", payer="001", payee="002", amount_minor=3)
    with pytest.raises(RefusedError):
        await ask("pay", payer="001", payee="001", amount_minor=3)
    await ask("member.show", code="001")
    await ask("account.statement", code="001")
    await ask("member.describe", code="001", comment="Iets anders")
    await ask("member.list")
    await ask("thread.start", by="002", code="001", text="Dag")

    assert {look[:2] for look in await looks(house, "001")} == {
        ("server", what) for what in ("acted", "profile", "bookings", "changed", "listed")
    }
    assert ("server", "acted", 2) in await looks(house, "001")
    assert {look[:2] for look in await looks(house, "002")} == {
        ("server", "acted"),
        ("server", "listed"),
    }
    an = await house.signed_in("001")
    assert "Wie de server beheert deed iets in je naam" in (await an.get("/me/looked")).words


async def test_a_token_and_what_is_done_for_another_leave_a_trace(house: House) -> None:
    ask = house.group.ask
    await fresh(house)
    await ask("token.new", name="Programma", account="001")
    await ask("thread.start", by="003", acting_for="002", code="001", text="Dag")

    assert await looks(house, "001") == [("server", "sign_in", 1)]
    assert await looks(house, "002") == [("server", "acted", 1)]
    assert await looks(house, "003") == [("server", "acted", 1)]
    an = await house.signed_in("001")
    words = (await an.get("/me/looked")).words
    assert "Wie de server beheert maakte een link, of een sleutel voor een programma" in words


async def test_who_has_tokens_and_revoking_one_leave_a_trace(house: House) -> None:
    ask = house.group.ask
    made = await ask("token.new", name="Programma", account="001")
    group = await ask("token.new", name="Boekhouding", role="auditor")
    await fresh(house)
    await ask("token.list")
    await ask("token.revoke", token=made["token"])
    await ask("token.revoke", token=group["token"])  # speaks for nobody
    with pytest.raises(RefusedError):
        await ask("token.revoke", token="none")

    assert set(await looks(house, "001")) == {("server", "listed", 1), ("server", "changed", 1)}
    assert await looks(house, "002") == [("server", "listed", 1)]


async def test_a_post_that_the_server_changes_is_its_owners(house: House) -> None:
    ask = house.group.ask
    until = now_s() + 30 * DAY_S
    post = (await ask("post.place", code="001", title="Fiets", expires_at_s=until))["post"]
    await fresh(house)
    await ask("post.renew", post=post, expires_at_s=until + DAY_S)
    await ask("post.place", post=post, title="Fietsen", expires_at_s=until)
    await ask("post.hide", post=post, reason="Dubbel")
    await ask("post.unhide", post=post)
    await ask("post.end", post=post)

    assert await looks(house, "001") == [("server", "changed", 5)]


async def test_the_register_is_kept_as_long_as_the_settings_say(house: House) -> None:
    await fresh(house)
    about, by, now = house.account("001"), house.account("003"), now_s()
    for days in (0, 29, 31):
        await looked.note(house.node, Look(by, about, What.PROFILE), now_s=now - days * DAY_S)
    settings = msgspec.structs.replace(
        house.node.settings, privacy=PrivacySettings(looked_days=30, host="Hub vzw")
    )
    house.node.settings = settings

    await looked.sweep(house.node, days=await looked_days(house.node), now_s=now)

    assert len(await looks(house, "001")) == 2
    an = await house.signed_in("001")
    assert "Dit blijft 30 dagen staan." in (await an.get("/me/looked")).words
    told = await house.browser().get("/privacy")
    assert "Hub vzw beheert de server" in told.words
    assert "Wie naar je gegevens keek: 30 dagen." in told.words
    assert "hoogstens 60 dagen gelezen" in told.words


async def test_coordinators_choose_how_long_the_register_is_kept(house: House) -> None:
    cora, an = await house.signed_in("003"), await house.signed_in("001")
    await fresh(house)
    page = await cora.get("/group/retention")
    assert 'value="365"' in page.text
    for bad in ("29", "3651", "x", "-40", ""):
        refused = await cora.post("/group/retention", form=page.key, looked=bad)
        assert refused.status == 422, bad
    assert await looked_days(house.node) == 365

    saved = await cora.post("/group/retention", form=page.key, looked="90")

    assert saved.path == "/group/retention?done=saved"
    assert await looked_days(house.node) == 90
    assert "Wie naar je gegevens keek: 90 dagen." in (await an.get("/privacy")).words
    assert "Dit blijft 90 dagen staan." in (await an.get("/me/looked")).words
    assert await looks(house, "001") == [("003", "changed", 1)]
