"""Makes reports of the flows from the sums, signs them, and makes others' anew from cores."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Final, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import msgspec

from events.growing import GrowingTree
from events.merkle import leaf_hash
from events.note import NoteSigner
from federation.node.origins import log_origin
from federation.peer.channel import decode_line_core
from federation.umbrella.flow_cores import ReadCores
from federation.umbrella.flow_lines import line_histories
from federation.umbrella.flow_report import (
    FlowReport,
    ReadLog,
    make_report,
    read_report_period,
    sign_report,
)
from federation.umbrella.flow_tables import PAGE, SQL, of, read_asides
from federation.umbrella.flows import LineDay
from schemas.encoding import b64
from schemas.errors import Code, InputError, StorageError

if TYPE_CHECKING:
    from collections.abc import Container

    from events.log_store import AnyConnection
    from federation.node.service import Node

_THE_DAY_OF_ZIP: Final = (1980, 1, 1, 0, 0, 0)


class SignedReport(NamedTuple):
    """A report with its files and the note that signs them."""

    report: FlowReport
    json: bytes
    table: bytes
    note: bytes
    vkey: str
    """The key that signed, as `ruilbrug audit check-report --key` wants it."""

    def packed(self) -> bytes:
        """Give all of it as one zip, the same bytes for the same report."""
        packed = BytesIO()
        with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
            for name, content in (
                ("report.json", self.json),
                ("report.csv", self.table),
                ("report.note", self.note),
            ):
                archive.writestr(ZipInfo(name, _THE_DAY_OF_ZIP), content)
        return packed.getvalue()


class Claimed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a report says that it was made from."""

    period: str
    logs: tuple[ReadLog, ...]


class MadeAnew(NamedTuple):
    """What came of making a report anew: digests of its files, and logs that we hold otherwise."""

    json_digest: str
    table_digest: str
    other_logs: tuple[str, ...]


async def report(node: Node, name: str) -> SignedReport:
    """Make and sign the report of a quarter or a year, of all that was followed by now.

    Raises:
        InputError: `not_found` for a period that is none.
        StorageError: `busy` while a log is being followed.

    """
    period, tables = read_report_period(name), of(node)
    await tables.catch_up()
    async with (
        node.pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        names = {peer.node: peer.name for peer in node.peers.everyone()}
        logs = await _logs(connection, names, tables.stopped)
        rows = await connection.fetch(SQL["sums_before"], period.end)
        milestones = await connection.fetch(SQL["all_milestones"])
        aside = await read_asides(connection)
    histories = line_histories(decode_line_core(row["core"]) for row in milestones)
    made = make_report(name, logs, (LineDay(**dict(row)) for row in rows), histories, aside)
    signer = NoteSigner(log_origin(node.settings.public_url), node.identity.log)
    return SignedReport(
        made, made.json(), made.table(), sign_report(made, signer), signer.public.vkey()
    )


async def _logs(
    connection: AnyConnection, names: dict[str, str], stopped: Container[str]
) -> list[ReadLog]:
    """Name what was read; a log whose sums stand still was read up to where they do."""
    read = []
    for row in await connection.fetch(SQL["read_logs"]):
        node, size, root = row["node"], row["summed"], row["root"]
        if size != row["size"]:
            if node not in stopped:
                raise StorageError(Code.BUSY)
            root = await _root_at(connection, node, size)
        read.append(ReadLog(node=node, name=names.get(node, ""), size=size, root=b64(root)))
    return read


async def _root_at(connection: AnyConnection, node: str, size: int) -> bytes:
    tree = GrowingTree.from_tiles([], [])
    for start in range(0, size, PAGE):
        end = min(start + PAGE, size)
        for row in await connection.fetch(SQL["read_mirrored"], node, start, end):
            tree.append(leaf_hash(row["core"]))
    if tree.size != size:
        raise StorageError(Code.BUSY)
    return tree.root()


async def made_anew(node: Node, claimed: Claimed) -> MadeAnew:
    """Make a report anew from the cores that we hold ourselves, entry by entry.

    Raises:
        InputError: `not_found` for a period that is none, and for a log of which we hold less.

    """
    read_report_period(claimed.period)
    read = ReadCores()
    other_logs = [
        log.node for log in claimed.logs if b64(await _read_log(node, log, read)) != log.root
    ]
    made = read.report(claimed.period, claimed.logs)
    return MadeAnew(
        b64(sha256(made.json()).digest()), b64(sha256(made.table()).digest()), tuple(other_logs)
    )


async def _read_log(node: Node, log: ReadLog, read: ReadCores) -> bytes:
    """Read the first entries of a log; gives the root of what was read."""
    tree = GrowingTree.from_tiles([], [])
    for start in range(0, log.size, PAGE):
        end = min(start + PAGE, log.size)
        rows = await node.pool.fetch(SQL["read_mirrored"], log.node, start, end)
        if len(rows) != end - start:
            raise InputError(Code.NOT_FOUND, field=f"log {log.node}, entry {start + len(rows)}")
        for row in rows:
            tree.append(leaf_hash(row["core"]))
        read.take(log.node, (row["core"] for row in rows))
    return tree.root()
