"""Cores are held against what witnesses have seen of each log, also of one that has just grown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from events.checkpoint import Checkpoint
from events.cosignature import CosignatureKey, CosignatureSigner
from events.note import NoteSigner, SignedNote, sign_note
from events.policy import KnownWitness, Policy, WitnessGroup, write_policy
from events.signing import PrivateKey
from federation.cli.main import cli
from federation.node.origins import log_origin
from federation.umbrella import flow_reports
from schemas.mirrored_cores import CoresManifest
from tests.federation.umbrella.test_cores_file import (
    YEAR,
    Files,
    Parts,
    federation,
    printed,
    relisted,
    said,
    saved,
    witnesses_of,
)
from tests.federation.umbrella.traded import Federation
from tests.federation.world.conftest import eventually
from tests.federation.world.test_cosigning import has_cosigned

__all__ = ["federation"]

Grow = Callable[[], Awaitable[object]]


async def test_witnesses_count_when_a_policy_is_given(
    federation: Federation, tmp_path: Path
) -> None:
    files = await saved(federation, tmp_path)
    stranger = CosignatureKey("stranger.example/w", PrivateKey(b"s" * 32).public)
    witness = KnownWitness("stranger", stranger)
    wanted, free = tmp_path / "wanted", tmp_path / "free"
    wanted.write_bytes(
        write_policy(Policy((), (witness,), (WitnessGroup("all", 1, ("stranger",)),), "all"))
    )
    free.write_bytes(write_policy(Policy((), (witness,), (), "none")))

    strict = await asyncio.to_thread(files.check, None, "--policy", str(wanted))
    easy = await asyncio.to_thread(files.check, None, "--policy", str(free))

    assert "fewer witnesses have cosigned it than the policy wants" in said(strict)
    assert easy.exit_code == 0


async def grown(federation: Federation, monkeypatch: pytest.MonkeyPatch, grow: Grow) -> None:
    """Let the log of alfa grow between two audits, and nobody cosign what it has become."""
    umbrella, groups = federation.umbrella, (federation.alfa, federation.beta)
    await eventually(lambda: all(has_cosigned(umbrella, group) for group in groups))
    await federation.followed()
    for group in groups:
        monkeypatch.setattr(group.node.cosigning, "look", lambda *_: None)
        monkeypatch.setattr(group.node.cosigning, "_lines", {})
    await grow()
    await federation.followed()


async def checked(
    federation: Federation, files: Files, name: str, folder: Path, policy: Path
) -> Result:
    """Write the cores anew, and check with a policy."""
    cores = folder / f"{name}.zip"
    await federation.umbrella.ask("flows.cores", file=str(cores))
    words = ["audit", "check-report", str(files.report), "--key", files.vkey]
    words += ["--cores", str(cores), "--policy", str(policy)]
    runner = CliRunner(env={"RUILBRUG_NODE": ""})
    return await asyncio.to_thread(runner.invoke, cli, words)


async def test_a_log_that_has_just_grown_is_held_against_what_was_cosigned_before(
    federation: Federation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = await saved(federation, tmp_path)
    policy = tmp_path / "policy"
    policy.write_text(await witnesses_of(federation.alfa, federation.beta))
    alfa = federation.alfa

    await grown(federation, monkeypatch, lambda: alfa.ask("member.add", code="009", name="Nieuw"))
    older = await checked(federation, files, "older", tmp_path, policy)
    made = await flow_reports.report(federation.umbrella.node, YEAR)
    files.report.write_bytes(made.packed())
    newer = await checked(federation, files, "newer", tmp_path, policy)

    assert (older.exit_code, printed(older)) == (0, "right\n")
    (size,) = [log.size for log in made.report.logs if log.node == alfa.node.id]
    seen, _, rest = printed(newer).removeprefix("right\n").partition("\n")
    assert (newer.exit_code, rest) == (
        0,
        "what the report says follows from what they have seen\n",
    )
    assert seen.endswith(f" entries, the report has read {size}")
    assert seen.startswith(f"the log of alfa ({alfa.node.id}): the witnesses have seen its first ")


async def test_what_no_witness_has_seen_vouches_for_no_sum(
    federation: Federation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = await saved(federation, tmp_path)
    policy = tmp_path / "policy"
    policy.write_text(await witnesses_of(federation.alfa, federation.beta))

    await grown(federation, monkeypatch, lambda: federation.pay(federation.alfa, 10))
    made = await flow_reports.report(federation.umbrella.node, YEAR)
    files.report.write_bytes(made.packed())
    result = await checked(federation, files, "newer", tmp_path, policy)

    assert result.exit_code == 1, result.output
    assert "needs more than they have seen: write the file of cores anew" in printed(result)


async def test_another_history_that_witnesses_have_cosigned_is_refused(
    federation: Federation, tmp_path: Path
) -> None:
    """Somebody puts a note into the file that is of another log than the one beside it."""
    files = await saved(federation, tmp_path)
    alfa, witness = federation.alfa, PrivateKey(b"w" * 32)
    signer = CosignatureSigner("w.example/w", witness)
    policy = tmp_path / "policy"
    wanted = (KnownWitness("w", signer.public),)
    policy.write_bytes(write_policy(Policy((), wanted, (), "w")))
    origin = log_origin(alfa.node.settings.public_url)
    own = NoteSigner(origin, alfa.node.identity.log)

    def cosigned_otherwise(parts: Parts) -> None:
        def changed(said: CoresManifest) -> CoresManifest:
            logs = []
            for log in said.logs:
                of = own if log.node == alfa.node.id else None
                newest = SignedNote.parse(log.checkpoint.encode())
                note = (
                    newest
                    if of is None
                    else sign_note(Checkpoint(origin, 3, b"r" * 32).encode(), of)
                )
                line = signer.sign(note.text, now_s=1)
                both = SignedNote(note.text, (*note.signatures, line)).encode().decode()
                logs.append(msgspec.structs.replace(log, cosigned=(both,)))
            return msgspec.structs.replace(said, logs=tuple(logs))

        relisted(parts, changed)

    told = await asyncio.to_thread(files.tampered, cosigned_otherwise, "--policy", str(policy))

    assert (
        told == f"the log of alfa ({alfa.node.id}): witnesses have cosigned another history of it"
    )
