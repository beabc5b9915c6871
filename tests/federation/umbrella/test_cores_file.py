"""A report is made anew from a file of cores, by somebody who has nothing but these two files."""

from __future__ import annotations

import asyncio
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from events.checkpoint import Checkpoint, sign_checkpoint
from events.growing import GrowingTree
from events.machine import EVENT_PREFIX
from events.merkle import leaf_hash
from events.note import NoteSigner
from federation.cli.main import cli
from federation.node.control import control_socket
from federation.node.origins import log_origin
from federation.umbrella import cores_export, flow_reports
from federation.umbrella.cores_export import MANIFEST, part_of
from federation.umbrella.flow_report import sign_report
from schemas.encoding import b64, encode
from schemas.errors import Code, InputError, RefusedError, RuilbrugError
from schemas.mirrored_cores import CoresManifest, MirroredEntry
from tests.federation.umbrella.conftest import report as audited
from tests.federation.umbrella.test_flat_memory import GROWTH_MAX, LONG, SHORT, lengthen, measured
from tests.federation.umbrella.test_follower import filled
from tests.federation.umbrella.traded import Federation, make_federation
from tests.federation.world.conftest import World, WorldNode, eventually
from tests.federation.world.test_cosigning import has_cosigned

Parts = dict[str, bytes]
Tamper = Callable[[Parts], None]
YEAR = "2026"
LOGGED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ")
DOCS = Path(__file__).parents[3] / "docs"


class Files:
    """A report, the cores that it was made from, and the umbrella's key."""

    def __init__(self, folder: Path, vkey: str) -> None:
        self.report, self.cores, self.vkey = folder / "report.zip", folder / "cores.zip", vkey

    def check(self, cores: Path | None = None, *more: str) -> Result:
        """Check as somebody on a machine of the own, which has no node."""
        words = ["audit", "check-report", str(self.report), "--key", self.vkey, "--json"]
        return CliRunner(env={"RUILBRUG_NODE": ""}).invoke(
            cli, [*words, "--cores", str(cores or self.cores), *more]
        )

    def tampered(self, tamper: Tamper, *more: str) -> str:
        """Check with cores that somebody has laid hands on; gives the first thing said."""
        file = self.cores.with_name("changed.zip")
        with zipfile.ZipFile(self.cores) as old:
            parts = {name: old.read(name) for name in old.namelist()}
        tamper(parts)
        with zipfile.ZipFile(file, "w") as new:
            for name, content in parts.items():
                new.writestr(name, content)
        return said(self.check(file, *more))


def printed(result: Result) -> str:
    """Give what the command printed, without what nodes of this process logged meanwhile."""
    lines = result.stdout.splitlines(keepends=True)
    return "".join(line for line in lines if not LOGGED.match(line))


def said(result: Result) -> str:
    """Give the first of what a refused check says."""
    assert result.exit_code == 1, result.output
    if isinstance(result.exception, RuilbrugError):  # `main` prints it
        return str(result.exception)
    assert isinstance(result.exception, SystemExit), result.exception
    return str(json.loads(printed(result))["wrong"][0])


@pytest.fixture
async def federation(world: World) -> Federation:
    return await make_federation(world)


async def saved(federation: Federation, folder: Path) -> Files:
    await federation.pay(federation.alfa, 30)
    await federation.pay(federation.beta, 45)
    await federation.followed()
    umbrella = federation.umbrella
    made = await flow_reports.report(umbrella.node, YEAR)
    files = Files(folder, made.vkey)
    files.report.write_bytes(made.packed())
    await umbrella.ask("flows.cores", file=str(files.cores))
    return files


async def test_a_report_is_made_anew_from_a_file_alone(
    federation: Federation, tmp_path: Path
) -> None:
    files = await saved(federation, tmp_path)

    result = await asyncio.to_thread(files.check)

    assert (result.exit_code, json.loads(printed(result))) == (0, {"wrong": []})
    assert files.cores.stat().st_mode & 0o777 == 0o600


