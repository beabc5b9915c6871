"""The mirror over HTTP: what goes on finds what starts anew, and two histories are proven."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from events.checkpoint import Checkpoint, sign_checkpoint
from events.machine import EVENT_PREFIX
from events.note import NoteSigner
from events.tiles import LENGTH_SIZE, parse_entries, parse_signatures
from federation.umbrella.noting import all_findings
from schemas.encoding import b64, encode
from tests.federation.umbrella.conftest import Federation, proofs, report
from tests.federation.world.conftest import WorldNode

OTHER_ROOT = sha256(b"another history").digest()


async def noted(umbrella: WorldNode) -> list[dict[str, Any]]:
    """What the umbrella's log says was found."""
    rows = await umbrella.node.pool.fetch(
        "SELECT body FROM log_event WHERE body IS NOT NULL ORDER BY seq"
    )
    bodies = [json.loads(row["body"]) for row in rows]
    return [body for body in bodies if body["type"] in ("audit.found", "evidence.log_kept")]


async def test_what_goes_on_agrees_with_what_starts_anew(federation: Federation) -> None:
    umbrella = federation.umbrella
    reports = []
    for _ in range(3):
        await federation.pay()
        reports.append(await report(umbrella))
        assert (await report(umbrella, full=True)) == reports[-1]

    assert [sum(f["trades"] for f in one["lines"][0]["flows"]) for one in reports] == [1, 2, 3]
    assert all(one["agrees"] and one["findings"] == [] for one in reports)
    assert await noted(umbrella) == []


async def test_a_report_reads_what_is_new_alone(federation: Federation) -> None:
    umbrella = federation.umbrella
    await federation.pay()
    before = await report(umbrella)
    rows = await umbrella.node.pool.fetch("SELECT node, events FROM audit_node ORDER BY node")
    mirrored = await umbrella.node.pool.fetch(
        "SELECT node, count(*) AS events FROM mirror_event GROUP BY node ORDER BY node"
    )

    assert [tuple(row) for row in rows] == [tuple(row) for row in mirrored]
    assert before["events"] == sum(row["events"] for row in rows)
    assert await umbrella.node.pool.fetchval("SELECT count(*) FROM audit_path WHERE open") == 0


async def test_a_record_that_was_changed_is_told_by_a_full_audit(federation: Federation) -> None:
    umbrella = federation.umbrella
    await federation.pay()
    await report(umbrella)
    await umbrella.node.pool.execute("DELETE FROM audit_line")

    again = await report(umbrella, full=True)

    assert not again["agrees"]
    assert again["findings"] == []
    assert len(again["lines"]) == 1


