"""A group is set up by five questions, once, and goes on wherever it was interrupted."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import pwd
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from federation.cli.main import cli
from federation.node.init import init_node
from federation.node.service import running_node
from federation.node.settings import NodeFolder
from federation.node.verify import verify_log
from federation.setup import begun, service, steps, whole
from federation.setup.paper import line_names
from federation.setup.paper_keys import kept_keys
from federation.setup.steps import free_port
from federation.setup.whole import Wanted, run_setup
from projections.room import limits
from schemas.errors import Code, RuilbrugError, StorageError
from schemas.texts.words import Language
from tests.federation.setup.scripted import Scripted
from tests.federation.setup.test_answers import RIGHT
from tests.interrupted import Interrupted, at_call

Database = tuple[str, str]


class Person(Scripted):
    """Answers the five questions, and then reads from the sheet what is asked about it."""

    def _ask(self, asked: str) -> str:
        if asked in line_names():
            sheet = "\n".join(self.told)
            found = re.findall(rf"\b{asked}  [0-9A-Z ]* ([0-9A-Z]{{4}})$", sheet, re.MULTILINE)
            self.asked.append(asked)
            return str(found[-1])
        return "ja" if asked.startswith("Staat het op papier?") else super()._ask(asked)


@pytest.fixture
def database(another_database: Callable[[], Database]) -> Database:
    return another_database()


def wanted(folder: Path, database: Database, **more: Any) -> Wanted:
    owner, runtime = database
    return Wanted(
        more.pop("given", {}),
        folder=str(folder),
        database=runtime,
        database_owner=owner,
        **more,
    )


async def looked_at(folder: Path) -> dict[str, Any]:
    async with running_node(NodeFolder(folder)) as node:
        ledger = node.machine.books.ledger
        member = ledger.accounts[ledger.codes["kern"]]
        found = {
            "limits": limits(ledger, member, now_s=0),
            "name": node.settings.name,
            "url": node.settings.public_url,
            "size": node.sequencer.size,
        }
    assert not (await verify_log(NodeFolder(folder))).findings
    return found


def test_somebody_sets_a_group_up(tmp_path: Path, database: Database) -> None:
    folder = tmp_path / "voorbeeld"
    person = Person(*RIGHT.values())

    finished = run_setup(person.talk(Language.NL), wanted(folder, database))

    assert len(person.asked) == 6 + len(line_names())
    assert not finished.keys_on_server
    assert kept_keys(NodeFolder(folder)) == {}
    assert not (folder / "setup.json").exists()
    assert not (folder / "keys" / "paper.html").exists()
    assert finished.link.startswith("https://lets.example.org/login/")
    assert any(finished.link in told for told in person.told)
    found = asyncio.run(looked_at(folder))
    assert found["limits"] == (-240, 240)
    assert (found["name"], found["url"]) == ("LETS Voorbeeld", "https://lets.example.org")


def refused(folder: Path, database: Database, **more: Any) -> RuilbrugError:
    with pytest.raises(RuilbrugError) as caught:
        run_setup(Scripted().talk(), wanted(folder, database, **more))
    return caught.value


def test_a_group_that_stands_is_not_set_up_again(tmp_path: Path, database: Database) -> None:
    folder = tmp_path / "voorbeeld"
    run_setup(Scripted().talk(), wanted(folder, database, given=RIGHT, ask=False))
    before = asyncio.run(looked_at(folder))

    error = refused(folder, database, given=RIGHT, ask=False)

    assert (error.code, error.facts) == (Code.SETUP_DONE, {"field": str(folder)})
    assert asyncio.run(looked_at(folder)) == before


def test_a_script_is_told_loudly_that_the_keys_are_on_the_server(
    tmp_path: Path, database: Database
) -> None:
    folder, scripted = tmp_path / "voorbeeld", Scripted()

    finished = run_setup(scripted.talk(), wanted(folder, database, given=RIGHT, ask=False))

    assert scripted.asked == []
    assert finished.keys_on_server
    assert any("TAKE CARE" in told for told in scripted.told)
    lines = kept_keys(NodeFolder(folder))
    assert len(lines) == 3
    assert not any(re.search(r"A1  [0-9A-Z]{4}", told) for told in scripted.told)
    assert (folder / "keys" / "paper.html").stat().st_mode & 0o777 == 0o600


PLACES = [
    (steps, "write_begun"),
    (steps, "init_node"),
    (steps, "fill"),
    (steps, "first_link"),
    (whole, "show_paper"),
    (whole, "ask_paper"),
    (whole, "hand_over"),
    (whole, "forget_begun"),
]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("place", PLACES, ids=lambda place: str(place[1]))
def test_what_was_interrupted_goes_on_and_asks_nothing_twice(
    tmp_path: Path,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    place: tuple[Any, str],
    *,
    after: bool,
) -> None:
    folder = tmp_path / "voorbeeld"
    module, name = place
    begins = not (name == "write_begun" and not after)
    ends = name == "forget_begun" and after
    with monkeypatch.context() as patched:
        does = getattr(module, name)
        patched.setattr(module, name, at_call(1, does, after=after))
        with pytest.raises(Interrupted):
            run_setup(Person(*RIGHT.values()).talk(Language.NL), wanted(folder, database))

    if ends:
        assert refused(folder, database).code is Code.SETUP_DONE
    else:
        person = Person(*(() if begins else RIGHT.values()))
        finished = run_setup(person.talk(Language.NL), wanted(folder, database))
        assert not finished.keys_on_server
    assert kept_keys(NodeFolder(folder)) == {}
    assert asyncio.run(looked_at(folder))["limits"] == (-240, 240)


def test_a_set_up_goes_on_only_with_what_it_was_begun_with(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "voorbeeld"
    with monkeypatch.context() as patched:
        patched.setattr(steps, "init_node", at_call(1, init_node, after=False))
        with pytest.raises(Interrupted):
            run_setup(Scripted().talk(), wanted(folder, database, given=RIGHT, ask=False))

    error = refused(folder, database, given={"per_hour": "40"}, ask=False)

    assert (error.code, error.facts["field"]) == (Code.SETUP_OTHER, "per_hour")
    same = {"per_hour": " 20", "url": "https://LETS.example.org/"}
    run_setup(Scripted().talk(), wanted(folder, database, given=same, ask=False))


def test_a_full_disk_is_told_with_what_to_do_and_the_set_up_goes_on(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "voorbeeld"

    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(begun, "write_private", full)
        error = refused(folder, database, given=RIGHT, ask=False)

    assert isinstance(error, StorageError)
    assert error.code is Code.SETUP_STOPPED
    assert "No space left" in str(error)
    assert list(folder.iterdir()) == []
    run_setup(Scripted().talk(), wanted(folder, database, given=RIGHT, ask=False))


def test_a_database_of_another_group_is_left_alone(tmp_path: Path, database: Database) -> None:
    run_setup(Scripted().talk(), wanted(tmp_path / "een", database, given=RIGHT, ask=False))
    before = asyncio.run(looked_at(tmp_path / "een"))

    error = refused(tmp_path / "twee", database, given=RIGHT, ask=False)

    assert (error.code, error.facts) == (Code.CONFLICT, {"field": "database"})
    assert asyncio.run(looked_at(tmp_path / "een")) == before


def test_two_set_ups_do_not_work_in_one_folder(tmp_path: Path, database: Database) -> None:
    folder = tmp_path / "voorbeeld"
    with begun.alone(NodeFolder(folder)):
        error = refused(folder, database, given=RIGHT, ask=False)

    assert error.code is Code.SETUP_STOPPED
    assert "another set-up" in str(error)
    assert list(folder.iterdir()) == []
    run_setup(Scripted().talk(), wanted(folder, database, given=RIGHT, ask=False))


def test_a_database_that_stands_is_named_for_both_roles(tmp_path: Path, database: Database) -> None:
    error = refused(tmp_path / "x", ("", database[1]), given=RIGHT, ask=False)

    assert (error.code, error.facts) == (Code.TEXT_MISSING, {"field": "database_owner"})
    assert not (tmp_path / "x").exists()


def test_a_broken_file_of_a_begun_set_up_is_named(tmp_path: Path, database: Database) -> None:
    (tmp_path / "setup.json").write_text('{"answers":')

    error = refused(tmp_path, database)

    assert (error.code, error.facts["field"]) == (Code.MALFORMED, "setup.json")


def command(folder: Path, database: Database, *more: str) -> list[str]:
    owner, runtime = database
    said = ["--node", str(folder), "setup", "--database", runtime, "--database-owner", owner]
    said += ["--name", "LETS Voorbeeld", "--unit", "polleke", "pollekes", "--per-hour", "20"]
    return [*said, "--url", RIGHT["url"], "--mail", RIGHT["mail"], "--yes", *more]


def test_a_script_gets_json_on_standard_output(tmp_path: Path, database: Database) -> None:
    folder = tmp_path / "voorbeeld"

    done = CliRunner().invoke(cli, command(folder, database, "--json", "--port", "8123"))

    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert said["folder"] == str(folder)
    assert (said["port"], said["keys_on_server"], said["service"]) == (8123, True, "")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nl", "begint met https://"),
        ("fr", "commence par https://"),
        ("en", "begins with https://"),
    ],
)
def test_a_wrong_option_is_one_sentence_in_the_language(
    tmp_path: Path, database: Database, language: str, words: str
) -> None:
    said = command(tmp_path / "x", database, "--language", language, "--url", "http://lets.be")

    done = CliRunner().invoke(cli, said)

    assert done.exit_code == 1
    assert done.stderr.startswith("web_address_invalid: ")
    assert words in done.stderr
    assert not (tmp_path / "x").exists()


def test_a_port_that_somebody_has_is_passed_over(tmp_path: Path) -> None:
    first = free_port(tmp_path)
    (tmp_path / "een").mkdir()
    (tmp_path / "een" / "node.toml").write_text(f"listen_port = {first}\n")
    (tmp_path / "twee").mkdir()
    (tmp_path / "twee" / "node.toml").write_text("listen_port = ")
    second = free_port(tmp_path)
    assert second > first

    with socket.create_server(("127.0.0.1", second)):
        assert free_port(tmp_path) > second


def test_the_folder_goes_to_the_user_of_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "log.key").write_text("x")
    given: list[tuple[str, int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "lchown", lambda path, *who: given.append((Path(path).name, *who)))
    nobody = pwd.getpwnam("nobody")
    monkeypatch.setattr(pwd, "getpwnam", lambda name: {"ruilbrug": nobody}[name])

    service.hand_over(NodeFolder(tmp_path))

    who = (nobody.pw_uid, nobody.pw_gid)
    assert given == [(tmp_path.name, *who), ("keys", *who), ("log.key", *who)]


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a machine that systemd runs, with our unit; give what it was asked."""
    asked = tmp_path / "asked"
    program = tmp_path / "bin" / "systemctl"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\necho "$@" >>{asked}\n[ "$3" != ruilbrug@broken ] || '
        "{ echo no such unit >&2; exit 5; }\n"
    )
    program.chmod(0o755)
    (tmp_path / service.UNIT).touch()
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    monkeypatch.setattr(service, "RUNNING", tmp_path)
    monkeypatch.setattr(service, "UNIT_FOLDERS", (tmp_path / "none", tmp_path))
    monkeypatch.setattr(service, "GROUPS", tmp_path / "srv")
    return asked


