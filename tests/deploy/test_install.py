"""`install.sh` puts a version beside the others, and groups run on it or on the one before."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from deploy.package import SUMS, build_wheel, lay_out, pack, write_sums
from tests.deploy.validators import DEPLOY

REPOSITORY = DEPLOY.parent
PYTHON = """#!/bin/bash
echo "python $*" >>"$RUILBRUG_PREFIX/calls"
if [ "$1 $2" = "-m venv" ]; then
    mkdir -p "$3/bin"
    cp "$0" "$3/bin/python"
elif [ "$1 $2 $3" = "-m pip install" ]; then
    [ ! -e "$RUILBRUG_PREFIX/no-index" ] || exit 1
    cp "$RUILBRUG_PREFIX/ruilbrug" "${0%python}ruilbrug"
fi
"""
RUILBRUG = """#!/bin/bash
version=$(basename "$(dirname "$(dirname "$0")")")
echo "$version $*" >>"$RUILBRUG_PREFIX/calls"
case " $* " in
    *" --try "*) [ ! -e "$2/try-fails" ] ;;
    *" migrate "*) [ ! -e "$2/fails" ] ;;
    *" host "*" groups "*) cat "$3/hosted" ;;
esac
"""
SYSTEMCTL = """#!/bin/bash
echo "systemctl $*" >>"$RUILBRUG_PREFIX/calls"
unit=$RUILBRUG_PREFIX/run/$2
case $1 in
    list-units) cd "$RUILBRUG_PREFIX/run"; for unit in ruilbrug[@-]*; do
        [ ! -e "$unit" ] || echo "$unit loaded active running Ruilbrug node"; done ;;
    stop) rm -f "$unit" ;;
    start) touch "$unit" ;;
esac
"""
LOGGED = """#!/bin/bash
echo "${0##*/} $*" >>"$RUILBRUG_PREFIX/calls"
"""
RUNUSER = '#!/bin/bash\nshift 3\nexec "$@"\n'


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


class Machine:
    """A root folder with programs that note how they are called."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "run/systemd/system").mkdir(parents=True)
        fakes = root / "fakes"
        fakes.mkdir()
        for name, text in (
            ("python3", PYTHON),
            ("systemctl", SYSTEMCTL),
            ("runuser", RUNUSER),
            ("useradd", LOGGED),
            ("chown", LOGGED),
            ("getent", "#!/bin/bash\nexit 2\n"),
        ):
            program(fakes / name, text)
        program(root / "ruilbrug", RUILBRUG)
        self.environment = {
            "PATH": f"{fakes}:/usr/bin:/bin",
            "RUILBRUG_PREFIX": str(root),
            "LANG": "C.UTF-8",
        }

    def run(self, script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", str(script), *arguments]
        return subprocess.run(
            command, env=self.environment, check=False, capture_output=True, text=True
        )

    def start(self, *names: str) -> None:
        for name in names:
            (self.root / "srv/ruilbrug" / name).mkdir(parents=True, exist_ok=True)
            (self.root / "run" / f"ruilbrug@{name}.service").touch()

    def host(self, *names: str) -> None:
        """Let a host run these groups."""
        for name in names:
            (self.root / "srv/ruilbrug" / name).mkdir(parents=True, exist_ok=True)
        (self.root / "srv/ruilbrug/hosted").write_text("".join(f"{name}\n" for name in names))
        (self.root / "run/ruilbrug-host.service").touch()

    @property
    def hosts(self) -> bool:
        return (self.root / "run/ruilbrug-host.service").exists()

    @property
    def running(self) -> list[str]:
        found = (self.root / "run").glob("ruilbrug@*")
        return sorted(
            path.name.removeprefix("ruilbrug@").removesuffix(".service") for path in found
        )

    @property
    def current(self) -> str:
        return str((self.root / "opt/ruilbrug/current").readlink())

    def calls(self) -> list[str]:
        """Give what was called since the last time, without the paths of this root folder."""
        log = self.root / "calls"
        said = log.read_text().replace(str(self.root), "").splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return said


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "root")


