"""Books folded without the bodies of line events: the lines stand as before, suspense the rest."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from federation.line import commands as line
from federation.line.lost import clearing_stand_in, rests_on_lost, stand_in
from projections.books import Books, fold
from projections.ledger import PostingRow
from projections.received import fold_received
from schemas import bodies, cores
from schemas.amounts import to_minor
from schemas.bodies import AccountKind, AccountStatus, Posting
from tests.federation.line.pair import HOUR, KEY, MEMBER, Node, Pair


def folded(node: Node, other: Node, lost: Any) -> Books:
    """Fold a node's log anew, with stand-ins where `lost` says so of an event."""
    books, rows = Books(), list[PostingRow]()
    received = iter(other.chain[: node.line.in_n])

    def see(n: int) -> None:
        for event in received:
            fold_received(books, node.id, event.id, event.core)
            if event.n == n:
                return

    for event in node.events:
        core: Any = event.core
        if isinstance(core, cores.LineCore) and core.seen is not None:
            known = books.lines.get(core.line)
            if core.seen.n > (0 if known is None else known.in_n):
                see(core.seen.n)
        elif isinstance(event.body, bodies.AccountOpened) and event.body.line is not None:
            known = books.lines.get(event.body.line)
            if not (known and known.in_n):
                see(1)
        if event.body is None or not lost(event):
            fold(books, event, rows)
            continue
        if isinstance(core, cores.LocalCore):
            fold(books, event._replace(body=clearing_stand_in(books, at_s=core.ts)), rows)
            continue
        body = stand_in(books, core, _prepare(other, core))
        fold(books, event._replace(body=body), rows)
    for rest in received:
        fold_received(books, node.id, rest.id, rest.core)
    return books


def _prepare(other: Node, core: Any) -> cores.PayPrepare | None:
    """Give the other side's prepare that an accept answers."""
    found = [e.core for e in other.chain if e.id == getattr(core, "prepare", "")]
    return found[0] if found and isinstance(found[0], cores.PayPrepare) else None


def lived() -> Pair:
    """A pair with trades both ways, a new rate, a request, a reversal, and one on its way."""
    pair = Pair().opened()
    pair.start(1, 30)
    pair.start(2, 20, node=pair.b)
    pair.settle()
    pair.a.set_rate(33)
    pair.agree(pair.terms(rev=2))
    pair.start(3, 30)
    pair.request(4, 9)
    pair.settle()
    pair.consent(4)
    pair.settle()
    pair.start(5, 12)
    pair.start(6, 12, node=pair.b)
    pair.deliver(pair.a)
    return pair


@pytest.mark.parametrize("side", ["a", "b"])
def test_without_bodies_of_line_events_only_members_are_on_suspense(side: str) -> None:
    pair = lived()
    node = getattr(pair, side)

    books = folded(node, pair.other(node), lambda e: isinstance(e.core, cores.LineCore))

    was, now = node.line, books.lines[pair.line_id]
    assert now == was
    assert books.ledger.balance(now.clearing) == node.balance(was.clearing)
    for kind in (AccountKind.ROUNDING, AccountKind.REVALUATION, AccountKind.GROUP):
        account = node.own_account(kind)
        assert books.ledger.balance(account) == node.balance(account)
    suspense = node.own_account(AccountKind.SUSPENSE)
    assert books.ledger.balance(suspense) == node.balance(MEMBER) != 0
    assert books.ledger.balance(MEMBER) == 0
    assert books.ledger.held_lower.get(suspense) == node.books.ledger.held_lower.get(MEMBER)
    assert books.ledger.held_upper.get(suspense) == node.books.ledger.held_upper.get(MEMBER)


def test_a_lost_commit_of_a_known_prepare_is_booked_exactly() -> None:
    pair = lived()
    lost = (cores.PayCommit, cores.PayReceipt)

    books = folded(pair.a, pair.b, lambda e: isinstance(e.core, lost))

    assert dict(books.ledger.balances.top) == dict(pair.a.books.ledger.balances.top)


def test_a_clearing_account_whose_opening_is_lost_is_opened_again() -> None:
    for node_name in ("a", "b"):
        pair = lived()
        node = getattr(pair, node_name)

        def lost(event: Any) -> bool:
            body = event.body
            return isinstance(body, bodies.AccountOpened) and body.line is not None

        books = folded(node, pair.other(node), lost)

        assert books.lines[pair.line_id].clearing == node.line.clearing
        assert books.ledger.balance(node.line.clearing) == node.balance(node.line.clearing)


def test_a_written_off_loss_and_an_opening_keep_the_clearing_account_true() -> None:
    pair = Pair()
    pair.agree(pair.terms(a_owes=2 * HOUR))
    pair.settle()
    pair.start(1, 30)
    pair.settle()
    pair.b.do(line.CloseLine(pair.line_id, gone=True))

    books = folded(pair.b, pair.a, lambda e: isinstance(e.core, cores.LineCore))

    now = books.lines[pair.line_id]
    assert now == pair.b.line
    assert now.clearing_rate is not None
    wanted = to_minor(now.balance_units, now.clearing_rate)
    assert books.ledger.balance(now.clearing) == wanted == 0
    assert sum(books.ledger.balances.top.values()) == 0


def test_a_body_that_names_what_is_not_there_rests_on_a_lost_one() -> None:
    node = lived().a
    opened = bodies.AccountOpened(
        v=1,
        at_s=1,
        account=node.books.ledger.next_account,
        code="new",
        kind=AccountKind.MEMBER,
        status=AccountStatus.ACTIVE,
    )
    legs = (Posting(MEMBER, -1), Posting(99, 1))
    gap = bodies.AccountOpened(
        v=1,
        at_s=1,
        account=99,
        code="new",
        kind=AccountKind.MEMBER,
        status=AccountStatus.ACTIVE,
    )

    assert not rests_on_lost(node.books, opened)
    assert not rests_on_lost(node.books, bodies.PrepareBody(v=1, payer=MEMBER, payee=KEY))
    for body in (
        gap,
        bodies.CommitBody(v=1, postings=legs),
        bodies.PrepareBody(v=1, payer=99, payee=KEY),
        bodies.AccountLimited(v=1, at_s=1, account=99),
        bodies.LineQuarantined(v=1, at_s=1, line="z" * 51 + "q", n=1, code="x"),
    ):
        assert rests_on_lost(node.books, body)


def test_on_a_line_without_a_clearing_account_nothing_is_moved() -> None:
    pair = Pair().opened()
    pair.a.do(line.CloseLine(pair.line_id))
    closed: Any = pair.a.chain[-1].core
    books = pair.a.books
    books.lines.put(pair.line_id, msgspec.structs.replace(pair.a.line, clearing=0))

    body = stand_in(books, closed, None)

    assert body == bodies.ClosedBody(v=1, postings=())
