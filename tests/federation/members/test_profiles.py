"""Members describe themselves, sign in for each other, and are seen by who may see them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from federation.group.commands import SetStatus
from federation.members import profiles, roles, statement
from federation.members.reader import ANONYMOUS, NEIGHBOUR
from federation.members.submitting import submit
from federation.node.service import Node
from federation.node.use_cases import new_key
from schemas.bodies import AccountKind, AccountStatus
from schemas.errors import Code, RefusedError, RuilbrugError
from schemas.member_bodies import Picture, Role
from schemas.openings import Contact, MemberText
from tests.federation.members.conftest import Group
from tests.federation.members.test_pictures import taken_in

CONTACTS = (
    Contact(kind="mail", value="Anna@Voorbeeld.invalid", access="members"),
    Contact(kind="gsm", value="0470 11 22 33", access="staff"),
    Contact(kind="web", value="https://voorbeeld.invalid", access="public"),
)
TEXT = MemberText(name="Anna Aerts", postcode="3000", contacts=CONTACTS, skills="Naaien")


async def test_a_member_describes_itself_and_is_found_by_its_address(group: Group) -> None:
    anna = group.account("001")

    await profiles.describe(group.node, group.reader("001"), anna, TEXT, key=new_key())

    (found,) = await profiles.person_by_address(group.node, " anna@voorbeeld.INVALID ")
    assert (found.account, found.person, found.name) == (anna, 0, "Anna Aerts")
    names = {row["code"]: row["name"] for row in await group.ask("member.list")}
    assert names == {"001": "Anna Aerts", "002": "Bert", "003": "Carla"}


async def test_contacts_show_to_whom_they_are_for(group: Group) -> None:
    anna = group.account("001")
    await profiles.describe(group.node, group.reader("001"), anna, TEXT, key=new_key())

    kinds = {}
    for code in ("001", "002", "003"):
        seen = await profiles.profile(group.node, anna, group.reader(code))
        kinds[code] = [contact.kind for contact in seen.contacts]

    assert kinds == {
        "001": ["mail", "gsm", "web"],
        "002": ["mail", "web"],
        "003": ["mail", "gsm", "web"],
    }
    for reader in (ANONYMOUS, NEIGHBOUR):
        with pytest.raises(RuilbrugError) as error:
            await profiles.profile(group.node, anna, reader)
        assert error.value.code is Code.ACCOUNT_UNKNOWN
        assert await profiles.profiles(group.node, reader) == []


async def test_a_member_neither_sees_nor_changes_what_the_coordinators_noted(group: Group) -> None:
    anna = group.account("001")
    await group.ask("member.describe", code="001", admin_comment="belt nooit terug")

    mine = TEXT
    await profiles.describe(group.node, group.reader("001"), anna, mine, key=new_key())

    kept = await profiles.member_text(group.node, anna)
    assert kept is not None
    assert kept.admin_comment == "belt nooit terug"
    assert kept.name == "Anna Aerts"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": " \u202e "}, Code.TEXT_MISSING),
        ({"name": "n" * 101}, Code.TOO_LARGE),
        ({"language": "de"}, Code.MALFORMED),
        ({"contacts": [{"kind": "mail", "value": "anna"}]}, Code.MAIL_ADDRESS_INVALID),
        ({"contacts": [{"kind": "tel", "value": ""}]}, Code.TEXT_MISSING),
        ({"contacts": [{"kind": "tel", "value": "1"}] * 21}, Code.TOO_MANY),
        ({"by": "002"}, Code.NOT_YOURS),
    ],
)
async def test_what_cannot_be_said_of_a_member_is_refused(
    group: Group, changed: dict[str, object], code: Code
) -> None:
    size = group.node.sequencer.size

    with pytest.raises(RuilbrugError) as error:
        await group.ask("member.describe", code="001", **changed)

    assert error.value.code is code
    assert group.node.sequencer.size == size


async def test_persons_of_a_household_sign_in_and_leave(group: Group) -> None:
    anna, reader, key = group.account("001"), group.reader("001"), new_key()
    said = {"name": "Dirk", "address": "dirk@voorbeeld.invalid", "key": key}

    person = await roles.join_person(group.node, reader, anna, **said)
    again = await roles.join_person(group.node, reader, anna, **said)

    assert person == again == 1
    assert roles.reader_of(group.node, anna, 1).person == 1
    found = await profiles.person_by_address(group.node, "dirk@voorbeeld.invalid")
    assert [(p.account, p.person, p.code) for p in found] == [(anna, 1, "001")]
    seen = await profiles.profile(group.node, anna, group.reader("002"))
    assert [(p.name, p.address) for p in seen.persons] == [("Anna", ""), ("Dirk", "")]

    await roles.leave_person(group.node, reader, anna, 1, key=new_key())

    assert await profiles.person_by_address(group.node, "dirk@voorbeeld.invalid") == []
    with pytest.raises(RuilbrugError) as error:
        roles.reader_of(group.node, anna, 1)
    assert error.value.code is Code.PERSON_UNKNOWN
    assert await roles.join_person(group.node, reader, anna, **(said | {"key": new_key()})) == 2


async def test_a_helper_acts_for_a_member_and_is_on_record(group: Group) -> None:
    anna, bert = group.account("001"), group.account("002")
    with pytest.raises(RuilbrugError) as error:
        group.reader("002", acting_for="001")
    assert error.value.code is Code.NOT_YOURS

    await group.ask("member.helper", by="001", code="001", helper="002")
    helper = group.reader("002", acting_for="001")
    text = MemberText(name="Anna Aerts", skills="Naaien")
    await profiles.describe(group.node, helper, anna, text, key=new_key())

    assert roles.may_act_for(group.node, bert) == [anna]
    assert roles.helpers_of(group.node, anna) == [bert]
    body = await group.node.pool.fetchval("SELECT body FROM log_event ORDER BY seq DESC LIMIT 1")
    assert f'"entered_by":{bert}' in body.decode()
    await group.ask("member.helper", by="002", code="001", helper="002", dismiss=True)
    assert roles.may_act_for(group.node, bert) == []


async def test_roles_count_while_a_member_is_active(group: Group) -> None:
    carla = group.account("003")
    assert group.reader("003").coordinator
    assert not group.reader("001").coordinator
    with pytest.raises(RuilbrugError) as error:
        await group.ask("member.role", by="001", code="001", role="coordinator")
    assert error.value.code is Code.FORBIDDEN

    await group.ask("member.role", by="003", code="001", role="auditor")

    assert roles.roles_of(group.node, group.account("001")) == {Role.AUDITOR}
    await group.node.do(SetStatus(carla, AccountStatus.INACTIVE))
    assert roles.roles_of(group.node, carla) == frozenset()


async def test_a_helper_changes_what_is_told_but_not_by_which_address_the_member_signs_in(
    group: Group,
) -> None:
    mail = Contact(kind="mail", value="anna@voorbeeld.be", access="members")
    phone = Contact(kind="tel", value="09 111", access="members")
    before = MemberText(name="Anna", contacts=(mail,))
    anna = group.account("001")
    await profiles.describe(group.node, group.reader("001"), anna, before, key=new_key())
    await roles.appoint_helper(
        group.node, group.reader("001"), anna, group.account("002"), key=new_key()
    )
    helper = group.reader("002", acting_for="001")
    own = msgspec.structs.replace(mail, value="bert@voorbeeld.be")

    for contacts in ((own,), (own, mail), (phone,)):
        text = msgspec.structs.replace(before, contacts=contacts)
        with pytest.raises(RefusedError) as refused:
            await profiles.describe(group.node, helper, anna, text, key=new_key())
        assert refused.value.code is Code.NOT_YOURS
    told = msgspec.structs.replace(before, hobbies="Breien", contacts=(phone, mail))
    await profiles.describe(group.node, helper, anna, told, key=new_key())

    assert await profiles.member_text(group.node, anna) == told
    assert [one.account for one in await profiles.person_by_address(group.node, mail.value)] == [
        anna
    ]


async def test_balances_show_by_the_rule_of_the_group(group: Group) -> None:
    await group.ask("member.describe", code="001", name="Anna")
    anna = group.account("001")

    async def seen(code: str) -> int | None:
        return (await profiles.profile(group.node, anna, group.reader(code))).balance_minor

    assert [await seen(code) for code in ("001", "002", "003")] == [0, None, 0]
    await group.ask("member.rules", by="003", members_see_balances=True)
    assert [await seen(code) for code in ("001", "002", "003")] == [0, 0, 0]


async def test_bookings_of_accounts_that_trade_with_nobody_are_for_auditors(group: Group) -> None:
    await group.ask("member.rules", by="003", members_see_balances=True)
    await group.ask("member.role", by="003", code="002", role="auditor")
    books = group.node.machine.books.ledger.accounts.values()
    others = [one.account for one in books if one.kind is not AccountKind.MEMBER]
    wanted = statement.Wanted()
    assert others

    for account in others:
        with pytest.raises(RefusedError) as refused:
            await statement.statement(group.node, account, group.reader("001"), wanted)
        assert refused.value.code is Code.FORBIDDEN
        await statement.statement(group.node, account, group.reader("002"), wanted)


async def test_members_are_found_by_name_and_code_without_accents(group: Group) -> None:
    await group.ask("member.describe", code="002", name="Bérénice 100% Öçal")

    async def found(said: str) -> list[str]:
        rows = await profiles.profiles(group.node, group.reader("001"), said=said)
        return [row.code for row in rows]

    assert await found("") == ["001", "002", "003"]
    assert await found("berenice") == await found("ÖCAL") == ["002"]
    assert await found("00") == ["001", "002", "003"]
    assert await found("100%") == ["002"]
    assert await found("_") == []


async def test_a_key_that_gave_a_role_does_not_take_it(group: Group) -> None:
    key, anna, reader = new_key(), group.account("001"), group.reader("003")
    await roles.give_role(group.node, reader, anna, Role.AUDITOR, key=key)

    with pytest.raises(RuilbrugError) as error:
        await roles.take_role(group.node, reader, anna, Role.AUDITOR, key=key)

    assert error.value.code is Code.CONFLICT
    assert roles.roles_of(group.node, anna) == {Role.AUDITOR}


@pytest.mark.parametrize("first", ["picture", "words"])
async def test_who_is_quicker_is_not_written_over(
    group: Group, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """A picture is chosen while the profile is being saved, and the other way round."""
    anna, reader = group.account("001"), group.reader("001")
    stored = await taken_in(group)
    writes: dict[str, Callable[[], Awaitable[None]]] = {
        "picture": lambda: profiles.show_picture(
            group.node, reader, anna, stored.picture, key=new_key()
        ),
        "words": lambda: profiles.describe(group.node, reader, anna, TEXT, key=new_key()),
    }
    second = writes.pop("words" if first == "picture" else "picture")
    (quicker,) = writes.values()

    async def after_another(node: Node, command: Any) -> int:
        monkeypatch.setattr(profiles, "submit", submit)
        await quicker()
        return await submit(node, command)

    monkeypatch.setattr(profiles, "submit", after_another)
    await second()

    text = await profiles.member_text(group.node, anna)
    assert text is not None
    assert (text.name, text.skills, text.picture) == ("Anna Aerts", "Naaien", stored.picture)


async def test_saving_a_profile_changes_no_picture(group: Group) -> None:
    anna, reader = group.account("001"), group.reader("001")
    stored = await taken_in(group)
    await profiles.show_picture(group.node, reader, anna, stored.picture, key=new_key())

    for picture in (None, Picture(digest="A" * 43, size=1)):
        text = msgspec.structs.replace(TEXT, picture=picture)
        await profiles.describe(group.node, reader, anna, text, key=new_key())

        assert (await profiles.profile(group.node, anna, reader)).picture == stored.picture
