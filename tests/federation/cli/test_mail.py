"""`ruilbrug mail` over a running node: what waits, what came back, what works again."""

from __future__ import annotations

import json
from pathlib import Path

from tests.federation.cli.test_commands import ruilbrug
from tests.federation.mail.test_reports import report
from tests.federation.world.conftest import World


async def test_mail_commands_answer_in_text_and_json(world: World, tmp_path: Path) -> None:
    node = await world.make("alfa", 20)
    await node.stop()
    folder, file = node.folder.path, tmp_path / "report.eml"
    file.write_bytes(report())

    assert (await ruilbrug(folder, "mail", "status")).stdout == "mode off: no mails\n"
    status = await ruilbrug(folder, "mail", "status", "--json")
    assert json.loads(status.stdout) == {"mode": "off", "mails": {}, "marked": []}
    works = await ruilbrug(folder, "mail", "works", "an@voorbeeld.be")
    assert works.stdout == "It was not marked.\n"
    bounced = await ruilbrug(folder, "mail", "bounced", str(file))
    assert bounced.stdout == "0 addresses marked.\n"
    file.write_bytes(b"hallo")
    refused = await ruilbrug(folder, "mail", "bounced", str(file))
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith("malformed: report")
