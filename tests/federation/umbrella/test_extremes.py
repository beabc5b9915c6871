"""Whatever numbers a group signs, the audit ends, keeps its records, and accuses nobody else."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.umbrella.audit import LAG_S, Audit
from federation.umbrella.audit.records import FOUND_MAX, Side
from federation.umbrella.known_findings import body_of, finding_of
from schemas import cores
from schemas.audit_bodies import AuditFound
from schemas.encoding import encode
from schemas.findings import What, found
from schemas.ids import SAFE_INTEGER, line_id
from schemas.terms import Terms, terms_hash
from tests.federation.line.pair import KEY, NOW, hashed
from tests.federation.umbrella.extremes import KINDS, Extremes, with_place
from tests.federation.umbrella.history import Log, audited
from tests.federation.umbrella.test_audit_order import in_pieces, lived, stored

HOSTILE, FRIEND = "c" * 51 + "a", "d" * 51 + "a"
EVENTS = 40


def hostile_log(chance: Random, lines: list[str], nodes: list[str], hashes: list[str]) -> Log:
    """A log of nothing but the ends of what a core may hold, on lines of its own and of others."""
    make = Extremes(chance, nodes, hashes)
    log: Log = []
    chains: dict[str, int] = {}
    for seq in range(EVENTS):
        line, kind = chance.choice(lines), chance.choice(KINDS)
        n = chains.get(line, 0) + 1
        if n < SAFE_INTEGER and chance.random() < 0.1:
            n = make.number(n, SAFE_INTEGER)
        chains[line] = min(n, SAFE_INTEGER - 1)
        place = {"v": 1, "origin": HOSTILE, "seq": seq, "root": KEY, "key": KEY}
        core = with_place(kind, place | {"line": line, "n": n}, make.fields(kind, line))
        log.append((core, hashed("hostile", seq)))
    return log


def whole_life(seed: int) -> tuple[dict[str, Log], str]:
    """Two honest groups, and one that signs anything; gives their logs and the honest line."""
    chance = Random(seed)
    logs = lived(chance).made()
    ((honest_line,),) = [
        {core.line for log in logs.values() for core, _ in log if isinstance(core, cores.LineCore)}
    ]
    nodes = [*logs, HOSTILE]
    lines = [line_id(HOSTILE, node, counter) for node in logs for counter in (0, 1)]
    hashes = [name for log in logs.values() for _, name in log][-20:]
    hostile = hostile_log(chance, [*lines, honest_line], nodes, hashes)
    order = [(HOSTILE, hostile), *logs.items()]
    chance.shuffle(order)
    return dict(order), honest_line


def together(seed: int) -> dict[str, Log]:
    """Two that sign anything and know each other: terms, prepares and accepts of theirs fit."""
    chance, line = Random(seed), line_id(HOSTILE, FRIEND, 0)
    logs: dict[str, Log] = {HOSTILE: [], FRIEND: []}
    known: list[str] = []
    for at in range(2 * EVENTS):
        node, other = chance.choice(((HOSTILE, FRIEND), (FRIEND, HOSTILE)))
        kind, make = chance.choice(KINDS), Extremes(chance, list(logs), known[-12:])
        fields = make.fields(kind, line)
        if kind is cores.TermsPropose:
            fields |= {"counter": 0, "terms": ends_meet(fields["terms"], line)}
            known.append(terms_hash(fields["terms"]))
        if "terms_rev" in fields:
            fields["terms_rev"] = chance.randint(1, 3)
        if chance.random() < 0.8:
            fields |= {"ts": NOW + at}
            fields["seen"] = (
                cores.Seen(n=n, id=logs[other][-1][1]) if (n := len(logs[other])) else None
            )
        log = logs[node]
        place = {"v": 1, "origin": node, "seq": len(log), "root": KEY, "key": KEY, "line": line}
        place |= {"n": len(log) + 1, "prev": log[-1][1] if log else None}
        log.append((with_place(kind, place, fields), hashed(node, at)))
        known.append(log[-1][1])
    return logs


def ends_meet(terms: Terms, line: str) -> Terms:
    """Let terms be of a line between the two, of one of the first revisions."""
    lower = msgspec.structs.replace(terms.lower, node=HOSTILE)
    higher = msgspec.structs.replace(terms.higher, node=FRIEND)
    rev = 1 + terms.rev % 3
    return msgspec.structs.replace(terms, line=line, rev=rev, lower=lower, higher=higher)


def of_the_honest(audit: Audit, line: str, at_s: int) -> list[Any]:
    return [one for one in audit.findings(at_s) if one.node != HOSTILE and one.line in ("", line)]


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32), late=st.booleans())
def test_extreme_numbers_of_one_group_change_nothing_about_others(seed: int, late: bool) -> None:
    at_s = NOW + LAG_S + 1 if late else NOW
    logs, line = whole_life(seed)
    alone = audited({node: log for node, log in logs.items() if node != HOSTILE})

    whole, pieces = audited(logs), in_pieces(logs, Random(seed))

    assert pieces.findings(at_s) == whole.findings(at_s)
    assert pieces.lines() == whole.lines()
    assert of_the_honest(whole, line, at_s) == of_the_honest(alone, line, at_s)
    assert [one for one in whole.lines() if one.line == line] == alone.lines()
    require_written(whole, at_s)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32), late=st.booleans())
def test_two_who_sign_anything_together_are_audited_to_the_end(seed: int, late: bool) -> None:
    at_s = NOW + LAG_S + 999 if late else NOW
    logs = together(seed)

    whole, pieces = audited(logs), in_pieces(logs, Random(seed))

    assert pieces.findings(at_s) == whole.findings(at_s)
    assert pieces.lines() == whole.lines()
    require_written(whole, at_s)


def require_written(audit: Audit, at_s: int) -> None:
    """See that all that was found can be written down, and read as it was."""
    for one in audit.findings(at_s):
        read = msgspec.json.decode(encode(body_of(one, at_s=NOW)), type=AuditFound)
        assert finding_of(read) == one
        assert 0 <= read.line_units <= SAFE_INTEGER
    assert encode(audit.lines())


def test_the_sum_of_more_payments_than_there_are_numbers_is_kept() -> None:
    """A record of a line is stored in 64 bits, and two thousand such commits pass them."""
    make, line = Extremes(Random(1), [HOSTILE]), line_id(HOSTILE, "a" * 52, 0)
    place = {"v": 1, "origin": HOSTILE, "seq": 0, "root": KEY, "key": KEY, "line": line, "n": 1}
    said: list[Any] = []
    for kind in (cores.PayCommit, cores.PayReceipt, cores.PayAccept, cores.LineClose):
        units = "written_off_units" if kind is cores.LineClose else "line_units"
        said.append(with_place(kind, place, make.fields(kind, line) | {units: SAFE_INTEGER}))
    audit = Audit(signed=lambda _: True)

    for number in range(2100):
        for at, core in enumerate(said, len(said) * number):
            path = {"path": hashed(number)[:21] + "A"} if hasattr(core, "path") else {}
            audit.read(HOSTILE, msgspec.structs.replace(core, n=at + 1, **path), hashed(at))

    assert stored(audit.state).lines == audit.state.lines
    wrong = {one.what for one in audit.state.nodes[HOSTILE].found}
    assert {What.TOTAL_DIFFERS, What.BALANCE_DIFFERS} <= wrong


def test_an_amount_beyond_the_largest_says_at_least_so_much() -> None:
    beyond = found(What.NEAR_LIMIT, HOSTILE, line_units=2 * SAFE_INTEGER)
    less_than_nothing = found(What.BEYOND_LIMIT, HOSTILE, line_units=-7)

    assert (beyond.line_units, beyond.at_least()) == (SAFE_INTEGER, True)
    assert (less_than_nothing.line_units, less_than_nothing.at_least()) == (0, False)
    assert not found(What.NEAR_LIMIT, HOSTILE, line_units=SAFE_INTEGER - 1).at_least()
    assert found(What.LOG_SHORTER, HOSTILE, seq=SAFE_INTEGER + 1).seq == SAFE_INTEGER


def test_what_an_earlier_version_wrote_down_can_be_read() -> None:
    body = body_of(found(What.NEAR_LIMIT, HOSTILE), at_s=1)
    written = encode(msgspec.structs.replace(body, line_units=18_014_398_509_661_982))

    read = msgspec.json.decode(written, type=AuditFound)

    assert finding_of(read).line_units == SAFE_INTEGER


def test_numbers_that_are_left_out_without_end_fill_no_memory() -> None:
    side = Side(node="a", n=0)
    side.skips(2**53 - 1)

    assert all(side.fills(n) for n in range(2, 2 * FOUND_MAX, 2))
    for n in range(2 * FOUND_MAX, 4 * FOUND_MAX, 2):
        side.fills(n)
        side.skips(n)

    assert len(side.skipped) == FOUND_MAX
    assert not side.fills(2)


def test_a_number_that_is_skipped_to_the_end_costs_no_time() -> None:
    logs, line = whole_life(1)
    honest = next(node for node in logs if node != HOSTILE)
    line = line_id(HOSTILE, honest, 2)
    place: dict[str, Any] = {"v": 1, "root": KEY, "key": KEY, "line": line, "ts": NOW}
    heads: dict[str, Any] = {"paid": 0, "credited": 0, "balance": 0}
    audit = Audit(signed=lambda _: True)

    seen = cores.Seen(n=3, id=hashed("third"))
    first = cores.LineHeads(**place, **heads, origin=honest, seq=0, n=1, seen=seen)
    skips = cores.LineHeads(**place, **heads, origin=HOSTILE, seq=0, n=SAFE_INTEGER)
    audit.read(honest, first, hashed("first"))
    audit.read(HOSTILE, skips, hashed("skips"))

    whats = {one.what for one in audit.findings(NOW)}
    assert What.NUMBER_SKIPPED in whats
