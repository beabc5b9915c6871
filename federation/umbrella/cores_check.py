"""A report held against a file of cores, with no umbrella, no database and no network.

Nothing is summed before it is known whose it is. In this order: 1. each log of the report is in the
file; 2. each entry stands in its place behind the root of all before it, under a key that speaks
there; 3. at the size that the report names the log has the root that it names; 4. the log goes
exactly as far as its newest checkpoint, to its root; 5. the group signed that, and one that the
witnesses whom the policy wants cosigned, which may be an older one; 6. every signature fits; 7. the
report follows to the byte; 8. where the witnesses have seen less of a log than the report has read,
what it says follows from what they have seen as well.
"""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from events.checkpoint import Checkpoint, open_checkpoint
from events.merkle import EMPTY_ROOT
from events.note import NoteKey, SignedNote
from events.policy import cosigned_at_s, require_witnessed
from events.signing import PublicKey
from federation.umbrella.checking import Checking
from federation.umbrella.flow_cores import ReadCores
from federation.umbrella.reading import Page
from federation.umbrella.verifiers import that_fit
from schemas.encoding import b64
from schemas.errors import VerificationError
from schemas.keys import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from events.keys import KeyHistory
    from events.policy import Policy
    from federation.umbrella.cores_file import CoresArchive
    from federation.umbrella.flow_report import ReadLog
    from schemas.mirrored_cores import MirroredLog

PAGE: Final = 4096
PROCESSES: Final = 8


class Checked(NamedTuple):
    """What is wrong with a report; and when nothing is, which logs witnesses vouch for in part."""

    wrong: list[str]
    said: list[str]


class Vouched(NamedTuple):
    """The newest checkpoint of a log that has the cosignatures which a policy wants."""

    size: int
    root: bytes
    note: bytes


async def check_with_cores(
    cores: CoresArchive,
    period: str,
    logs: Sequence[ReadLog],
    files: Mapping[str, bytes],
    *,
    policy: Policy | None = None,
) -> Checked:
    """Say what is wrong with `report.json` and `report.csv` of a report made from `logs`.

    Raises:
        InputError: `not_found` for a period that is none.
        VerificationError: `malformed` for a report that names a log twice.

    """
    listed = {log.node: log for log in cores.manifest.logs}
    found = {node: _vouched(policy, one) for node, one in listed.items()} if policy else {}
    vouched = {node: one for node, one in found.items() if one is not None}
    sums = _Sums(logs, vouched)
    wrong: list[str] = []
    async with Checking(signatures=True, processes=that_fit(PROCESSES)) as checking:
        for log in logs:
            if log.node not in listed:  # 1
                wrong.append(f"{_named(log)} is not in the file of cores")
                continue
            read = _Log(checking, log, listed[log.node], vouched.get(log.node))
            try:
                wrong += await read.read(cores, sums)
            except VerificationError as error:  # raised from here it would be one of a group
                wrong.append(f"{error.facts['field']}: {error.facts['reason']}")
                continue
            if checking.follower(log.node).tree.size == listed[log.node].size:
                wrong += read.checkpoints(policy)
    for log in logs:  # 2, 6
        if log.node in checking.altered():
            seq, code = checking.altered()[log.node]
            wrong.append(f"{_named(log)}: entry {seq} does not hold ({code})")
    return Checked(wrong, []) if wrong else _made_anew(period, logs, files, sums)


def _made_anew(
    period: str, logs: Sequence[ReadLog], files: Mapping[str, bytes], sums: _Sums
) -> Checked:
    """Hold a report against what was read of its logs, whose they are being known."""
    made = sums.read.report(period, logs)  # 7
    anew = {"report.json": made.json(), "report.csv": made.table()}
    other = [name for name in anew if anew[name] != files[name]]
    if other:
        return Checked([f"{name} does not follow from the logs" for name in other], [])
    short = [log for log in logs if sums.vouched_for(log) < log.size]
    if not short:
        return Checked([], [])
    seen = [
        f"{_named(log)}: the witnesses have seen its first {sums.vouched_for(log)} entries, the"
        f" report has read {log.size}"
        for log in short
    ]
    if sums.seen.report(period, logs).json() == files["report.json"]:  # 8
        return Checked([], [*seen, "what the report says follows from what they have seen"])
    again = "what the report says needs more than they have seen: write the file of cores anew"
    return Checked([*seen, f"{again} in a few minutes"], [])


def _vouched(policy: Policy, listed: MirroredLog) -> Vouched | None:
    """Find the newest checkpoint of a log that the witnesses of a policy have cosigned.

    Whether the group signed it, and the log had that root, is seen when the log was read.
    """
    found = []
    for text in (listed.checkpoint, *listed.cosigned):
        try:
            note = SignedNote.parse(text.encode())
            checkpoint = Checkpoint.parse(note.text)
        except VerificationError:
            continue
        if checkpoint.size <= listed.size and policy.suffices(cosigned_at_s(policy, note)):
            found.append(Vouched(checkpoint.size, checkpoint.root, text.encode()))
    return max(found, default=None)


