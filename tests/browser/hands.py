"""How somebody uses a page: with a finger, or with the keyboard alone; and how often."""

from __future__ import annotations

from playwright.async_api import Locator, Page

TABS_MAX = 90


class Hands:
    """Presses and types on one page.

    `taps` counts all that a hand does: a button or a link, a field that is tapped to type in, the
    key that sends. What is typed in between is not counted, nor the Tab key.
    """

    def __init__(self, page: Page, *, keys: bool, scripts: bool, engine: bool) -> None:
        self.page = page
        self.keys = keys
        self.scripts = scripts
        self.engine = engine
        self.taps = 0

    async def press(self, words: str) -> None:
        """Press a button or follow a link that is called so, and wait for the page behind it."""
        target = self.page.get_by_role("button", name=words, exact=True)
        if not await target.count():
            target = self.page.get_by_role("link", name=words)
        await self.go(target.first)

    async def go(self, target: Locator) -> None:
        """Press something, and wait for the page behind it."""
        async with self.page.expect_navigation():
            await self._at(target)
        self.taps += 1

    async def write(self, label: str, text: str) -> None:
        """Put a text into a field."""
        field = self.page.get_by_label(label)
        self.taps += 1
        if not self.keys:
            await field.fill(text)
            return
        await self._reach(field)
        await self.page.keyboard.press("ControlOrMeta+a")
        await self.page.keyboard.type(text)

    async def enter(self) -> None:
        """Send the form of the field in which one stands, as the key of a phone's keyboard does."""
        async with self.page.expect_navigation():
            await self.page.keyboard.press("Enter")
        self.taps += 1

    async def _at(self, target: Locator) -> None:
        if not self.keys:
            await target.click()
            return
        await self._reach(target)
        await self.page.keyboard.press("Enter")

    async def _reach(self, target: Locator) -> None:
        for _ in range(TABS_MAX):
            if await target.evaluate("e => e === document.activeElement"):
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"no Tab leads to {target}")
