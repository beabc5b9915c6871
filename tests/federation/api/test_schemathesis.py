"""schemathesis asks a running node whatever the OpenAPI document allows, and what it does not.

All its checks but `positive_data_acceptance`: JSON Schema calls 65536.0 an integer, we do not.
The seed is printed; RUILBRUG_API_SEED repeats a run, RUILBRUG_API_EXAMPLES makes it longer.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from federation.api.table import OPERATIONS
from federation.api.tokens import TokenRole
from tests.ended import ended
from tests.federation.api.test_walk import walk
from tests.federation.api.walking import Walk

__all__ = ["walk"]

EXAMPLES = os.environ.get("RUILBRUG_API_EXAMPLES", "3")
SEED = os.environ.get("RUILBRUG_API_SEED") or str(secrets.randbelow(2**32))
RUN_TIMEOUT_S = 900
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
PLAIN = ("--phases", "examples,coverage,fuzzing,stateful")
REFUSALS = """
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "409", "413", "415", "422", "429"]
"""
"""What refuses wrong data: 413 as well, a query that is too long."""
PINNED = ("--phases", "fuzzing")


async def run(walk: Walk, role: TokenRole, folder: Path, *, pinned: bool) -> None:
    """Run schemathesis with a token; pinned, every address names something of member 001.

    Pinned, only what the role may do is asked: that all else is refused, `test_walk` shows.
    """
    asker = await walk.group.token(role, "001" if role is TokenRole.MEMBER else "003")
    config = folder / "schemathesis.toml"
    places = "".join(f'"path.{name}" = "{value}"\n' for name, value in walk.ids.items())
    config.write_text(REFUSALS + (f"[parameters]\n{places}" if pinned else ""))
    names = [one.name for one in OPERATIONS if not pinned or role in one.roles]
    judged = await ended(
        str(SCHEMATHESIS),
        *("--config-file", str(config), "run"),
        f"{walk.group.node.settings.public_url}/api/v1/openapi.json",
        *("--workers", "1", "--checks", "all", "--exclude-checks", "positive_data_acceptance"),
        *("--max-examples", EXAMPLES, "--seed", SEED, "--continue-on-failure", "--no-color"),
        *("--header", f"Authorization: Bearer {asker.secret}"),
        *("--include-operation-id-regex", f"^({'|'.join(names)})$"),
        *(PINNED if pinned else PLAIN),
        cwd=folder,
        timeout_s=RUN_TIMEOUT_S,
    )
    print(f"seed {SEED}\n{judged.said}")
    assert judged.returncode == 0, judged.said[-20_000:]
    assert f"Tested: {len(names)}" in judged.said


async def test_the_node_does_what_its_document_says(walk: Walk, tmp_path: Path) -> None:
    await run(walk, TokenRole.COORDINATOR, tmp_path, pinned=False)


async def test_it_does_so_about_things_that_are_there(walk: Walk, tmp_path: Path) -> None:
    for role in TokenRole:
        await run(walk, role, tmp_path, pinned=True)
