"""What a booking was for is read by its two and who may help them: all pages, as everybody."""

from __future__ import annotations

import io
import re
import zipfile
from typing import NamedTuple
from urllib.parse import quote

import pytest

from federation.group.partner_commands import AskPartner
from federation.members import feed_serving, roles, statement
from federation.members.reader import OPERATOR, Reader
from federation.members.statement import Wanted
from federation.node.use_cases import new_key
from federation.web.app import MODULES
from projections.receipt import check_receipt
from schemas.bodies import AccountKind
from schemas.openings import Contact, MemberText
from tests.browser.group_world import reader
from tests.browser.whole_world import furnish
from tests.federation.web.conftest import Browser, House
from tests.federation.web.test_statement import pay
from tests.federation.world.conftest import lines
from tests.federation.world.test_booking_proof import policy_of, proof_ready

SECRETS = ("GEHEIMSOEP", "GEHEIMVER", "GEHEIMVRAAG", "GEHEIMMAIL", "GEHEIMDANK")
TO_ALL = "BIJDRAGE"
LEAVES = {"/logout", "/language"}
IN_DEMO = "/mailbox"
"""Mails to everybody are shown there in the demo."""


class Planted(NamedTuple):
    """Bookings of An (001), whose texts nobody but she and the other may read."""

    ids: dict[str, tuple[str, ...]]
    """What stands in the addresses of pages."""


async def plant(house: House) -> Planted:
    """Let An book with Bert (002), ask, thank, trade with two other groups, and all contribute."""
    ask, account = house.group.ask, house.account
    await pay(house, "001", "002", 5, "GEHEIMSOEP")
    seq = await house.node.pool.fetchval(
        "SELECT max(seq) FROM posting WHERE account = $1", account("002")
    )
    await ask("trade.thank", by="001", trade=str(seq), text="GEHEIMDANK")
    asked = await ask("trade.ask", by="002", payer="001", amount_minor=2, description="GEHEIMVRAAG")
    by_mail = next(
        one for one in house.node.machine.books.agreeing.partners.values() if one.account
    )
    mailed = AskPartner(new_key(), account("001"), by_mail.account, True, 1, "GEHEIMMAIL", "Rita")
    await house.node.do(mailed)
    other = house.world.nodes[-1]
    await other.start()
    across = await ask(
        "pay",
        payer="001",
        payee="002",
        group=other.node.settings.name,
        amount_minor=3,
        description="GEHEIMVER",
        wait_s=0,
    )
    made = await ask("collective.book", by="003", amount_minor=1, description=TO_ALL)
    await house.seen()
    return Planted(
        {
            "{code}": ("001", "002"),
            "{booking}": (str(seq), str(made["seq"])),
            "{path}": (str(seq), asked["id"], mailed.key, across["path"], str(made["seq"])),
            "{account}": (str(by_mail.account), str(account("001"))),
            "{seq}": (str(seq), str(made["seq"])),
            "{table}": ("transactions", "users", "balance"),
            "{line}": tuple(line.line for line in lines(house.group)),
        }
    )


def addresses(planted: Planted) -> list[str]:
    """Give every address that shows something, with all that is planted in it."""
    found = []
    for page in (page for module in MODULES for page in module.pages.all):
        if page.method != "GET" or page.path in LEAVES or page.path.startswith(IN_DEMO):
            continue
        paths = [page.path]
        for part in re.findall(r"\{\w+\}", page.path):
            values = planted.ids.get(part, ("1",))
            paths = [path.replace(part, quote(value)) for path in paths for value in values]
        found += paths
    looks = ("/statement", "/members/001/bookings", "/members/002/bookings")
    return [*found, *(f"{path}?text=geheim" for path in looks)]


async def read(browser: Browser, path: str) -> str:
    """Give all that an address tells, a ZIP opened."""
    async with browser.session.get(browser.url + path) as response:
        body = await response.read()
        assert response.status != 500, path
    if body.startswith(b"PK"):
        archive = zipfile.ZipFile(io.BytesIO(body))
        body = b"\n".join(archive.read(name) for name in archive.namelist())
    return body.decode(errors="replace")


