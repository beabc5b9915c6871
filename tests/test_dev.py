"""`dev.py` sets up once, mends what was interrupted, and then gets out of the way."""

from __future__ import annotations

import ast
import fcntl
import os
import select
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import dev

END_TIMEOUT_S = 30

ENDLESS_PIP = "import os, sys; print(os.getpid(), flush=True); sys.stdin.read()"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a checkout of which nothing is set up yet."""
    requirements = tmp_path / "requirements"
    requirements.mkdir()
    for name in ("bootstrap.txt", "development.txt"):
        (requirements / name).write_text("click==8.1.0 --hash=sha256:00\n")
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "CACHE", tmp_path / ".cache")
    monkeypatch.setattr(dev, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(dev, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(dev, "STAMP", tmp_path / ".venv" / "ruilbrug-stamp")
    monkeypatch.setattr(dev, "REQUIREMENTS", requirements)
    monkeypatch.setattr(dev.fingerprint, "__defaults__", (requirements,))
    return tmp_path


class Steps:
    """Plays the programs that a set-up runs, and can be interrupted in one of them."""

    def __init__(self, checkout: Path) -> None:
        self.done: list[str] = []
        self.commands: dict[str, list[str]] = {}
        self.interrupted_in = ""
        self._checkout = checkout

    def run(self, command: list[str], _more: dict[str, str]) -> None:
        name = "virtualenv" if "virtualenv" in command else Path(command[-1]).stem
        self.done.append(name)
        self.commands[name] = command
        if name == self.interrupted_in:
            raise KeyboardInterrupt
        if name == "virtualenv":
            (self._checkout / ".venv" / "bin").mkdir(parents=True)
            (self._checkout / ".venv" / "lib" / "python3.11" / "site-packages").mkdir(parents=True)


@pytest.fixture
def steps(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Steps:
    steps = Steps(checkout)
    monkeypatch.setattr(dev, "quietly", steps.run)
    return steps


ALL_STEPS = ["bootstrap", "virtualenv", "development"]


def test_a_second_run_sets_up_nothing(steps: Steps) -> None:
    dev.ensure_environment()
    assert steps.done == ALL_STEPS

    dev.ensure_environment()
    assert steps.done == ALL_STEPS


def test_a_run_that_has_nothing_to_set_up_does_not_wait(
    steps: Steps, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    dev.ensure_environment()
    monkeypatch.setattr(dev, "say", said.append)

    with (checkout / ".cache" / "lock").open("w") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        again = threading.Thread(target=dev.ensure_environment, daemon=True)
        again.start()
        again.join(END_TIMEOUT_S)
        ended = not again.is_alive()

    assert ended
    assert said == []


def test_the_packages_and_the_command_are_there(steps: Steps, checkout: Path) -> None:
    dev.ensure_environment()

    (path_file,) = (checkout / ".venv").rglob("ruilbrug.pth")
    assert path_file.read_text() == f"{checkout}\n"
    command = checkout / ".venv" / "bin" / "ruilbrug"
    assert command.stat().st_mode & 0o111
    compile(command.read_text(), command, "exec")


@pytest.mark.parametrize("step", ALL_STEPS)
def test_an_interrupted_set_up_is_made_again(steps: Steps, checkout: Path, step: str) -> None:
    steps.interrupted_in = step
    with pytest.raises(KeyboardInterrupt):
        dev.ensure_environment()
    (checkout / ".venv").mkdir(exist_ok=True)
    (checkout / ".venv" / "half").touch()
    steps.done, steps.interrupted_in = [], ""

    dev.ensure_environment()

    assert steps.done == ALL_STEPS
    assert not (checkout / ".venv" / "half").exists()


def test_other_libraries_are_installed_into_the_same_environment(
    steps: Steps, checkout: Path
) -> None:
    dev.ensure_environment()
    (checkout / "requirements" / "development.txt").write_text("click==8.2.0\n")
    steps.done = []

    dev.ensure_environment()

    assert steps.done == ["development"]


def test_an_interrupted_change_of_libraries_makes_all_anew(steps: Steps, checkout: Path) -> None:
    dev.ensure_environment()
    (checkout / "requirements" / "development.txt").write_text("click==8.2.0\n")
    steps.interrupted_in = "development"
    with pytest.raises(KeyboardInterrupt):
        dev.ensure_environment()
    steps.done, steps.interrupted_in = [], ""

    dev.ensure_environment()

    assert steps.done == ALL_STEPS


@pytest.mark.parametrize("what", ["python", "bootstrap", "place"])
def test_another_python_or_place_makes_all_anew(
    steps: Steps, checkout: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    dev.ensure_environment()
    steps.done = []
    if what == "python":
        monkeypatch.setattr(sys, "version", "3.14.0")
    elif what == "place":
        monkeypatch.setattr(dev, "ROOT", checkout / "moved")
    else:
        (checkout / "requirements" / "bootstrap.txt").write_text("virtualenv==99\n")

    dev.ensure_environment()

    assert steps.done == ALL_STEPS


def test_of_two_runs_at_once_one_sets_up_and_the_other_waits(
    steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, waits = threading.Event(), threading.Event()
    run = steps.run

    def slow(command: list[str], more: dict[str, str]) -> None:
        inside.set()
        assert waits.wait(END_TIMEOUT_S)
        run(command, more)

    def say(text: str) -> None:
        if text.startswith("waiting"):
            waits.set()

    monkeypatch.setattr(dev, "quietly", slow)
    monkeypatch.setattr(dev, "say", say)
    first = threading.Thread(target=dev.ensure_environment)
    first.start()
    assert inside.wait(END_TIMEOUT_S)
    second = threading.Thread(target=dev.ensure_environment)
    second.start()
    for thread in (first, second):
        thread.join(END_TIMEOUT_S)
        assert not thread.is_alive()

    assert steps.done == ALL_STEPS


def test_a_step_that_outlives_its_killed_run_keeps_the_next_one_waiting(checkout: Path) -> None:
    (checkout / "fake" / "pip").mkdir(parents=True)
    (checkout / "fake" / "pip" / "__init__.py").touch()
    (checkout / "fake" / "pip" / "__main__.py").write_text(ENDLESS_PIP)
    (checkout / "dev.py").write_text(Path(dev.__file__).read_text("utf-8"), "utf-8")
    command = [sys.executable, str(checkout / "dev.py"), "run", "true"]
    surroundings = {**os.environ, "PYTHONPATH": str(checkout / "fake")}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=surroundings
    ) as run:
        assert run.stdout is not None
        assert run.stdin is not None
        step = os.pidfd_open(int(run.stdout.readline()))
        run.kill()
        run.wait(END_TIMEOUT_S)

        with (checkout / ".cache" / "lock").open("w") as lock_file:
            with pytest.raises(BlockingIOError):
                fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            run.stdin.close()
            assert select.select([step], [], [], END_TIMEOUT_S)[0]
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(step)


def test_a_step_that_fails_says_so_and_leaves_no_stamp(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(python: list[str], *arguments: str) -> None:
        dev.quietly(["false"], {})

    monkeypatch.setattr(dev, "pip_install", failing)
    with pytest.raises(SystemExit) as caught:
        dev.ensure_environment()

    assert caught.value.code == 1
    assert "python3-pip" in capsys.readouterr().err
    assert not (checkout / ".venv" / "ruilbrug-stamp").exists()


@pytest.mark.parametrize(("says", "is_chosen"), [("3.13.1 (distribution)", True), (None, False)])
def test_the_python_of_the_distribution_is_taken_when_it_is_new_enough(
    steps: Steps,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    says: str | None,
    is_chosen: bool,
) -> None:
    system = tmp_path / "python3"
    system.write_text(f"#!/bin/sh\necho '{says}'\n" if says else "#!/bin/sh\nexit 1\n")
    system.chmod(0o755)
    before = dev.fingerprint()
    monkeypatch.setattr(dev, "SYSTEM_PYTHON", system)

    dev.ensure_environment()

    assert (str(system) in steps.commands["virtualenv"]) == is_chosen
    assert (sys.executable in steps.commands["virtualenv"][-2:]) != is_chosen
    assert (dev.fingerprint() != before) == is_chosen, "another Python makes it anew"


def test_a_python_too_old_says_so_itself() -> None:
    old = dev.TELL_VERSION.replace("(3, 11)", "(99, 0)")

    assert subprocess.run([sys.executable, "-c", dev.TELL_VERSION], check=False).returncode == 0
    assert subprocess.run([sys.executable, "-c", old], check=False).returncode == 1


def in_a_checkout(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the real script in a folder whose environment is this very Python."""
    script = checkout / "dev.py"
    script.write_text(Path(dev.__file__).read_text("utf-8"), "utf-8")
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (checkout / ".venv" / "ruilbrug-stamp").write_text(dev.fingerprint(checkout / "requirements"))
    return subprocess.run(
        [sys.executable, "-S", str(script), *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=END_TIMEOUT_S,
    )


@pytest.mark.parametrize("separator", [["--"], []])
def test_run_passes_words_and_exit_code_on(checkout: Path, separator: list[str]) -> None:
    program = "import sys; print(sys.argv[1:]); sys.exit(7)"

    done = in_a_checkout(checkout, "run", *separator, "python", "-c", program, "a b", "--json")

    assert done.returncode == 7
    assert done.stdout == "['a b', '--json']\n"
    assert done.stderr == ""


def test_a_command_that_is_not_there_is_named(checkout: Path) -> None:
    done = in_a_checkout(checkout, "run", "--", "no-such-command")

    assert done.returncode == 127
    assert "no-such-command" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "program"),
    [
        (["demo", "--once"], ["deploy/demo/story.py", "--once"]),
        (["test", "-k", "line"], ["-m", "pytest", "-k", "line"]),
        (["test"], ["-m", "pytest", *dev.SIDE_BY_SIDE]),
        (["bench", "append", "--json"], ["tests/benchmarks/run.py", "append", "--json"]),
        (["explore", "life"], ["tests/simulation/explicit/run.py", "life"]),
    ],
)
def test_a_command_becomes_its_program(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], program: list[str]
) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr(dev, "ensure_environment", lambda: None)
    monkeypatch.setattr(dev, "become", became.append)

    dev.main(arguments)

    ((python, *rest),) = became
    assert python == str(dev.PYTHON)
    assert [word.removeprefix(f"{dev.ROOT}/") for word in rest] == program


