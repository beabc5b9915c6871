"""What the demo's members have done with each other: trades in every state, threads, thanks.

Most trades are Marleen's of LETS Pollekesland, so her pages show each state. `before` happens under
clocks that stand some days back; `today` under the right ones; `standing` leaves LETS Zandland off,
because only a group that cannot be reached keeps a trade *aangevraagd* or *geboekt*.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Final

from deploy.demo import cast
from deploy.demo.hands import Hands, Setting, Who

DAYS_BACK: Final = 9
"""A request that nobody answers has run out after seven days."""
BACK_S: Final = DAYS_BACK * 86_400

MARLEEN: Final = Who(cast.HOME, cast.HEROINE)
LIEVE, RENEE, SAMIRA, BRAM, NOEMIE, OSCAR = (
    Who(cast.HOME, code) for code in ("001", "003", "007", "008", "010", "011")
)
MARC, ILKNUR, ZOE, KOBE = (Who("gent", code) for code in ("002", "003", "007", "008"))
STAN, HILDE = (Who("zandland", code) for code in ("002", "003"))

STATES: Final = {
    "bicycle": "settled",
    "curtains": "expired",
    "jars": "refused",
    "bag": "cancelled",
    "mistake": "reversed",
    "tyre": "requested",
    "cake": "requested",
    "hutch": "settled",
    "cheese": "settled",
    "gears": "settled",
    "baklava": "reversed",
    "boxes": "refused",
    "gutter": "expired",
    "loaf": "cancelled",
    "moving": "requested",
    "ladder": "committed",
    "bread": "held",
}
"""How each of Marleen's trades stands in the end."""


