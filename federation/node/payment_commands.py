"""The control socket's commands about payments: arguments, use case, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from federation.node import payment_use_cases as payments
from federation.node import statements, use_cases
from federation.node.control_shapes import ControlCommand, Named, Nothing, Path
from projections.trade_state import TradeState, trade_state
from schemas.core_parts import Fixed
from schemas.ids import Amount, PathId

if TYPE_CHECKING:
    from federation.node.service import Node
    from projections.lines import Transfer


class Pay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment; with `group` to a member of another group, fixed at either side's price."""

    payer: str
    payee: str
    amount_minor: Amount
    description: str = ""
    key: PathId | None = None
    group: str = ""
    fixed: Fixed = Fixed.PAYEE
    expected_minor: Amount | None = None
    wait_s: float = 10


class Ask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A member of ours asks one of another group to pay."""

    payer: str
    payee: str
    group: str
    amount_minor: Amount
    description: str = ""
    key: PathId | None = None
    fixed: Fixed = Fixed.PAYEE


class Consent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Consent to a request; `expected_minor` is what the member has seen."""

    path: PathId
    expected_minor: Amount | None = None
    wait_s: float = 10


class Reverse(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give back what was received, or ask for what was paid."""

    path: PathId
    key: PathId | None = None
    description: str = ""
    wait_s: float = 10


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
    payment = payments.Payment(
        payer=arguments.payer,
        group=arguments.group,
        payee=arguments.payee,
        fixed=arguments.fixed,
        amount=arguments.amount_minor,
        description=arguments.description,
        path=arguments.key or "",
        expected_minor=arguments.expected_minor,
    )
    transfer = await payments.pay_across(node, payment, wait_s=arguments.wait_s)
    return show_transfer(transfer)


async def request(node: Node, arguments: Ask) -> dict[str, Any]:
    """Ask a member of another group to pay a member of ours."""
    asked = payments.Payment(
        payer=arguments.payer,
        group=arguments.group,
        payee=arguments.payee,
        fixed=arguments.fixed,
        amount=arguments.amount_minor,
        description=arguments.description,
        path=arguments.key or "",
    )
    return show_transfer(await payments.request_payment(node, asked))


async def request_list(node: Node, _: Nothing) -> list[dict[str, Any]]:
    """Give the requests that wait for a consent of ours."""
    return [show_transfer(t) for t in await payments.requests_waiting(node)]


async def consent(node: Node, arguments: Consent) -> dict[str, Any]:
    """Consent to a request."""
    transfer = await payments.consent(
        node,
        arguments.path,
        expected_minor=arguments.expected_minor,
        wait_s=arguments.wait_s,
    )
    return show_transfer(transfer)


async def decline(node: Node, arguments: Path) -> dict[str, Any]:
    """Decline a request, or take our own back."""
    return show_transfer(await payments.decline(node, arguments.path))


async def cancel(node: Node, arguments: Path) -> dict[str, Any]:
    """Take a payment back before its commit."""
    return show_transfer(await payments.cancel(node, arguments.path))


async def reverse(node: Node, arguments: Reverse) -> dict[str, Any]:
    """Reverse a payment: give back, or ask the other side to."""
    transfer = await payments.reverse(
        node,
        arguments.path,
        path=arguments.key or "",
        description=arguments.description,
        wait_s=arguments.wait_s,
    )
    return show_transfer(transfer)


async def settle(node: Node, arguments: Named) -> dict[str, Any]:
    """Bring a line to exactly zero."""
    return show_transfer(await payments.settle_line(node, arguments.group))


async def transfer_show(node: Node, arguments: Path) -> list[dict[str, Any]]:
    """Tell where a payment stands."""
    found = await statements.shown_transfers(node, arguments.path)
    return [show_transfer(transfer, state) for transfer, state in found]


def show_transfer(transfer: Transfer, state: TradeState | None = None) -> dict[str, Any]:
    """Give what both sides show of a trade: the same numbers, one state."""
    return {
        "path": transfer.path,
        "line": transfer.line,
        "direction": transfer.direction,
        "state": (state or trade_state(transfer)).value,
        "code": transfer.code,
        "line_units": transfer.line_units,
        "payer_minor": transfer.payer_minor,
        "payee_minor": transfer.payee_minor,
        "expires_at_s": transfer.expires_at_s,
        "reverses": transfer.reverses,
    }


COMMANDS = {
    "pay": ControlCommand(Pay, pay),
    "pay.request": ControlCommand(Ask, request),
    "pay.requests": ControlCommand(Nothing, request_list),
    "pay.consent": ControlCommand(Consent, consent),
    "pay.decline": ControlCommand(Path, decline),
    "pay.cancel": ControlCommand(Path, cancel),
    "pay.reverse": ControlCommand(Reverse, reverse),
    "line.settle": ControlCommand(Named, settle),
    "transfer.show": ControlCommand(Path, transfer_show),
}
