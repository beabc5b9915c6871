"""Members as a coordinator types or pastes them: a code on a line, perhaps an amount of its own.

Out of a spreadsheet come tabs or semicolons between both. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.web.amounts import read_amount
from federation.words.texts import later
from projections.ledger import code_key
from schemas.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from federation.web.forms import Form

Named = tuple[tuple[int, int | None], ...]
"""(account, own amount in minor units)"""

_UNKNOWN = later("Regel %(line)s: er is geen lid met de code %(code)s.")
_TWICE = later("Regel %(line)s: %(code)s staat er al.")
_AMOUNT = later("Regel %(line)s: dit bedrag is niet te lezen. Schrijf een getal, zoals 8 of 1,5.")


def read_members(form: Form, name: str, codes: Mapping[str, int], decimals: int) -> Named:
    """Read who is named in a field; notes the first line that is wrong.

    `codes` are the members who may be named: key of the code -> account.
    """
    found: dict[int, int | None] = {}
    for number, line in enumerate(form.value(name).splitlines(), start=1):
        code, amount = _parts(line)
        if not code:
            continue
        account = codes.get(code_key(code))
        if account is None:
            form.fail(name, _UNKNOWN, line=number, code=code)
            return ()
        if account in found:
            form.fail(name, _TWICE, line=number, code=code)
            return ()
        try:
            found[account] = read_amount(amount, decimals, field=name) if amount else None
        except InputError:
            form.fail(name, _AMOUNT, line=number)
            return ()
    return tuple(found.items())


def _parts(line: str) -> tuple[str, str]:
    for mark in (";", "\t"):
        code, found, amount = line.partition(mark)
        if found:
            return code.strip().strip('"'), amount.strip().strip(';"')
    return line.strip(), ""
