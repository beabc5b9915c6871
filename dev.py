#!/usr/bin/env python3
"""The one command of this checkout: sets up what is missing, then demo, test, check, bench or run.

Standard library only, for a machine that has python3 (3.11 or newer) and pip and nothing else: no
venv module, no make, as root or not. Everything lies in `.venv/` and `.cache/` of the checkout;
the stamp in `.venv/` is written last, so an interrupted set-up is made again by the next run.
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
EXPLORE = ROOT / "tests" / "simulation" / "explicit" / "run.py"
PYTHON_MIN = (3, 11)
SYSTEM_PYTHON = Path("/usr/bin/python3")
TELL_VERSION = (
    "import asyncio, ssl, sys; "  # Debian's python3-minimal lacks some of them
    f"sys.version_info < {PYTHON_MIN} and sys.exit(1); print(sys.version)"
)
PROCESSES_MAX = 8
SIDE_BY_SIDE = ["-n", str(min(2 * (os.cpu_count() or 1), PROCESSES_MAX))]
SIDE_BY_SIDE += ["--dist", "loadfile", "--no-loadscope-reorder", "--durations", "30"]
"""How all tests run: files beside each other, each process with a database server of its own.

Two processes for each core, as many a test waits for a node that is away. In the order that
tests/conftest.py says: by the number of tests the files with few long ones would come last.
"""

USAGE = """usage: python3 dev.py COMMAND

  demo [ARGUMENTS]         three groups and the umbrella, on this machine
  test [PYTEST ARGUMENTS]  every test, or those named
  check                    format, lint, types, imports, dependencies, dead code, spelling
  bench [NAME...] [--json] the figures, each beside the limit of the same run
  explore [NAME...]        every reachable state of a line in small worlds; --large for more
  simulate ARGUMENTS       made-up worlds with every fault, by seed: --seeds N, --seed N, --help
  run -- COMMAND [...]     a command in the environment, for one `ruilbrug`
  package [FOLDER]         what deploy/install.sh installs on a server
  lock                     export the hashed requirement files anew
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

# What becomes of a file in requirements/: its sources. No index is emitted, so none is named.
COMPILE = ["uv", "pip", "compile", "--quiet", "--generate-hashes", "--universal", "--upgrade"]
COMPILE += ["--python-version", "3.11", "--no-header", "--no-annotate"]
LOCKED = {
    "runtime.txt": ["pyproject.toml"],
    "development.txt": ["pyproject.toml", "--extra", "demo", "--group", "dev"],
    "bootstrap.txt": ["requirements/bootstrap.in"],
}


