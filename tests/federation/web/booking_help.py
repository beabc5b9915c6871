"""What tests of booking share: a balance as the books have it, and the second screen filled in."""

from __future__ import annotations

import re

from tests.federation.web.conftest import Browser, House, Page


def balance(house: House, code: str) -> int:
    return house.node.machine.books.ledger.balance(house.account(code))


async def typed_in(browser: Browser, page: Page, amount: str, path: str = "/give") -> Page:
    """Type an amount on the second screen and go on, as its form does."""
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text))
    query = "&".join(f"{name}={value}" for name, value in {**hidden, "amount": amount}.items())
    return await browser.get(f"{path}?{query}")