@pytest.mark.parametrize("arguments", [[], ["no-such-command"], ["run"], ["run", "--"]])
def test_a_word_that_means_nothing_shows_what_does(
    arguments: list[str], steps: Steps, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dev.main(arguments) == 2
    assert "usage:" in capsys.readouterr().err
    assert steps.done == []


def test_help_needs_no_environment(steps: Steps, capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["--help"]) == 0
    assert "usage:" in capsys.readouterr().out
    assert steps.done == []


def test_an_old_python_is_named(
    steps: Steps, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))

    assert dev.main(["test"]) == 2
    assert "3.11" in capsys.readouterr().err
    assert steps.done == []


def test_check_runs_every_check_and_names_those_that_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    checks = (("lint", ["false"]), ("types", ["true"]), ("spelling", ["false"]))
    monkeypatch.setattr(dev, "CHECKS", checks)

    assert dev.check() == 1
    assert capsys.readouterr().err.splitlines()[-1] == "dev.py: failed: lint, spelling"

    monkeypatch.setattr(dev, "CHECKS", checks[1:2])
    assert dev.check() == 0


def test_checks_run_beside_each_other_and_are_shown_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    meet = 'touch "$0"; until [ -e "$1" ]; do sleep 0.01; done; echo "$2"; echo "$2" >&2'
    first, second = str(tmp_path / "first"), str(tmp_path / "second")
    checks = (
        ("one", ["timeout", "20", "sh", "-c", meet, first, second, "said by one"]),
        ("two", ["timeout", "20", "sh", "-c", meet, second, first, "said by two"]),
    )
    monkeypatch.setattr(dev, "CHECKS", checks)

    assert dev.check() == 0
    assert capfd.readouterr().out.splitlines() == ["said by one"] * 2 + ["said by two"] * 2


