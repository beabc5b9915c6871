"""systemd takes the units as they are, and finds little that a node could still do."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest

from tests.deploy.validators import DEPLOY, judge, validator

UNITS: Final = Path("/usr/lib/systemd/system")
NODE: Final = "ruilbrug@gent.service"
HOST: Final = "ruilbrug-host.service"
BACKUP: Final = "ruilbrug-backup@gent.service"
TIMER: Final = "ruilbrug-backup@gent.timer"
EXPOSURE_MAX_TENTHS: Final = 12
"""Of 100, as systemd counts: network, database socket and its own folder are what a node needs."""


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """Make a root folder with Debian's units, ours, and a program where ours look for it."""
    validator("systemd-analyze")
    shutil.copytree(UNITS, tmp_path / "usr/lib/systemd/system", symlinks=True)
    program = tmp_path / "opt/ruilbrug/current/bin/ruilbrug"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    ours = tmp_path / "etc/systemd/system"
    ours.mkdir(parents=True)
    for unit in (DEPLOY / "systemd").glob("*.*"):
        shutil.copy(unit, ours / unit.name.replace("@.", "@gent."))
    return tmp_path


def verify(system: Path, unit: str) -> tuple[int, str]:
    return judge(validator("systemd-analyze"), "verify", f"--root={system}", unit)


@pytest.mark.parametrize("unit", [NODE, HOST, BACKUP, TIMER, "ruilbrug.target"])
def test_systemd_takes_each_unit_without_a_word(system: Path, unit: str) -> None:
    assert verify(system, unit) == (0, "")


def test_a_setting_that_systemd_does_not_know_is_told(system: Path) -> None:
    unit = system / "etc/systemd/system" / NODE
    unit.write_text(unit.read_text().replace("ProtectSystem", "ProtectEverything"))

    assert "Unknown key 'ProtectEverything'" in verify(system, NODE)[1]


def test_a_unit_whose_program_is_elsewhere_is_told(system: Path) -> None:
    (system / "opt/ruilbrug/current/bin/ruilbrug").unlink()

    assert verify(system, NODE)[0] != 0


def exposed(system: Path, unit: str = NODE) -> tuple[int, str]:
    threshold = f"--threshold={EXPOSURE_MAX_TENTHS}"
    offline = ["--offline=true", "--no-pager", f"--root={system}", threshold]
    return judge(validator("systemd-analyze"), "security", *offline, unit)


@pytest.mark.parametrize("unit", [NODE, HOST, BACKUP])
def test_a_node_and_its_backup_can_do_little_beside_their_work(system: Path, unit: str) -> None:
    code, told = exposed(system, unit)

    assert code == 0, told


@pytest.mark.parametrize(
    "setting", ["CapabilityBoundingSet=", "SystemCallFilter=", "PrivateUsers="]
)
def test_a_unit_that_may_do_more_is_found(system: Path, setting: str) -> None:
    unit = system / "etc/systemd/system" / NODE
    kept = [line for line in unit.read_text().splitlines() if not line.startswith(setting)]
    unit.write_text("\n".join(kept))

    assert exposed(system)[0] != 0


def test_an_enabled_node_starts_with_the_machine_and_its_backups_with_it(system: Path) -> None:
    for unit in (DEPLOY / "systemd").glob("*.*"):
        shutil.copy(unit, system / "etc/systemd/system")

    code, told = judge(validator("systemctl"), f"--root={system}", "enable", NODE)

    assert code == 0, told
    wants = system / "etc/systemd/system"
    assert (wants / "ruilbrug.target.wants" / NODE).is_symlink()
    assert (wants / "multi-user.target.wants" / "ruilbrug.target").is_symlink()
    assert "ruilbrug-backup@%i.timer" in (wants / "ruilbrug@.service").read_text()


def test_a_node_may_write_its_own_folder_and_sees_no_other_group_s(system: Path) -> None:
    for unit in (NODE, BACKUP):
        said = (system / "etc/systemd/system" / unit).read_text()
        assert "\nTemporaryFileSystem=/srv:ro\nBindPaths=/srv/ruilbrug/%i\n" in said


def test_a_host_is_locked_in_as_a_node_is(system: Path) -> None:
    def locks(unit: str) -> set[str]:
        said = (system / "etc/systemd/system" / unit).read_text().partition("[Service]")[2]
        own = ("ExecStart=", "BindPaths=", "Memory", "TimeoutStopSec=", "#")
        return {line for line in said.splitlines() if not line.startswith(own)}

    assert locks(HOST) == locks(NODE)
    assert "\nBindPaths=/srv/ruilbrug\n" in (system / "etc/systemd/system" / HOST).read_text()
