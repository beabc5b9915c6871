"""`ruilbrug line`: what a coordinator decides about a line, from the command line."""

from __future__ import annotations

import json

import msgspec
import pytest
from click.testing import CliRunner

from federation.cli.line_terms import proposals, table, terms_of
from federation.cli.lines import line_notes
from federation.line.commands import Quarantine
from federation.node.line_views import held, would_hold
from federation.node.looked import What, looks_about
from schemas.errors import Code, InputError, RefusedError
from schemas.ids import SAFE_INTEGER
from schemas.terms import terms_hash
from tests.federation.cli.test_commands import ruilbrug
from tests.federation.line.pair import HOUR, Pair
from tests.federation.world.conftest import World, eventually, lines


async def test_a_quarantine_is_ended_by_the_coordinator_who_is_named(world: World) -> None:
    a, b = await world.pair()
    await b.ask("member.role", code="002", role="coordinator")
    line = lines(b)[0]
    await b.node.sequencer.submit(Quarantine(line.line, line.in_n, "claim_differs"))
    await b.stop()
    folder = b.folder.path

    unknown = await ruilbrug(folder, "line", "release", "alfa", "--coordinator", "999")
    no_coordinator = await ruilbrug(folder, "line", "release", "alfa", "--coordinator", "001")
    clearing = await ruilbrug(
        folder, "line", "release", "alfa", "--coordinator", f"groep {line.line[:12]}"
    )
    listed = await ruilbrug(folder, "line", "list")
    done = await ruilbrug(folder, "line", "release", "alfa", "--coordinator", "002")

    assert unknown.returncode == 1
    assert "account_unknown: coordinator: " in unknown.stderr
    for refused in (no_coordinator, clearing):
        assert refused.returncode == 1
        assert "not_coordinator: coordinator: whoever is named is no coordinator" in refused.stderr
    assert "alfa: quarantined (claim_differs)" in listed.stdout
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("alfa: open, nobody owes anything")
    await b.start()
    assert not lines(b)[0].quarantined
    rows = await b.node.pool.fetch("SELECT body FROM log_event WHERE body IS NOT NULL ORDER BY seq")
    (ended,) = [
        body
        for body in (json.loads(row["body"]) for row in rows)
        if body["type"] == "line.quarantine_ended"
    ]
    ledger = b.node.machine.books.ledger
    assert ended["entered_by"] == ledger.codes["002"]
    payment = {"payer": "001", "payee": "001", "group": "beta", "amount_minor": 3}
    assert (await a.ask("pay", **payment))["state"] == "settled"


def test_a_note_of_a_second_that_no_calendar_holds_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    note = {"n": 3, "own": False, "trade": "", "forgotten": False, "text": "Dag!"}
    rows = [note | {"at_s": SAFE_INTEGER}]
    monkeypatch.setattr("federation.cli.lines.ask", lambda *_, **__: rows)

    shown = CliRunner().invoke(line_notes, ["beta"])

    assert (shown.exit_code, shown.output) == (0, "theirs 3, 8999-12-31 23:59 UTC: Dag!\n")


async def test_terms_are_read_before_they_are_accepted_and_nothing_else_is(world: World) -> None:
    a, b = await world.pair()
    folder = b.folder.path
    asked = proposals(await a.ask("line.propose", group="beta", grants_units=30 * HOUR))
    await eventually(lambda: lines(b)[0].their_proposal is not None)
    terms = terms_hash(lines(b)[0].their_proposal)
    await b.stop()

    listed = await ruilbrug(folder, "line", "list")
    unread = await ruilbrug(folder, "line", "accept", "alfa")
    other = await ruilbrug(folder, "line", "accept", "alfa", "--terms", "A" * 43)

    rows = [" ".join(row.split()) for row in listed.stdout.splitlines()]
    assert "alfa proposes:" in rows
    for row in (
        "an hour is with us 60 60",
        "an hour is with them 20 20",
        "we may owe at most 20 h (1200 units) 30 h (1800 units)",
        "they may owe at most 20 h (1200 units) 30 h (1800 units)",
        "largest at once 5 h (300 units) 5 h (300 units)",
        "alarm when we owe 12 h (720 units) 18 h (1080 units)",
        f"terms {terms}",
    ):
        assert row in rows
    assert asked.startswith("beta was asked to accept:\n")
    assert asked.endswith(terms)
    assert unread.returncode != 0  # nobody said yes
    assert "30 h (1800 units)" in unread.stderr
    assert "Trade by these terms?" in unread.stderr
    assert other.returncode == 1
    assert "not_found: terms: " in other.stderr

    done = await ruilbrug(folder, "line", "accept", "alfa", "--terms", terms, "--json")

    assert json.loads(done.stdout)["agreed"]["we_may_owe_units"] == 30 * HOUR
    nothing = await ruilbrug(folder, "line", "refuse", "alfa")
    assert "not_found: terms: " in nothing.stderr
    await b.start()
    assert lines(b)[0].terms.rev == 2


