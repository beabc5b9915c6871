"""Operations of coordinators about lines with other groups; auditors read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from federation.api import line_shapes as shapes
from federation.api.operation import READERS, STAFF, Call, KeyUse, Operation
from federation.node import line_use_cases as use_cases
from federation.node.line_commands import show_with_terms
from schemas.errors import Code

if TYPE_CHECKING:
    from federation.node.line_views import ShownTerms
    from federation.node.service import Node
    from projections.lines import Line


async def lines(call: Call, _: None) -> shapes.Lines:
    """Give every line of this group, with what is owed and what is allowed."""
    found = call.node.machine.books.lines.values()
    return shapes.Lines(lines=tuple(_shown(call.node, line) for line in found))


async def line(call: Call, _: None) -> shapes.Line:
    """Give the line with a group."""
    return _shown(call.node, use_cases.line_with(call.node, call.places["group"]))


async def propose(call: Call, asked: shapes.TermsAsked) -> shapes.Line:
    """Propose terms to another group."""
    proposal = use_cases.Proposal(asked.grants_units, asked.largest_units)
    made = await use_cases.propose_terms(call.node, call.places["group"], proposal)
    return _shown(call.node, made)


async def answer(call: Call, asked: shapes.TermsAnswered) -> shapes.Line:
    """Accept or refuse what another group proposes."""
    made = await use_cases.answer_terms(
        call.node, call.places["group"], asked.terms, accept=asked.accept
    )
    return _shown(call.node, made)


async def lower(call: Call, asked: shapes.Lowered) -> shapes.Line:
    """Lower, alone, how much another group may owe this one."""
    group = call.places["group"]
    by = call.token.account
    made = await use_cases.lower_limit(call.node, group, asked.grants_units, by=by)
    return _shown(call.node, made)


async def freeze(call: Call, asked: shapes.Frozen) -> shapes.Line:
    """Admit no new trades with a group, or admit them again."""
    group = call.places["group"]
    by = call.token.account
    if asked.reason is None:
        return _shown(call.node, await use_cases.unfreeze(call.node, group, by=by))
    return _shown(call.node, await use_cases.freeze(call.node, group, asked.reason, by=by))


def _shown(node: Node, line: Line) -> shapes.Line:
    told = show_with_terms(node, line)
    terms = {name: _terms(told[name]) for name in ("agreed", "proposed", "own_proposal")}
    return shapes.Line(**{**told, **terms, "group": line.peer, "name": told["group"]})


def _terms(terms: ShownTerms | None) -> shapes.Terms | None:
    return None if terms is None else shapes.Terms(**msgspec.structs.asdict(terms))


CODES: Final = (Code.PEER_UNKNOWN, Code.LINE_NOT_OPEN)
OPERATIONS: Final = (
    Operation("lines", "GET", "/lines", READERS, lines, shapes.Lines),
    Operation("line", "GET", "/lines/{group}", READERS, line, shapes.Line, codes=CODES),
    Operation(
        "terms_propose",
        "POST",
        "/lines/{group}/terms",
        STAFF,
        propose,
        shapes.Line,
        shapes.TermsAsked,
        codes=(
            *CODES,
            Code.PROPOSAL_OPEN,
            Code.TERMS_INVALID,
            Code.NOT_CONFIGURED,
            Code.PEER_UNREACHABLE,
            Code.PEER_WRONG,
            Code.ADDRESS_REFUSED,
        ),
        key=KeyUse.KEPT,
    ),
    Operation(
        "terms_answer",
        "POST",
        "/lines/{group}/terms/answer",
        STAFF,
        answer,
        shapes.Line,
        shapes.TermsAnswered,
        codes=(*CODES, Code.NOT_FOUND, Code.TERMS_INVALID),
        key=KeyUse.KEPT,
    ),
    Operation(
        "limit_lower",
        "PUT",
        "/lines/{group}/limit",
        STAFF,
        lower,
        shapes.Line,
        shapes.Lowered,
        codes=(*CODES, Code.LIMIT_NOT_LOWER),
    ),
    Operation(
        "freeze",
        "PUT",
        "/lines/{group}/freeze",
        STAFF,
        freeze,
        shapes.Line,
        shapes.Frozen,
        codes=(*CODES, Code.LINE_FROZEN),
    ),
)
