"""The doctor's rules: what is fine, what is good to know, and what needs a person, with a step."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from federation.node.doctor import CHECKS, examine
from federation.node.doctor_facts import (
    Database,
    Disk,
    Facts,
    Flows,
    Mail,
    Partner,
    Running,
    Web,
    Witnessed,
)
from federation.node.doctor_findings import Weight, needs_a_person
from federation.node.remembered import LastBackup, LastFullAudit, LastVerify

NOW_S = 1_795_780_000
HOUR_S, DAY_S = 3_600, 86_400
RUNNING = Running(
    node="a" * 52,
    mode="open",
    reason="",
    events=1_000,
    offsets_s={"LETS Gent": 1, "koepel": -1},
    partners=(Partner(name="LETS Gent", heard_at_s=NOW_S - 60, failures=0),),
    doubts=(),
    witness=Witnessed(newest_size=1_000, met_size=1_000, advice="", forks=0),
    flows=Flows(),
)
ANEW = LastFullAudit(at_s=NOW_S - HOUR_S, events=990, agrees=True)
WELL = Facts(
    now_s=NOW_S,
    running=RUNNING,
    database=Database(version=15, bytes_count=10**8),
    disks=(Disk(path="/srv", free_bytes=10**11, total_bytes=2 * 10**11),),
    last_backup=LastBackup(
        made_at_s=NOW_S - HOUR_S, size=990, bytes_count=10**6, file="/mnt/a.backup"
    ),
    backup_there=True,
    last_verify=LastVerify(at_s=NOW_S - DAY_S, events=990, found=0),
    full_audit_every_s=DAY_S,
    last_full_audit=ANEW,
    key_modes={"keys": 0o700, "keys/log.key": 0o600},
    keys_missing=(),
    keys_for_paper=(),
    clock_synchronised=True,
    mail=Mail(mode="smtp"),
    web=Web(
        url="https://lets.example.org",
        is_this_node=True,
        certificate_ends_at_s=NOW_S + 60 * DAY_S,
    ),
)


def weights(facts: Facts, check: str) -> list[Weight]:
    return [finding.weight for finding in examine(facts) if finding.check == check]


def said(facts: Facts, check: str) -> str:
    return "\n".join(f"{f.what} {f.next_step}" for f in examine(facts) if f.check == check)


def running(**other: Any) -> Facts:
    return replace(WELL, running=replace(RUNNING, **other))


def test_a_node_that_is_well_needs_nobody_and_every_check_says_so() -> None:
    findings = examine(WELL)

    assert [finding.check for finding in findings] == [rule.__name__ for rule in CHECKS]
    assert {finding.weight for finding in findings} == {Weight.FINE}
    assert not needs_a_person(findings)


HOUR_OFF = {"LETS Gent": HOUR_S, "koepel": HOUR_S + 2}
BAD: dict[str, tuple[Facts, str, str]] = {
    "not running": (replace(WELL, running=None), "node", "does not run"),
    "read only": (
        running(mode="read_only", reason="the mark is ahead"),
        "node",
        "the mark is ahead",
    ),
    "database away": (replace(WELL, database=Database(trouble="refused")), "database", "refused"),
    "old PostgreSQL": (replace(WELL, database=Database(version=14)), "database", "14 is too old"),
    "disk by percent": (
        replace(WELL, disks=(Disk(path="/srv", free_bytes=4, total_bytes=100),)),
        "disk",
        "/srv: 4% free",
    ),
    "disk by bytes": (
        replace(WELL, disks=(Disk(path="/srv", free_bytes=9 * 10**8, total_bytes=10**9),)),
        "disk",
        "0.9 GB",
    ),
    "no backup": (replace(WELL, last_backup=None), "backup", "no backup yet"),
    "old backup": (replace(WELL, now_s=NOW_S + 2 * DAY_S), "backup", "2 days ago"),
    "backup gone": (replace(WELL, backup_there=False), "backup", "not there any more"),
    "verify found something": (
        replace(WELL, last_verify=LastVerify(at_s=NOW_S, events=9, found=3)),
        "verify",
        "found 3",
    ),
    "own copy changed": (
        replace(WELL, last_full_audit=replace(ANEW, agrees=False)),
        "audit",
        "found this node's own copy changed",
    ),
    "full audit late": (
        replace(WELL, last_full_audit=replace(ANEW, at_s=NOW_S - 4 * DAY_S)),
        "audit",
        "4 days ago, which is late",
    ),
    "key missing": (replace(WELL, keys_missing=("log.key",)), "keys", "keys/log.key is missing"),
    "key open": (replace(WELL, key_modes={"keys/log.key": 0o640}), "keys", "keys/log.key"),
    "folder open": (replace(WELL, key_modes={"keys": 0o755}), "keys", "chmod 700"),
    "root key": (replace(WELL, keys_for_paper=("root.key",)), "keys", "root.key"),
    "clock an hour behind": (running(offsets_s=HOUR_OFF), "clock", "3601 seconds behind"),
    "clock an hour ahead": (
        running(offsets_s={name: -ahead for name, ahead in HOUR_OFF.items()}),
        "clock",
        "ahead of",
    ),
    "no time service": (replace(WELL, clock_synchronised=False), "clock", "set-ntp"),
    "flows stand still": (
        running(flows=Flows(stopped={"LETS Gent": 7})),
        "flows",
        "with LETS Gent is not summed behind its event 7",
    ),
    "no such name": (
        replace(WELL, web=Web(url="https://a.b", dns_trouble="unknown")),
        "web",
        "https://a.b is not found",
    ),
    "no way in": (
        replace(WELL, web=Web(url="https://a.b", trouble="certificate has expired")),
        "web",
        "certificate has expired",
    ),
    "somebody else answers": (
        replace(WELL, web=Web(url="https://a.b", is_this_node=False)),
        "web",
        "Something else",
    ),
    "certificate ends": (
        replace(WELL, web=replace(WELL.web, certificate_ends_at_s=NOW_S + 13 * DAY_S)),
        "web",
        "13 days",
    ),
    "mail refused": (replace(WELL, mail=Mail(mode="smtp", trouble="535 no")), "mail", "535 no"),
    "partner silent": (
        running(partners=(Partner(name="LETS Gent", heard_at_s=NOW_S - 2 * DAY_S, failures=9),)),
        "partners",
        "LETS Gent was heard last 2 days ago",
    ),
    "in doubt": (running(doubts=("LETS Gent: set aside",)), "partners", "set aside"),
    "no checkpoint counts": (
        running(witness=replace(RUNNING.witness, met_size=None, advice="Ask koepel.")),
        "witness",
        "Ask koepel.",
    ),
    "two histories": (running(witness=replace(RUNNING.witness, forks=1)), "witness", "two hist"),
}


def test_a_group_is_not_told_of_audits() -> None:
    assert weights(replace(WELL, full_audit_every_s=0, last_full_audit=None), "audit") == []


@pytest.mark.parametrize("name", BAD)
def test_what_needs_a_person_is_said_with_what_to_do(name: str) -> None:
    facts, check, words = BAD[name]

    assert Weight.PERSON in weights(facts, check)
    assert words in said(facts, check)
    for finding in examine(facts):
        if finding.weight is Weight.PERSON:
            assert finding.next_step, "what to do"


NOTED: dict[str, tuple[Facts, str, str]] = {
    "asks still": (running(mode="releases_nothing", reason="not answered"), "node", "not answered"),
    "disk low": (
        replace(WELL, disks=(Disk(path="/srv", free_bytes=10**10, total_bytes=10**11),)),
        "disk",
        "10% free",
    ),
    "never audited anew": (replace(WELL, last_full_audit=None), "audit", "by itself at night"),
    "never verified": (replace(WELL, last_verify=None), "verify", "never"),
    "verified long ago": (
        replace(WELL, last_verify=LastVerify(at_s=NOW_S - 40 * DAY_S, events=9, found=0)),
        "verify",
        "40 days ago",
    ),
    "no mail": (replace(WELL, mail=Mail(mode="off")), "mail", "nobody can sign in"),
    "mailbox": (replace(WELL, mail=Mail(mode="mailbox")), "mail", "demo"),
    "no TLS": (replace(WELL, web=replace(WELL.web, certificate_ends_at_s=None)), "web", "demo"),
    "one partner's clock": (
        running(offsets_s={"LETS Gent": HOUR_S, "koepel": 0}),
        "clock",
        "clock of LETS Gent is 3600 seconds off",
    ),
    "nobody to compare with": (
        replace(running(offsets_s={}), clock_synchronised=None),
        "clock",
        "Nobody is there",
    ),
    "partners not looked at": (replace(WELL, running=None), "partners", "not looked at"),
    "witnesses not looked at": (replace(WELL, running=None), "witness", "not looked at"),
}


@pytest.mark.parametrize("name", NOTED)
def test_what_is_good_to_know_is_said_and_needs_nobody(name: str) -> None:
    facts, check, words = NOTED[name]

    assert Weight.NOTE in weights(facts, check)
    assert Weight.PERSON not in weights(facts, check)
    assert words in said(facts, check)


def test_one_partner_with_another_clock_does_not_make_ours_wrong() -> None:
    facts = running(offsets_s={"LETS Gent": HOUR_S, "koepel": 0})

    assert weights(facts, "clock") == [Weight.FINE, Weight.NOTE]


def test_a_partner_that_was_just_away_is_no_matter_for_a_person() -> None:
    facts = running(partners=(Partner(name="LETS Gent", heard_at_s=NOW_S - HOUR_S, failures=3),))

    assert weights(facts, "partners") == [Weight.FINE]


def test_a_new_log_without_checkpoints_is_fine() -> None:
    new = Witnessed(newest_size=0, met_size=None, advice="", forks=0)

    assert weights(running(witness=new), "witness") == [Weight.FINE]


def test_what_is_in_no_sum_is_good_to_know_and_a_group_has_no_flows() -> None:
    aside = running(flows=Flows(aside={"LETS Gent": 3}))

    assert weights(aside, "flows") == [Weight.NOTE]
    assert "3 events of LETS Gent are in no sum" in said(aside, "flows")
    assert weights(running(flows=None), "flows") == []
    assert weights(replace(WELL, running=None), "flows") == []
