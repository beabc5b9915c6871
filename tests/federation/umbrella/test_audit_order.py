"""An audit that goes on from stored records finds what one from the start finds, cut anywhere."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.line import commands as line
from federation.umbrella.audit import LAG_S, Audit, State
from federation.umbrella.audit.records import LineRecord, NodeRecord, PathRecord
from schemas import cores
from schemas.core_parts import FreezeReason
from schemas.errors import Refusal
from tests.federation.line.pair import HOUR, NOW, Node, Pair, hashed, path
from tests.federation.umbrella.history import History, Log, audited, honest

STEPS = 40
_PACK = msgspec.msgpack.Encoder()


def lived(chance: Random) -> History:
    """Two honest groups do what comes to their minds."""
    pair = Pair().opened()
    for number in range(chance.randrange(STEPS)):
        node = chance.choice((pair.a, pair.b))
        _act(pair, node, number, chance)
    return History.of(pair)


def _act(pair: Pair, node: Node, number: int, chance: Random) -> None:
    old = chance.randrange(number + 1)
    match chance.randrange(12):
        case 0 | 1 | 2:
            pair.start(number, chance.randint(1, 60), node=node)
        case 3 | 4 | 5 | 6:
            pair.deliver(node)
        case 7:
            pair.request(number, chance.randint(1, 30), node=node)
        case 8:
            pair.consent(old, node=node)
        case 9:
            pair.reverse(old, number, node=node)
        case 10:
            node.do(line.CancelPayment(path(old), pair.line_id))
        case _:
            _speak(pair, node, chance)


def _speak(pair: Pair, node: Node, chance: Random) -> None:
    commands: tuple[Any, ...] = (
        line.SendHeads(pair.line_id),
        line.LowerLimit(pair.line_id, chance.randrange(20 * HOUR)),
        line.Freeze(pair.line_id, FreezeReason.COORDINATOR),
        line.Unfreeze(pair.line_id),
    )
    node.do(chance.choice(commands))
    known = node.line
    if known.their_proposal is not None:
        pair.answer(node, accept=chance.random() < 0.7)
    elif known.own_proposal is None and chance.random() < 0.3:
        assert known.terms is not None
        answer = pair.propose(node, pair.terms(rev=known.terms.rev + 1))
        assert answer is not None or isinstance(answer, Refusal)


def spoilt(history: History, chance: Random) -> History:
    """Change something in some of the events."""
    for log in history.logs.values():
        for at, (core, name) in enumerate(log):
            if chance.random() < 0.1:
                log[at] = (_other(core, chance), name)
    return history


def _other(core: Any, chance: Random) -> Any:
    fields = [
        field
        for field in core.__struct_fields__
        if isinstance(getattr(core, field), int | str)
        and field not in ("v", "seq", "origin", "line", "root", "key", "salt")
    ]
    field = chance.choice(fields)
    value = getattr(core, field)
    if isinstance(value, int):
        changed: Any = max(1, value + chance.choice((-1, 1, 1000)))
    elif field in ("prev", "prepare", "commit", "path", "reverses"):
        changed = path(chance.randrange(9)) if len(value) == 22 else hashed(chance.random())
    else:
        changed = value
    return msgspec.structs.replace(core, **{field: changed})


def stored(state: State) -> State:
    """Give the records as they come back from where they were kept."""
    back = State()
    back.open = set(state.open)
    for name, kind in (("nodes", NodeRecord), ("lines", LineRecord), ("paths", PathRecord)):
        records = getattr(back, name)
        for key, record in getattr(state, name).items():
            records[key] = msgspec.msgpack.decode(_PACK.encode(record), type=kind)
    return back


def in_pieces(logs: dict[str, Log], chance: Random) -> Audit:
    """Read a piece here and a piece there, ask in between, and begin anew from what is stored."""
    audit = Audit(signed=honest)
    read = dict.fromkeys(logs, 0)
    while any(read[node] < len(log) for node, log in logs.items()):
        node = chance.choice([node for node, log in logs.items() if read[node] < len(log)])
        until = read[node] + chance.randint(1, 20)
        for core, event_id in logs[node][read[node] : until]:
            audit.read(node, core, event_id)
        read[node] = until
        audit.findings(NOW)
        audit = Audit(stored(audit.state), signed=honest)
    return audit


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), late=st.booleans())
def test_honest_lives_cut_anywhere_are_without_findings(seed: int, late: bool) -> None:
    chance = Random(seed)
    logs = lived(chance).made()
    at_s = NOW + LAG_S + 1 if late else NOW

    whole, pieces = audited(logs), in_pieces(logs, chance)

    assert pieces.findings(at_s) == whole.findings(at_s)
    assert [one for one in whole.findings(NOW) if one.severity != "alarm"] == []
    assert pieces.lines() == whole.lines()


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), late=st.booleans())
def test_spoilt_logs_cut_anywhere_give_the_same_findings(seed: int, late: bool) -> None:
    chance = Random(seed)
    logs = spoilt(lived(chance), chance).made()
    at_s = NOW + LAG_S + 1 if late else NOW

    whole, pieces = audited(logs), in_pieces(logs, chance)

    assert pieces.findings(at_s) == whole.findings(at_s)
    assert pieces.lines() == whole.lines()
    for name in ("nodes", "lines", "paths"):
        assert getattr(pieces.state, name) == getattr(whole.state, name)


def test_cores_of_every_kind_are_read() -> None:
    kinds = {
        type(core)
        for seed in range(60)
        for log in lived(Random(seed)).logs.values()
        for core, _ in log
    }

    assert {cores.PayReceipt, cores.PayAbort, cores.PayRelease, cores.LineHeads} <= kinds
    assert {cores.TermsAccept, cores.LineLimit, cores.PayReject, cores.PayRequest} <= kinds
