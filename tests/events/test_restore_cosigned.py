"""The restore rule where a checkpoint was cosigned whose entries nobody keeps."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from events.checkpoint import Checkpoint, sign_checkpoint
from events.keys import read_history
from events.mark import Mark
from events.note import NoteKey, NoteSigner
from events.restore import Held, Judgement, Mode, Seen, held_against, judge, signed_by_us
from events.signing import PrivateKey
from federation.node.identity import first_statements
from schemas.encoding import b64
from schemas.keys import Role, SignedKeyStatement
from schemas.messages import SeenAnswer

ORIGIN = "alfa.example/log"


def stated(log: PrivateKey, node: int = 9) -> tuple[str, tuple[SignedKeyStatement, ...]]:
    """Give a node and its statements, with this log key."""
    keys = {
        role: (PrivateKey(bytes([node, number]) * 16), PrivateKey(bytes([8, number]) * 16))
        for number, role in enumerate(Role)
    }
    keys[Role.LOG] = (log, keys[Role.LOG][1])
    statements = first_statements(keys, bytes)
    return read_history(statements).node, statements


KEY, FORMER, STRANGER = (PrivateKey(bytes([n]) * 32) for n in (1, 2, 3))
KEYS = [NoteKey(ORIGIN, key.public) for key in (KEY, FORMER)]
NEWEST = PrivateKey(bytes([4]) * 32)
NODE, STATEMENTS = stated(NEWEST)
ROOT, OTHER = bytes(32), bytes([1]) * 32
HELD = Held(10, ROOT, {"line": 3})
MARK = Mark(8, ROOT)
ASKED = ("umbrella", "beta", "gamma")
sizes = st.integers(0, 30)


def answer(size: int, *, key: PrivateKey = KEY, origin: str = ORIGIN) -> SeenAnswer:
    note = sign_checkpoint(Checkpoint(origin, size, OTHER), NoteSigner(origin, key))
    return SeenAnswer(size=0, checkpoint=b64(note))


def told(one: SeenAnswer) -> Checkpoint | None:
    return signed_by_us(one, node=NODE, origin=ORIGIN, keys=KEYS)


def judged(*answers: Seen, mark: Mark | None = MARK, overridden: bool = False) -> Judgement:
    partners = frozenset(ASKED[1:])
    return judge(mark, HELD, answers, umbrella=ASKED[0], partners=partners, overridden=overridden)


def everybody(**more: int) -> list[Seen]:
    return [Seen(node, 0, {}, cosigned=more.get(node, 0)) for node in ASKED]


def test_a_cosigned_size_beyond_the_database_makes_it_read_only_whoever_names_it() -> None:
    for node in ASKED:
        found = judged(*everybody(**{node: 11}))

        assert (found.mode, found.wants_size) == (Mode.READ_ONLY, 11)
        assert found.reason == f"{node} has cosigned a longer log"


def test_no_lost_mark_and_no_operator_overrides_what_was_cosigned() -> None:
    longer = everybody(beta=11)

    assert judged(*longer, mark=None, overridden=True).mode is Mode.READ_ONLY
    assert judged(longer[1], overridden=True).mode is Mode.READ_ONLY


def test_a_cosigned_size_that_the_database_reaches_lets_it_go_on() -> None:
    assert judged(*everybody(umbrella=10, beta=3)).mode is Mode.OPEN


def test_the_longest_that_anybody_names_has_to_come_back() -> None:
    answers = [Seen("umbrella", 12, {}, cosigned=12), Seen("beta", 0, {}, cosigned=15)]

    assert judged(*answers).wants_size == 15
    assert judged(*answers[::-1]).wants_size == 15


@given(st.lists(st.tuples(sizes, sizes), min_size=3, max_size=3))
def test_open_exactly_when_nothing_seen_or_cosigned_is_longer(named: list[tuple[int, int]]) -> None:
    answers = [
        Seen(node, size, {}, cosigned=cosigned)
        for node, (size, cosigned) in zip(ASKED, named, strict=True)
    ]
    longest = max(max(pair) for pair in named)

    found = judged(*answers)

    assert (found.mode is Mode.OPEN) == (longest <= HELD.size)
    assert found.wants_size == (longest if longest > HELD.size else 0)


@given(sizes)
def test_only_what_an_own_key_signed_for_the_own_log_counts(size: int) -> None:
    assert told(answer(size + 1)) == Checkpoint(ORIGIN, size + 1, OTHER)
    assert told(answer(size + 1, key=FORMER)) == Checkpoint(ORIGIN, size + 1, OTHER)
    assert told(answer(size + 1, key=STRANGER)) is None
    assert told(answer(size + 1, origin="beta.example/log")) is None


def test_a_key_whose_statement_was_lost_is_proven_by_what_comes_along() -> None:
    newest = answer(11, key=NEWEST)

    assert told(newest) is None
    assert told(replace(newest, keys=STATEMENTS)) == Checkpoint(ORIGIN, 11, OTHER)
    assert told(replace(answer(11, key=STRANGER), keys=STATEMENTS)) is None


def test_statements_of_another_node_prove_no_key() -> None:
    _, others = stated(STRANGER, node=7)
    lie = answer(11, key=STRANGER)

    for keys in (others, (STATEMENTS[0], *others[1:]), others[1:]):
        assert told(replace(lie, keys=keys)) is None
    assert told(replace(answer(11), keys=others)) == Checkpoint(ORIGIN, 11, OTHER)


@given(st.binary(max_size=300))
def test_whatever_is_told_as_a_checkpoint_is_read_or_left_aside(data: bytes) -> None:
    assert told(SeenAnswer(size=0, checkpoint=b64(data))) is None


@given(st.data())
def test_no_byte_of_what_was_signed_can_be_another(data: st.DataObject) -> None:
    note = bytearray(sign_checkpoint(Checkpoint(ORIGIN, 11, OTHER), NoteSigner(ORIGIN, KEY)))
    text = note.index(b"\n\n")
    note[data.draw(st.integers(0, text))] ^= data.draw(st.integers(1, 255))

    assert told(SeenAnswer(size=0, checkpoint=b64(bytes(note)))) is None


def test_a_size_without_a_signature_makes_nobody_wait() -> None:
    lie = answer(2**50, key=STRANGER)

    seen = held_against("beta", lie, {}, checkpoint=told(lie))

    assert seen.cosigned == 0
    assert judged(seen, *everybody()[::2]).mode is Mode.OPEN


def test_another_root_at_a_cosigned_size_is_another_history() -> None:
    cosigned = Checkpoint(ORIGIN, 9, OTHER)

    seen = held_against("beta", SeenAnswer(size=0), {}, checkpoint=cosigned, root=ROOT)
    same = held_against("beta", SeenAnswer(size=0), {}, checkpoint=cosigned, root=OTHER)

    assert judged(seen).reason == "beta has seen another checkpoint of size 9"
    assert judged(seen, mark=None, overridden=True).mode is Mode.READ_ONLY
    assert same.differs == ""


def test_an_answer_of_an_earlier_release_names_no_checkpoint() -> None:
    earlier = msgspec.json.decode(b'{"size":3,"heads":[],"session":"x"}', type=SeenAnswer)

    assert told(earlier) is None
    assert held_against("umbrella", earlier, {}) == Seen("umbrella", 3, {}, session="x")


def test_an_answer_without_a_checkpoint_reads_as_it_always_did() -> None:
    assert msgspec.json.encode(SeenAnswer(size=3, session="x")) == b'{"size":3,"session":"x"}'
