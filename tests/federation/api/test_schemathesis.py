"""schemathesis asks a running node whatever the OpenAPI document allows, and what it does not.

All its checks but `positive_data_acceptance`: JSON Schema calls 65536.0 an integer, we do not.
The seed is printed; RUILBRUG_API_SEED repeats a run, RUILBRUG_API_EXAMPLES makes it longer.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from pathlib import Path

import aiohttp
import pytest

from federation.node.settings import NodeLimits
from tests.federation.api.conftest import Group
from tests.federation.world.conftest import World

EXAMPLES = os.environ.get("RUILBRUG_API_EXAMPLES", "6")
SEED = os.environ.get("RUILBRUG_API_SEED") or str(secrets.randbelow(2**32))
RUN_TIMEOUT_S = 600
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CONFIG = Path(__file__).with_name("schemathesis.toml")
WIDE = NodeLimits(
    token_requests_per_s=100_000,
    token_requests_at_once=100_000,
    stranger_requests_per_s=10_000,
    stranger_requests_at_once=100_000,
)


async def run(url: str, secret: str, folder: Path) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        str(SCHEMATHESIS),
        *("--config-file", str(CONFIG), "run", f"{url}/api/v1/openapi.json"),
        *("--workers", "1", "--checks", "all", "--exclude-checks", "positive_data_acceptance"),
        *(
            "--max-examples",
            EXAMPLES,
            "--seed",
            SEED,
            "--header",
            f"Authorization: Bearer {secret}",
        ),
        *("--continue-on-failure", "--no-color"),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(RUN_TIMEOUT_S):
            told, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return process.returncode or 0, told.decode()


@pytest.mark.parametrize("role", ["member", "coordinator", "auditor"])
async def test_the_node_does_what_its_document_says(
    api_world: World, session: aiohttp.ClientSession, tmp_path: Path, role: str
) -> None:
    node = await api_world.make("alfa", 20, limits=WIDE)
    other = await api_world.make("beta", 60)
    await api_world.link(node, other)
    for one in (node, other):
        await api_world.add_members(one)
    asker = await Group(node, session).token(role, "001")

    code, told = await run(node.node.settings.public_url, asker.secret, tmp_path)

    print(f"seed {SEED}\n{told}")
    assert code == 0, told[-20_000:]
