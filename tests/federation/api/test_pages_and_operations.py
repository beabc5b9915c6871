"""What a page does, the API does by the same use case, or it is said why not."""

from __future__ import annotations

from federation.api.operation import Operation
from federation.api.table import OPERATIONS
from federation.api.tokens import TokenRole
from federation.web.app import MODULES
from federation.web.routes import Audience, Page
from tests.federation.api.called import deeds, left_out, looks
from tests.federation.api.pages_and_operations import (
    MORE_ON_PAGES,
    OF_NO_PAGE,
    PAGES,
    SEEN_OTHERWISE,
    Why,
)

BY_NAME: dict[str, Operation] = {one.name: one for one in OPERATIONS}
BY_ADDRESS: dict[str, Page] = {
    f"{page.method} {page.path}": page for module in MODULES for page in module.pages.all
}
DONE = {address: said for address, said in PAGES.items() if isinstance(said, tuple)}
TOKENS = {
    Audience.EVERYBODY: TokenRole.MEMBER,
    Audience.MEMBERS: TokenRole.MEMBER,
    Audience.COORDINATORS: TokenRole.COORDINATOR,
    Audience.AUDITORS: TokenRole.AUDITOR,
    Audience.TREASURERS: TokenRole.TREASURER,
    Audience.EDITORS: TokenRole.EDITOR,
    Audience.MODERATORS: TokenRole.EDITOR,
}
"""Whose token does what these do on pages."""
LEADS_ON = {"GET /me/data": "GET /me/data.zip"}
"""Forms that lead to another page than the one that takes what they send."""


def because(why: Why) -> set[str]:
    """Give the pages that have no operation for this reason."""
    return {address for address, said in PAGES.items() if said is why}


def test_every_page_and_every_operation_is_named_and_nothing_else() -> None:
    named = {name for names in DONE.values() for name in names}

    assert PAGES.keys() == BY_ADDRESS.keys()
    assert named | OF_NO_PAGE.keys() == BY_NAME.keys()
    assert not named & OF_NO_PAGE.keys()
    assert all(DONE.values()), "say why there is none"


def test_a_page_and_its_operations_call_the_same() -> None:
    """What changes something comes to the same use case, or brings the log the same command."""
    apart = set()
    for address, names in DONE.items():
        called = looks if address.startswith("GET ") else deeds
        here = called(BY_ADDRESS[address].handler)
        apart |= {(address, name) for name in names if not here & called(BY_NAME[name].run)}

    assert apart == SEEN_OTHERWISE.keys()
    assert all(address.startswith("GET ") for address, _ in SEEN_OTHERWISE)


def test_what_a_page_changes_its_operations_change() -> None:
    more: set[str] = set()
    for address, names in DONE.items():
        runs = [BY_NAME[name].run for name in names]
        more |= left_out(BY_ADDRESS[address].handler, runs)

    assert more == MORE_ON_PAGES.keys()


def test_whoever_gets_the_page_may_have_a_token_for_its_operations() -> None:
    without = [
        (address, name)
        for address, names in DONE.items()
        for name in names
        if TOKENS[BY_ADDRESS[address].audience] not in BY_NAME[name].roles
    ]

    assert without == []


def test_nothing_that_members_do_is_lacking() -> None:
    lacking = {BY_ADDRESS[address].audience for address in because(Why.LACKS)}

    assert not lacking & {Audience.EVERYBODY, Audience.MEMBERS}


def test_what_needs_no_token_is_for_everybody() -> None:
    for address in because(Why.PUBLIC) | because(Why.LINK) | because(Why.DEMO):
        assert BY_ADDRESS[address].audience is Audience.EVERYBODY, address


def test_a_form_leads_to_what_an_operation_does() -> None:
    for address in because(Why.ASKS):
        deed = LEADS_ON.get(address, address.replace("GET ", "POST "))
        assert deed in DONE, address
    for address in because(Why.FILE):
        assert address.removesuffix("/csv") in DONE, address