class Deeds(Hands):
    """Lets the members trade and talk."""

    def __init__(self, setting: Setting) -> None:
        """Take the setting; nothing is done yet."""
        super().__init__(setting)
        self._off = ""

    # what a trade needs

    def trade(self, name: str) -> str:
        """Give the id of a trade."""
        return self.key("trade", name)

    async def stands(self, name: str) -> str:
        """Tell how a trade of Marleen's stands; nothing when it was not begun."""
        shown = await self.found(
            MARLEEN.group, "trade.show", by=MARLEEN.code, trade=self.trade(name)
        )
        return "" if shown is None else str(shown["state"])

    async def states(self) -> dict[str, str]:
        """Tell how all of them stand."""
        return {name: await self.stands(name) for name in STATES}

    async def pay(self, name: str, to: Who, quarters: int, text: str, wait_s: float = 10) -> None:
        """Let Marleen give somebody units."""
        if await self.stands(name):
            return
        more: dict[str, Any] = {}
        if to.group != MARLEEN.group:
            more = {"group": self.groups[to.group].name, "wait_s": wait_s}
        await self.ask(
            MARLEEN.group,
            "pay",
            key=self.trade(name),
            payer=MARLEEN.code,
            payee=to.code,
            amount_minor=self.units(to.group, quarters),
            description=text,
            **more,
        )

    async def ask_for(
        self, name: str, payee: Who, quarters: int, text: str, *, payer: Who = MARLEEN
    ) -> None:
        """Let somebody ask Marleen for units, or Marleen somebody of her group."""
        if await self.stands(name):
            return
        asked = {
            "key": self.trade(name),
            "payer": payer.code,
            "amount_minor": self.units(payee.group, quarters),
            "description": text,
        }
        if payee.group == payer.group:
            await self.ask(payee.group, "trade.ask", by=payee.code, **asked)
            return
        group = self.groups[payer.group].name
        await self.ask(payee.group, "pay.request", payee=payee.code, group=group, **asked)
        await self.until(lambda: self.stands(name), f"the request {name} arrives")

    async def end(self, name: str, how: str, by: Who, *, state: str, **more: Any) -> None:
        """Let somebody decline, cancel or reverse; then Marleen sees it stand so."""
        if await self.stands(name) != state:
            trade = self.trade(name)
            await self.ask(by.group, f"trade.{how}", by=by.code, trade=trade, **more)
        await self.until(lambda: self._stands(name, state), f"{name} is {state}")

    async def _stands(self, name: str, state: str) -> bool:
        return await self.stands(name) == state

    # what happened

    async def before(self) -> None:
        """Do what happened some days ago; in the end LETS Zandland is off."""
        await self.pay("bicycle", BRAM, 4, "fiets hersteld")
        await self.ask_for("curtains", NOEMIE, 3, "gordijnen gezoomd")
        await self.ask_for("jars", OSCAR, 8, "twaalf potten appelmoes")
        await self.end("jars", "decline", MARLEEN, state="refused")
        await self.ask_for("bag", RENEE, 1, "boodschappentas genaaid")
        await self.end("bag", "decline", RENEE, state="cancelled")
        await self.pay("mistake", SAMIRA, 2, "verkeerde persoon gekozen")
        await self._reverse("mistake", SAMIRA)
        await asyncio.gather(
            self.pay("gears", MARC, 3, "versnellingen nagekeken"),
            self.pay("hutch", STAN, 1, "konijnenhok gelast"),
            self.pay("cheese", HILDE, 1, "kaasbrood"),
        )
        await self.pay("baklava", ILKNUR, 5, "schaal baklava")
        await self._reverse("baklava", ILKNUR)
        await self.ask_for("boxes", KOBE, 2, "verhuisdozen gebracht")
        await self.end("boxes", "decline", MARLEEN, state="refused")
        await self._while_off()

    async def _reverse(self, name: str, by: Who) -> None:
        await self.until(
            lambda: self.found(by.group, "trade.show", by=by.code, trade=self.trade(name)),
            f"{name} arrives",
        )
        key = self.key("reversal", name)
        await self.end(name, "reverse", by, state="reversed", key=key, description="teruggegeven")

    async def _while_off(self) -> None:
        if await self.stands("loaf"):
            return
        self._off = HILDE.group
        await self.nodes[HILDE.group].stop()
        await self.pay("gutter", STAN, 4, "dakgoot leeggemaakt", wait_s=0.1)
        await self.pay("loaf", HILDE, 2, "brood besteld", wait_s=0.1)
        await self.end("loaf", "cancel", MARLEEN, state="cancelled")

    async def turn_clocks(self) -> None:
        """Let the days pass: each node wakes up on the day the demo opens."""
        await asyncio.gather(*(self._wake(key) for key in self.nodes if key != self._off))
        for name in ("gutter", "curtains"):
            await self.until(partial(self._stands, name, "expired"), f"{name} has run out")
        if self._off:
            await self._wake(self._off)
            self._off = ""

    async def _wake(self, key: str) -> None:
        node = self.nodes[key]
        if node.back_s:
            await node.stop()
            node.back_s = 0
            await node.start()

    async def today(self) -> None:
        """Do what happened since: what waits for somebody, threads, thanks."""
        await self.until(self._all_open, "everybody is sure of its log")
        for group in self.groups:
            await self.ask(group, "feed.read")
        await self.ask_for("tyre", BRAM, 2, "band geplakt")
        await self.ask_for("cake", MARLEEN, 4, "appeltaart gebakken", payer=NOEMIE)
        await self.ask_for("moving", KOBE, 4, "geholpen met verhuizen")
        await self._share_out()
        await self._thanks()

    async def _all_open(self) -> bool:
        """Tell whether every node speaks with the others again after its start."""
        found = [await self.ask(group, "status") for group in self.groups]
        return all(status["mode"] == "open" for status in found)

    async def _share_out(self) -> None:
        """Give units, in one booking, to those who picked apples."""
        past = next(one for one in cast.ACTIVITIES if one.title == cast.PLUCKED)
        shown = await self.ask(
            past.group,
            "activity.show",
            by=cast.COORDINATOR,
            activity=1 + [one for one in cast.ACTIVITIES if one.group == past.group].index(past),
        )
        if shown["booked"]:
            return
        await self.ask(
            past.group,
            "activity.spread",
            key=self.key("spread", past.title),
            by=cast.COORDINATOR,
            activity=shown["activity"],
            helpers=past.joined,
            total_minor=self.units(past.group, 6),
            description="appels geplukt",
            from_group=True,
        )

    async def _thanks(self) -> None:
        for by, name, text, public in (
            (MARLEEN, "bicycle", "Mijn fiets rijdt weer als nieuw. Dank je, Bram!", True),
            (BRAM, "bicycle", "Graag gedaan, en de taart was heerlijk.", False),
            (MARLEEN, "gears", "Uit een andere stad, en toch gewoon een buur.", True),
            (MARC, "gears", "Kom gerust terug voor de volgende beurt.", False),
        ):
            trade = self.trade(name)
            await self.ask(
                by.group, "trade.thank", by=by.code, trade=trade, text=text, public=public
            )

    async def standing(self) -> None:
        """Break the cable before LETS Zandland has seen a booking, and leave it off.

        What is *geboekt* stays so until it is on again; what is *aangevraagd* stays so until
        tomorrow at 18:00, then the units come back.
        """
        if not await self.stands("ladder"):
            self.setting.wire.break_at("pay.commit", self.trade("ladder"))
            await self.pay("ladder", STAN, 4, "dakgoot nagekeken", wait_s=0.1)
            await self.until(lambda: self._stands("ladder", "committed"), "the ladder is booked")
            await self.setting.wire.broken.wait()
            await self.nodes[STAN.group].stop()
            self.setting.wire.mend()
        await self.pay("bread", HILDE, 2, "zuurdesembrood", wait_s=0.1)
