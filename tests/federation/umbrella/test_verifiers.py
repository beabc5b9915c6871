"""Processes that check signatures: each batch has its own answer, and none outlives who asks."""

from __future__ import annotations

import asyncio
import io
import os
import select
import signal
import sys

import pytest

from events.machine import EVENT_PREFIX
from events.signature_batches import (
    LENGTH_SIZE,
    Batch,
    first_wrong,
    read_answer,
    serve,
    write_batch,
)
from events.signing import PrivateKey
from federation.umbrella.verifiers import Verifiers, that_fit

KEYS = (PrivateKey(b"a" * 32), PrivateKey(b"b" * 32))
MANY = 12
ENDS_S = 20

ASKING = """
import asyncio
from federation.umbrella.verifiers import Verifiers
from events.signature_batches import Batch

async def ask():
    async with Verifiers(1) as verifiers:
        assert await verifiers.first_wrong(Batch([], [], [])) is None
        print(verifiers._all[0].process.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(ask())
"""


def batch(*wrong: int) -> Batch:
    """Give entries under two keys, of which some bear a signature of nobody."""
    entries = [b"entry %d" % number for number in range(MANY)]
    signatures = [
        KEYS[number >= MANY // 2].sign(EVENT_PREFIX + entry) for number, entry in enumerate(entries)
    ]
    for at in wrong:
        signatures[at] = bytes(64)
    return Batch([(key.public.data, MANY // 2) for key in KEYS], entries, signatures)


@pytest.mark.parametrize("wrong", [(), (0,), (MANY - 1,), (5, 6)])
def test_the_first_that_does_not_fit_is_named(wrong: tuple[int, ...]) -> None:
    assert first_wrong(batch(*wrong)) == (wrong[0] if wrong else None)


def test_an_entry_under_the_key_of_its_neighbour_does_not_fit() -> None:
    good = batch()

    keys = [(KEYS[0].public.data, MANY // 2 + 1), (KEYS[1].public.data, MANY // 2 - 1)]

    assert first_wrong(Batch(keys, good.entries, good.signatures)) == MANY // 2


def test_batches_are_answered_one_after_the_other_until_their_end() -> None:
    answers = io.BytesIO()

    serve(io.BytesIO(write_batch(batch()) + write_batch(batch(4))), answers)

    told = answers.getvalue()
    assert len(told) == 2 * LENGTH_SIZE
    assert (read_answer(told[:LENGTH_SIZE]), read_answer(told[LENGTH_SIZE:])) == (None, 4)


@pytest.mark.parametrize("processes", [0, 1, 3])
async def test_each_batch_has_its_own_answer(processes: int) -> None:
    expected = [None if number % 3 == 0 else number % MANY for number in range(40)]

    async with Verifiers(processes) as verifiers:
        told = await asyncio.gather(
            *(verifiers.first_wrong(batch(*([] if at is None else [at]))) for at in expected)
        )

    assert told == expected


async def test_a_process_that_has_ended_is_told_of() -> None:
    async with Verifiers(1) as verifiers:
        await verifiers.first_wrong(batch())
        (only,) = verifiers._all
        only.process.kill()
        await only.process.wait()

        with pytest.raises((OSError, EOFError)):
            await verifiers.first_wrong(batch())


async def test_they_end_with_the_process_that_asks() -> None:
    asking = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        ASKING,
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert asking.stdout is not None
    verifier = os.pidfd_open(int(await asking.stdout.readline()))
    try:
        asking.send_signal(signal.SIGKILL)
        await asking.wait()

        ended, _, _ = await asyncio.to_thread(select.select, [verifier], [], [], ENDS_S)
        assert ended
    finally:
        os.close(verifier)


def test_one_core_is_left_to_the_audit_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3})
    assert that_fit(8) == 0

    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3})
    assert [that_fit(many) for many in (0, 3, 8)] == [0, 3, 4]
