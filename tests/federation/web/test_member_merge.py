"""Merging doubles over real HTTP: found, seen first, done once, and read afterwards."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from federation.members import erasing, pictures, posts, profiles
from federation.members.profiles import member_text
from federation.members.roles import reader_of
from federation.node.service import now_s
from federation.node.use_cases import new_key
from federation.node.verify import verify_log
from projections.tables import read_books
from schemas.openings import Contact, MemberText
from tests.federation.web.conftest import House, house

__all__ = ["house"]

PATH = "/group/members/002/merge"


async def test_a_double_is_found_seen_merged_once_and_points_on(house: House) -> None:
    same = Contact(kind="tel", value="0470 12 34 56", access="staff")
    mail = [Contact(kind="mail", value=f"{name}@voorbeeld.be") for name in ("an", "bert")]
    await house.describe("001", MemberText(name="An Peeters", contacts=(mail[0], same)))
    await house.describe("002", MemberText(name="An P.", place="Gent", contacts=(mail[1], same)))
    await house.group.ask("pay", payer="005", payee="002", amount_minor=7, description="Soep")
    cora = await house.signed_in("003")
    an = await house.signed_in("001")

    doubles = await cora.get("/group/doubles")
    preview = await cora.get(f"{PATH}?into=001")
    form = {"form": preview.key, "into": "001", "sure": "yes"}
    done = await cora.post(PATH, form)
    again = await cora.post(PATH, form)
    await house.seen()
    closed = await cora.get("/group/members/002")
    statement = await an.get("/statement")

    assert "dezelfde telefoon" in doubles.words
    assert "iets gemeen" in doubles.words
    assert 'href="/group/members/002/merge?into=001"' in doubles.text
    assert "An Peeters (001) gaat verder." in preview.words
    assert "het saldo wordt 7 units" in preview.words.replace("\u00a0", " ")
    assert "Samengevoegd." in done.words
    assert again.status == 200
    ledger = house.node.machine.books.ledger
    assert ledger.balance(house.account("001")) == 7
    assert ledger.balance(house.account("002")) == 0
    assert "Ze gaat verder als An Peeters 001" in closed.words
    assert "Was een dubbele, en gaat verder als An Peeters (001)." in closed.words
    assert "door Cora Coördinator" in closed.words
    assert "Samengevoegd: 002 gaat verder als 001." in statement.words
    text = await member_text(house.node, house.account("001"))
    assert text is not None
    assert (text.place, [one.value for one in text.contacts]) == (
        "Gent",
        ["an@voorbeeld.be", "0470 12 34 56", "bert@voorbeeld.be"],
    )
    assert "An P." not in (await cora.get("/group/doubles")).words

    async with house.node.pool.acquire() as connection:
        stored = (await read_books(connection)).ledger
    kept = stored.accounts
    given = {code: ledger.given.get(house.account(code)) or 0 for code in ("001", "002")}
    assert given == {"001": 7, "002": 0}, "what the double gave counts for the one that goes on"
    assert given == {code: stored.given.get(house.account(code)) or 0 for code in given}
    assert (await verify_log(house.group.folder)).findings == []
    assert {one.account: one for one in kept.values()} == {
        one.account: one for one in ledger.accounts.values()
    }
    assert kept.get(house.account("002")).merged_into == house.account("001")  # type: ignore[union-attr]

    await erasing.erase(
        house.node, reader_of(house.node, house.account("003")), house.account("001")
    )
    assert await member_text(house.node, house.account("002")) is None


async def test_what_cannot_be_is_said_before(house: House) -> None:
    await house.group.ask("trade.ask", by="002", payer="001", amount_minor=8)
    cora = await house.signed_in("003")

    opened = await cora.get(f"{PATH}?into=001")
    nobody = await cora.get(f"{PATH}?into=999")
    own = await cora.get("/group/members/003/merge?into=001")
    blank = await cora.get(PATH)
    empty = await cora.post(PATH, {"form": blank.key, "into": ""})

    assert "er staat nog iets open" in opened.words
    assert "iets gemeen" not in (await cora.get("/group/doubles")).words, "nobody is double"
    assert 'name="sure"' not in opened.text + own.text
    assert (nobody.status, empty.status) == (422, 422)


async def test_posts_with_pictures_and_the_household_come_along(house: House) -> None:
    bert = reader_of(house.node, house.account("002"))
    drawn = BytesIO()
    Image.new("RGB", (40, 30), "green").save(drawn, "PNG")
    taken = await pictures.store(house.node, bert, drawn.getvalue())
    form = posts.PostForm(
        want=False, title="Soep", expires_at_s=now_s() + 86_400, pictures=(taken.picture,)
    )
    await posts.place(house.node, bert, form, key=new_key())
    drawn = BytesIO()
    Image.new("RGB", (30, 30), "teal").save(drawn, "PNG")
    face = (await pictures.store(house.node, bert, drawn.getvalue())).picture
    await profiles.show_picture(house.node, bert, house.account("002"), face, key=new_key())
    await house.group.ask("member.join", code="002", name="Pol", address="pol@voorbeeld.be")
    await house.seen()
    cora = await house.signed_in("003")

    preview = await cora.get(f"{PATH}?into=001")
    await cora.post(PATH, {"form": preview.key, "into": "001", "sure": "yes"})
    await house.seen()

    assert "Vraag en aanbod komt mee: Soep" in preview.words
    assert "Wie mee de rekening deelt, komt mee: Pol" in preview.words
    an = reader_of(house.node, house.account("001"))
    (found,) = await posts.posts_of(house.node, house.account("001"), an)
    assert (found.title, found.pictures) == ("Soep", (taken.picture,))
    assert await pictures.read(house.node, taken.picture.digest, an)
    goes_on = await profiles.profile(house.node, house.account("001"), an)
    assert goes_on.picture == face
    assert await pictures.read(house.node, face.digest, an)
    left = await profiles.profile(house.node, house.account("002"), an)
    assert left.picture is None
    assert await pictures.read(house.node, taken.picture.digest, an, thumbnail=True)
    (pol,) = await profiles.person_by_address(house.node, "pol@voorbeeld.be")
    assert pol.account == house.account("001")