async def test_cores_that_have_grown_since_fit_the_report_of_before(
    federation: Federation, tmp_path: Path
) -> None:
    files = await saved(federation, tmp_path)
    await federation.pay(federation.alfa, 10)
    await federation.followed()
    later = tmp_path / "later.zip"
    await federation.umbrella.ask("flows.cores", file=str(later))

    assert (await asyncio.to_thread(files.check, later)).exit_code == 0
    files.cores = later
    cut = await asyncio.to_thread(files.tampered, without_last(federation.alfa))
    assert "entries in the file of cores, its checkpoint" in cut


async def test_a_report_that_says_otherwise_than_the_cores_is_refused(
    federation: Federation, tmp_path: Path
) -> None:
    files = await saved(federation, tmp_path)
    made = await flow_reports.report(federation.umbrella.node, YEAR)
    flows = tuple(msgspec.structs.replace(one, units=one.units + 1) for one in made.report.flows)
    forged = msgspec.structs.replace(made.report, flows=flows)
    umbrella = federation.umbrella.node
    signer = NoteSigner(log_origin(umbrella.settings.public_url), umbrella.identity.log)
    note = sign_report(forged, signer)
    files.report.write_bytes(
        made._replace(json=forged.json(), table=forged.table(), note=note).packed()
    )

    result = await asyncio.to_thread(files.check)

    assert json.loads(printed(result))["wrong"] == [
        "report.json does not follow from the logs",
        "report.csv does not follow from the logs",
    ]


async def test_whatever_is_changed_in_the_file_is_refused_by_name(
    federation: Federation, tmp_path: Path
) -> None:
    files = await saved(federation, tmp_path)
    alfa, beta = federation.alfa, federation.beta
    size = len(lines_of(files, alfa))
    log = f"the log of alfa ({alfa.node.id})"
    part = part_of(alfa.node.id)
    refusals = {
        "a core": (changed_core(alfa, 5), f"{log}: entry 5 does not hold"),
        "a signature": (swapped_signature(alfa, 5), f"{log}: entry 5 does not hold"),
        "the checkpoint": (noted(alfa, broken), f"{log}: its checkpoint does not hold"),
        "another's checkpoint": (noted(alfa, of(beta)), f"{log}: its checkpoint does not hold"),
        "an older checkpoint": (
            noted(alfa, older(alfa)),
            f"{log}: its checkpoint is of another history",
        ),
        "cut off": (without_last(alfa), f"{log} has {size - 1} entries in the file of cores"),
        "an entry too many": (with_last_again(alfa), f"{log}: entry {size} does not hold"),
        "another tree": (
            another_tree(alfa),
            f"{log} is another history in the file of cores than in the report",
        ),
        "a part too many": (added, "changed.zip, logs/x.jsonl: it does not belong there."),
        "a part too few": (lacking(part), f"{part}: it lacks."),
        "a log too few": (unlisted(alfa), f"{log} is not in the file of cores"),
        "no entry": (with_line(alfa, b"{}\n"), f"{part}, line {size + 1}: it is no entry"),
        "half an entry": (with_line(alfa, b"{"), f"{part}, line {size + 1}: it does not end"),
        "no list": (lacking(MANIFEST), "it is no file of 'ruilbrug audit export-cores'."),
        "another list": (listed_as(b"[]"), "manifest.json: it is no list of logs."),
    }

    told = {
        name: (await asyncio.to_thread(files.tampered, tamper))
        for name, (tamper, _) in refusals.items()
    }

    lacks = {name: told[name] for name, (_, words) in refusals.items() if words not in told[name]}
    assert lacks == {}


def lines_of(files: Files, group: WorldNode) -> list[bytes]:
    with zipfile.ZipFile(files.cores) as archive:
        return archive.read(part_of(group.node.id)).splitlines()


def changed_core(group: WorldNode, seq: int) -> Tamper:
    def tamper(parts: Parts) -> None:
        name = part_of(group.node.id)
        rows = parts[name].splitlines(keepends=True)
        entry = msgspec.json.decode(rows[seq], type=MirroredEntry)
        core = entry.core.replace('"ts":', '"ts":1')
        rows[seq] = encode(msgspec.structs.replace(entry, core=core)) + b"\n"
        parts[name] = b"".join(rows)

    return tamper


