"""A disk that is full: nothing that was acknowledged is lost, and there is no need to start again.

The disk of a node's folder, where its mark lies, and that of PostgreSQL are two cases. The first is
made by a limit on the size of files, which any user may set; the second by a small file system in
memory for root, and by such a limit on PostgreSQL's processes for anybody else.
"""

from __future__ import annotations

import random
import resource
from pathlib import Path

from events.mark import MarkFile
from tests.federation.crash.endings import require_agreement
from tests.federation.crash.payments import made_up, until_final
from tests.federation.crash.places import ONE, make_places

NO_MORE = 100
"""Bytes: less than the mark needs, so it cannot be written, and no log either."""
PAYERS = 4


def limit_files(pid: int, size: int) -> None:
    """Let a running process write no file beyond `size` bytes."""
    hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


async def test_mark_that_cannot_be_written_holds_back_and_nothing_is_lost(
    server_folder: Path,
) -> None:
    chance = random.Random(9)
    places = await make_places(server_folder)
    node = places.one.invitation.partition("#")[2]
    try:
        before = await until_final(places.one, made_up(chance, ONE.key))
        limit_files(places.one.pid, NO_MORE)
        held = made_up(chance, ONE.key)

        answer = await places.one.ask("pay", **held.arguments)
        inside = await places.one.ask("pay", payer="000", payee="001", amount_minor=2)

        assert answer["state"] == "held"
        assert inside["state"] == "settled"
        mark = MarkFile(places.one.folder.mark).read()
        assert mark is not None
        assert places.wire.newest(node) < mark.size, "something was released beyond the mark"
        assert (await places.one.ask("status"))["events"] > mark.size
        limit_files(places.one.pid, resource.RLIM_INFINITY)
        after = await until_final(places.one, held)
        assert after.settled
        await require_agreement(places, [before, after])
    finally:
        await places.close()