def say(text: str) -> None:
    """Tell the person what takes a while."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def chosen_python() -> tuple[str, str]:
    """Give path and full version of the Python that the environment is made of.

    That of the distribution, where it is whole and new enough: security updates reach it, and it
    is built with optimisation (a tenth of a node's time). One before it in PATH may have neither.
    """
    if SYSTEM_PYTHON.exists() and not SYSTEM_PYTHON.samefile(sys.executable):
        told = subprocess.run(
            [SYSTEM_PYTHON, "-I", "-c", TELL_VERSION], check=False, capture_output=True, text=True
        )
        if not told.returncode:
            return str(SYSTEM_PYTHON), told.stdout.strip()
    return sys.executable, sys.version


def fingerprint(requirements: Path = REQUIREMENTS) -> str:
    """Give two lines: what the environment was made with, and what was installed into it."""
    made_with = hashlib.sha256(f"{chosen_python()[1]} {ROOT}".encode())
    made_with.update((requirements / "bootstrap.txt").read_bytes())
    installed = hashlib.sha256((requirements / "development.txt").read_bytes())
    return f"{made_with.hexdigest()}\n{installed.hexdigest()}\n"


def read_stamp() -> str:
    """Give the stamp of a finished environment, or the empty string."""
    try:
        return STAMP.read_text()
    except FileNotFoundError:
        return ""


def ensure_environment() -> None:
    """Make the private environment unless it is there; one at a time."""
    wanted = fingerprint()
    if read_stamp() == wanted:
        return
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as lock_file:
        # the steps hold it too: one that outlives a killed run must not meet the next
        os.set_inheritable(lock_file.fileno(), True)
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another run that sets up ...")
            fcntl.flock(lock_file, fcntl.LOCK_EX)
        found = read_stamp()
        if found == wanted:
            return
        if found.splitlines()[:1] == wanted.splitlines()[:1]:
            STAMP.unlink()
        else:
            make_environment()
        say("installing the libraries ...")
        pip_install([str(PYTHON)], "-r", str(REQUIREMENTS / "development.txt"))
        install_project()
        aside = STAMP.with_suffix(".new")
        aside.write_text(wanted)
        aside.replace(STAMP)
        say("the environment is ready")


def make_environment() -> None:
    """Make an empty environment, by a virtualenv that is itself installed into a folder here."""
    say("making a private environment in .venv (once, about a minute) ...")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    bootstrap = CACHE / "bootstrap"
    shutil.rmtree(bootstrap, ignore_errors=True)
    target = ["--target", str(bootstrap), "-r", str(REQUIREMENTS / "bootstrap.txt")]
    pip_install([sys.executable], *target)
    virtualenv = [sys.executable, "-m", "virtualenv", "--quiet", "--no-periodic-update"]
    quietly(
        [*virtualenv, "--python", chosen_python()[0], str(ENVIRONMENT)],
        {"PYTHONPATH": str(bootstrap)},
    )


def pip_install(python: list[str], *arguments: str) -> None:
    """Install by pip, which checks every hash."""
    pip = ["-m", "pip", "install", "--quiet", "--no-input", "--require-hashes"]
    quietly(
        [*python, *pip, *arguments],
        {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore"},
    )


def quietly(command: list[str], more: dict[str, str]) -> None:
    """Run a step of the set-up; when it fails, say so and stop."""
    done = subprocess.run(command, check=False, close_fds=False, env={**os.environ, **more})
    if done.returncode:
        say(f"this failed: {' '.join(command)}")
        say("it needs pip (Debian's package python3-pip) and a package index; then run this again")
        sys.exit(1)


def install_project() -> None:
    """Make the packages of this checkout importable, and `ruilbrug` a command."""
    packages = next((ENVIRONMENT / "lib").glob("python3*/site-packages"))
    (packages / "ruilbrug.pth").write_text(f"{ROOT}\n")
    command = ENVIRONMENT / "bin" / "ruilbrug"
    # a shell reads the first lines, Python reads them as a string: paths may hold spaces
    head = f"#!/bin/sh\n'''exec' \"{PYTHON}\" \"$0\" \"$@\"\n' '''\n"
    command.write_text(f"{head}from federation.cli.main import main\n\nmain()\n")
    command.chmod(0o755)


def environment() -> dict[str, str]:
    """Give the environment variables of a command that runs inside."""
    path = f"{ENVIRONMENT / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "VIRTUAL_ENV": str(ENVIRONMENT)}


def become(command: list[str]) -> None:
    """Become a command, here in the checkout; its exit code is ours."""
    os.chdir(ROOT)
    program = shutil.which(command[0], path=environment()["PATH"])
    if program is None:
        say(f"there is no command {command[0]}")
        sys.exit(127)
    os.execve(program, command, environment())  # noqa: S606 - the developer's own command


def start_check(command: list[str]) -> subprocess.Popen[str]:
    """Start a check; what it says is kept until its turn to be shown comes."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def check() -> int:
    """Run all checks beside each other, and say at the end which failed."""
    started = [(name, start_check(command)) for name, command in CHECKS]
    failed = []
    for name, process in started:
        say(name)
        said, _ = process.communicate()
        print(said, end="", flush=True)
        if process.returncode:
            failed.append(name)
    say(f"failed: {', '.join(failed)}" if failed else "every check passed")
    return 1 if failed else 0


def lock() -> int:
    """Export the requirement files with hashes, each replaced when its export succeeded."""
    for name, sources in LOCKED.items():
        say(name)
        command = [*COMPILE, *sources, "-o", str(CACHE / name)]
        done = subprocess.run(
            command, cwd=ROOT, env=environment(), check=False, stdout=subprocess.DEVNULL
        )
        if done.returncode:
            return done.returncode
        shutil.copyfile(CACHE / name, REQUIREMENTS / name)
    return 0


def main(arguments: list[str]) -> int:
    """Set up and do what was asked."""
    if sys.version_info < PYTHON_MIN:
        say(f"this needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}")
        return 2
    if arguments and arguments[0] in ("-h", "--help", "help"):
        print(USAGE)
        return 0
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    programs = {
        "demo": [str(PYTHON), str(ROOT / "deploy" / "demo" / "story.py"), *rest],
        "test": [str(PYTHON), "-m", "pytest", *(rest or SIDE_BY_SIDE)],
        "bench": [str(PYTHON), str(ROOT / "tests" / "benchmarks" / "run.py"), *rest],
        "explore": [str(PYTHON), str(EXPLORE), *rest],
        "simulate": [str(PYTHON), str(ROOT / "tests" / "simulation" / "run.py"), *rest],
        "package": [str(PYTHON), str(ROOT / "deploy" / "package.py"), *rest],
        "run": rest[1:] if rest[:1] == ["--"] else rest,
    }
    inside = {"check": check, "lock": lock}
    if command not in inside and not programs.get(command):
        print(USAGE, file=sys.stderr)
        return 2
    ensure_environment()
    if command in inside:
        return inside[command]()
    become(programs[command])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