def swapped_signature(group: WorldNode, seq: int) -> Tamper:
    def tamper(parts: Parts) -> None:
        name = part_of(group.node.id)
        rows = parts[name].splitlines(keepends=True)
        one, other = (msgspec.json.decode(rows[at], type=MirroredEntry) for at in (seq, seq + 1))
        rows[seq] = encode(msgspec.structs.replace(one, signature=other.signature)) + b"\n"
        parts[name] = b"".join(rows)

    return tamper


def relisted(parts: Parts, change: Callable[[CoresManifest], CoresManifest]) -> None:
    parts[MANIFEST] = encode(change(msgspec.json.decode(parts[MANIFEST], type=CoresManifest)))


def noted(group: WorldNode, change: Callable[[CoresManifest, str], str]) -> Tamper:
    def tamper(parts: Parts) -> None:
        def changed(said: CoresManifest) -> CoresManifest:
            logs = tuple(
                msgspec.structs.replace(log, checkpoint=change(said, log.checkpoint))
                if log.node == group.node.id
                else log
                for log in said.logs
            )
            return msgspec.structs.replace(said, logs=logs)

        relisted(parts, changed)

    return tamper


def broken(_: CoresManifest, note: str) -> str:
    size = note.splitlines()[1]
    return note.replace(f"\n{size}\n", f"\n{int(size) + 1}\n", 1)


def of(group: WorldNode) -> Callable[[CoresManifest, str], str]:
    return lambda said, _: next(o.checkpoint for o in said.logs if o.node == group.node.id)


def older(group: WorldNode) -> Callable[[CoresManifest, str], str]:
    node = group.node
    signer = NoteSigner(log_origin(node.settings.public_url), node.identity.log)
    before = Checkpoint(log_origin(node.settings.public_url), 3, b"r" * 32)
    return lambda *_: sign_checkpoint(before, signer).decode()


def without_last(group: WorldNode) -> Tamper:
    def tamper(parts: Parts) -> None:
        name = part_of(group.node.id)
        parts[name] = b"".join(parts[name].splitlines(keepends=True)[:-1])

    return tamper


def with_last_again(group: WorldNode) -> Tamper:
    def tamper(parts: Parts) -> None:
        name = part_of(group.node.id)
        parts[name] += parts[name].splitlines(keepends=True)[-1]

    return tamper


def another_tree(group: WorldNode) -> Tamper:
    """Let the group itself sign another last entry, and a checkpoint over it."""

    def tamper(parts: Parts) -> None:
        name, key = part_of(group.node.id), group.node.identity.log
        rows = [msgspec.json.decode(row, type=MirroredEntry) for row in parts[name].splitlines()]
        last = msgspec.json.decode(rows[-1].core)
        core = encode(last | {"ts": last["ts"] + 1})
        signature = b64(key.sign(EVENT_PREFIX + core))
        rows[-1] = MirroredEntry(core=core.decode(), signature=signature)
        tree = GrowingTree.from_tiles([], [])
        for row in rows:
            tree.append(leaf_hash(row.core.encode()))
        origin = log_origin(group.node.settings.public_url)
        checkpoint = Checkpoint(origin, tree.size, tree.root())
        note = sign_checkpoint(checkpoint, NoteSigner(origin, key)).decode()
        parts[name] = b"".join(encode(row) + b"\n" for row in rows)
        noted(group, lambda *_: note)(parts)

    return tamper


def added(parts: Parts) -> None:
    parts["logs/x.jsonl"] = b""


def lacking(name: str) -> Tamper:
    def tamper(parts: Parts) -> None:
        del parts[name]

    return tamper


def listed_as(content: bytes) -> Tamper:
    def tamper(parts: Parts) -> None:
        parts[MANIFEST] = content

    return tamper


def with_line(group: WorldNode, line: bytes) -> Tamper:
    def tamper(parts: Parts) -> None:
        parts[part_of(group.node.id)] += line

    return tamper


