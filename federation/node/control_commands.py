"""The commands of the control socket: arguments, use case, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from federation.node import import_use_case, statements, use_cases
from federation.umbrella import use_cases as umbrella
from projections.lines import Line, Transfer
from projections.room import limits
from schemas.bodies import AccountKind
from schemas.cores import Fixed
from schemas.ids import Amount, Positive

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from federation.node.service import Node


class ControlCommand(NamedTuple):
    """One command."""

    arguments: type[msgspec.Struct]
    run: Callable[[Node, Any], Awaitable[Any]]


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No arguments."""


class AddMember(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new member."""

    code: str
    name: str
    lower_minor: Amount | None = None
    upper_minor: Amount | None = None
    key: str | None = None


class ShowStatement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page of a statement: of a period in seconds, before the place `seq`, `ordinal`."""

    code: str
    from_s: Amount = 0
    until_s: Amount = 2**53 - 1
    before_seq: Amount = 2**53 - 1
    before_ordinal: Amount = 0
    limit: Positive = 50


class Pay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment; with `group` to a member of another group, fixed at either side's price."""

    payer: str
    payee: str
    amount_minor: Amount
    description: str = ""
    key: str | None = None
    group: str = ""
    fixed: Fixed = Fixed.PAYEE
    expected_minor: Amount | None = None
    wait_s: float = 10


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group, by name or id."""

    group: str


class Propose(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Terms for a group; what is left out has a default."""

    group: str
    grants_units: Positive | None = None
    largest_units: Positive | None = None


class Invited(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An invitation, `URL#NODE_ID`."""

    invitation: str
    name: str = ""


class Path(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment between groups by its id."""

    path: str


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
            "lower_minor": limits(ledger, account)[0],
            "upper_minor": limits(ledger, account)[1],
        }
        for account in ledger.accounts.values()
    ]


async def member_list(node: Node, arguments: Nothing) -> list[dict[str, Any]]:
    """Give every member."""
    rows = await account_list(node, arguments)
    return [row for row in rows if row["kind"] == AccountKind.MEMBER.value]


async def account_statement(node: Node, arguments: ShowStatement) -> Any:
    """Give a page of an account's statement."""
    return await statements.page(
        node,
        arguments.code,
        from_s=arguments.from_s,
        until_s=arguments.until_s,
        before=(arguments.before_seq, arguments.before_ordinal),
        limit=arguments.limit,
    )


async def pay(node: Node, arguments: Pay) -> dict[str, Any]:
    """Book a payment inside the group, or to a member of another."""
    if not arguments.group:
        answer = await use_cases.pay_inside(
            node,
            payer=arguments.payer,
            payee=arguments.payee,
            amount_minor=arguments.amount_minor,
            description=arguments.description,
            key=arguments.key,
        )
        return {"seq": answer.seq, "amount_minor": arguments.amount_minor, "state": "settled"}
    payment = use_cases.Payment(
        payer=arguments.payer,
        group=arguments.group,
        payee=arguments.payee,
        fixed=arguments.fixed,
        amount=arguments.amount_minor,
        description=arguments.description,
        path=arguments.key or "",
        expected_minor=arguments.expected_minor,
    )
    return show_transfer(await use_cases.pay_across(node, payment, wait_s=arguments.wait_s))


async def transfer_show(node: Node, arguments: Path) -> list[dict[str, Any]]:
    """Tell where a payment stands."""
    return [show_transfer(t) for t in await statements.transfers_of(node, arguments.path)]


def show_transfer(transfer: Transfer) -> dict[str, Any]:
    """Give what both sides show of a trade: the same numbers, one state."""
    return {
        "path": transfer.path,
        "line": transfer.line,
        "direction": transfer.direction,
        "state": statements.state_of(transfer),
        "code": transfer.code,
        "line_units": transfer.line_units,
        "payer_minor": transfer.payer_minor,
        "payee_minor": transfer.payee_minor,
        "expires_at_s": transfer.expires_at_s,
    }


async def line_invite(node: Node, arguments: Invited) -> dict[str, Any]:
    """Trust an invitation."""
    peer = await use_cases.invite(node, arguments.invitation, arguments.name)
    return {"node": peer.node, "name": peer.name}


async def line_propose(node: Node, arguments: Propose) -> dict[str, Any]:
    """Propose terms."""
    return show_line(
        node,
        await use_cases.propose_terms(
            node,
            arguments.group,
            grants_units=arguments.grants_units,
            largest_units=arguments.largest_units,
        ),
    )


async def line_accept(node: Node, arguments: Named) -> dict[str, Any]:
    """Accept what another group proposes."""
    return show_line(node, await use_cases.answer_terms(node, arguments.group, accept=True))


async def line_refuse(node: Node, arguments: Named) -> dict[str, Any]:
    """Refuse what another group proposes."""
    return show_line(node, await use_cases.answer_terms(node, arguments.group, accept=False))


async def line_list(node: Node, _: Nothing) -> list[dict[str, Any]]:
    """Give every line."""
    return [show_line(node, line) for line in node.machine.books.lines.values()]


def show_line(node: Node, line: Line) -> dict[str, Any]:
    """Give what a coordinator wants to know of a line."""
    peer = node.peers.get(line.peer)
    terms = line.terms or line.their_proposal or line.own_proposal
    state = "open" if line.open() else "quarantined" if line.quarantined else "proposed"
    if state == "proposed" and line.terms is None and not terms:
        state = "refused"
    return {
        "line": line.line,
        "group": peer.name if peer else line.peer,
        "state": state,
        "waits_for_us": line.their_proposal is not None,
        "balance_units": line.balance_units,
        "held_out_units": line.held_out_units,
        "held_in_units": line.held_in_units,
        "we_may_owe_units": terms.other(line.us).grants_units if terms else 0,
        "they_may_owe_units": terms.side(line.us).grants_units if terms else 0,
        "largest_units": terms.largest_units if terms else 0,
        "unconfirmed": line.out_n - node.outbox.delivery(line.line).acknowledged_n,
    }


async def audit_admit(node: Node, arguments: Invited) -> dict[str, Any]:
    """Take a group into the register."""
    peer = await umbrella.admit(node, arguments.invitation, arguments.name)
    return {"node": peer.node, "name": peer.name}


async def audit_report(node: Node, _: Nothing) -> dict[str, Any]:
    """Follow every log and hold them together."""
    report = await umbrella.audit(node)
    return {"report": report, "text": umbrella.render(report)}


async def import_progress(node: Node, _: Nothing) -> Any:
    """Tell how far an import has come."""
    return node.progress or import_use_case.Progress()


COMMANDS = {
    "status": ControlCommand(Nothing, status),
    "node.override": ControlCommand(Nothing, node_override),
    "member.add": ControlCommand(AddMember, member_add),
    "member.list": ControlCommand(Nothing, member_list),
    "account.list": ControlCommand(Nothing, account_list),
    "account.statement": ControlCommand(ShowStatement, account_statement),
    "pay": ControlCommand(Pay, pay),
    "transfer.show": ControlCommand(Path, transfer_show),
    "line.invite": ControlCommand(Invited, line_invite),
    "line.propose": ControlCommand(Propose, line_propose),
    "line.accept": ControlCommand(Named, line_accept),
    "line.refuse": ControlCommand(Named, line_refuse),
    "line.list": ControlCommand(Nothing, line_list),
    "audit.admit": ControlCommand(Invited, audit_admit),
    "audit.report": ControlCommand(Nothing, audit_report),
    "import.progress": ControlCommand(Nothing, import_progress),
    "import": ControlCommand(import_use_case.ImportFile, import_use_case.run),
}
