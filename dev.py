#!/usr/bin/env python3
"""The one command of this checkout: sets up what is missing, then demo, test, check, bench or run.

Standard library only, for a machine that has python3 (3.11 or newer) and pip and nothing else: no
venv module, no make, as root or not. Everything lies in `.venv/` and `.cache/` of the checkout.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
CACHE = ROOT / ".cache"
STAMP = ENVIRONMENT / "ruilbrug-stamp"
PYTHON = ENVIRONMENT / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"

USAGE = """usage: python3 dev.py COMMAND

  demo [--once] [--json] [--base-port N]   three groups and the umbrella, on this machine
  test [ARGUMENTS OF PYTEST]               every test
  check                                    format, lint, types, imports, dependencies, spelling
  bench [NAME...] [--json]                 the figures, each beside the limit of the same run
  run -- COMMAND [ARGUMENTS]               a command in the environment, `ruilbrug` for one
  lock                                     export the hashed requirement files anew
"""

CHECKS = (
    ("format", ["ruff", "format", "--check", "."]),
    ("lint", ["ruff", "check", "."]),
    ("types", ["mypy"]),
    ("imports", ["lint-imports"]),
    ("dependencies", ["deptry", "."]),
    ("dead code", ["vulture"]),
    ("spelling", ["typos"]),
)


def say(text: str) -> None:
    """Tell the person what takes a while."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def fingerprint() -> str:
    """Give what the environment was made from."""
    digest = hashlib.sha256(f"{sys.version} {ROOT}".encode())
    for name in ("bootstrap.txt", "development.txt"):
        digest.update((REQUIREMENTS / name).read_bytes())
    return digest.hexdigest()


def ensure_environment() -> None:
    """Make the private environment unless it is there; an interrupted one is made again."""
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if STAMP.exists() and STAMP.read_text() == wanted:
            return
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        bootstrap = CACHE / "bootstrap"
        shutil.rmtree(bootstrap, ignore_errors=True)
        say("making a private environment (once, about a minute) ...")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--require-hashes"]
        quiet = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"}
        subprocess.run(
            [*pip, "--target", str(bootstrap), "-r", str(REQUIREMENTS / "bootstrap.txt")],
            check=True,
            env=quiet,
        )
        subprocess.run(
            [sys.executable, "-m", "virtualenv", "--quiet", "--no-periodic-update"]
            + [str(ENVIRONMENT)],
            check=True,
            env={**quiet, "PYTHONPATH": str(bootstrap)},
        )
        say("installing the libraries ...")
        subprocess.run(
            [str(PYTHON), *pip[1:], "-r", str(REQUIREMENTS / "development.txt")],
            check=True,
            env=quiet,
        )
        install_project()
        STAMP.write_text(wanted)
        say("the environment is ready")


def install_project() -> None:
    """Make the packages of this checkout importable, and `ruilbrug` a command."""
    packages = next((ENVIRONMENT / "lib").glob("python3*/site-packages"))
    (packages / "ruilbrug.pth").write_text(f"{ROOT}\n")
    command = ENVIRONMENT / "bin" / "ruilbrug"
    command.write_text(f"#!{PYTHON}\nfrom federation.cli.main import main\n\nmain()\n")
    command.chmod(0o755)


def environment() -> dict[str, str]:
    """Give the environment variables of a command that runs inside."""
    path = f"{ENVIRONMENT / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "VIRTUAL_ENV": str(ENVIRONMENT)}


def become(command: list[str]) -> None:
    """Become a command; its exit code is ours."""
    os.chdir(ROOT)
    program = shutil.which(command[0], path=environment()["PATH"])
    if program is None:
        say(f"there is no command {command[0]}")
        sys.exit(127)
    os.execve(program, command, environment())  # noqa: S606 - the command is the developer's own


def check() -> int:
    """Run every check, and say at the end which failed."""
    failed = []
    for name, command in CHECKS:
        say(name)
        if subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode:
            failed.append(name)
    say(f"failed: {', '.join(failed)}" if failed else "every check passed")
    return 1 if failed else 0


def lock() -> int:
    """Export the requirement files with hashes; no registry's name stands in them."""
    compile_ = ["uv", "pip", "compile", "--quiet", "--generate-hashes", "--universal"]
    compile_ += ["--python-version", "3.11", "--no-header", "--no-annotate"]
    outputs = (
        ("development.txt", ["pyproject.toml", "--extra", "demo", "--group", "dev"]),
        ("runtime.txt", ["pyproject.toml"]),
        ("bootstrap.txt", ["requirements/bootstrap.in"]),
    )
    for name, sources in outputs:
        subprocess.run(
            [*compile_, *sources, "-o", f"requirements/{name}"],
            cwd=ROOT,
            env=environment(),
            check=True,
        )
    return 0


def main(arguments: list[str]) -> int:
    """Set up and do what was asked."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(USAGE)
        return 0 if arguments else 2
    command, rest = arguments[0], arguments[1:]
    if command not in ("demo", "test", "check", "bench", "run", "lock"):
        print(USAGE, file=sys.stderr)
        return 2
    ensure_environment()
    match command:
        case "demo":
            become([str(PYTHON), str(ROOT / "deploy" / "demo" / "story.py"), *rest])
        case "test":
            become([str(PYTHON), "-m", "pytest", *rest])
        case "bench":
            become([str(PYTHON), str(ROOT / "tests" / "benchmarks" / "run.py"), *rest])
        case "run":
            wanted = rest[1:] if rest[:1] == ["--"] else rest
            if not wanted:
                print(USAGE, file=sys.stderr)
                return 2
            become(wanted)
        case "check":
            return check()
    return lock()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
