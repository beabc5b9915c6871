"""A report is the same bytes for everybody who holds the cores, and tells when it is not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import msgspec
import pytest

from events.note import NoteKey, SignedNote
from federation.cli.flow_reports import check_files, read_files, read_made_from
from federation.node.origins import log_origin
from federation.umbrella import flow_reports
from federation.umbrella.flow_report import read_report_period
from federation.umbrella.flow_reports import Claimed, SignedReport
from federation.umbrella.flows import quarter_period, year_period
from schemas.amounts import Rate
from schemas.encoding import b64
from schemas.errors import Code, InputError, VerificationError
from tests.federation.umbrella.made_logs import HOUR, MadeLogs, group_id
from tests.federation.world.conftest import World, WorldNode

A, B, C = map(group_id, "abc")
RATES = {A: Rate(20, 0), B: Rate(60, 0), C: Rate(1, 2)}


def at(*day: int) -> int:
    return int(datetime(*day, 12, tzinfo=UTC).timestamp())  # type: ignore[arg-type, misc]


def made_logs() -> MadeLogs:
    logs = MadeLogs()
    for one, other in ((A, B), (B, C)):
        logs.agree(one, other, RATES, at_s=at(2025, 11, 3))
    logs.trade(A, B, 5 * HOUR, at_s=at(2025, 12, 31))
    logs.trade(A, B, 2 * HOUR, at_s=at(2026, 1, 1))
    logs.trade(B, A, HOUR // 2, at_s=at(2026, 3, 31))
    logs.trade(C, B, HOUR, at_s=at(2026, 4, 1))
    return logs


class Umbrella:
    def __init__(self, made: WorldNode) -> None:
        self.node = made.node
        self.ask = made.ask
        self.logs = made_logs()

    async def report(self, name: str) -> SignedReport:
        await self.logs.mirrored(self.node, at_s=at(2026, 5, 1))
        return await flow_reports.report(self.node, name)


@pytest.fixture
async def umbrella(world: World) -> Umbrella:
    return Umbrella(await world.make("koepel", None))


async def test_a_report_holds_its_period_and_where_lines_stood_at_its_end(
    umbrella: Umbrella,
) -> None:
    report = (await umbrella.report("2026-Q1")).report

    assert (report.first_day, report.last_day) == ("2026-01-01", "2026-03-31")
    assert [(f.payer, f.payee, f.trades, f.units) for f in report.flows] == [
        (A, B, 1, 2 * HOUR),
        (B, A, 1, HOUR // 2),
    ]
    (line,) = (line for line in report.lines if A in (line.debtor, line.creditor))
    assert (line.debtor, line.owed_units, line.limit_units) == (A, 13 * HOUR // 2, 20 * HOUR)
    by_node = {group.node: group for group in report.groups}
    assert by_node[A].net_units == -by_node[B].net_units == -13 * HOUR // 2
    assert by_node[C].net_units == 0
    assert (by_node[C].minor_per_hour, by_node[C].decimals) == (100, 2)


async def test_a_year_is_its_quarters(umbrella: Umbrella) -> None:
    year = (await umbrella.report("2026")).report
    quarters = [(await umbrella.report(f"2026-Q{n}")).report for n in (1, 2, 3, 4)]

    assert sum(f.units for f in year.flows) == sum(f.units for q in quarters for f in q.flows)
    assert year.lines == quarters[-1].lines


async def test_it_is_made_anew_from_the_cores_to_the_byte(umbrella: Umbrella) -> None:
    for name in ("2025", "2026", "2026-Q1", "2026-Q2"):
        made = await umbrella.report(name)
        claimed = Claimed(period=name, logs=made.report.logs)

        anew = await flow_reports.made_anew(umbrella.node, claimed)

        assert anew.json_digest == b64(sha256(made.json).digest()), name
        assert anew.table_digest == b64(sha256(made.table).digest()), name
        assert anew.other_logs == ()


async def test_logs_that_have_grown_change_no_report_of_what_was_read_before(
    umbrella: Umbrella,
) -> None:
    made = await umbrella.report("2026-Q1")
    umbrella.logs.trade(A, B, 3 * HOUR, at_s=at(2026, 2, 2))
    later = await umbrella.report("2026-Q1")

    anew = await flow_reports.made_anew(
        umbrella.node, Claimed(period="2026-Q1", logs=made.report.logs)
    )

    assert later.json != made.json
    assert anew.json_digest == b64(sha256(made.json).digest())


async def test_another_history_and_a_longer_one_are_told(umbrella: Umbrella) -> None:
    logs = (await umbrella.report("2026-Q1")).report.logs
    other = msgspec.structs.replace(logs[0], root="A" * 43)
    longer = msgspec.structs.replace(logs[0], size=logs[0].size + 1)

    found = await flow_reports.made_anew(
        umbrella.node, Claimed(period="2026-Q1", logs=(other, *logs[1:]))
    )
    with pytest.raises(InputError) as refused:
        await flow_reports.made_anew(
            umbrella.node, Claimed(period="2026-Q1", logs=(longer, *logs[1:]))
        )

    assert found.other_logs == (A,)
    assert refused.value.code is Code.NOT_FOUND


async def test_the_note_signs_every_file_by_the_key_of_the_log(umbrella: Umbrella) -> None:
    made = await umbrella.report("2026-Q1")
    node = umbrella.node
    key = NoteKey(log_origin(node.settings.public_url), node.identity.log.public)
    note = SignedNote.parse(made.note)

    note.require([key])

    kind, origin, period, *files = note.text.decode().splitlines()
    assert (kind, origin, period) == ("ruilbrug/flows/v1", key.name, "2026-Q1")
    with ZipFile(BytesIO(made.packed())) as archive:
        assert archive.read("report.note") == made.note
        for said in files:
            digest, _, name = said.partition(" ")
            assert b64(sha256(archive.read(name)).digest()) == digest
    forged = SignedNote(note.text.replace(b"2026-Q1", b"2026-Q2"), note.signatures)
    with pytest.raises(VerificationError):
        forged.require([key])


async def test_the_table_tells_hours_and_is_no_formula(umbrella: Umbrella) -> None:
    made = await umbrella.report("2026-Q1")

    rows = made.table.decode("utf-8-sig").splitlines()
    assert rows[0] == "what,from,from_id,to,to_id,trades,hours,line_units"
    assert rows[1] == f"gave,,{B},,{A},1,2.00,{2 * HOUR}"
    assert f"owes,,{A},,{B},,6.50,{13 * HOUR // 2}" in rows[3:]
    assert json.loads(made.json)["period"] == "2026-Q1"


@pytest.mark.parametrize(
    "name",
    ["", "26", "2026-Q5", "2026-q1", "2026-Q", "0001", "20261", "\N{FULLWIDTH DIGIT TWO}026"],
)
def test_what_is_no_period_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        read_report_period(name)


def test_periods_are_quarters_and_years() -> None:
    assert read_report_period("2026-Q2") == quarter_period(2026, 2)
    assert read_report_period("2026") == year_period(2026)


async def test_a_saved_report_is_checked_without_a_node(umbrella: Umbrella, tmp_path: Path) -> None:
    made = await umbrella.report("2026-Q1")
    file = tmp_path / "report.zip"
    file.write_bytes(made.packed())
    files = read_files(file)

    assert check_files(files, made.vkey) == check_files(files, "") == []
    changed = files._replace(table=files.table.replace(b"6.50", b"7.50"))
    assert check_files(changed, made.vkey) == ["report.csv is not the file that was signed"]
    forged = files._replace(note=files.note.replace(b"2026-Q1", b"2026-Q2"))
    assert check_files(forged, made.vkey) == ["another key has signed it, or something was changed"]


async def test_a_node_compares_a_report_with_its_own_logs(umbrella: Umbrella) -> None:
    made = await umbrella.report("2026-Q1")
    claimed = read_made_from(made.json)

    answer = await umbrella.ask("flows.check", **msgspec.to_builtins(claimed))

    assert answer["json"] == b64(sha256(made.json).digest())
    assert answer["csv"] == b64(sha256(made.table).digest())
    assert list(answer["other_logs"]) == []


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all"])
def test_what_is_no_report_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "report.zip"
    file.write_bytes(content)

    with pytest.raises(VerificationError) as refused:
        read_files(file)

    assert refused.value.code is Code.MALFORMED