def package(folder: Path, version: str, wheel: str = "") -> Path:
    """Give the script of a package of this version, with a wheel that nothing reads."""
    inside = folder / f"ruilbrug-{version}"
    inside.mkdir(parents=True)
    shutil.copy(DEPLOY / "install.sh", inside)
    shutil.copytree(DEPLOY / "systemd", inside / "systemd")
    (inside / "requirements.txt").write_text("")
    (inside / f"ruilbrug-{version}-py3-none-any.whl").write_text(wheel)
    write_sums(inside)
    return inside / "install.sh"


def test_a_first_install_makes_user_folders_units_and_command(
    machine: Machine, tmp_path: Path
) -> None:
    done = machine.run(package(tmp_path, "0.1.0"))

    assert done.returncode == 0, done.stderr
    assert machine.current == "0.1.0"
    command = machine.root / "usr/local/bin/ruilbrug"
    assert command.resolve() == machine.root / "opt/ruilbrug/0.1.0/bin/ruilbrug"
    units = machine.root / "etc/systemd/system"
    assert (units / "ruilbrug@.service").exists()
    nodes = machine.root / "srv/ruilbrug"
    assert stat.S_IMODE(nodes.stat().st_mode) == 0o750
    calls = machine.calls()
    assert "chown ruilbrug:ruilbrug /srv/ruilbrug /var/backups/ruilbrug" in calls
    assert stat.S_IMODE((machine.root / "var/backups/ruilbrug").stat().st_mode) == 0o700
    assert any(call.startswith("useradd --system ") for call in calls)
    assert any("--require-hashes --only-binary :all:" in call for call in calls)
    assert "systemctl daemon-reload" in calls


def test_the_same_package_again_installs_nothing(machine: Machine, tmp_path: Path) -> None:
    script = package(tmp_path, "0.1.0")
    machine.run(script)
    machine.start("gent")
    machine.calls()

    done = machine.run(script)

    assert done.returncode == 0
    assert machine.running == ["gent"]
    assert not [c for c in machine.calls() if "pip" in c or "stop" in c or "migrate" in c]


def test_an_upgrade_tries_all_then_migrates_switches_and_starts(
    machine: Machine, tmp_path: Path
) -> None:
    machine.run(package(tmp_path, "0.1.0"))
    machine.start("brugge", "gent")
    machine.calls()

    done = machine.run(package(tmp_path, "0.2.0"))

    assert done.returncode == 0, done.stderr
    assert machine.current == "0.2.0"
    assert machine.running == ["brugge", "gent"]
    happened = [c for c in machine.calls() if "migrate" in c or c.split()[1] in {"stop", "start"}]
    assert happened == [
        "systemctl stop ruilbrug@brugge.service",
        "systemctl stop ruilbrug@gent.service",
        "0.2.0 --node /srv/ruilbrug/brugge node migrate --try",
        "0.2.0 --node /srv/ruilbrug/gent node migrate --try",
        "0.2.0 --node /srv/ruilbrug/brugge node migrate",
        "0.2.0 --node /srv/ruilbrug/gent node migrate",
        "systemctl start ruilbrug@brugge.service",
        "systemctl start ruilbrug@gent.service",
    ]
    back = "/opt/ruilbrug/0.1.0/deploy/install.sh --switch 0.1.0"
    assert f"to go back: {machine.root}{back}" in done.stderr


def test_the_groups_of_a_host_are_brought_along(machine: Machine, tmp_path: Path) -> None:
    machine.run(package(tmp_path, "0.1.0"))
    machine.start("gent")
    machine.host("brugge", "leuven")
    machine.calls()

    done = machine.run(package(tmp_path, "0.2.0"))

    assert done.returncode == 0, done.stderr
    assert machine.running == ["gent"]
    assert machine.hosts
    happened = [c for c in machine.calls() if "migrate" in c or c.split()[1] in {"stop", "start"}]
    tried = ["brugge", "leuven", "gent"]
    assert happened == [
        "systemctl stop ruilbrug-host.service",
        "systemctl stop ruilbrug@gent.service",
        *[f"0.2.0 --node /srv/ruilbrug/{name} node migrate --try" for name in tried],
        *[f"0.2.0 --node /srv/ruilbrug/{name} node migrate" for name in tried],
        "systemctl start ruilbrug-host.service",
        "systemctl start ruilbrug@gent.service",
    ]


