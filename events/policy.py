"""Trust policies, C2SP tlog-policy: which logs count, and whose cosignatures together suffice.

Pure. Invariant: what parses has exactly one quorum, every name in it is defined once and above its
use, and stands in one group at most, so nobody's cosignature counts twice. Names are octets:
what is not UTF-8 is kept as it is (`surrogateescape`). Keys other than Ed25519 are refused by name:
a policy that could not be checked in full would be no policy.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from events.checkpoint import Checkpoint
from events.cosignature import CosignatureKey
from events.note import NoteKey, SignedNote
from schemas.errors import Code, InputError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from events.note import Verifier

POLICY_SIZE_MAX: Final = 2**20
DEFINED_MAX: Final = 1024
"""Logs, witnesses and groups, each; a federation has at most a thousand groups."""
NONE: Final = "none"

_FORBIDDEN: Final = re.compile(rb"[^\t\n\x20-\x7e\x80-\xff]")
_THRESHOLD: Final = re.compile(r"[1-9][0-9]{0,3}")


class KnownLog(NamedTuple):
    """A log that counts; the name of its key is its origin."""

    key: NoteKey
    url: str = ""


class KnownWitness(NamedTuple):
    """A witness under the name by which the policy speaks of it."""

    name: str
    key: CosignatureKey
    url: str = ""


class WitnessGroup(NamedTuple):
    """Members of which `threshold` have to have witnessed."""

    name: str
    threshold: int
    members: tuple[str, ...]


class Policy(msgspec.Struct, frozen=True):
    """Whom to believe. Made by `parse_policy`."""

    logs: tuple[KnownLog, ...]
    witnesses: tuple[KnownWitness, ...]
    groups: tuple[WitnessGroup, ...]
    quorum: str
    """Name of a witness or a group, or `none`."""

    def of_logs(self, logs: Sequence[KnownLog]) -> Policy:
        """Give the same policy about these logs."""
        return msgspec.structs.replace(self, logs=tuple(logs))

    def suffices(self, cosigned: Collection[str]) -> bool:
        """Tell whether these witnesses, by their names here, are the quorum or more."""
        if self.quorum == NONE:
            return True
        witnessed = {one.name for one in self.witnesses if one.name in cosigned}
        for group in self.groups:  # members stand above, so one pass is enough
            if sum(member in witnessed for member in group.members) >= group.threshold:
                witnessed.add(group.name)
        return self.quorum in witnessed


class Witnessed(NamedTuple):
    """A checkpoint that a policy lets through, and when which of its witnesses cosigned it."""

    checkpoint: Checkpoint
    cosigned_at_s: dict[str, int]


def require_witnessed(
    policy: Policy, note: bytes, *, logs: Sequence[NoteKey] | None = None
) -> Witnessed:
    """Read a checkpoint as the policy wants it; `logs` stand for its own when they are given.

    1. The note parses. 2. The text is a checkpoint. 3. A log of this origin signed it. 4. No
    signature of a known key is bad. 5. The cosignatures are the quorum.

    Raises:
        VerificationError: `too_large`, `bad_note` with the reason.

    """
    signed = SignedNote.parse(note)  # 1
    checkpoint = Checkpoint.parse(signed.text)  # 2
    known = [one.key for one in policy.logs] if logs is None else logs
    own = [key for key in known if key.name == checkpoint.origin]
    if not own:
        raise _refused("its log is none that the policy knows")
    signed.require(own)  # 3
    trusted: list[Verifier] = [*own, *(one.key for one in policy.witnesses)]
    signed.require(trusted)  # 4
    cosigned = cosigned_at_s(policy, signed)
    if not policy.suffices(cosigned):  # 5
        raise _refused("fewer witnesses have cosigned it than the policy wants")
    return Witnessed(checkpoint, cosigned)


def cosigned_at_s(policy: Policy, note: SignedNote) -> dict[str, int]:
    """Give when which witnesses of a policy cosigned a note, by their names in it."""
    times = {one.name: one.key.cosigned_at_s(note) for one in policy.witnesses}
    return {name: at_s for name, at_s in times.items() if at_s is not None}


def parse_policy(file: bytes) -> Policy:
    """Read a policy file.

    Raises:
        InputError: `too_large`; `malformed`, naming the line and what to do.

    """
    if len(file) > POLICY_SIZE_MAX:
        raise InputError(Code.TOO_LARGE, field="policy", limit=POLICY_SIZE_MAX)
    reading = _Reading()
    for number, words in _lines(file):
        reading.take(number, words)
    return reading.finish()


def write_policy(policy: Policy) -> bytes:
    """Write a policy as `parse_policy` reads it."""
    lines = [f"log {one.key.vkey()} {one.url}".rstrip() for one in policy.logs]
    lines += [f"witness {w.name} {w.key.vkey()} {w.url}".rstrip() for w in policy.witnesses]
    lines += [f"group {g.name} {g.threshold} {' '.join(g.members)}" for g in policy.groups]
    lines.append(f"quorum {policy.quorum}")
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")


def default_policy(
    log: KnownLog,
    umbrella: KnownWitness | None,
    partners: Sequence[KnownWitness],
    *,
    hosted: bool,
) -> Policy | None:
    """Give the policy of a node that has none of its own: the umbrella and one partner.

    `partners` are those on servers that are neither ours nor the umbrella's; while there are none,
    the umbrella is enough. For a group on the umbrella's own server (`hosted`) it is not: then no
    policy would be honest (design section 6). Names are the caller's, without spaces.
    """
    if hosted and not partners:
        return None
    groups: list[WitnessGroup] = []
    if partners:
        groups.append(WitnessGroup("partners", 1, tuple(one.name for one in partners)))
    if umbrella is not None and partners:
        groups.append(WitnessGroup("all", 2, (umbrella.name, "partners")))
    names = [umbrella.name] if umbrella is not None else [NONE]
    quorum = [*names, *(group.name for group in groups)][-1]
    witnesses = (*([umbrella] if umbrella is not None else []), *partners)
    policy = Policy((log,), witnesses, tuple(groups), quorum)
    assert parse_policy(write_policy(policy)).quorum == quorum
    return policy


class _Reading:
    """A policy while its lines are read."""

    def __init__(self) -> None:
        self.logs: list[KnownLog] = []
        self.witnesses: list[KnownWitness] = []
        self.groups: list[WitnessGroup] = []
        self.quorum = ""
        self._defined: set[str] = {NONE}
        self._members: set[str] = set()
        self._keys: set[tuple[str, bytes]] = set()

    def take(self, number: int, words: list[str]) -> None:
        kind, *rest = words
        match kind, len(rest):
            case "log", 1 | 2:
                self._log(number, *rest)
            case "witness", 2 | 3:
                self._witness(number, *rest)
            case "group", count if count > 2:  # noqa: PLR2004 - name, threshold, a member
                self._group(number, rest)
            case "quorum", 1:
                self._quorum(number, rest[0])
            case _:
                raise _malformed(number, _SHAPES.get(kind, _SHAPES[""]))

    def finish(self) -> Policy:
        if not self.quorum:
            raise InputError(Code.MALFORMED, field="policy", reason=_NO_QUORUM)
        return Policy(tuple(self.logs), tuple(self.witnesses), tuple(self.groups), self.quorum)

    def _log(self, number: int, vkey: str, url: str = "") -> None:
        try:
            key = NoteKey.parse(_text(number, vkey))
        except VerificationError as error:
            raise _bad_key(number, error) from error
        self._once(number, "log", key.key.data)
        self.logs.append(KnownLog(key, url))
        _require_few(number, self.logs)

    def _witness(self, number: int, name: str, vkey: str, url: str = "") -> None:
        try:
            key = CosignatureKey.parse(_text(number, vkey))
        except VerificationError as error:
            raise _bad_key(number, error) from error
        self._once(number, "witness", key.key.data)
        self._define(number, name)
        self.witnesses.append(KnownWitness(name, key, url))
        _require_few(number, self.witnesses)

    def _group(self, number: int, words: list[str]) -> None:
        name, threshold, *members = words
        for member in members:
            if member == NONE or member not in self._defined:
                raise _malformed(
                    number,
                    f"no line above defines the member '{_shown(member)}'; "
                    "define it above or correct its name",
                )
            if member in self._members:
                raise _malformed(
                    number,
                    f"'{_shown(member)}' stands in a group already; a name "
                    "counts once, so take it out of one",
                )
            self._members.add(member)
        wanted = {"any": 1, "all": len(members)}.get(threshold)
        if wanted is None and _THRESHOLD.fullmatch(threshold):
            wanted = int(threshold)
        if wanted is None or wanted > len(members):
            raise _malformed(
                number,
                f"'{_shown(threshold)}' is neither any nor all nor a number "
                f"from 1 to {len(members)}; say how many members are needed",
            )
        self._define(number, name)
        self.groups.append(WitnessGroup(name, wanted, tuple(members)))
        _require_few(number, self.groups)

    def _quorum(self, number: int, name: str) -> None:
        if self.quorum:
            raise _malformed(number, "there is a quorum above already; keep one of the two")
        if name not in self._defined:
            raise _malformed(
                number,
                f"no line above defines '{_shown(name)}'; define it above or correct its name",
            )
        self.quorum = name

    def _define(self, number: int, name: str) -> None:
        if name in self._defined:
            raise _malformed(number, f"the name '{_shown(name)}' is taken; choose another")
        self._defined.add(name)

    def _once(self, number: int, kind: str, key: bytes) -> None:
        if (kind, key) in self._keys:
            raise _malformed(number, f"this {kind} key stands above already; remove one of the two")
        self._keys.add((kind, key))


_NO_QUORUM: Final = "it has no quorum line; end it with 'quorum NAME' or 'quorum none'"
_SHAPES: Final = {
    "log": "it is not 'log VKEY [URL]'; write it so",
    "witness": "it is not 'witness NAME VKEY [URL]'; write it so",
    "group": "it is not 'group NAME any|all|NUMBER MEMBER...'; write it so",
    "quorum": "it is not 'quorum NAME'; write it so",
    "": "it begins with none of log, witness, group, quorum; put a # before a comment",
}


def _lines(file: bytes) -> Iterator[tuple[int, list[str]]]:
    """Give number and words of each line that says something."""
    forbidden = _FORBIDDEN.search(file)
    if forbidden is not None:
        number = file.count(b"\n", 0, forbidden.start()) + 1
        raise _malformed(number, f"it holds the control character {forbidden[0].hex()}; remove it")
    if file and not file.endswith(b"\n"):
        number = file.count(b"\n") + 1
        raise _malformed(number, "the file ends within this line; end it with a line feed")
    for number, line in enumerate(file.split(b"\n"), 1):
        words = [word.decode("utf-8", "surrogateescape") for word in re.split(rb"[ \t]+", line)]
        words = [word for word in words if word]
        if words and not words[0].startswith("#"):
            yield number, words


def _text(number: int, word: str) -> str:
    """Give a word that has to be UTF-8; key names of notes are."""
    try:
        word.encode()
    except UnicodeEncodeError as error:
        raise _malformed(number, "the key's name is not UTF-8; write it so") from error
    return word


def _shown(word: str) -> str:
    """Show a word in a sentence: short, and without octets that are no text."""
    return word.encode("utf-8", "surrogateescape").decode("utf-8", "replace")[:80]


def _require_few(number: int, defined: Sequence[object]) -> None:
    if len(defined) > DEFINED_MAX:
        raise _malformed(number, f"there are more than {DEFINED_MAX} of them; leave some out")


def _bad_key(number: int, error: VerificationError) -> InputError:
    reason = f"the key cannot be used ({error.facts['reason']}); ask for it again"
    return _malformed(number, reason)


def _malformed(number: int, reason: str) -> InputError:
    return InputError(Code.MALFORMED, field=f"line {number}", reason=reason)


def _refused(reason: str) -> VerificationError:
    return VerificationError(Code.BAD_NOTE, reason=reason)
