"""The programs that judge the files of `deploy/`: each by the software that will read it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

DEPLOY: Final = Path(__file__).resolve().parents[2] / "deploy"
PATH: Final = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
TIMEOUT_S: Final = 300


def validator(name: str) -> str:
    """Give where the program lies; without it a test is left out, unless `CI=true`."""
    found = shutil.which(name, path=PATH)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail(f"{name} is missing, and .ci/run should have installed it")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def judge(*command: str | Path, folder: Path | None = None) -> tuple[int, str]:
    """Run a validator; give its exit code and all that it said."""
    done = subprocess.run(
        command,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
        cwd=folder,
        env={"PATH": PATH, "HOME": str(folder or "/"), "LANG": "C.UTF-8"},
    )
    return done.returncode, done.stdout
