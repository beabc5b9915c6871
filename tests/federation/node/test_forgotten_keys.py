"""What a node takes for its own forgotten statements, and what nobody can make it believe."""

from __future__ import annotations

from pathlib import Path

import pytest

from federation.node.forgotten_keys import (
    TOLD_FILE,
    Forgotten,
    forgotten,
    forgotten_by_all,
    keep_told,
    read_told,
)
from federation.node.settings import NodeFolder
from schemas.keys import Cause, SignedKeyStatement
from tests.events.stated import StatedGroup

GROUP, OTHER = StatedGroup(1), StatedGroup(2)
OWN = tuple(GROUP.first)
LOST = (GROUP.recovery(1, 9), GROUP.revocation(0, 9))


def test_what_goes_on_behind_the_own_log_is_forgotten() -> None:
    found = forgotten(OWN, (*OWN, *LOST))

    assert found == Forgotten(len(OWN), LOST)
    assert found.ends_at() == 9


def test_what_the_log_holds_is_not_forgotten() -> None:
    for told in ((), OWN[:2], OWN):
        assert forgotten(OWN, told) is None
    assert forgotten((*OWN, *LOST), (*OWN, LOST[0])) is None


def test_what_was_stated_in_its_place_is_told_apart() -> None:
    anew = (*OWN, GROUP.recovery(2, 9), GROUP.revocation(0, 9))

    assert forgotten(anew, (*OWN, *LOST)) == Forgotten(len(OWN), LOST)


@pytest.mark.parametrize(
    "lie",
    [
        GROUP.states(Cause.RECOVERY, 1, 9, (OTHER.root,)),
        GROUP.states(Cause.REVOCATION, 0, 9, (OTHER.root,)),
        GROUP.states(Cause.RECOVERY, 1, 9, (GROUP.log[0], GROUP.log[1])),
        GROUP.rotation(1, 9),  # who stole both keys can make it; the root key cannot be stolen so
        OTHER.recovery(1, 9),
        GROUP.states(Cause.RECOVERY, 1, 9, (GROUP.root,), node=OTHER.node),
        SignedKeyStatement(statement=LOST[0].statement, signatures=LOST[1].signatures),
        SignedKeyStatement(statement="AAAA", signatures=LOST[1].signatures),
        SignedKeyStatement(statement=LOST[0].statement, signatures=()),
    ],
)
def test_nothing_is_believed_that_the_own_root_key_has_not_signed(lie: SignedKeyStatement) -> None:
    assert forgotten(OWN, (*OWN, lie)) is None
    assert forgotten(OWN, (*OWN, lie, *LOST)) is None
    assert forgotten(OWN, (*OWN, LOST[0], lie)) == Forgotten(len(OWN), LOST[:1])


def test_the_statements_of_another_node_are_none_of_ours() -> None:
    assert forgotten(OWN, (*OTHER.first, OTHER.recovery(1, 9))) is None


def test_who_knows_most_is_believed() -> None:
    told = [(), (*OWN, LOST[0]), (*OWN, *LOST), OWN]

    assert forgotten_by_all(OWN, told) == Forgotten(len(OWN), LOST)
    assert forgotten_by_all(OWN, [OWN]) is None


def test_what_others_hold_of_the_present_log_is_not_taken_back() -> None:
    anew = (*OWN, GROUP.recovery(2, 9))

    assert forgotten_by_all(anew, [anew, (*OWN, *LOST)]) is None
    assert forgotten_by_all(anew, [OWN, (*OWN, *LOST)]) == Forgotten(len(OWN), LOST)


def test_it_is_kept_for_the_commands_and_dropped_when_it_stands_in_the_log(tmp_path: Path) -> None:
    folder = NodeFolder(tmp_path)
    keep_told(folder, OWN, forgotten(OWN, (*OWN, LOST[0])))
    keep_told(folder, OWN, forgotten(OWN, (*OWN, *LOST)))

    assert read_told(folder, OWN) == Forgotten(len(OWN), LOST)
    assert read_told(folder, (*OWN, *LOST)) is None
    keep_told(folder, (*OWN, *LOST), None)
    assert not list(tmp_path.iterdir())
    assert read_told(folder, OWN) is None


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff"])
def test_a_broken_file_tells_nothing(tmp_path: Path, data: bytes) -> None:
    (tmp_path / TOLD_FILE).write_bytes(data)

    assert read_told(NodeFolder(tmp_path), OWN) is None
