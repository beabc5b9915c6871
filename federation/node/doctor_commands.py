"""What a running node tells `ruilbrug doctor` of itself, and of those it speaks with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.node.control_shapes import ControlCommand, Nothing
from federation.node.doctor_facts import Flows, Partner, Running, Witnessed
from federation.node.line_commands import line_doctor
from federation.node.line_doctor import Who
from federation.node.patience import connection_in_time
from federation.node.service import now_s
from federation.node.witness_status import witness_status
from federation.umbrella.flow_tables import of, read_asides

if TYPE_CHECKING:
    from collections.abc import Mapping

    from federation.node.service import Node

CLOCK_FRESH_S: Final = 3_600


async def node_doctor(node: Node, nothing: Nothing) -> Running:
    """Tell what `federation.node.doctor` judges."""
    named = {peer.node: peer.name for peer in node.peers.everyone()}
    lines = [line for line in node.machine.books.lines.values() if not line.closed()]
    fresh_from_s = now_s() - CLOCK_FRESH_S
    clocks = node.client.clocks.items()
    witness = await witness_status(node)
    return Running(
        node=node.id,
        mode=node.gate.mode.value,
        reason=node.gate.judgement.reason,
        events=node.sequencer.size,
        offsets_s={
            named.get(peer, peer): seen.ahead_s
            for peer, seen in clocks
            if seen.at_s >= fresh_from_s
        },
        partners=tuple(
            Partner(
                name=named.get(line.peer, line.peer),
                heard_at_s=node.outbox.delivery(line.line).last_contact_at_s,
                failures=node.outbox.delivery(line.line).failures,
            )
            for line in lines
        ),
        doubts=tuple(
            f"{row['group']}: {row['text']}"
            for row in await line_doctor(node, nothing)
            if row["needs"] == Who.PERSON
        ),
        witness=Witnessed(
            newest_size=witness.newest_size,
            met_size=witness.met_size,
            advice=witness.advice,
            forks=len(witness.forks),
        ),
        flows=await _flows(node, named) if node.settings.role == "umbrella" else None,
    )


async def _flows(node: Node, named: Mapping[str, str]) -> Flows:
    async with connection_in_time(node.pool) as connection:
        asides = await read_asides(connection)
    aside: dict[str, int] = {}
    for one in asides:
        name = named.get(one.node, one.node)
        aside[name] = aside.get(name, 0) + one.entries
    stopped = of(node).stopped.items()
    return Flows(stopped={named.get(log, log): at.size for log, at in stopped}, aside=aside)


COMMANDS = {"node.doctor": ControlCommand(Nothing, node_doctor)}
