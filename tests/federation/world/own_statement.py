"""What a member reads on its own statement: the texts too, which no command of the server gives."""

from __future__ import annotations

from federation.members import roles
from federation.members.statement import Line, Wanted, statement
from projections.ledger import code_key
from tests.federation.world.conftest import WorldNode


async def own_lines(node: WorldNode, code: str, *, limit: int = 500) -> list[Line]:
    """Give the newest bookings of a member as it reads them itself."""
    account = node.node.machine.books.ledger.codes[code_key(code)]
    reader = roles.reader_of(node.node, account)
    return (await statement(node.node, account, reader, Wanted(), limit=limit)).lines