def test_one_group_of_a_host_that_does_not_fit_keeps_the_host_on_the_old_version(
    machine: Machine, tmp_path: Path
) -> None:
    machine.run(package(tmp_path, "0.1.0"))
    machine.host("brugge", "leuven")
    (machine.root / "srv/ruilbrug/leuven/try-fails").touch()

    done = machine.run(package(tmp_path, "0.2.0"))

    assert done.returncode == 1
    assert "the tables of leuven do not fit 0.2.0" in done.stderr
    assert machine.current == "0.1.0"
    assert machine.hosts


def test_a_host_whose_settings_cannot_be_read_stops_nothing(
    machine: Machine, tmp_path: Path
) -> None:
    machine.run(package(tmp_path, "0.1.0"))
    machine.host("brugge")
    (machine.root / "srv/ruilbrug/hosted").unlink()
    machine.calls()

    done = machine.run(package(tmp_path, "0.2.0"))

    assert done.returncode == 1
    assert "which groups the host runs" in done.stderr
    assert machine.current == "0.1.0"
    assert not [call for call in machine.calls() if " stop " in call]


def test_a_group_whose_tables_do_not_fit_keeps_all_on_the_old_version(
    machine: Machine, tmp_path: Path
) -> None:
    machine.run(package(tmp_path, "0.1.0"))
    machine.start("brugge", "gent")
    (machine.root / "srv/ruilbrug/gent/try-fails").touch()
    machine.calls()

    done = machine.run(package(tmp_path, "0.2.0"))

    assert done.returncode == 1
    assert "the tables of gent do not fit 0.2.0" in done.stderr
    assert machine.current == "0.1.0"
    assert machine.running == ["brugge", "gent"]
    assert not [call for call in machine.calls() if call.endswith("node migrate")]


def test_a_migration_that_fails_in_earnest_stops_no_other_group(
    machine: Machine, tmp_path: Path
) -> None:
    machine.run(package(tmp_path, "0.1.0"))
    machine.start("brugge", "gent")
    (machine.root / "srv/ruilbrug/brugge/fails").touch()

    done = machine.run(package(tmp_path, "0.2.0"))

    assert done.returncode == 1
    assert "brugge: the tables are not up to date yet" in done.stderr
    assert machine.current == "0.2.0"
    assert machine.running == ["brugge", "gent"]


def test_groups_that_an_interrupted_run_stopped_run_after_the_next_one(
    machine: Machine, tmp_path: Path
) -> None:
    machine.run(package(tmp_path, "0.1.0"))
    machine.start("brugge")
    (machine.root / "opt/ruilbrug/.stopped").write_text("ruilbrug@gent.service\n")
    half = machine.root / "opt/ruilbrug/0.2.0/bin/half-installed"
    half.parent.mkdir(parents=True)
    half.touch()

    done = machine.run(package(tmp_path, "0.2.0"))

    assert done.returncode == 0, done.stderr
    assert machine.running == ["brugge", "gent"]
    assert not (machine.root / "opt/ruilbrug/.stopped").exists()
    assert not half.exists()