def test_a_lock_that_fails_changes_no_file(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (checkout / "requirements" / "development.txt").read_text()
    monkeypatch.setattr(dev, "COMPILE", ["false"])

    assert dev.lock() == 1
    assert (checkout / "requirements" / "development.txt").read_text() == before


def test_the_command_works_from_a_path_with_spaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = tmp_path / "my groups" / ".venv"
    packages = environment / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    (environment / "bin").mkdir()
    (environment / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setattr(dev, "ENVIRONMENT", environment)
    monkeypatch.setattr(dev, "PYTHON", environment / "bin" / "python")
    room = tmp_path / "federation" / "cli"
    room.mkdir(parents=True)
    (room / "main.py").write_text("import sys\ndef main():\n    print(*sys.argv[1:])\n")

    dev.install_project()

    said = subprocess.run(
        [str(environment / "bin" / "ruilbrug"), "node", "status of all"],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(tmp_path), "PATH": os.defpath},
    )
    assert said.stdout == "node status of all\n"
    assert (packages / "ruilbrug.pth").read_text() == f"{dev.ROOT}\n"


def test_a_command_runs_inside_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    become: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda *call: become.append(call))
    monkeypatch.chdir(dev.ROOT)

    dev.become(["sh", "-c", "exit 7"])

    ((program, command, variables),) = become
    assert Path(program).name == "sh"
    assert command == ["sh", "-c", "exit 7"]
    assert variables["PATH"].startswith(f"{dev.ENVIRONMENT}/bin{os.pathsep}")


def test_it_needs_nothing_but_the_standard_library() -> None:
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(Path(dev.__file__).read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
        )
    }

    assert imported <= sys.stdlib_module_names