async def told(browser: Browser, planted: Planted) -> dict[str, set[str]]:
    """Give which secrets are told, and where."""
    found: dict[str, set[str]] = {}
    for path in addresses(planted):
        said = await read(browser, path)
        secrets = {secret for secret in SECRETS if secret in said}
        if secrets:
            found[path] = secrets
    return found


async def newcomer(house: House, code: str, role: str = "") -> Browser:
    """Give the browser of one more member, with a role."""
    await house.group.ask("member.add", code=code, name=f"Lid {code}")
    mail = Contact(kind="mail", value=f"lid{code}@voorbeeld.be", access="members")
    await house.describe(code, MemberText(name=f"Lid {code}", contacts=(mail,)))
    if role:
        await house.group.ask("member.role", code=code, role=role)
    browser = house.browser()
    sent = await house.ask(browser, mail.value)
    await browser.post(sent.path, form=(await browser.get(sent.path)).key)
    assert browser.cookie()
    return browser


@pytest.fixture
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_serving, "REST", 0)


@pytest.mark.usefixtures("_no_rest")
async def test_no_page_tells_anybody_else_what_a_booking_was_for(house: House) -> None:
    await furnish(house)
    planted = await plant(house)
    await roles.set_rules(house.node, OPERATOR, members_see_balances=True, key=new_key())
    acting = await house.signed_in("003")
    await acting.post("/me/acting", account=str(house.account("001")))
    assert "in naam van An" in (await acting.get("/home")).words
    others = {
        "anonymous": house.browser(),
        "member": await newcomer(house, "011"),
        "coordinator": await house.signed_in("003"),
        "auditor": await house.signed_in("004"),
        "treasurer": await newcomer(house, "012", "treasurer"),
        "editor": await newcomer(house, "013", "editor"),
        "coordinator in her name": acting,
    }

    found = {who: await told(browser, planted) for who, browser in others.items()}

    assert found == {who: {} for who in others}


@pytest.mark.usefixtures("_no_rest")
async def test_its_two_read_it_and_whom_they_let_help_them(house: House) -> None:
    await furnish(house)
    planted = await plant(house)
    await house.group.ask("member.helper", code="001", helper="004")
    helper = await house.signed_in("004")
    await helper.post("/me/acting", account=str(house.account("001")))
    an, wim, bert = await house.signed_in("001"), house.browser(), await house.signed_in("002")
    sent = await house.ask(wim, "wim@voorbeeld.be")
    await wim.post(sent.path, form=(await wim.get(sent.path)).key)

    for browser in (an, wim, helper):
        pages = await told(browser, planted)
        assert set().union(*pages.values()) == set(SECRETS)
        assert pages["/statement"] == pages["/statement/csv"] == {"GEHEIMSOEP", "GEHEIMVER"}
        assert pages["/statement?text=geheim"] == {"GEHEIMSOEP", "GEHEIMVER"}
    assert (await told(an, planted))["/me/data.zip"] == set(SECRETS)
    theirs = await told(bert, planted)
    assert set().union(*theirs.values()) == {"GEHEIMSOEP", "GEHEIMVRAAG", "GEHEIMDANK"}


async def test_what_is_booked_with_many_is_read_by_all_in_it_and_by_who_sees_the_books(
    house: House,
) -> None:
    await house.group.ask("collective.book", by="003", amount_minor=1, description=TO_ALL)
    await house.seen()
    await roles.set_rules(house.node, OPERATOR, members_see_balances=True, key=new_key())

    an, auditor = await house.signed_in("001"), await house.signed_in("004")
    outside = await newcomer(house, "011")

    assert TO_ALL in (await an.get("/statement")).text
    assert TO_ALL in (await auditor.get("/members/001/bookings")).text
    assert TO_ALL in (await read(await house.signed_in("003"), "/group/export/transactions.csv"))
    seen = await outside.get("/members/001/bookings")
    assert "-1" in seen.words.replace("\N{MINUS SIGN}", "-")
    assert TO_ALL not in seen.text


