"""The keys that wrap data keys: a new one each month, the old one gone a month later.

Invariant: every data key in the database is wrapped by a key whose file is there. A backup holds
data keys as they were wrapped when it was made; once that wrapping key is destroyed, nothing in the
backup opens the texts of somebody who was erased meanwhile: sixty days later at the most (design
section 2). What is in use was wrapped anew and goes on.
"""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import structlog

from events.log_store import SQL as LOG_SQL
from events.recovery import STORAGE_TROUBLE
from events.restore import Mode
from events.sealed import WrappedKey
from federation.node.erasure import SQL
from federation.node.identity import key_line, read_key_file, system_random
from federation.node.service import now_s
from federation.node.settings import write_private
from federation.node.whole_file import flush_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from federation.node.service import Node

log = structlog.get_logger()

DAY_S: Final = 86_400
TICK_S: Final = 3_600
_PREFIX: Final = "wrapping-"
_DAY: Final = "%Y%m%d"


def name_of(at_s: int) -> str:
    """Name the key of a day, so that the newest key has the last name."""
    return f"{_PREFIX}{datetime.fromtimestamp(at_s, UTC):{_DAY}}"


def made_at_s(name: str) -> int | None:
    """Tell on which day a key was made, by its name; a node's first key does not say so."""
    try:
        day = datetime.strptime(name.removeprefix(_PREFIX), _DAY).replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(day.timestamp())


def is_due(made: Mapping[str, int], *, lasts_s: int, now_s: int) -> bool:
    """Tell whether the newest key has served its time. `made`: when each key was made."""
    return now_s - made[max(made)] >= lasts_s


def outlived(
    made: Mapping[str, int], in_use: Iterable[str], *, lasts_s: int, now_s: int
) -> list[str]:
    """Name the keys whose follower has served as long as a key lasts, and that wrap nothing."""
    names, used = sorted(made), set(in_use)
    return [
        name
        for name, follower in pairwise(names)
        if name not in used and now_s - made[follower] >= lasts_s
    ]


async def renew(node: Node, *, now_s: int) -> list[str]:
    """Do what is due: wrap everything by a new key, destroy what was outlived; names those.

    Whatever happens in between, each data key opens by a file that is there: the new file is
    flushed first, and an old one goes only when the database has no data key by it.
    """
    lasts_s = node.settings.privacy.wrapping_days * DAY_S
    if not lasts_s:
        return []
    keys = node.folder.keys
    made = {path.stem: _made(path) for path in keys.glob(f"{_PREFIX}*.key")}
    if is_due(made, lasts_s=lasts_s, now_s=now_s) and (name := name_of(now_s)) > max(made):
        write_private(keys / f"{name}.key", key_line(system_random(32)))
        flush_folder(keys)
        made[name] = now_s
        log.warning("wrapping_key_new", key=name)
    await _wrap_all(node, max(made))
    in_use = [row["wrapping_key"] for row in await node.pool.fetch(SQL["wrapping_keys"])]
    gone = outlived(made, in_use, lasts_s=lasts_s, now_s=now_s)
    for name in gone:
        _destroy(keys / f"{name}.key")
        log.warning("wrapping_key_destroyed", key=name)
    return gone


async def _wrap_all(node: Node, name: str) -> None:
    """Let new data keys be wrapped by this key, then wrap those that there are."""
    keyring = node.machine.keyring
    keyring.use(name, read_key_file(node.folder.keys / f"{name}.key"))
    rows = [WrappedKey(*row) for row in await node.pool.fetch(LOG_SQL["read_data_keys"])]
    anew = [keyring.rewrap(row, system_random) for row in rows if row.wrapping_key != name]
    if anew:
        subjects, names, wrapped = zip(*anew, strict=True)
        await node.pool.execute(SQL["write_wrapped"], subjects, names, wrapped)


def _made(path: Path) -> int:
    named = made_at_s(path.stem)
    return int(path.stat().st_mtime) if named is None else named


def _destroy(path: Path) -> None:
    """Write over a key before its file goes, as far as the disk lets one."""
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    flush_folder(path.parent)


async def run(node: Node) -> None:
    """Look once an hour whether something is due."""
    while True:
        await asyncio.sleep(TICK_S)
        if node.gate.mode is not Mode.OPEN:
            continue
        try:
            await renew(node, now_s=now_s())
        except (*STORAGE_TROUBLE, OSError) as error:
            log.warning("wrapping_key_waits", kind=type(error).__name__)