class _Sums:
    """What was read of all logs: as far as the report has, and of that what witnesses have seen."""

    def __init__(self, logs: Sequence[ReadLog], vouched: Mapping[str, Vouched]) -> None:
        self._vouched = vouched
        self.read = ReadCores()
        self.seen = ReadCores()
        self._twice = any(self.vouched_for(log) < log.size for log in logs)

    def vouched_for(self, log: ReadLog) -> int:
        """Give how much of what a report has read of a log its witnesses have seen.

        All of it where nobody asks for witnesses.
        """
        vouched = self._vouched.get(log.node)
        return log.size if vouched is None else min(log.size, vouched.size)

    def take(self, log: ReadLog, end: int, entries: Sequence[bytes]) -> None:
        """Sum the next entries of a log, up to `end`, as far as they count."""
        if end <= log.size:
            self.read.take(log.node, entries)
        if self._twice and end <= self.vouched_for(log):
            self.seen.take(log.node, entries)


class _Log:
    """One log of the report while it is read."""

    def __init__(
        self, checking: Checking, log: ReadLog, listed: MirroredLog, vouched: Vouched | None
    ) -> None:
        self._checking, self._log, self._listed = checking, log, listed
        self._vouched = vouched
        self._at = 0
        self._seen_root = EMPTY_ROOT

    async def read(self, cores: CoresArchive, sums: _Sums) -> list[str]:
        """Check all of it, and sum as far as the report has read."""
        log, wrong = self._log, []
        entries = cores.entries(log.node)
        if log.size == 0:
            wrong += self._other()
        while part := await asyncio.to_thread(lambda: list(islice(entries, self._most()))):
            page = Page(log.node, self._at, *map(list, zip(*part, strict=True)))
            await self._checking.page(page)
            if log.node in self._checking.altered():
                return wrong
            self._at += len(part)
            sums.take(log, self._at, page.entries)
            if self._at == log.size:
                wrong += self._other()  # 3
            if self._vouched is not None and self._at == self._vouched.size:
                self._seen_root = self._checking.follower(log.node).tree.root()
        if self._at < log.size:
            wrong.append(
                f"{_named(log)} has {self._at} entries in the file of cores, the report"
                f" has read {log.size}"
            )
        elif self._at != self._listed.size:  # 4
            wrong.append(
                f"{_named(log)} has {self._at} entries in the file of cores, its"
                f" checkpoint {self._listed.size}"
            )
        return wrong

    def checkpoints(self, policy: Policy | None) -> list[str]:
        """Hold a log that was read to its end against the notes about it."""
        follower = self._checking.follower(self._log.node)
        note = self._listed.checkpoint.encode()
        named = _named(self._log)
        try:
            origin = Checkpoint.parse(SignedNote.parse(note).text).origin
            history = follower.history
            held = None if history is None else history.current(Role.LOG)
            keys = [] if held is None else [NoteKey(origin, PublicKey.of_text(held.key))]
            checkpoint = open_checkpoint(note, origin=origin, trusted=keys)  # 5
            if policy is not None:
                self._require_witnessed(policy, note, origin, history)
        except VerificationError as error:
            return [f"{named}: its checkpoint does not hold ({error})"]
        if (checkpoint.size, checkpoint.root) != (follower.tree.size, follower.tree.root()):  # 4
            return [f"{named}: its checkpoint is of another history"]
        if self._vouched is not None and self._vouched.root != self._seen_root:
            return [f"{named}: witnesses have cosigned another history of it"]
        return []

    def _require_witnessed(
        self, policy: Policy, newest: bytes, origin: str, history: KeyHistory | None
    ) -> None:
        """Require that the log itself signed what its witnesses have cosigned.

        By any key that is not revoked: it may have got a new one since.

        Raises:
            VerificationError: as `require_witnessed`.

        """
        keys = {} if history is None else history.public_keys(Role.LOG)
        note = newest if self._vouched is None else self._vouched.note
        require_witnessed(policy, note, logs=[NoteKey(origin, key) for key in keys.values()])

    def _most(self) -> int:
        """Read whole pages, but for those in which the report or what witnesses saw has ended."""
        ends = [self._log.size, 0 if self._vouched is None else self._vouched.size]
        next_end = min((end for end in ends if end > self._at), default=self._at + PAGE)
        return min(PAGE - self._at % PAGE, next_end - self._at)

    def _other(self) -> list[str]:
        root = b64(self._checking.follower(self._log.node).tree.root())
        said = f"{_named(self._log)} is another history in the file of cores than in the report"
        return [] if root == self._log.root else [said]


def _named(log: ReadLog) -> str:
    return f"the log of {log.name} ({log.node})" if log.name else f"the log of {log.node}"