def test_going_back_tries_the_tables_first(machine: Machine, tmp_path: Path) -> None:
    machine.run(package(tmp_path, "0.1.0"))
    machine.start("gent")
    machine.run(package(tmp_path, "0.2.0"))
    old = machine.root / "opt/ruilbrug/0.1.0/deploy/install.sh"

    assert machine.run(old, "--switch", "0.1.0").returncode == 0
    assert machine.current == "0.1.0"
    (machine.root / "srv/ruilbrug/gent/try-fails").touch()
    refused = machine.run(old, "--switch", "0.2.0")
    unknown = machine.run(old, "--switch", "0.3.0")

    assert (refused.returncode, unknown.returncode) == (1, 1)
    assert "restore the backup" in refused.stderr
    assert "0.3.0 is not installed" in unknown.stderr
    assert (machine.current, machine.running) == ("0.1.0", ["gent"])


def test_a_package_that_was_changed_is_refused_before_anything_happens(
    machine: Machine, tmp_path: Path
) -> None:
    script = package(tmp_path, "0.1.0")
    with (script.parent / "requirements.txt").open("a") as file:
        file.write("malice==1\n")

    done = machine.run(script)

    assert done.returncode == 1
    assert "not as it was made" in done.stderr
    assert not machine.calls()


def test_another_build_of_an_installed_version_is_refused(machine: Machine, tmp_path: Path) -> None:
    machine.run(package(tmp_path / "one", "0.1.0"))

    done = machine.run(package(tmp_path / "other", "0.1.0", "other"))

    assert done.returncode == 1
    assert "another build of 0.1.0" in done.stderr


def test_without_a_package_index_nothing_is_switched_and_the_next_run_installs(
    machine: Machine, tmp_path: Path
) -> None:
    machine.run(package(tmp_path, "0.1.0"))
    machine.start("gent")
    newer = package(tmp_path, "0.2.0")
    (machine.root / "no-index").touch()

    failed = machine.run(newer)

    assert failed.returncode == 1
    assert (machine.current, machine.running) == ("0.1.0", ["gent"])
    (machine.root / "no-index").unlink()
    assert machine.run(newer).returncode == 0
    assert machine.current == "0.2.0"


def test_a_wrong_word_shows_how_it_is_used(machine: Machine, tmp_path: Path) -> None:
    done = machine.run(package(tmp_path, "0.1.0"), "--change", "0.1.0")

    assert done.returncode == 2
    assert "--switch VERSION" in done.stderr


def test_the_real_package_installs_a_command_that_has_all_its_files(tmp_path: Path) -> None:
    """With this environment's libraries: fetching them anew is for the rehearsal."""
    machine = Machine(tmp_path / "root")
    (machine.root / "fakes/python3").unlink()
    (machine.root / "fakes/python3").symlink_to(sys.executable)
    inside = lay_out(tmp_path / "made")
    (inside / "requirements.txt").write_text("")
    write_sums(inside)
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    machine.environment |= {"PYTHONPATH": libraries, "HOME": str(tmp_path)}

    done = machine.run(inside / "install.sh")

    assert done.returncode == 0, done.stderr
    installed = machine.root / "opt/ruilbrug/0.1.0"
    asks = "import federation.node.database as d; print(len(d.node_migrations()), d.__file__)"
    said = subprocess.check_output(
        [installed / "bin/python", "-c", asks], env=machine.environment, text=True, cwd="/"
    )
    count, place = said.split()
    assert int(count) > 0
    assert Path(place).is_relative_to(installed)


def test_the_same_checkout_gives_the_same_bytes(tmp_path: Path) -> None:
    first = pack(lay_out(tmp_path / "one")).read_bytes()
    before = os.umask(0o077)
    try:
        second = pack(lay_out(tmp_path / "two"))
    finally:
        os.umask(before)

    assert second.read_bytes() == first
    with tarfile.open(second) as tar:
        names = {member.name.partition("/")[2]: member.mode for member in tar}
    assert names["install.sh"] & 0o111
    assert {SUMS, "requirements.txt", "systemd/ruilbrug@.service", "compose/.env"} <= names.keys()


def test_the_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    files = {
        str(path.relative_to(REPOSITORY))
        for package in ("schemas", "events", "projections", "federation")
        for path in (REPOSITORY / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(build_wheel(tmp_path)) as wheel:
        inside = set(wheel.namelist())

    assert files <= inside