async def test_the_page_says_who_reads_it(house: House) -> None:
    an, cora = await house.signed_in("001"), await house.signed_in("003")

    for language, here, many in (
        ("nl", "De kerngroep ziet het bedrag, niet dit.", "ook wie de boeken ziet"),
        ("fr", "L'équipe voit le montant, pas ceci.", "qui voit les comptes aussi"),
        ("en", "The coordinators see the amount, not this.", "so does who sees the books"),
    ):
        await an.post("/language", language=language)
        await cora.post("/language", language=language)
        assert here in (await an.get("/give?to=002&amount=5")).words
        assert many in (await cora.get("/group/collective")).words


async def test_looking_for_words_that_are_not_ones_own_finds_nothing(house: House) -> None:
    """Whether a booking is found tells as much as its text."""
    await pay(house, "001", "002", 5, "GEHEIMSOEP")
    cora, an = reader(house, "003"), reader(house, "001")
    acting = roles.reader_of(house.node, house.account("003"), acting_for=house.account("001"))

    async def found(who: Reader, text: str) -> list[str]:
        wanted = Wanted(text=text)
        page = await statement.statement(house.node, house.account("001"), who, wanted)
        return [line.description for line in page.lines]

    assert await found(an, "soep") == ["GEHEIMSOEP"]
    assert await found(cora, "soep") == await found(acting, "soep") == []
    assert await found(OPERATOR, "soep") == []
    assert await found(cora, "") == [""]


async def test_the_server_reads_books_without_words_and_takes_them_along_on_record(
    house: House,
) -> None:
    await pay(house, "001", "002", 5, "GEHEIMSOEP")
    ask = house.group.ask
    file = house.group.folder.path / "all.zip"

    page = await ask("account.statement", code="001")
    trades = await ask("trade.list", by="001")
    await ask("export", file=str(file))

    assert [line["description"] for line in page["lines"]] == [""]
    assert [trade["description"] for trade in trades] == [""]
    archive = zipfile.ZipFile(file)
    assert "GEHEIMSOEP" in archive.read("transactions.csv").decode()
    an = await house.signed_in("001")
    looked = (await an.get("/me/looked")).words
    assert "Wie de server beheert bekeek een lijst van alle leden" in looked
    assert "Wie de server beheert bekeek je boekingen" in looked


async def test_a_coordinator_who_takes_the_group_along_is_on_record(house: House) -> None:
    cora, an = await house.signed_in("003"), await house.signed_in("001")

    await read(cora, "/group/export.zip")

    assert (
        "Cora Coördinator 003 bekeek een lijst van alle leden" in (await an.get("/me/looked")).words
    )


async def test_a_proof_tells_its_words_to_its_two_alone(house: House) -> None:
    await pay(house, "001", "002", 5, "GEHEIMSOEP")
    account = house.account("001")
    seq = await house.node.pool.fetchval("SELECT max(seq) FROM posting WHERE account = $1", account)
    await proof_ready(house.group, "001", seq)
    an, cora = await house.signed_in("001"), await house.signed_in("003")

    own = await an.get(f"/statement/{seq}/proof/file")
    theirs = await cora.get(f"/members/001/bookings/{seq}/proof/file")

    policy = policy_of(house.group)
    assert check_receipt(own.text.encode(), policy).description == "GEHEIMSOEP"
    assert check_receipt(theirs.text.encode(), policy).description is None


async def test_a_group_account_is_read_by_who_books_for_it(house: House) -> None:
    group = house.node.machine.books.ledger.account_of_kind(AccountKind.GROUP)
    assert group is not None
    await pay(house, "001", group.code, 5, "ZAALHUUR")
    await house.group.ask("member.role", code="005", role="treasurer")
    await house.seen()

    async def words(code: str) -> list[str]:
        page = await statement.statement(house.node, group.account, reader(house, code), Wanted())
        return [line.description for line in page.lines]

    assert await words("003") == await words("005") == ["ZAALHUUR"]
    assert await words("004") == [""]