async def test_what_a_yes_accepts_is_what_was_shown(world: World) -> None:
    a, b = await world.pair()
    await a.ask("line.propose", group="beta", grants_units=30 * HOUR)
    await eventually(lambda: lines(b)[0].their_proposal is not None)
    shown = await b.ask("line.show", group="alfa")
    await b.ask("line.refuse", group="alfa", terms=shown["proposed"]["terms"])
    await eventually(lambda: lines(a)[0].own_proposal is None)
    await a.ask("line.propose", group="beta", grants_units=99 * HOUR)
    await eventually(lambda: lines(b)[0].their_proposal is not None)

    with pytest.raises(RefusedError) as late:
        await b.ask("line.accept", group="alfa", terms=shown["proposed"]["terms"])
    for answer in ("line.accept", "line.refuse"):
        with pytest.raises(InputError) as unread:
            await b.ask(answer, group="alfa")
        assert unread.value.code is Code.MALFORMED
        with pytest.raises(RefusedError) as empty:
            await b.ask(answer, group="alfa", terms="")
        assert empty.value.code is Code.NOT_FOUND

    assert late.value.code is Code.NOT_FOUND
    assert lines(b)[0].their_proposal is not None
    assert lines(b)[0].terms.rev == 1


def test_the_page_and_the_command_line_show_the_same_terms() -> None:
    pair = Pair().opened()
    now = held(pair.a.line)
    assert now is not None
    proposal = would_hold(pair.a.line, pair.terms(rev=2, grants=HOUR, largest=HOUR // 2))
    assert proposal is not None

    said = msgspec.json.decode(msgspec.json.encode(proposal))

    assert terms_of(said) == proposal
    rows = [" ".join(row.split()) for row in table(proposal, now).splitlines()]
    assert rows[0] == "now proposed"
    assert "largest at once 5 h (100 units) 30 min (10 units)" in rows
    assert "alarm when they owe 12 h (240 units) 36 min (12 units)" in rows
    first = table(would_hold(pair.a.line, pair.terms(a_owes=-HOUR)) or now, None)
    assert "they owe 1 h" in first


async def test_a_command_notes_the_coordinator_who_decided_and_nobody_else(world: World) -> None:
    a, b = await world.pair()
    await a.ask("member.role", code="001", role="coordinator")
    about = a.node.machine.books.ledger.codes["002"]
    asked = {"group": "beta", "grants_units": HOUR}

    with pytest.raises(RefusedError) as refused:
        await a.ask("line.lower", **asked, coordinator="002")
    with pytest.raises(InputError) as unknown:
        await a.ask("line.freeze", group="beta", coordinator="999")
    await a.ask("line.lower", **asked, coordinator="001")
    await a.ask("line.freeze", group="beta", coordinator="001")
    await a.ask("line.unfreeze", group="beta")
    await a.ask("line.close", group="beta", coordinator="001")

    assert refused.value.code is Code.NOT_COORDINATOR
    assert unknown.value.code is Code.ACCOUNT_UNKNOWN
    found = await looks_about(a.node, about)
    decided = sorted((one.what, one.code) for one in found if one.peer)
    assert {one.peer for one in found if one.peer} == {b.node.id}
    assert decided == [
        (What.LINE_CLOSE, "001"),
        (What.LINE_LIMIT, "001"),
        (What.LINE_PAUSE, "001"),
        (What.LINE_RESUME, ""),
    ]
