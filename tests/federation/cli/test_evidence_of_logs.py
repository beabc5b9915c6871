"""Proof about whole logs is checked and told where there is no node, no database and no network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from events.evidence import build_verdicts
from tests.events.test_evidence import ABORT, CHEAT, COMMIT
from tests.events.test_log_evidence import BROKEN, SAME_INDEX, SAME_SIZE

CHECKOUT = Path(__file__).resolve().parents[3]
VERDICTS = build_verdicts(CHEAT.id, CHEAT.statements, COMMIT, ABORT)
TOLD = {
    "same-size": (SAME_SIZE, "signed two different checkpoints of its log for the same length"),
    "same-index": (SAME_INDEX, "signed two different events for place"),
    "two-verdicts": (VERDICTS, "decided twice, and differently, about payment"),
    "broken-promise": (BROKEN, "signed a longer log that does not hold the shorter one"),
}


def check(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "federation.cli", "evidence", "check", "proof.json", *options],
        cwd=folder,
        env={"PYTHONPATH": str(CHECKOUT), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("kind", TOLD)
def test_proof_about_a_log_is_told(tmp_path: Path, kind: str) -> None:
    file, words = TOLD[kind]
    (tmp_path / "proof.json").write_bytes(file)

    told, as_json = check(tmp_path), check(tmp_path, "--json")

    assert (told.returncode, told.stderr) == (0, "")
    assert f"PROVEN ({kind})" in told.stdout
    assert words in told.stdout
    assert json.loads(as_json.stdout)["kind"] == kind


def test_a_file_that_proves_nothing_is_told_as_that(tmp_path: Path) -> None:
    one = json.loads(SAME_SIZE)
    one["second"] = one["first"]
    changed = json.dumps(one, separators=(",", ":"), sort_keys=True).encode()
    (tmp_path / "proof.json").write_bytes(changed)

    told = check(tmp_path)

    assert told.returncode == 1
    assert "NOT PROVEN (same-size)" in told.stdout