def test_systemd_starts_what_it_knows(systemd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = NodeFolder(systemd.parent / "srv" / "gent")

    assert service.service_of(folder) == "ruilbrug@gent"
    service.start("ruilbrug@gent")
    assert systemd.read_text() == "enable --now ruilbrug@gent\n"
    with pytest.raises(StorageError) as refused:
        service.start("ruilbrug@broken")
    assert refused.value.facts == {"reason": "no such unit"}

    assert service.service_of(NodeFolder(systemd.parent / "elsewhere" / "gent")) == ""
    monkeypatch.setattr(service, "UNIT_FOLDERS", ())
    assert service.service_of(folder) == ""


def test_a_trial_has_a_database_server_of_its_own(server_folder: Path) -> None:
    folder = server_folder / "proef"
    given = RIGHT | {"url": "http://127.0.0.1:8099"}
    trial = Wanted(given, folder=str(folder), ask=False, trial=True, own_postgres=True)

    finished = run_setup(Scripted().talk(), trial)

    assert finished.link.startswith("http://127.0.0.1:8099/login/")
    assert asyncio.run(size_of(folder)) > 9
    assert (folder / "keys").stat().st_mode & 0o777 == 0o700
    assert (folder / "node.toml").stat().st_mode & 0o777 == 0o600


async def size_of(folder: Path) -> int:
    async with running_node(NodeFolder(folder)) as node:
        return node.sequencer.size
