"""Prometheus takes the alert rules; their own tests pass; each rule asks for what a node tells."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

from events.sequencer import Finished
from federation.host.metrics import of_host
from federation.metrics.facts import Facts, LineFacts, MirrorFacts, StoredFacts
from federation.metrics.meters import Meters
from schemas.errors import Code
from tests.deploy.validators import DEPLOY, judge, validator

PROMETHEUS: Final = DEPLOY / "prometheus"
RULES: Final = PROMETHEUS / "ruilbrug.rules.yml"
TESTS: Final = PROMETHEUS / "ruilbrug.rules.test.yml"


def alerts() -> list[str]:
    return re.findall(r"- alert: (\w+)", RULES.read_text())


def test_prometheus_takes_rules_and_configuration() -> None:
    promtool = validator("promtool")

    assert judge(promtool, "check", "rules", RULES)[0] == 0
    assert judge(promtool, "check", "config", PROMETHEUS / "prometheus.yml")[0] == 0


def test_each_alert_speaks_when_it_should_and_is_silent_otherwise() -> None:
    code, said = judge(validator("promtool"), "test", "rules", TESTS)

    assert code == 0, said


def test_a_rule_that_was_changed_is_found(tmp_path: Path) -> None:
    changed = RULES.read_text().replace("> 2 * 86400", "> 3 * 86400")
    (tmp_path / RULES.name).write_text(changed)
    shutil.copy(TESTS, tmp_path)

    assert judge(validator("promtool"), "test", "rules", tmp_path / TESTS.name)[0] != 0


def test_every_alert_is_tested_both_ways_and_says_what_to_do() -> None:
    said = TESTS.read_text()
    for alert in alerts():
        asked = re.findall(
            rf'alertname="{alert}".*\n.*eval_time: \w+\n.*exp_samples: (\[.*\])\n', said
        )
        assert "[]" in asked, alert
        assert "[{value: 1}]" in asked, alert
    for part in ("summary: ", "do: ", "severity: "):
        assert RULES.read_text().count(f" {part}") + RULES.read_text().count(f"{{{part}") == len(
            alerts()
        )


def test_rules_ask_only_for_what_a_node_tells() -> None:
    line = LineFacts(
        group="g",
        state="open",
        unsent=1,
        oldest_unsent_at_s=1,
        in_doubt=1,
        failures=1,
        contact_at_s=1,
    )
    stored = StoredFacts(
        checkpoint_at_s=1,
        migrations=1,
        mails={"waiting": 1},
        lines=[line],
        mirrors=[MirrorFacts(group="g", lag=1, pulled_at_s=1, aside=1, stopped=True)],
        findings={"alarm": 1},
    )
    meters = Meters()
    meters.request("/", 200, 0.1)
    meters.finished(Finished(1, 0.1, [Code.BUSY]))
    text = meters.write(
        Facts(
            role="umbrella",
            version="1",
            mode="open",
            events=1,
            started_at_s=1,
            cosigned_at_s=1,
            backup_at_s=1,
            stored=stored,
        )
    ).decode()
    told = set(re.findall(r"^(\w+)", text, re.MULTILINE))
    told |= {metric.name for metric in of_host([], 0)}

    asked = set(re.findall(r"\b(?:ruilbrug|process)_\w+", RULES.read_text()))

    assert asked <= told, asked - told
    assert len(asked) > len(alerts()) // 2
