"""`dev.py demo`: three groups and the umbrella on this machine, told in some plain lines.

Everything is the real thing: processes, databases, signatures, HTTP. `--once` checks the story and
exits with 0 only if every check held.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from deploy.demo import cast, look, posts
from deploy.demo.deeds import BACK_S, DAYS_BACK, HILDE, STATES, Deeds
from deploy.demo.hands import Setting
from deploy.demo.make_export import ExportSize, make_export
from deploy.demo.past import OPEN, PAST_S, SOLVED, Past
from deploy.demo.people import People
from deploy.demo.rounds import not_shown
from deploy.demo.talks import TALKS, Talks
from deploy.demo.visitor import Visitor
from deploy.demo.world import GROUPS, Group, WiredWorld, name_of, new_folder
from federation.cli.main import configure_logging
from federation.node.postgres import start_server
from federation.node.verify import verify_log
from federation.umbrella.use_cases import hours
from schemas.errors import RuilbrugError

INSIDE = 12
ACROSS = 8
SETTLE_TRIES = 200
SETTLE_PAUSE_S = 0.1
SEED = 1
BROUGHT = ExportSize(posts=120, transactions=1200)


class Story:
    """Tells, checks, and keeps the facts."""

    def __init__(self, world: WiredWorld, *, at_s: int, quiet: bool) -> None:
        """Start with nothing told; the demo opens at `at_s`."""
        self.world = world
        self.world.back_s = PAST_S
        self.at_s = at_s
        self.facts: dict[str, Any] = {}
        self.failed: list[str] = []
        self._quiet = quiet
        self._known_payee: dict[tuple[str, str], str] = {}
        self._started = time.monotonic()

    def tell(self, text: str) -> None:
        """Say one line of the story."""
        if not self._quiet:
            print(f"{time.monotonic() - self._started:5.1f} s  {text}", flush=True)

    def check(self, name: str, holds: bool) -> None:  # noqa: FBT001 - a fact, not a switch
        """Take note of a check."""
        self.facts.setdefault("checks", {})[name] = holds
        if not holds:
            self.failed.append(name)
            self.tell(f"CHECK FAILED: {name}")

    async def run(self) -> None:
        """Tell the whole story."""
        self.tell("Four nodes are made and started ...")
        await self.world.make_umbrella()
        await asyncio.gather(
            *(self.world.make_group(group, at + 1) for at, group in enumerate(GROUPS))
        )
        units = ", ".join(f"{g.name} ({g.per_hour} {g.plural} an hour)" for g in GROUPS)
        self.tell(f"Four nodes run, each a process with a database of its own: {units}, umbrella.")
        self.tell("Each group reads what its former system exported ...")
        await asyncio.gather(*(self._import(at, group) for at, group in enumerate(GROUPS)))
        self.tell("Each group imported its former system's export; every sum of balances is 0.")
        await self._agree()
        await self._past()
        await self._people()
        await self._inside()
        await self._across()
        await self._refused()
        await self._while_stopped()
        await self._audit()
        await self._look_round()
        await self._standing()
        await self._verify()

    def setting(self) -> Setting:
        """Give where and when the members live."""
        groups = {group.key: group for group in GROUPS}
        drawn = self.world.folder / "drawn"
        return Setting(groups, self.world.groups, self.world.cables, drawn, self.at_s, SEED)

    def past(self) -> Past:
        """Give what the months before are made with."""
        return Past(self.setting(), self.world.umbrella, self.world.groups)

    def auditor(self) -> Visitor:
        """Give a browser to the auditor."""
        url = self.world.umbrella.folder.settings().public_url
        return Visitor(url, cast.AUDITOR.address)

    async def _past(self) -> None:
        """Let the groups trade for months, and somebody audit them."""
        past = self.past()
        await past.appoint_auditor()
        async with self.auditor() as auditor:
            await past.pass_by(auditor)
        past.turn(BACK_S)
        found = await past.findings()
        self.facts["found"] = [sorted(whats) for whats in found]
        self.check(f"audits found what went wrong: {found}", found == (OPEN, set(SOLVED)))
        self.tell(f"They traded for {PAST_S // 86_400 // 30} months; the umbrella audited them.")

    async def _people(self) -> None:
        """Let members live in the groups: some days ago, and today."""
        setting = self.setting()
        deeds, umbrella = Deeds(setting), self.world.umbrella
        await People(setting).settle()
        people, placed = (sum(map(len, x.values())) for x in (cast.PEOPLE, posts.POSTS))
        self.tell(f"{people} members told who they are, and placed {placed} posts with pictures.")
        await deeds.before()
        await umbrella.stop()
        umbrella.back_s = 0
        await umbrella.start()
        await deeds.turn_clocks()
        self.tell(f"They traded; all clocks stood {DAYS_BACK} days back until now.")
        await deeds.today()
        talks = Talks(setting)
        await talks.talk()
        wanted = {talk.name: talk.state for talk in TALKS}
        self.check("threads stand as they should", await talks.states() == wanted)
        self.tell(f"Today they ask, thank and write: {len(TALKS)} threads.")

    async def _standing(self) -> None:
        """Leave a group off, so that what waits for it can be seen waiting."""
        deeds = Deeds(self.setting())
        await deeds.standing()
        states = await deeds.states()
        self.facts["states"] = states
        self.check("trades stand in every state", states == STATES)
        many = ", ".join(f"{state} {count}" for state, count in Counter(states.values()).items())
        self.tell(f"{name_of(HILDE.group)} is off now. Marleen's trades: {many}.")

    async def _import(self, at: int, group: Group) -> None:
        node = self.world.groups[group.key]
        path = self.world.folder / f"{group.key}-db-csv.zip"
        await asyncio.to_thread(
            make_export,
            path,
            seed=at + 1,
            group=group.name,
            unit=group.singular,
            per_hour=group.per_hour,
            size=BROUGHT,
            until=datetime.fromtimestamp(self.at_s - PAST_S - BACK_S, UTC),
        )
        dry = await node.ask("import", file=str(path), dry_run=True)
        done = await node.ask("import", file=str(path))
        again = await node.ask("import", file=str(path)) if at == 0 else None
        accounts = await node.ask("account.list")
        receipt, written = done["receipt"], done["written"]
        self.check(
            f"{group.key}: what the dry run counted was written",
            written["transfers"] == dry["receipt"]["transfers"]
            and written["posts"] == dry["receipt"]["posts"],
        )
        self.check(
            f"{group.key}: sum of balances is 0", sum(a["balance_minor"] for a in accounts) == 0
        )
        self.check(f"{group.key}: balances are those of the file", not done["balances_differ"])
        if again is not None:
            added = again["written"]["transfers"] + again["written"]["accounts"]
            self.check(f"{group.key}: a second import adds nothing", added == 0)
        self.facts.setdefault("imports", {})[group.key] = {
            "members": receipt["members"],
            "partners": receipt["partners"],
            "transfers": written["transfers"],
            "posts": written["posts"],
            "refused": receipt["refused_total"],
        }
        self.tell(
            f"{group.name}: {receipt['members']} members, {receipt['partners']} old partner "
            f"accounts, {written['posts']} posts, {written['transfers']} transfers; "
            f"{receipt['refused_total']} rows refused by name."
        )

    async def _agree(self) -> None:
        umbrella, nodes = self.world.umbrella, self.world.groups
        for node in nodes.values():
            await umbrella.ask("audit.admit", invitation=node.invitation)
        names = {group.key: group.name for group in GROUPS}
        for one, other in self._pairs():
            await nodes[one].ask("line.propose", group=names[other])
            await self._until(
                lambda one=one, other=other: self._proposal_waits(other, names[one]),
                f"{other} has the proposal of {one}",
            )
            shown = await nodes[other].ask("line.show", group=names[one])
            terms = shown["proposed"]["terms"]
            await nodes[other].ask("line.accept", group=names[one], terms=terms)
            await self._until(
                lambda one=one, other=other: self._line_open(one, names[other]),
                f"the line {one} - {other} is open on both sides",
            )
        self.tell("Registered with the umbrella, they agreed three lines: 20 hours each way.")

    def _pairs(self) -> list[tuple[str, str]]:
        keys = [group.key for group in GROUPS]
        return [(one, other) for at, one in enumerate(keys) for other in keys[at + 1 :]]

    async def _proposal_waits(self, node: str, group: str) -> bool:
        lines = await self.world.groups[node].ask("line.list")
        return any(line["group"] == group and line["waits_for_us"] for line in lines)

    async def _line_open(self, node: str, group: str) -> bool:
        lines = await self.world.groups[node].ask("line.list")
        return any(line["group"] == group and line["state"] == "open" for line in lines)

    async def _until(self, holds: Any, name: str) -> None:
        for _ in range(SETTLE_TRIES):
            if await holds():
                return
            await asyncio.sleep(SETTLE_PAUSE_S)
        self.check(name, holds=False)

    async def _members(self, key: str) -> list[str]:
        """Give codes of active members, those with room on both sides first."""
        rows = await self.world.groups[key].ask("member.list")
        active = [row for row in rows if row["status"] == "active"]
        active.sort(key=lambda row: abs(row["balance_minor"]))
        return [row["code"] for row in active]

    async def _inside(self) -> None:
        booked = 0
        for group in GROUPS:
            codes = await self._members(group.key)
            for at in range(INSIDE // len(GROUPS)):
                await self.world.groups[group.key].ask(
                    "pay",
                    payer=codes[at],
                    payee=codes[at + 5],
                    amount_minor=group.per_hour // 10,
                    description="hulp in de tuin",
                )
                booked += 1
        self.facts["inside"] = booked
        self.tell(f"{booked} trades were booked inside the groups.")

    async def _across(self) -> None:
        settled = 0
        trades = []
        for one, other in [*self._pairs(), *(pair[::-1] for pair in self._pairs())]:
            trade = await self._trade(one, other, description="fiets hersteld")
            trades.append(trade)
            settled += trade["state"] == "settled"
        self.check("every trade between groups settled", settled == len(trades))
        self.facts["across"] = trades
        first = trades[0]
        self.tell(
            f"{settled} trades between groups settled; the first: {first['payer_minor']} pollekes "
            f"given, {first['payee_minor']} stropkes got, {hours(first['line_units'])}."
        )

    async def _trade(self, one: str, other: str, *, description: str) -> dict[str, Any]:
        names = {group.key: group for group in GROUPS}
        payer = (await self._members(one))[1]
        payee = (await self._members(other))[2]
        self._known_payee[one, other] = payee
        amount = names[other].per_hour // 5 + 1
        trade: dict[str, Any] = await self.world.groups[one].ask(
            "pay",
            payer=payer,
            payee=payee,
            amount_minor=amount,
            group=names[other].name,
            description=description,
        )
        theirs = await self.world.groups[other].ask("transfer.show", path=trade["path"])
        numbers = ("line_units", "payer_minor", "payee_minor")
        self.check(
            f"payer and payee see the same numbers ({one} to {other})",
            len(theirs) == 1 and all(theirs[0][name] == trade[name] for name in numbers),
        )
        for key, code, sign in ((one, payer, -1), (other, payee, 1)):
            page = await self.world.groups[key].ask("account.statement", code=code, limit=1)
            wanted = trade["payer_minor" if sign < 0 else "payee_minor"]
            line = page["lines"][0]
            self.check(
                f"the statement of {code} in {key} shows it",
                line["amount_minor"] == sign * wanted and line["path"] == trade["path"],
            )
        return trade

    async def _refused(self) -> None:
        payee = (await self._members("zandland"))[3]
        node = self.world.groups["gent"]
        rows = [r for r in await node.ask("member.list") if r["status"] == "active"]
        payer = min(rows, key=lambda r: r["balance_minor"] - r["held_minor"] - r["lower_minor"])[
            "code"
        ]
        try:
            await node.ask("pay", payer=payer, payee=payee, amount_minor=290, group="LETS Zandland")
            refused = ""
            many = [
                node.ask("pay", payer=payer, payee=payee, amount_minor=290, group="LETS Zandland")
                for _ in range(4)
            ]
            await asyncio.gather(*many)
        except RuilbrugError as error:
            refused = str(error.code)
        self.check("beyond a limit is refused with its code", refused == "payer_limit")
        self.facts["refused"] = refused
        self.tell(f"One payment too many was refused ({refused}); it says how much is possible.")

    async def _while_stopped(self) -> None:
        payee_node = self.world.groups["zandland"]
        payer = (await self._members("pollekesland"))[4]
        payee = self._known_payee["pollekesland", "zandland"]
        await payee_node.stop()
        trade = await self.world.groups["pollekesland"].ask(
            "pay",
            payer=payer,
            payee=payee,
            amount_minor=7,
            group="LETS Zandland",
            description="soep gebracht",
            wait_s=0.5,
        )
        self.check("while the other node is stopped the trade is held", trade["state"] == "held")
        await payee_node.start()

        async def settled() -> bool:
            rows = await self.world.groups["pollekesland"].ask("transfer.show", path=trade["path"])
            return bool(rows) and rows[0]["state"] == "settled"

        await self._until(settled, "it settles when the node is back")
        self.check("the trade settled by itself", await settled())
        self.facts["while_stopped"] = trade["path"]
        self.tell("With the payee's node stopped a trade was held; back again, it settled alone.")

    async def _audit(self) -> None:
        async def matched() -> bool:
            answer.update(await self.world.umbrella.ask("audit.report"))
            return all(line["matched"] for line in answer["report"]["lines"])

        answer: dict[str, Any] = {}
        await self._until(matched, "the umbrella sees settled lines")
        report = answer["report"]
        self.facts["audit"] = report
        self.check("the umbrella audited three lines", len(report["lines"]) == len(GROUPS))
        found = {finding["what"] for finding in report["findings"]}
        self.check("the umbrella found nothing else", found <= OPEN)
        self.check("all books agree", all(line["matched"] for line in report["lines"]))
        self.tell("The umbrella read every log and says:")
        for line in answer["text"].splitlines():
            self.tell(f"    {line}")

    async def _look_round(self) -> None:
        """Sign in as the auditor, and open what the umbrella shows."""
        async with self.auditor() as auditor:
            await auditor.sign_in()
            wanting = await not_shown(auditor)
        self.check(f"the auditor's pages show it all {wanting or ''}".strip(), not wanting)
        self.tell("Its auditor signed in: flows, groups, lines, findings and reports are there.")

    async def _verify(self) -> None:
        results = await asyncio.gather(
            *(verify_log(node.folder, signatures=False) for node in self.world.groups.values())
        )
        events = sum(result.events for result in results)
        self.check("every log verifies", all(result.found == 0 for result in results))
        self.facts["verified_events"] = events
        for finding in [finding for result in results for finding in result.findings][:5]:
            self.tell(f"    event {finding.seq}, {finding.what}: {finding.reason}")
        self.tell(f"Every log was recomputed from its first byte: {events} events, all agree.")


async def tell_story(arguments: argparse.Namespace) -> int:
    """Make the world, tell the story, and stay or go."""
    folder = new_folder()
    server = await start_server(folder / "postgres")
    world = WiredWorld(server, folder, arguments.base_port)
    story = Story(world, at_s=int(time.time()), quiet=arguments.json)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    telling = asyncio.ensure_future(story.run())
    waiting = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait([telling, waiting], return_when=asyncio.FIRST_COMPLETED)
        if telling.done():
            telling.result()
            if arguments.json:
                print(json.dumps(story.facts, indent=1))
            if not arguments.once and not stop.is_set():
                await look.tell_where(story.tell, world, story.auditor())
                switching = asyncio.ensure_future(
                    look.switch_on(story.tell, world, Deeds(story.setting()))
                )
                await waiting
                switching.cancel()
    finally:
        telling.cancel()
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await telling
        await world.close()
    return 1 if story.failed else 0


def main() -> int:
    """Read the arguments and tell the story."""
    parser = argparse.ArgumentParser(prog="dev.py demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="check the story and exit")
    parser.add_argument("--json", action="store_true", help="print the facts as JSON")
    parser.add_argument("--base-port", type=int, default=8600)
    configure_logging()
    return asyncio.run(tell_story(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
