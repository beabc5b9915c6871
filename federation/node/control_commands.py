"""The commands of the control socket: arguments, use case, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from federation.group.rights import BY_SERVER
from federation.node import (
    doctor_commands,
    evidence_commands,
    import_use_case,
    line_commands,
    payment_commands,
    recovery_commands,
    statements,
    use_cases,
    witness_status,
)
from federation.node.control_shapes import Audited, ControlCommand, Invited, Nothing
from federation.node.import_commands import Progress
from federation.node.remembered import last_backup
from federation.node.service import now_s
from federation.umbrella import registering
from federation.umbrella import use_cases as umbrella
from projections.room import limits
from schemas.bodies import AccountKind
from schemas.ids import Amount, Positive, Salt

if TYPE_CHECKING:
    from federation.node.service import Node


class AddMember(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new member."""

    code: str
    name: str
    lower_minor: Amount | None = None
    upper_minor: Amount | None = None
    key: Salt | None = None


class ShowStatement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page of a statement: of a period in seconds, before the place `seq`, `ordinal`."""

    code: str
    from_s: Amount = 0
    until_s: Amount = 2**53 - 1
    before_seq: Amount = 2**53 - 1
    before_ordinal: Amount = 0
    limit: Positive = 50


async def status(node: Node, _: Nothing) -> dict[str, Any]:
    """Tell how the node is."""
    return {
        "node": node.id,
        "name": node.settings.name,
        "role": node.settings.role,
        "invitation": use_cases.invitation_of(node),
        "events": node.sequencer.size,
        "mode": node.gate.mode.value,
        "reason": node.gate.judgement.reason,
        "last_backup": last_backup(node.folder),
    }


async def node_override(node: Node, arguments: Nothing) -> dict[str, Any]:
    """Vouch that no longer log exists."""
    await use_cases.override_restore(node)
    return await status(node, arguments)


async def member_add(node: Node, arguments: AddMember) -> dict[str, Any]:
    """Take in a member."""
    fields = msgspec.structs.asdict(arguments)
    return {"account": await use_cases.add_member(node, **fields), "code": arguments.code}


async def account_list(node: Node, _: Nothing) -> list[dict[str, Any]]:
    """Give every account with its balance, limits and holds."""
    ledger = node.machine.books.ledger
    names = await statements.names(node)
    return [
        {
            "account": account.account,
            "code": account.code,
            "name": names.get(account.account, ""),
            "kind": account.kind.value,
            "status": account.status.value,
            "balance_minor": ledger.balance(account.account),
            "held_minor": ledger.held_lower.get(account.account) or 0,
            "lower_minor": limits(ledger, account, now_s=now_s())[0],
            "upper_minor": limits(ledger, account, now_s=now_s())[1],
        }
        for account in ledger.accounts.values()
    ]


async def member_list(node: Node, arguments: Nothing) -> list[dict[str, Any]]:
    """Give every member."""
    rows = await account_list(node, arguments)
    return [row for row in rows if row["kind"] == AccountKind.MEMBER.value]


async def account_statement(node: Node, arguments: ShowStatement) -> Any:
    """Give a page of an account's statement; without what is only for the two of a booking."""
    return await statements.page(
        node,
        arguments.code,
        looks=BY_SERVER,
        from_s=arguments.from_s,
        until_s=arguments.until_s,
        before=(arguments.before_seq, arguments.before_ordinal),
        limit=arguments.limit,
    )


async def audit_admit(node: Node, arguments: Invited) -> dict[str, Any]:
    """Take a group into the register."""
    peer = await registering.admit(node, arguments.invitation, arguments.name)
    return {"node": peer.node, "name": peer.name}


async def audit_report(node: Node, arguments: Audited) -> dict[str, Any]:
    """Follow every log and hold them together."""
    report = await umbrella.audit(node, full=arguments.full, signatures=arguments.signatures)
    return {"report": report, "text": umbrella.render(report)}


async def import_progress(node: Node, _: Nothing) -> Any:
    """Tell how far an import has come."""
    return node.progress or Progress()


COMMANDS = {
    "status": ControlCommand(Nothing, status),
    "node.override": ControlCommand(Nothing, node_override),
    "member.add": ControlCommand(AddMember, member_add),
    "member.list": ControlCommand(Nothing, member_list),
    "account.list": ControlCommand(Nothing, account_list),
    "account.statement": ControlCommand(ShowStatement, account_statement),
    **line_commands.COMMANDS,
    **payment_commands.COMMANDS,
    "evidence.list": ControlCommand(Nothing, evidence_commands.evidence_list),
    "evidence.file": ControlCommand(evidence_commands.Proof, evidence_commands.evidence_file),
    **recovery_commands.COMMANDS,
    **witness_status.COMMANDS,
    **doctor_commands.COMMANDS,
    "audit.admit": ControlCommand(Invited, audit_admit),
    "audit.report": ControlCommand(Audited, audit_report),
    "import.progress": ControlCommand(Nothing, import_progress),
    "import": ControlCommand(import_use_case.ImportFile, import_use_case.run),
}