async def test_a_finding_is_noted_once(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella = federation.umbrella
    monkeypatch.setattr("projections.lines.ALARM_PERCENT", 1)
    await federation.pay(60)

    for full in (False, False, True):
        found = await report(umbrella, full=full)
        assert [finding["what"] for finding in found["findings"]] == ["near_limit"]

    (body,) = await noted(umbrella)
    assert (body["what"], body["check"], body["severity"]) == ("near_limit", "A15", "alarm")
    assert (body["node"], body["line_units"]) == (federation.a.node.id, 360_000)


async def proofs_shown(umbrella: WorldNode) -> list[str]:
    """Which kinds of proof stand beside findings."""
    shown = await all_findings(umbrella.node)
    return [proof.kind for one in shown for proof in one.proofs]


Answer = Callable[..., Coroutine[Any, Any, bytes]]


def served(
    monkeypatch: pytest.MonkeyPatch,
    umbrella: WorldNode,
    group: WorldNode,
    method: str,
    part: str,
    change: Callable[[bytes], bytes],
) -> None:
    """Let what a group answers on some addresses come in changed."""
    url = group.node.settings.public_url
    real: Answer = getattr(umbrella.node.client, method)

    async def changed(*arguments: Any, **options: Any) -> bytes:
        answer = await real(*arguments, **options)
        return change(answer) if url in arguments and part in arguments[-1] else answer

    monkeypatch.setattr(umbrella.node.client, method, changed)


def checkpoint(group: WorldNode, size: int, root: bytes) -> bytes:
    """A checkpoint that a group's own key signed."""
    origin = group.node.settings.public_url.removeprefix("http://") + "/log"
    signer = NoteSigner(origin, group.node.identity.log)
    return sign_checkpoint(Checkpoint(origin, size, root), signer)


@pytest.mark.parametrize(("less", "kind"), [(0, "same-size"), (1, "broken-promise")])
async def test_a_checkpoint_of_another_history_is_proof(
    federation: Federation, monkeypatch: pytest.MonkeyPatch, less: int, kind: str
) -> None:
    umbrella, a = federation.umbrella, federation.a
    await federation.pay()
    await report(umbrella)
    size = await umbrella.node.pool.fetchval(
        "SELECT size FROM mirror_state WHERE node = $1", a.node.id
    )
    forged = checkpoint(a, size - less, OTHER_ROOT)

    served(monkeypatch, umbrella, a, "get_unsigned", "/log/checkpoint", lambda _: forged)
    found = [await report(umbrella) for _ in range(2)]

    assert await proofs(umbrella) == [(kind, a.node.id)]
    assert [[f["what"] for f in one["findings"]] for one in found] == [["log_refused"]] * 2
    assert [body["type"] for body in await noted(umbrella)] == ["evidence.log_kept", "audit.found"]
    assert await proofs_shown(umbrella) == [kind]


def bundled(entries: list[bytes]) -> bytes:
    return b"".join(len(entry).to_bytes(LENGTH_SIZE, "big") + entry for entry in entries)


class Rewritten:
    """A group that serves other entries from some place on, each signed by its own key."""

    def __init__(self, group: WorldNode, at: int, **fields: Any) -> None:
        self.group, self.at, self.fields = group, at, fields
        self.signature = b""

    def entries(self, bundle: bytes) -> bytes:
        count, at = 0, 0
        while at < len(bundle):
            at += LENGTH_SIZE + int.from_bytes(bundle[at : at + LENGTH_SIZE], "big")
            count += 1
        entries = parse_entries(bundle, count)
        if count > self.at:
            core = msgspec.json.decode(entries[self.at]) | self.fields
            entries[self.at] = encode(core)
            key = self.group.node.identity.log
            self.signature = key.sign(EVENT_PREFIX + entries[self.at])
        return bundled(entries)

    def signatures(self, bundle: bytes) -> bytes:
        signatures = parse_signatures(bundle, len(bundle) // 64)
        if self.signature:
            signatures[self.at] = self.signature
            self.signature = b""
        return b"".join(signatures)

    def serve(self, monkeypatch: pytest.MonkeyPatch, umbrella: WorldNode) -> None:
        for part, change in (("entries", self.entries), ("signatures", self.signatures)):
            served(monkeypatch, umbrella, self.group, "get", f"/tile/{part}/", change)


async def test_an_event_that_promises_another_history_is_proof(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, a = federation.umbrella, federation.a
    await federation.pay()
    await report(umbrella)
    size = await umbrella.node.pool.fetchval(
        "SELECT size FROM mirror_state WHERE node = $1", a.node.id
    )
    await federation.pay()

    Rewritten(a, size, root=b64(OTHER_ROOT)).serve(monkeypatch, umbrella)
    found = await report(umbrella)

    assert await proofs(umbrella) == [("broken-promise", a.node.id)]
    assert await proofs_shown(umbrella) == ["broken-promise"]
    assert "log_refused" in [finding["what"] for finding in found["findings"]]


async def test_an_entry_that_is_served_as_another_is_proof(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    umbrella, a = federation.umbrella, federation.a
    await federation.pay()
    await report(umbrella)
    await federation.pay()

    Rewritten(a, 5, ts=1_700_000_001).serve(monkeypatch, umbrella)
    await report(umbrella)

    assert await proofs(umbrella) == [("same-index", a.node.id)]
    assert await proofs_shown(umbrella) == ["same-index"]


async def test_honest_groups_that_start_again_are_not_accused(federation: Federation) -> None:
    umbrella = federation.umbrella
    for _ in range(2):
        await federation.pay()
        await report(umbrella)
        await federation.b.stop()
        away = await report(umbrella)
        await federation.b.open()
        assert away["behind"] == [federation.b.node.id] or away["behind"] == []

    assert (await report(umbrella, full=True))["findings"] == []
    assert await proofs(umbrella) == []
