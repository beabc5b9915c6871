"""The months before the demo opens: groups trade, a server was off, a clock was wrong.

So that the umbrella has something to show. Nothing is written into its pages: the trades are paid
by members, the clocks of all nodes are turned on from one step to the next, and what is found is
what its audits find.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from deploy.demo import cast
from deploy.demo.hands import Hands, Setting
from deploy.demo.world import name_of

if TYPE_CHECKING:
    from deploy.demo.visitor import Visitor
    from deploy.demo.world import NodeProcess

DAY_S: Final = 86_400
DAYS: Final = range(207, 9, -14)
"""How many days back the groups traded."""
PAST_S: Final = 213 * DAY_S
"""How far the clocks stand back when nothing has happened yet."""
DAY_OFF: Final = DAYS[7]
DAYS_OFF: Final = 2
"""A day of silence is no finding yet."""
DAY_AHEAD: Final = DAYS[-3]
AHEAD_S: Final = 3 * 3600
QUARTERS: Final = {
    ("pollekesland", "gent"): (2, 4, 3, 6),
    ("gent", "pollekesland"): (3, 2, 5),
    ("gent", "zandland"): (2, 3, 1, 2),
    ("zandland", "gent"): (7, 5, 6, 7, 5),
    ("pollekesland", "zandland"): (1, 0, 2, 2),
    ("zandland", "pollekesland"): (1, 0, 2),
}
"""Who pays whom how many quarters of an hour from one time to the next, over and over: LETS
Zandland comes to owe LETS Gent most of what it may."""
DONE: Final = ("tuin omgespit", "oppas", "soep voor zes", "ketting vervangen", "brief vertaald")
PAYER: Final = "gent"
TROUBLED: Final = "zandland"
SOLVED: Final = {
    "no_answer": "De stroom was uitgevallen in het lokaal. De kerngroep heeft de server opnieuw "
    "aangezet.",
    "seen_missing": "Hoort bij de stroompanne: de koepel kon dat bericht nog niet lezen.",
}
"""What audits find meanwhile, and how the auditor says that it was solved."""
OPEN: Final = {"time_ahead", "time_back", "near_limit"}
"""What they find, and what still waits for somebody."""


class Past(Hands):
    """Lets months go by."""

    def __init__(
        self, setting: Setting, umbrella: NodeProcess, nodes: dict[str, NodeProcess]
    ) -> None:
        """Take the setting, and the nodes of which the clocks are turned."""
        super().__init__(setting)
        self._umbrella = umbrella
        self._all = {**nodes, "": umbrella}

    async def appoint_auditor(self) -> None:
        """Give the umbrella somebody who audits."""
        one, ask = cast.AUDITOR, self._umbrella.ask
        await ask("member.add", code=one.code, name=one.name)
        contact = {"kind": "mail", "value": one.address, "access": "members"}
        await ask("member.describe", code=one.code, language="nl", contacts=[contact])
        await ask("member.role", code=one.code, role="auditor")

    async def pass_by(self, auditor: Visitor) -> None:
        """Trade every two weeks, and audit in the end."""
        for at, days in enumerate(DAYS):
            self.turn(days * DAY_S)
            await self._trade(at)
            if days == DAY_OFF:
                await self._power_cut(days * DAY_S)
                await self._solve(auditor)
            if days == DAY_AHEAD:
                await self._wrong_clock(days * DAY_S)
        await self.audit()

    def turn(self, back_s: int, *, but: str | None = None) -> None:
        """Turn all clocks but one."""
        for key, node in self._all.items():
            if key != but:
                node.turn(back_s)

    async def audit(self) -> None:
        """Let the umbrella read what is new."""
        await self._umbrella.ask("audit.report")

    async def findings(self) -> tuple[set[str], set[str]]:
        """Name what audits have found: what is open, and what is solved."""
        found = await self._umbrella.ask("audit.findings")
        still, solved = (
            {one["what"] for one in found if (one["solved"] is None) is is_open}
            for is_open in (True, False)
        )
        return still, solved

    async def _trade(self, at: int) -> None:
        """Let those pay who have most, and those be paid who have least."""
        members = {group: await self._members(group) for group in self.groups}
        paying = []
        for (payer, payee), every in QUARTERS.items():
            quarters = every[at % len(every)]
            codes = members[payer].pop(), members[payee].pop(0)
            if quarters:
                paying.append(self._pay(payer, payee, codes, quarters, DONE[at % len(DONE)]))
        states = {paid["state"] for paid in await asyncio.gather(*paying)}
        if states != {"settled"}:
            raise RuntimeError(f"trades of the past are {states}")

    async def _members(self, group: str) -> list[str]:
        """Give members whom nobody knows by name, those with the lowest balance first."""
        known = {one.code for one in cast.PEOPLE[group]}
        rows = [
            row
            for row in await self.ask(group, "member.list")
            if row["status"] == "active" and row["code"] not in known
        ]
        rows.sort(key=lambda row: int(row["balance_minor"]))
        return [row["code"] for row in rows]

    async def _pay(
        self, payer: str, payee: str, codes: tuple[str, str], quarters: int, text: str, **more: Any
    ) -> dict[str, Any]:
        paid: dict[str, Any] = await self.ask(
            payer,
            "pay",
            payer=codes[0],
            payee=codes[1],
            amount_minor=self.units(payee, quarters),
            group=name_of(payee),
            description=text,
            **more,
        )
        return paid

    async def _power_cut(self, back_s: int) -> None:
        """Let a group's server be off for two days, with a payment on its way to it."""
        key, node = self.key("trade", "power cut"), self._all[TROUBLED]
        payer, payee = [await self._members(group) for group in (PAYER, TROUBLED)]
        await self.audit()
        self.setting.wire.break_at("pay.commit", key)
        codes = payer[-1], payee[0]
        await self._pay(PAYER, TROUBLED, codes, 2, "cake gebakken", key=key, wait_s=0.1)
        await self.until(lambda: self._stands(key, "committed"), "the cake is booked")
        await self.setting.wire.broken.wait()
        await node.stop()
        self.setting.wire.mend()
        self.turn(back_s - DAYS_OFF * DAY_S, but=TROUBLED)
        await self.audit()
        node.back_s = back_s - DAYS_OFF * DAY_S
        await node.start()
        await self.until(lambda: self._stands(key, "settled"), "the cake is settled")
        await self.audit()

    async def _stands(self, path: str, state: str) -> bool:
        rows = await self.ask(PAYER, "transfer.show", path=path)
        return bool(rows) and rows[0]["state"] == state

    async def _solve(self, auditor: Visitor) -> None:
        """Let the auditor say how what was found was solved, on the pages."""
        await auditor.sign_in()
        for one in await self._umbrella.ask("audit.findings"):
            await auditor.send(f"/flows/logs/findings/{one['id']}", text=SOLVED[one["what"]])

    async def _wrong_clock(self, back_s: int) -> None:
        """Let a group book something while its clock is three hours ahead, and once it is right."""
        node = self._all[TROUBLED]
        node.turn(back_s - AHEAD_S)
        await self._bake()
        node.turn(back_s)
        await self.audit()
        await self._bake()

    async def _bake(self) -> None:
        codes = await self._members(TROUBLED)
        await self.ask(
            TROUBLED,
            "pay",
            payer=codes[-1],
            payee=codes[0],
            amount_minor=self.units(TROUBLED, 1),
            description="brood gebakken",
        )