def unlisted(group: WorldNode) -> Tamper:
    def tamper(parts: Parts) -> None:
        del parts[part_of(group.node.id)]
        relisted(
            parts,
            lambda said: msgspec.structs.replace(
                said, logs=tuple(log for log in said.logs if log.node != group.node.id)
            ),
        )

    return tamper


async def test_a_file_that_breaks_off_is_said_to(federation: Federation, tmp_path: Path) -> None:
    files = await saved(federation, tmp_path)
    whole = files.cores.read_bytes()
    cut, other = tmp_path / "cut.zip", tmp_path / "other.zip"
    cut.write_bytes(whole[: len(whole) // 2])
    other.write_bytes(b"nothing of the kind")

    told = [said(await asyncio.to_thread(files.check, file)) for file in (cut, other)]

    assert told[0].startswith("cut.zip: it is cut off.")
    assert told[1].startswith("other.zip: it is no file of 'ruilbrug audit export-cores'.")


async def test_an_outsider_does_what_the_page_says_to_the_letter(
    federation: Federation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = await saved(federation, tmp_path)
    umbrella, elsewhere = federation.umbrella, tmp_path / "elsewhere"
    groups = federation.alfa, federation.beta
    await eventually(lambda: all(has_cosigned(umbrella, group) for group in groups))
    await federation.followed()
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    Path("report.zip").write_bytes(files.report.read_bytes())
    Path("policy").write_text(await witnesses_of(*groups))
    stands_for = {"UMBRELLA": str(umbrella.folder.path), "VKEY": files.vkey, "POLICY": "policy"}

    async with control_socket(umbrella.node):
        exported = await followed_line(0, stands_for)
    checked = await followed_line(1, stands_for)

    assert printed(exported).startswith(str(elsewhere / "cores.zip"))
    assert checked.exception is None, checked.output
    assert (checked.exit_code, printed(checked)) == (0, "right\n")


async def followed_line(at: int, stands_for: dict[str, str]) -> Result:
    """Do what the page says in one of its lines."""
    page = (DOCS / "trust.md").read_text().partition("## How an outsider checks a report")[2]
    commands = [line.split() for line in page.splitlines() if line.startswith("        ruilbrug")]
    words = [stands_for.get(word, word) for word in commands[at][1:]]
    return await asyncio.to_thread(CliRunner(env={"RUILBRUG_NODE": ""}).invoke, cli, words)


async def witnesses_of(*groups: WorldNode) -> str:
    """Make a policy as the page for auditors says, of what groups print."""
    lines: dict[str, str] = {}
    for group in groups:
        for line in (await group.ask("witness.policy"))["policy"].splitlines():
            if line.startswith("witness "):
                vkey = line.split()[2]
                lines.setdefault(vkey, f"witness w{len(lines)} {vkey}")
    names = " ".join(line.split()[1] for line in lines.values())
    return "\n".join([*lines.values(), f"group seen 1 {names}", "quorum seen", ""])


async def test_one_file_is_made_at_a_time_and_none_is_overwritten(
    federation: Federation, tmp_path: Path
) -> None:
    umbrella = federation.umbrella
    there = tmp_path / "there.zip"
    there.write_bytes(b"")
    running = cores_export.sent(umbrella.node)
    await anext(running)

    with pytest.raises(InputError) as exists:
        await umbrella.ask("flows.cores", file=str(there))
    with pytest.raises(RefusedError) as busy:
        await umbrella.ask("flows.cores", file=str(tmp_path / "new.zip"))
    await running.aclose()

    assert (exists.value.code, busy.value.code) == (Code.EXPORT_THERE, Code.EXPORT_RUNS)
    assert sorted(path.name for path in tmp_path.glob("new*")) == []


async def test_a_log_ten_times_as_long_takes_no_more_memory_to_export(world: World) -> None:
    umbrella, group = await filled(world, SHORT)
    allocated = []
    for size in (SHORT, LONG):
        if size > SHORT:
            await lengthen(group, size)
        await audited(umbrella)
        with measured() as exporting:
            count = sum([len(piece) async for piece in cores_export.sent(umbrella.node)])

        assert count > size * 100
        allocated.append(exporting.allocated)

    assert allocated[1] - allocated[0] < GROWTH_MAX, allocated
