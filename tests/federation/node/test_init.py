"""A node whose making was interrupted anywhere is made by the same call again, once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from events.mark import MarkFile
from events.sequencer import Sequencer
from federation.node import identity, init
from federation.node.identity import FIRST_STATEMENTS
from federation.node.init import init_node
from federation.node.service import running_node
from federation.node.settings import NodeFolder, NodeSettings
from federation.node.verify import verify_log
from schemas.amounts import Rate, Unit
from schemas.errors import Code, InputError, RuilbrugError, StorageError
from tests.interrupted import Interrupted, at_call

UNIT = Unit(singular="polleke", plural="pollekes", rate=Rate(20))
EVENTS = 9
"""Four key statements, the settings, and four accounts of its own."""


@pytest.fixture
def settings(another_database: Callable[[], tuple[str, str]]) -> NodeSettings:
    owner, runtime = another_database()
    return NodeSettings(
        name="alfa",
        public_url="https://lets.example.org",
        listen_port=1,
        database=runtime,
        database_owner=owner,
    )


async def make(folder: NodeFolder, settings: NodeSettings) -> str:
    return await init_node(folder, settings, unit=UNIT, lower_minor=-240, upper_minor=240)


PLACES = [
    *(("keys", identity, "write_private", number) for number in (1, 6, 12)),
    ("statements", init, "begun_identity", 1),
    ("log", init, "start_log", 1),
    *(("events", Sequencer, "append_now", number) for number in range(1, 6)),
    ("mark", MarkFile, "create_anew", 1),
    ("settings", NodeFolder, "write_settings", 1),
]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place[0]}-{place[3]}")
async def test_what_was_interrupted_goes_on(
    tmp_path: Path,
    settings: NodeSettings,
    monkeypatch: pytest.MonkeyPatch,
    place: tuple[str, Any, str, int],
    *,
    after: bool,
) -> None:
    _, owner, name, number = place
    folder = NodeFolder(tmp_path / "node")
    with monkeypatch.context() as patched:
        does = getattr(owner, name)
        patched.setattr(owner, name, at_call(number, does, after=after))
        with pytest.raises(Interrupted):
            await make(folder, settings)

    if (folder.path / "node.toml").exists():  # all was done but the last word
        with pytest.raises(InputError):
            await make(folder, settings)
    else:
        await make(folder, settings)
        assert not (folder.keys / FIRST_STATEMENTS).exists()
    async with running_node(folder) as node:
        assert node.sequencer.size == EVENTS
    assert not (await verify_log(folder)).findings


async def refused(folder: NodeFolder, settings: NodeSettings) -> RuilbrugError:
    with pytest.raises(RuilbrugError) as caught:
        await make(folder, settings)
    return caught.value


async def test_a_node_is_made_once(tmp_path: Path, settings: NodeSettings) -> None:
    folder = NodeFolder(tmp_path / "node")
    await make(folder, settings)
    keys = {path.name: path.read_bytes() for path in folder.keys.iterdir()}

    assert (await refused(folder, settings)).code is Code.CONFLICT

    assert {path.name: path.read_bytes() for path in folder.keys.iterdir()} == keys


async def test_a_database_with_the_log_of_another_is_refused(
    tmp_path: Path, settings: NodeSettings
) -> None:
    await make(NodeFolder(tmp_path / "node"), settings)

    error = await refused(NodeFolder(tmp_path / "other"), settings)

    assert isinstance(error, StorageError)
    assert (error.code, error.facts) == (Code.CONFLICT, {"field": "database"})


async def test_keys_that_nobody_began_here_are_left_alone(
    tmp_path: Path, settings: NodeSettings
) -> None:
    folder = NodeFolder(tmp_path / "node")
    folder.keys.mkdir(parents=True)
    (folder.keys / "root.key").write_text("somebody's")

    assert isinstance(await refused(folder, settings), InputError)

    assert [path.name for path in folder.keys.iterdir()] == ["root.key"]
