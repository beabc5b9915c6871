"""What a simulated node asks when it starts: the restore rule, over its mark and its partners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from events import restore
from events.growing import GrowingTree
from events.release import ReleaseGate
from events.restore import Held, Judgement, Mode
from schemas.encoding import b64
from schemas.errors import RuilbrugError
from schemas.keys import Role
from tests.simulation.schedule import Turn
from tests.simulation.showing import origin_of, own_keys, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.restore import Seen
    from schemas.messages import SeenAnswer
    from tests.simulation.process import Process

ASK_AGAIN_MS: Final = 2_000


class RestoreQuestion:
    """Judges what the disk held at the start, and asks until that may be released."""

    def __init__(self, process: Process) -> None:
        """Read the mark, and hold it against the log."""
        self._process, self._host, self._disk = process, process.host, process.disk
        tree, mark = process.tree, self._host.mark.read()
        root = None
        if mark is not None and mark.size <= tree.size:
            ids = [entry.id for entry in self._disk.log[: mark.size]]
            root = GrowingTree.from_tiles([], ids).root()
        heads = {line.line: line.out_n for line in process.lines()}
        key = b64(self._host.log_key.public.data)
        speaks = self._host.stated().speaks(Role.LOG, key, tree.size)
        self._held = Held(tree.size, root, heads, speaks)
        self._mark = mark

    def gate(self) -> ReleaseGate:
        """Give the gate as it is before anybody was asked."""
        process = self._process
        return ReleaseGate(
            self._host.mark,  # type: ignore[arg-type]
            lambda: (process.tree.size, process.tree.root()),
            self._judge(()),
            turn=Turn(),
            aside=process.sequencer.write_mark,
        )

    async def ask_until_judged(self) -> None:
        """Ask whoever has not vouched yet, until the rule allows to open the outbox."""
        process = self._process
        answers: dict[str, Seen] = {}
        while True:
            silent = restore.silent(
                answers.values(), umbrella=self._umbrella(), partners=self._partners()
            )
            asked = [(peer, process.world.ask_seen(process, peer)) for peer in sorted(silent)]
            for peer, promise in asked:
                try:
                    answers[peer] = self.told(peer, await promise)
                except RuilbrugError:
                    continue
                process.sessions.hold(peer, answers[peer].session)
            judgement = self._judge(list(answers.values()))
            if judgement.mode is Mode.OPEN and self._mark is None:
                self._mark = process.gate.create_mark()
            process.gate.judgement = judgement
            if judgement.mode is Mode.OPEN:
                process.open_outbox()
                return
            await process.schedule.pause(ASK_AGAIN_MS * self._host.rng.randint(1, 100))

    def told(self, peer: str, answer: SeenAnswer) -> Seen:
        """Hold what a partner says it has seen against the disk."""
        host, disk, ids = self._host, self._disk, {}
        for head in answer.heads:
            seqs = disk.chains.get(head.line, [])
            if 0 < head.n <= len(seqs):
                ids[head.line, head.n] = b64(disk.log[seqs[head.n - 1]].id)
        if 0 < answer.size <= len(disk.log):
            ids["", answer.size - 1] = b64(disk.log[answer.size - 1].id)
        checkpoint = root = None
        if not host.cheats():  # whoever cheats knows what it has signed
            origin, keys = origin_of(host), own_keys(host)
            checkpoint = restore.signed_by_us(answer, node=host.id, origin=origin, keys=keys)
        if checkpoint is not None and checkpoint.size <= len(disk.log):
            root = show(host, checkpoint.size).checkpoint().root
        return restore.held_against(peer, answer, ids, checkpoint=checkpoint, root=root)

    def _judge(self, answers: Sequence[Seen]) -> Judgement:
        return restore.judge(
            self._mark, self._held, answers, umbrella=self._umbrella(), partners=self._partners()
        )

    def _umbrella(self) -> str | None:
        umbrella = self._process.world.umbrella
        if umbrella is None or self._host.cheats():
            return None  # whoever cheats knows what the umbrella has seen
        return umbrella.id

    def _partners(self) -> frozenset[str]:
        return frozenset(line.peer for line in self._process.lines())
