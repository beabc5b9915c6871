"""Categories on a page: a coordinator adds them on two levels, and twice pressed is once."""

from __future__ import annotations

from federation.group.commands import ImportPost
from federation.members.categories import categories
from federation.node.service import now_s
from federation.node.use_cases import new_key
from schemas.openings import PostText
from tests.federation.web.conftest import House
from tests.federation.web.post_help import put, send, typed
from tests.federation.web.two_groups import press


async def test_a_coordinator_adds_categories_on_two_levels(house: House) -> None:
    cora = await house.signed_in("003")
    page = await cora.get("/group/categories")
    for _ in range(2):
        await cora.post("/group/categories", form=page.key, name="Huis <b>", parent="")
    await house.seen()
    (huis,) = await categories(house.node)
    page = await cora.get("/group/categories")
    assert "Huis &lt;b&gt;" in page.text

    under = str(huis.category)
    await cora.post("/group/categories", form=page.key, name="Poetsen", parent=under)
    await house.seen()
    found = await categories(house.node)
    assert [(one.name, one.parent) for one in found] == [
        ("Huis <b>", None),
        ("Poetsen", huis.category),
    ]
    page = await cora.get("/group/categories")
    deeper = str(found[1].category)
    for bad in ({"name": "", "parent": ""}, {"name": "Ramen", "parent": deeper}, {"name": "x"}):
        refused = await cora.post("/group/categories", {"form": page.key, "parent": "99", **bad})
        assert refused.status == 422
    assert len(await categories(house.node)) == 2


async def test_an_editor_renames_orders_and_ends_one_that_is_in_use(house: House) -> None:
    await house.group.ask("member.role", code="002", role="editor")
    for name in ("Tuin", "Huis"):
        await house.group.ask("category.place", by="003", name=name)
    await put(house.group, "001", "Snoeien", category=1)
    bert = await house.signed_in("002")

    page = await bert.get("/group/categories/1")
    assert 'value="Tuin"' in page.text
    page = await press(bert, page, name="Moestuin")
    assert page.path == "/group/categories?done=saved"
    assert page.words.index("Huis") < page.words.index("Moestuin")
    page = await bert.get("/group/categories/1")
    await bert.post("/group/categories/1/move", form=page.key, to="up")
    words = (await bert.get("/group/categories")).words
    assert words.index("Moestuin") < words.index("Huis")

    refused = await press(bert, await bert.get("/group/categories/1/end"), into="")
    assert refused.status == 422
    page = await press(bert, await bert.get("/group/categories/1/end"), into="2")
    assert page.path == "/group/categories?done=category-ended"
    (left,) = await categories(house.node)
    assert left.name == "Huis"
    assert "Huis" in (await bert.get("/posts/1")).words
    assert (await bert.get("/group/categories/1")).status == 404


async def test_a_post_whose_category_was_ended_is_edited_and_keeps_it_until_another_is_chosen(
    house: House,
) -> None:
    for name in ("Tuin", "Huis"):
        await house.group.ask("category.place", by="003", name=name)
    cora, an = await house.signed_in("003"), await house.signed_in("001")
    await press(cora, await cora.get("/group/categories/1/end"), into="")
    text, account = PostText(title="Snoeien"), house.account("001")
    placed = await house.node.do(
        ImportPost(new_key(), "messages:7", now_s(), account, False, text, category=1)
    )
    post = placed.value
    await house.seen()
    path = f"/posts/{post}/edit"

    form = await an.get(path)
    kept = await send(an, path, {**typed(form), "title": "Haag snoeien"})
    await house.seen()

    assert "Een rubriek die er niet meer is" in form.words
    assert kept.path == f"/posts/{post}?done=saved"
    assert house.node.machine.books.members.posts[post].category == 1
    await send(an, path, {**typed(await an.get(path)), "category": "2"})
    await house.seen()
    assert house.node.machine.books.members.posts[post].category == 2
    assert "Een rubriek die er niet meer is" not in (await an.get(path)).words
