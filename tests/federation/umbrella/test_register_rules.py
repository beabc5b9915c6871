"""What may enter a register, and what its fold makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.merkle import EMPTY_ROOT
from federation.umbrella.register_rules import (
    AdmitGroup,
    Followed,
    LeaveGroup,
    RecordKeys,
    RecordLine,
    decide,
)
from projections.register import REGISTER_STEPS, Group, Register, read_register
from schemas.amounts import Rate
from schemas.cores import TermsAccept, TermsPropose
from schemas.encoding import b64
from schemas.errors import Code, Refusal
from schemas.ids import line_id
from schemas.keys import Cause, SignedKeyStatement
from schemas.register_bodies import GroupAdmitted, GroupKeyStated, GroupLeft, GroupLineAgreed
from schemas.terms import Side, Terms, terms_hash
from tests.events.stated import StatedGroup

ROOT = b64(EMPTY_ROOT)
NOTHING = Followed(0, ROOT)
ALFA, BETA = StatedGroup(1), StatedGroup(2)
NOW = 1_800_000_000


class Told:
    """A register, and every event that was written for it."""

    def __init__(self) -> None:
        self.register = Register()
        self.events: list[Any] = []

    def does(self, command: Any) -> Any:
        """Decide a command on a branch, as the sequencer does; a refusal leaves nothing."""
        branch = self.register.branch()
        written: list[Any] = []
        steps = decide(branch, command, now_s=NOW)
        try:
            draft = next(steps)
            while True:
                written.append(draft.body)
                REGISTER_STEPS[type(draft.body)](branch, draft.body)
                draft = steps.send("")
        except StopIteration as end:
            if isinstance(end.value, Refusal):
                assert not written, "who is refused has written nothing"
                return end.value
            self.register.adopt(branch)
            self.events += written
            return end.value

    def admits(self, group: StatedGroup, followed: Followed = NOTHING) -> Any:
        url = f"https://g{group.number}"
        return self.does(AdmitGroup(group.node, url, "G", group.first, followed))

    def states(
        self, group: StatedGroup, *more: SignedKeyStatement, followed: Followed = NOTHING
    ) -> Any:
        return self.does(RecordKeys(group.node, (*group.first, *more), followed))

    def group(self, group: StatedGroup) -> Group:
        return self.register.groups[group.node]


@pytest.fixture
def told() -> Told:
    made = Told()
    made.admits(ALFA)
    return made


def refused(answer: object) -> Code:
    assert isinstance(answer, Refusal)
    return answer.code


def followed(group: StatedGroup, size: int, key: int = 0) -> Followed:
    """A log of so many entries, all under one key."""
    return Followed(size, b64(bytes([size]) * 32), ((group.key(key), size - 1),))


def test_a_group_is_admitted_with_its_keys_in_one_go(told: Told) -> None:
    assert [type(event) for event in told.events] == [GroupAdmitted, *[GroupKeyStated] * 4]
    assert told.group(ALFA).history is not None
    assert told.admits(ALFA) == told.group(ALFA)
    assert len(told.events) == 5


def test_another_address_is_written_down_and_the_keys_are_not_again(told: Told) -> None:
    told.does(AdmitGroup(ALFA.node, "https://new", "G", ALFA.first, NOTHING))

    assert told.group(ALFA).url == "https://new"
    assert len(told.group(ALFA).stated) == 4
    assert len(told.events) == 6


@pytest.mark.parametrize(
    "url", ["https://g1", "http://g1", "https://G1", "https://g1:443", "http://g1:443"]
)
def test_two_groups_at_one_address_are_refused(told: Told, url: str) -> None:
    before = list(told.events)

    answer = told.does(AdmitGroup(BETA.node, url, "B", BETA.first, NOTHING))

    assert refused(answer) is Code.ADDRESS_TAKEN
    assert answer.facts == {"field": "url", "group": "G"}
    assert told.events == before


@pytest.mark.parametrize("url", ["https://g2", "https://g1:8443", "https://g1/beta"])
def test_another_address_is_not_taken(told: Told, url: str) -> None:
    told.does(AdmitGroup(BETA.node, url, "B", BETA.first, NOTHING))

    assert told.group(BETA).url == url


def test_who_moves_to_the_address_of_another_is_refused_until_that_has_left(told: Told) -> None:
    told.admits(BETA)
    moved = AdmitGroup(BETA.node, "https://g1", "B", BETA.first, NOTHING)

    assert refused(told.does(moved)) is Code.ADDRESS_TAKEN
    assert told.group(BETA).url == "https://g2"
    told.does(LeaveGroup(ALFA.node))
    assert told.does(moved).url == "https://g1"
    assert refused(told.admits(ALFA)) is Code.ADDRESS_TAKEN


def test_what_is_new_is_recorded_once_with_what_was_known_of_the_log(told: Told) -> None:
    rotation = ALFA.rotation(1, 12)
    for _ in range(2):
        told.states(ALFA, rotation, followed=followed(ALFA, 12))

    stated = told.group(ALFA).stated[-1]
    assert (stated.statement, stated.size, stated.root) == (rotation, 12, b64(bytes([12]) * 32))
    assert len(told.group(ALFA).stated) == 5


def test_forged_statements_are_refused(told: Told) -> None:
    forged = ALFA.states(Cause.RECOVERY, 1, 12, (ALFA.log[1],))

    assert refused(told.states(ALFA, forged)) is Code.BAD_KEY_STATEMENT
    assert refused(told.does(RecordKeys(ALFA.node, ALFA.first[:1], NOTHING))) is (
        Code.BAD_KEY_STATEMENT
    ), "what was recorded cannot be left out"
    assert len(told.events) == 5


def test_borrowed_statements_and_keys_are_refused(told: Told) -> None:
    assert refused(Told().does(AdmitGroup(BETA.node, "https://b", "B", ALFA.first, NOTHING))) is (
        Code.KEY_BORROWED
    ), "also of one that nobody has admitted"
    thief = StatedGroup(3)
    thief.log[1] = ALFA.log[0]

    assert refused(told.does(AdmitGroup(BETA.node, "https://b", "B", ALFA.first, NOTHING))) is (
        Code.KEY_BORROWED
    ), "the statements of another group"
    assert refused(told.states(ALFA, BETA.rotation(1, 12))) is Code.BAD_KEY_STATEMENT
    told.admits(thief)
    assert refused(told.states(thief, thief.recovery(1, 12))) is Code.KEY_BORROWED, "its key"
    assert told.register.groups.get(BETA.node) is None


@pytest.mark.parametrize("group", ["unknown", "left"])
def test_only_groups_of_the_register_state_keys(told: Told, group: str) -> None:
    about = BETA if group == "unknown" else ALFA
    if group == "left":
        told.does(LeaveGroup(ALFA.node))

    assert refused(told.states(about, about.rotation(1, 12))) is Code.GROUP_UNKNOWN


@given(st.integers(1, 30), st.integers(0, 40), st.booleans())
@settings(max_examples=60)
def test_a_late_statement_is_refused_and_every_other_is_recorded(
    size: int, index: int, revokes: bool
) -> None:
    told = Told()
    told.admits(ALFA)
    more = [ALFA.recovery(1, max(index, size))] if revokes else [ALFA.recovery(1, index)]
    if revokes:
        more.append(ALFA.revocation(0, index))

    answer = told.states(ALFA, *more, followed=followed(ALFA, size))

    if index < size:
        assert refused(answer) is Code.KEY_LATE
        assert len(told.group(ALFA).stated) == 4
    else:
        assert len(told.group(ALFA).stated) == 4 + len(more)


def test_what_was_followed_before_a_revocation_is_remembered(told: Told) -> None:
    recovery, revocation = ALFA.recovery(1, 20), ALFA.revocation(0, 20)
    told.states(ALFA, recovery, followed=followed(ALFA, 9))
    told.states(ALFA, recovery, revocation, followed=followed(ALFA, 15))

    group = told.group(ALFA)
    assert group.followed_before_revocation(ALFA.key(0))[0] == 15
    assert group.followed_before_revocation(ALFA.key(1)) == (0, ROOT)


def test_who_has_left_can_come_back_with_the_keys_that_are_known(told: Told) -> None:
    for _ in range(2):
        told.does(LeaveGroup(ALFA.node))
    assert not told.group(ALFA).here
    assert [type(event) for event in told.events[5:]] == [GroupLeft]

    told.admits(ALFA)

    assert told.group(ALFA).here
    assert len(told.group(ALFA).stated) == 4
    assert refused(told.does(LeaveGroup(BETA.node))) is Code.GROUP_UNKNOWN


def agreement(
    one: StatedGroup = ALFA, other: StatedGroup = BETA, *, line: str = "", by: str = ""
) -> RecordLine:
    """What one group has proposed and the other accepted."""
    lower, higher = sorted((one.node, other.node))
    name = line or line_id(lower, higher, 0)
    sides = [Side(node=node, rate=Rate(20), grants_units=1) for node in (lower, higher)]
    terms = Terms(line=name, rev=1, lower=sides[0], higher=sides[1], largest_units=1)
    common: dict[str, Any] = {
        "v": 1, "seq": 9, "root": ROOT, "key": ROOT, "ts": NOW, "line": name, "n": 1,
    }  # fmt: skip
    return RecordLine(
        TermsPropose(**common, origin=one.node, counter=0, terms=terms),
        TermsAccept(**common, origin=by or other.node, rev=1, terms=terms_hash(terms)),
    )


def test_a_line_is_recorded_once_when_both_have_agreed(told: Told) -> None:
    assert refused(told.does(agreement())) is Code.GROUP_UNKNOWN
    told.admits(BETA)
    for _ in range(2):
        told.does(agreement())

    (line,) = told.register.lines.values()
    assert {line.lower, line.higher} == {ALFA.node, BETA.node}
    assert sum(isinstance(event, GroupLineAgreed) for event in told.events) == 1


@pytest.mark.parametrize("wrong", ["line", "accepted by itself", "by a third", "other terms"])
def test_what_is_no_agreement_of_the_two_is_refused(told: Told, wrong: str) -> None:
    told.admits(BETA)
    match wrong:
        case "line":
            command = agreement(line="a" * 51 + "q")
        case "accepted by itself":
            command = agreement(by=ALFA.node)
        case "by a third":
            command = agreement(by=StatedGroup(3).node)
        case _:
            other = agreement(BETA, StatedGroup(3))
            command = agreement()._replace(accepted=other.accepted)

    assert refused(told.does(command)) is Code.TERMS_INVALID


@given(st.data())
@settings(max_examples=40)
def test_the_register_is_what_its_events_say(data: st.DataObject) -> None:
    """Whatever is asked, in whatever order: folding the events anew gives the same register."""
    told = Told()
    groups = [ALFA, BETA]
    keys = {group.node: 0 for group in groups}
    more: dict[str, list[SignedKeyStatement]] = {group.node: [] for group in groups}
    for _ in range(data.draw(st.integers(1, 12))):
        group = data.draw(st.sampled_from(groups))
        match data.draw(st.sampled_from(["admit", "rotate", "revoke", "leave", "line"])):
            case "admit":
                told.does(
                    AdmitGroup(
                        group.node, "https://g", "G", (*group.first, *more[group.node]), NOTHING
                    )
                )
            case "rotate" if keys[group.node] < 4:
                keys[group.node] += 1
                more[group.node].append(group.recovery(keys[group.node], keys[group.node] * 10))
                told.states(group, *more[group.node])
            case "revoke":
                more[group.node].append(group.revocation(keys[group.node], 90))
                told.states(group, *more[group.node])
            case "leave":
                told.does(LeaveGroup(group.node))
            case _:
                told.does(agreement())

    anew = read_register(told.events)

    assert anew.groups.base == told.register.groups.base
    assert anew.lines.base == told.register.lines.base
    assert anew.owners.base == told.register.owners.base
