"""Trust policies: what suffices, and what each malformed line is told."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.checkpoint import Checkpoint
from events.cosignature import CosignatureKey, CosignatureSigner
from events.note import NoteSigner, SignedNote, sign_note
from events.policy import (
    DEFINED_MAX,
    POLICY_SIZE_MAX,
    KnownLog,
    KnownWitness,
    Policy,
    WitnessGroup,
    default_policy,
    parse_policy,
    require_witnessed,
    write_policy,
)
from events.signing import PrivateKey
from schemas.errors import Code, InputError, VerificationError

LOG = NoteSigner("log.example/log", PrivateKey(b"l" * 32))
OTHER_LOG = NoteSigner("other.example/log", PrivateKey(b"o" * 32))
NAMES = ("X1", "X2", "X3", "Y1", "Y2")
WITNESSES = {
    name: CosignatureSigner(f"{name}.example", PrivateKey(name.encode() * 16)) for name in NAMES
}
L = LOG.public.vkey()
X1, X2, X3, Y1, Y2 = (WITNESSES[name].public.vkey() for name in NAMES)
TEXT = f"""\
# whom we believe
log {L} https://log.example

  witness X1 {X1}
witness\tX2 {X2}   https://x2.example/witness\x20
witness X3 {X3}
group X-witnesses 2 X1 X2 X3
witness Y1 {Y1}
witness Y2 {Y2}
group Y-witnesses any Y1 Y2
group X-and-Y all X-witnesses Y-witnesses
\t# and so:
quorum X-and-Y
"""
CHECKPOINT = Checkpoint("log.example/log", 7, b"r" * 32)


def cosigned(*names: str, log: NoteSigner = LOG) -> bytes:
    note = sign_note(CHECKPOINT.encode(), log)
    lines = (WITNESSES[name].sign(note.text, now_s=100 + len(name)) for name in names)
    return SignedNote(note.text, (*note.signatures, *lines)).encode()


def test_the_example_of_the_specification_is_read() -> None:
    policy = parse_policy(TEXT.encode())

    assert [(one.key.name, one.url) for one in policy.logs] == [
        ("log.example/log", "https://log.example")
    ]
    assert [one.name for one in policy.witnesses] == list(NAMES)
    assert policy.witnesses[1].url == "https://x2.example/witness"
    assert policy.groups == (
        WitnessGroup("X-witnesses", 2, ("X1", "X2", "X3")),
        WitnessGroup("Y-witnesses", 1, ("Y1", "Y2")),
        WitnessGroup("X-and-Y", 2, ("X-witnesses", "Y-witnesses")),
    )
    assert policy.quorum == "X-and-Y"


def test_every_set_of_witnesses_suffices_exactly_when_the_rule_says_so() -> None:
    policy = parse_policy(TEXT.encode())
    for count in range(len(NAMES) + 1):
        for names in combinations(NAMES, count):
            of_x = sum(name.startswith("X") for name in names)

            assert policy.suffices(names) == (of_x >= 2 and of_x < count), names


def test_a_witnessed_checkpoint_is_opened_with_its_times() -> None:
    policy = parse_policy(TEXT.encode())

    opened = require_witnessed(policy, cosigned("X1", "X3", "Y2"))

    assert opened.checkpoint == CHECKPOINT
    assert opened.cosigned_at_s == {"X1": 102, "X3": 102, "Y2": 102}


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        pytest.param(cosigned("X1", "X2"), "fewer witnesses", id="too few"),
        pytest.param(cosigned(), "fewer witnesses", id="none"),
        pytest.param(cosigned("X1", "X2", "Y1", log=OTHER_LOG), "no known key", id="other log"),
        pytest.param(cosigned("X1", "X2", "Y1").replace(b"\n7\n", b"\n8\n"), "verify", id="size"),
        pytest.param(
            cosigned("X1", "X2", "Y1").replace(b"log.example/log\n7", b"lag.example/log\n7"),
            "none that the policy knows",
            id="origin",
        ),
    ],
)
def test_what_the_policy_does_not_cover_is_refused(note: bytes, reason: str) -> None:
    with pytest.raises(VerificationError, match=reason) as caught:
        require_witnessed(parse_policy(TEXT.encode()), note)

    assert caught.value.code is Code.BAD_NOTE


def test_a_log_is_believed_under_its_own_origin_only() -> None:
    policy = parse_policy(f"log {OTHER_LOG.public.vkey()}\nlog {L}\nquorum none\n".encode())
    text = sign_note(CHECKPOINT.encode(), OTHER_LOG)

    with pytest.raises(VerificationError, match="no known key"):
        require_witnessed(policy, text.encode())


def test_logs_that_are_known_otherwise_stand_for_those_of_the_policy() -> None:
    policy = parse_policy(f"witness X1 {X1}\nquorum X1\n".encode())

    assert require_witnessed(policy, cosigned("X1"), logs=[LOG.public]).checkpoint == CHECKPOINT
    with pytest.raises(VerificationError, match="policy knows"):
        require_witnessed(policy, cosigned("X1"))


def test_one_byte_changed_in_a_cosignature_refuses_the_note() -> None:
    policy = parse_policy(f"log {L}\nwitness X1 {X1}\nwitness X2 {X2}\nquorum X1\n".encode())
    note = SignedNote.parse(cosigned("X1", "X2"))
    last = note.signatures[-1]
    bad = type(last)(last.name, last.key_id, last.signature[:-1] + b"\0")

    with pytest.raises(VerificationError, match="does not verify"):
        require_witnessed(policy, SignedNote(note.text, (*note.signatures[:-1], bad)).encode())


START = f"witness A {X1}\nwitness B {X2}\n"


@pytest.mark.parametrize(
    ("text", "field", "reason"),
    [
        ("", "policy", "quorum NAME"),
        (START, "policy", "no quorum line"),
        (START + "quorum A\nquorum B\n", "line 4", "quorum above already"),
        (START + "quorum A", "line 3", "end it with a line feed"),
        (START + "quorum C\n", "line 3", "no line above defines 'C'"),
        ("quorum A\n" + START, "line 1", "no line above defines 'A'"),
        (START + "quorum\n", "line 3", "quorum NAME"),
        (START + "quorum A B\n", "line 3", "quorum NAME"),
        (START + "quota A\n", "line 3", "begins with none"),
        (START + "\n\r\n", "line 4", "control character 0d"),
        (START + "group G 1 A\x7f\n", "line 3", "control character 7f"),
        (START + "group G 1\n", "line 3", "MEMBER"),
        (START + "group G 0 A\n", "line 3", "from 1 to 1"),
        (START + "group G 3 A B\n", "line 3", "from 1 to 2"),
        (START + "group G 01 A B\n", "line 3", "from 1 to 2"),
        (START + "group G some A B\n", "line 3", "'some'"),
        (START + "group G any A A\n", "line 3", "stands in a group already"),
        (START + "group G any A\ngroup H any A B\n", "line 4", "stands in a group already"),
        (START + "group G any G\n", "line 3", "member 'G'"),
        (START + "group G any none\n", "line 3", "member 'none'"),
        (START + "group A any B\n", "line 3", "'A' is taken"),
        (START + f"witness A {X3}\n", "line 3", "'A' is taken"),
        (START + f"witness none {X3}\n", "line 3", "'none' is taken"),
        (START + f"witness C {X1}\n", "line 3", "stands above already"),
        (START + f"witness C {L}\n", "line 3", "the key cannot be used"),
        (START + "witness C nonsense\n", "line 3", "name+id+key"),
        (START + "witness C\n", "line 3", "witness NAME VKEY"),
        (f"log {X1}\n", "line 1", "the key cannot be used"),
        (f"log {L}\nlog {L} https://elsewhere\n", "line 2", "stands above already"),
        (f"log {L} https://a b\n", "line 1", "log VKEY"),
    ],
)
def test_a_malformed_line_is_named_with_what_to_do(text: str, field: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_policy(text.encode())

    assert caught.value.code is Code.MALFORMED
    assert caught.value.facts["field"] == field
    assert reason in str(caught.value.facts["reason"])


def test_the_same_key_under_another_name_is_the_same_witness() -> None:
    namesake = CosignatureKey("other.example", WITNESSES["X1"].public.key).vkey()

    with pytest.raises(InputError, match="stands above already"):
        parse_policy(f"{START}witness C {namesake}\n".encode())


def test_names_are_octets() -> None:
    kelvin, latin = "\N{KELVIN SIGN}".encode(), b"\xe9"
    vkeys = (X1.encode(), X2.encode(), X3.encode())
    lines = [b"witness %b %b\n" % pair for pair in zip((b"K", kelvin, latin), vkeys, strict=True)]

    policy = parse_policy(b"".join(lines) + b"group G all K " + kelvin + b" \xe9\nquorum G\n")

    assert len({one.name for one in policy.witnesses}) == 3
    assert parse_policy(write_policy(policy)).groups == policy.groups
    with pytest.raises(InputError, match="not UTF-8"):
        parse_policy(b"witness A " + X1.encode().replace(b"X1", b"\xe9", 1) + b"\n")
    with pytest.raises(InputError, match="defines"):
        parse_policy(b"quorum \xe9\n")


def test_sizes_are_limited() -> None:
    with pytest.raises(InputError) as caught:
        parse_policy(b"#" * POLICY_SIZE_MAX + b"\n")
    assert caught.value.code is Code.TOO_LARGE

    keys = (PrivateKey(at.to_bytes(32, "big")).public for at in range(DEFINED_MAX + 1))
    lines = [f"witness w{at} {CosignatureKey('w', key).vkey()}" for at, key in enumerate(keys)]
    assert len(parse_policy(written([*lines[:-1], "quorum w0"])).witnesses) == DEFINED_MAX
    with pytest.raises(InputError, match="more than 1024"):
        parse_policy(written(lines))


def written(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


WORDS = st.sampled_from(
    [b"log", b"witness", b"group", b"quorum", b"none", b"any", b"all", b"1", b"2", b"A", b"B"]
    + [vkey.encode() for vkey in (L, X1, X2)]
    + [b" ", b"\n", b"\t", b"#", b"\r", b"\xe9"]
)


@given(st.binary(max_size=60) | st.lists(WORDS, max_size=30).map(b" ".join))
def test_random_bytes_are_a_policy_or_refused(file: bytes) -> None:
    try:
        policy = parse_policy(file)
    except InputError as error:
        assert error.code is Code.MALFORMED
    else:
        assert policy.quorum


@st.composite
def trees(draw: st.DrawFn) -> Policy:
    """Draw a policy whose groups stand over witnesses and groups, each used once."""
    free = list(NAMES)
    groups: list[WitnessGroup] = []
    while len(free) > 1 and draw(st.booleans()):
        members = draw(st.lists(st.sampled_from(free), min_size=1, unique=True))
        free = [name for name in free if name not in members]
        threshold = draw(st.integers(1, len(members)))
        groups.append(WitnessGroup(f"G{len(groups)}", threshold, tuple(members)))
        free.append(groups[-1].name)
    witnesses = tuple(KnownWitness(name, WITNESSES[name].public) for name in NAMES)
    quorum = draw(st.sampled_from([*free, "none"]))
    return Policy((KnownLog(LOG.public),), witnesses, tuple(groups), quorum)


@given(trees(), st.sets(st.sampled_from(NAMES)), st.sampled_from(NAMES))
def test_one_more_cosignature_never_takes_the_quorum_away(
    policy: Policy, cosigned: set[str], more: str
) -> None:
    again = parse_policy(write_policy(policy))

    assert again.groups == policy.groups
    assert again.suffices(cosigned) == policy.suffices(cosigned)
    assert policy.suffices(cosigned | {more}) >= policy.suffices(cosigned)
    assert policy.suffices(NAMES)
    assert policy.suffices(()) == (policy.quorum == "none")


PARTNERS = [KnownWitness(name, WITNESSES[name].public) for name in ("X1", "X2")]
UMBRELLA = KnownWitness("koepel", WITNESSES["Y1"].public)


@pytest.mark.parametrize(
    ("umbrella", "partners", "hosted", "enough", "too_few"),
    [
        (UMBRELLA, PARTNERS, False, [("koepel", "X2")], [("koepel",), ("X1", "X2")]),
        (UMBRELLA, PARTNERS, True, [("koepel", "X1")], [("koepel",), ("X1", "X2")]),
        (UMBRELLA, [], False, [("koepel",)], [()]),
        (None, PARTNERS, False, [("X1",), ("X2",)], [()]),
        (None, [], False, [()], []),
    ],
)
def test_the_default_is_the_umbrella_and_one_partner(
    umbrella: KnownWitness | None,
    partners: list[KnownWitness],
    *,
    hosted: bool,
    enough: list[tuple[str, ...]],
    too_few: list[tuple[str, ...]],
) -> None:
    policy = default_policy(KnownLog(LOG.public), umbrella, partners, hosted=hosted)

    assert policy is not None
    assert all(policy.suffices(names) for names in enough)
    assert not any(policy.suffices(names) for names in too_few)


def test_a_group_on_the_umbrellas_server_has_no_policy_without_a_witness_elsewhere() -> None:
    assert default_policy(KnownLog(LOG.public), UMBRELLA, [], hosted=True) is None
