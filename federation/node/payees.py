"""Pseudonyms of payees: by which name another group knows a member of ours, and we theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from federation.group.commands import GROUP_SUBJECT
from federation.node.patience import connection_in_time
from federation.node.queries import SQL
from projections.ledger import code_key
from schemas.bodies import AccountKind
from schemas.encoding import b64, encode, parse, unb64
from schemas.errors import Code, PeerUnavailable, RefusedError, RuilbrugError
from schemas.messages import PayeeAnswer, PayeeQuestion

if TYPE_CHECKING:
    from federation.node.peers import Peer
    from federation.node.service import Node
    from projections.ledger import Account

KNOWN_MAX: Final = 10_000
_PAYEE: Final = msgspec.json.Decoder(PayeeAnswer)


def pseudonym_for(node: Node, subject: str, reader: str) -> str:
    """Give the name by which `reader` knows a member of ours, or the group itself.

    Raises:
        RefusedError: `not_found` for a member without a data key: erased, nobody can be told by it.

    """
    name = node.machine.keyring.pseudonym(unb64(subject), reader)
    if name is None and subject != GROUP_SUBJECT:
        raise RefusedError(Code.NOT_FOUND, field="account")
    return b64(name if name is not None else bytes(32))


async def told_pseudonym(node: Node, subject: str, reader: str) -> str:
    """Give the same, and remember that it was told: who answers to it is found by it."""
    name = pseudonym_for(node, subject, reader)
    if (reader, name) not in node.told_pseudonyms:
        async with connection_in_time(node.pool) as connection:
            await connection.execute(SQL["write_pseudonym"], reader, name, unb64(subject))
        node.told_pseudonyms.add((reader, name))
    return name


async def payee_pseudonym(node: Node, peer: Peer, code: str) -> str:
    """Ask another group for the pseudonym of a member code; remembered once it was told."""
    place = (peer.node, code_key(code))
    known = node.known_payees.get(place)
    if known is None:
        async with connection_in_time(node.pool) as connection:
            known = await connection.fetchval(SQL["read_known_payee"], *place)
    if known is not None:
        return _keep(node, place, str(known))
    question = encode(PayeeQuestion(code=code))
    try:
        data = await node.client.post(peer.node, peer.url, "/federation/v1/payees", question)
    except RuilbrugError as error:
        if error.code is Code.NOT_FOUND:
            raise RefusedError(Code.PAYEE_UNKNOWN, field="payee") from error
        raise
    try:
        answer = parse(_PAYEE, data)
    except msgspec.MsgspecError as error:
        raise PeerUnavailable(Code.PEER_WRONG, reason="payees") from error
    async with connection_in_time(node.pool) as connection:
        await connection.execute(SQL["write_known_payee"], *place, answer.payee)
    return _keep(node, place, answer.payee)


async def forget_payee(node: Node, peer: Peer, code: str) -> None:
    """Ask anew next time: the other group does not know a member by the name that it told."""
    place = (peer.node, code_key(code))
    node.known_payees.pop(place, None)
    await node.pool.execute(SQL["forget_known_payee"], *place)


def _keep(node: Node, place: tuple[str, str], pseudonym: str) -> str:
    """Remember a payee in memory as well; the oldest gives way."""
    if place not in node.known_payees and len(node.known_payees) >= KNOWN_MAX:
        del node.known_payees[next(iter(node.known_payees))]
    node.known_payees[place] = pseudonym
    return pseudonym


async def tell_payee(node: Node, reader: str, code: str) -> PayeeAnswer:
    """Tell another group the pseudonym of a member of ours who can be paid, or of our group.

    A leaver still takes part in bookings, towards zero. Who trades already with a member goes by
    the pseudonym that was told then, whatever has become of the member since.

    Raises:
        RefusedError: `not_found`; who asked for information, has left or is erased is not told
            apart from nobody.

    """
    ledger = node.machine.books.ledger
    number = ledger.codes.get(code_key(code))
    account = None if number is None else ledger.accounts[number]
    subject = None if account is None else _payee_subject(account)
    if subject is None:
        raise RefusedError(Code.NOT_FOUND, field="code")
    return PayeeAnswer(payee=await told_pseudonym(node, subject, reader))


def _payee_subject(account: Account) -> str | None:
    """Give whose pseudonym another group may ask for by the code of an account."""
    match account.kind:
        case AccountKind.GROUP:  # no person, and coordinators write to it whatever its status
            return GROUP_SUBJECT
        case AccountKind.MEMBER if account.status.books():
            return account.subject
        case _:
            return None
