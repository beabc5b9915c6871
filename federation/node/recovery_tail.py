"""The tail that nobody ever saw: taken out of the log, and appended anew behind a longer one.

A restored node that nobody answers works on and releases nothing. If a longer log appears, what it
appended meanwhile stands at indexes that are taken. This is the only place where rows leave the
log: nothing of them was ever released, so nobody can hold it against this node. The owner of the
tables moves them into a side table, in one transaction with the books as they were before.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import msgspec

from events import log_store
from events.recovery import connect
from federation.group import commands as group
from federation.line.commands import ConsentToRequest, ReversePayment, StartPayment
from federation.node import erasure
from federation.node.queries import SQL as NODE_SQL
from federation.node.rebuild import refill
from federation.node.recent import RecentChain
from federation.node.recovery_agreeing import ABOUT_AGREEING, Places, agreeing_anew, is_plain
from federation.node.recovery_members import Numbers, command_anew
from federation.node.recovery_queries import SQL
from federation.node.rooms import rooms
from federation.node.service import now_s
from projections import tables, tables_agreeing
from projections.ledger import code_key
from projections.lines import Phase
from projections.membership import STEPS as ABOUT_MEMBERS
from schemas import audit_bodies, bodies, cores
from schemas.encoding import b64
from schemas.errors import Code, InputError, RuilbrugError, StorageError
from schemas.openings import PeerText, PersonalText

if TYPE_CHECKING:
    from asyncpg import Record

    from federation.node.service import Node

_CORE: Final = msgspec.json.Decoder(cores.AnyCore)
_BODY: Final = msgspec.json.Decoder(bodies.AnyBody)
_TEXT: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(PersonalText)
_PEER: Final = msgspec.json.Decoder(PeerText)
ANEW: Final = "appended anew"
COMES_AGAIN: Final = "not appended: what it answers comes again from the partner"
DO_AGAIN: Final = "not appended: please do it again"
BY_IMPORT: Final = "not appended: run the import again"
DECIDED_ANEW: Final = "not appended: it is found out anew"
NOTED: Final = (
    bodies.PeerInvited,
    bodies.GroupAdmitted,
    bodies.GroupLeft,
    audit_bodies.EvidenceKept,
    audit_bodies.LogEvidenceKept,
)
"""Facts without a rule."""


async def set_tail_aside(node: Node, epoch: int, size: int, prefix: int) -> None:
    """Move the events from `prefix` on out of the log, and rebuild the books without them.

    Raises:
        InputError: `not_configured` when this node does not know the owner of its tables.
        StorageError: `fenced`; nothing has changed.

    """
    if not node.settings.database_owner:
        raise InputError(Code.NOT_CONFIGURED, field="database_owner")
    owner = await connect(node.settings.database_owner)
    try:
        async with owner.transaction(isolation="repeatable_read"):
            root = (await log_store.read_tree(owner, prefix)).root()
            done = await owner.execute(SQL["lock_log"], prefix, root, size, epoch)
            if done != "UPDATE 1":
                raise StorageError(Code.FENCED)
            await owner.execute(SQL["open_log"])
            await owner.execute(SQL["move_tail"], prefix, now_s())
            await owner.execute(SQL["move_tail_texts"], prefix)
            await owner.execute(SQL["drop_tail"], prefix)
            books = (await refill(owner, unseen=False)).books
            known = [(line.line, line.in_n) for line in books.lines.values()]
            names, places = [line for line, _ in known], [n for _, n in known]
            await owner.execute(SQL["drop_unseen_texts"], names, places)
            await owner.execute(SQL["drop_unseen"], names, places)
            await owner.execute(SQL["drop_unknown_lines"], names)
            await owner.execute(tables_agreeing.SQL["forget_inbox_members"])
            await owner.execute(SQL["close_log"])
    finally:
        await owner.close()


async def append_anew(node: Node) -> list[str]:
    """Append what was set aside, behind the log as it is now; gives a line for each event.

    Idempotent: what was appended before a crash has the same key or path and is found again.
    """
    rows = await node.pool.fetch(SQL["tail_left"])
    told: list[str] = []
    for moved_at_s in sorted({row["moved_at_s"] for row in rows}):
        told += await _append_one_tail(
            node, moved_at_s, [row for row in rows if row["moved_at_s"] == moved_at_s]
        )
    return told


async def _append_one_tail(node: Node, moved_at_s: int, rows: list[Record]) -> list[str]:
    tail = _Tail(node, await _renumbered(node, moved_at_s), _decided(rows))
    await tail.remember(moved_at_s)
    told = []
    for row in rows:
        body = None if row["body"] is None else _BODY.decode(row["body"])
        core: Any = _CORE.decode(row["core"])
        kind = core.__struct_config__.tag if body is None else body.__struct_config__.tag
        try:
            outcome = await tail.append(row, core, body)
        except RuilbrugError as error:
            outcome = f"not appended: {error}"
        await node.pool.execute(SQL["tail_done"], row["id"], outcome)
        tail.stands(row["seq"], outcome)
        told.append(f"event {row['seq']}, {kind}: {outcome}")
    return told


async def _said_at(node: Node, seq: int) -> Any:
    """Give what an own event says; nothing when it has no body."""
    (row,) = await node.pool.fetch(NODE_SQL["event_bodies"], [seq])
    return None if row["body"] is None else _BODY.decode(row["body"])


async def _renumbered(node: Node, moved_at_s: int) -> dict[int, int]:
    """Give the new numbers of accounts that an earlier run appended anew; 0 if it did not."""
    found = {}
    for row in await node.pool.fetch(SQL["tail_done_before"], moved_at_s):
        body = _BODY.decode(row["body"])
        if isinstance(body, bodies.AccountOpened):
            number = node.machine.books.ledger.codes.get(code_key(body.code)) or 0
            found[body.account] = number if row["outcome"].startswith(ANEW) else 0
    return found


def _decided(rows: list[Record]) -> frozenset[str]:
    """Name the payments that were started and ended within the tail."""
    ended = (_CORE.decode(row["core"]) for row in rows if b'"type":"pay.abort"' in row["core"])
    return frozenset(core.path for core in ended if isinstance(core, cores.PayAbort))


class _Tail:
    """Decides each event of the tail anew, by the rules that hold for everybody."""

    def __init__(self, node: Node, renumbered: dict[int, int], ended: frozenset[str]) -> None:
        self._node = node
        self._accounts = renumbered
        """Number in the tail -> number now; 0 for an account that was not opened again."""
        self._ended = ended
        self._numbers = Numbers(self._now)
        self._places = Places(self._now)

    async def remember(self, moved_at_s: int) -> None:
        """Learn the new numbers of what an earlier run appended anew."""
        for row in await self._node.pool.fetch(SQL["tail_done_before"], moved_at_s):
            seq = row["outcome"].removeprefix(f"{ANEW} as event ").partition(",")[0]
            now = await _said_at(self._node, int(seq)) if seq.isdigit() else None
            body = _BODY.decode(row["body"])
            self._numbers.learn(body, now)
            if isinstance(body, bodies.ActivityPlaced) and now is not None:
                self._places.learn_activity(body.activity, now.activity)
            self.stands(row["seq"], row["outcome"])

    def stands(self, before: int, outcome: str) -> None:
        """Remember where an event of the tail is found from now on."""
        seq = outcome.removeprefix(f"{ANEW} as event ").partition(",")[0]
        if seq.isdigit():
            self._places.learn(before, int(seq))

    async def append(self, row: Record, core: Any, body: Any) -> str:
        if isinstance(core, cores.PayPrepare):
            return await self._payment(row, core, body)
        if isinstance(core, cores.LocalCore):
            return await self._local(row, body)
        answers = (
            cores.PayAccept | cores.PayReject | cores.PayCommit | cores.PayAbort | cores.PayReceipt
        )
        by_itself = cores.PayRelease | cores.LineHeads | cores.TermsRefuse | cores.LineRevalued
        if isinstance(core, answers | by_itself):
            return COMES_AGAIN
        return DO_AGAIN

    async def _local(self, row: Record, body: Any) -> str:
        key = b64(row["command_key"] or sha256(b"anew" + row["id"]).digest()[:16])
        texts = await self._texts(row)
        text = texts[0][1] if texts else None
        match body:
            case bodies.TransferBooked() if is_plain(body):
                command: Any = self._transfer(body, text)
            case bodies.TransferImported():
                command = self._imported(key, body, text)
            case bodies.AccountOpened():
                return await self._account(key, body, text)
            case bodies.AccountLimited():
                command = group.SetLimits(
                    self._now(body.account),
                    lower_minor=body.lower_minor,
                    upper_minor=body.upper_minor,
                    unlimited=body.unlimited,
                    soft_lower_minor=body.soft_lower_minor,
                    soft_upper_minor=body.soft_upper_minor,
                    actor=self._actor(body),
                )
            case bodies.GroupLimits():
                command = group.SetGroupLimits(key, self._actor(body), body.limits)
            case bodies.AccountStatusSet():
                command = group.SetStatus(
                    self._now(body.account),
                    body.status,
                    actor=self._actor(body),
                    merged_into=None if body.merged_into is None else self._now(body.merged_into),
                    given_minor=body.given_minor,
                )
            case bodies.GroupConfigured():
                command = group.Configure(body.unit, body.lower_minor, body.upper_minor)
            case _ if type(body) in NOTED:
                command = group.Note(key, body)
            case bodies.PostImported() | bodies.ImportFinished():
                return BY_IMPORT
            case bodies.CategoryPlaced() if body.source:
                return BY_IMPORT
            case _ if type(body) in (
                bodies.TransferBooked,
                bodies.CollectiveBooked,
                *ABOUT_AGREEING,
            ):
                return await self._agreeing(key, body, text)
            case _ if type(body) in ABOUT_MEMBERS:
                return await self._member(key, body, text)
            case _:
                return DECIDED_ANEW
        return await self._do(command)

    async def _member(self, key: str, body: Any, text: Any) -> str:
        self._numbers.learn(body, None)
        command = command_anew(key, body, text, self._numbers)
        if command is None:
            return DO_AGAIN
        answer = await self._node.do(command)
        self._numbers.learn(body, await _said_at(self._node, answer.seq))
        return f"{ANEW} as event {answer.seq}"

    async def _agreeing(self, key: str, body: Any, text: Any) -> str:
        known = self._node.machine.books.agreeing
        command = agreeing_anew(key, body, text, self._places, known)
        if command is None:
            return DO_AGAIN
        before = known.next_activity
        told = await self._do(command)
        if isinstance(body, bodies.ActivityPlaced):
            self._places.learn_activity(body.activity, before)
        return told

    async def _do(self, command: Any) -> str:
        answer = await self._node.do(command)
        seq = getattr(answer, "seq", self._node.sequencer.size - 1)
        return f"{ANEW} as event {seq}"

    def _actor(self, body: Any) -> int | None:
        return None if body.entered_by is None else self._now(body.entered_by)

    def _now(self, account: int) -> int:
        """Give the number that an account has now.

        Raises:
            InputError: `account_unknown` when it was not opened again.

        """
        number = self._accounts.get(account, account)
        if not number:
            raise InputError(Code.ACCOUNT_UNKNOWN, field=f"account {account}")
        return number

    def _transfer(self, body: bodies.TransferBooked, text: Any) -> group.Transfer:
        payer, payee = body.postings
        entered_by = None if body.entered_by is None else self._now(body.entered_by)
        return group.Transfer(
            key=body.key,
            payer=self._now(payer.account),
            payee=self._now(payee.account),
            amount_minor=payee.amount_minor,
            description="" if text is None else text.description,
            entered_by=entered_by,
        )

    def _imported(self, key: str, body: bodies.TransferImported, text: Any) -> group.ImportTransfer:
        payer, payee = body.postings
        return group.ImportTransfer(
            key=key,
            source=body.source,
            at_s=body.at_s,
            payer=self._now(payer.account),
            payee=self._now(payee.account),
            amount_minor=payee.amount_minor,
            description="" if text is None else text.description,
            payer_real="" if text is None else text.payer_real,
            payee_real="" if text is None else text.payee_real,
        )

    async def _account(self, key: str, body: Any, text: Any) -> str:
        if body.kind is bodies.AccountKind.CLEARING:
            return DECIDED_ANEW
        self._accounts[body.account] = 0
        answer = await self._node.do(
            group.OpenAccount(
                key=key,
                code=body.code,
                kind=body.kind,
                subject=body.subject,
                text=text,
                lower_minor=body.lower_minor,
                upper_minor=body.upper_minor,
                unlimited=body.unlimited,
                status=body.status,
                source=body.source,
                since_s=body.since_s,
            )
        )
        number = self._node.machine.books.ledger.codes.get(code_key(body.code)) or 0
        self._accounts[body.account] = number
        again = "" if number == body.account else f", with the new number {number}"
        return f"{ANEW} as event {answer.seq}{again}"

    async def _payment(self, row: Record, core: cores.PayPrepare, body: Any) -> str:
        if core.path in self._ended:
            return "not appended: it was taken back or had expired"
        texts = await self._texts(row)
        peer = next((text for _, text in texts if isinstance(text, PeerText)), None)
        if peer is None:
            return "not appended: the text of the payment is gone"
        amount = {
            cores.Fixed.PAYEE: core.payee_minor,
            cores.Fixed.PAYER: core.payer_minor,
            cores.Fixed.LINE: core.line_units,
        }[core.fixed]
        payer, subject = self._now(body.payer), body.peer_subject or ""
        until_s, by = core.expires_at_s, body.entered_by
        asked = self._node.machine.books.transfers.get((core.path, core.line, "out"))
        command: Any
        if core.reverses is not None:
            command = ReversePayment(
                core.path, core.line, core.reverses, until_s, peer, subject, by
            )
        elif asked is not None and asked.phase is Phase.REQUESTED:
            command = ConsentToRequest(core.path, core.line, payer, until_s, peer, subject, by)
        else:
            command = StartPayment(
                path=core.path,
                line=core.line,
                payer=payer,
                fixed=core.fixed,
                amount=amount,
                expires_at_s=until_s,
                peer=peer,
                subject=subject,
                entered_by=by,
                expected_minor=core.payer_minor,
            )
        transfer = await self._node.do(command)
        return f"{ANEW} as event {transfer.first_seq}"

    async def _texts(self, row: Record) -> list[tuple[str, Any]]:
        """Open the texts of an event: (subject, text); what was erased is left out."""
        found = []
        for sealed in await self._node.pool.fetch(SQL["tail_texts"], row["id"]):
            keyring = self._node.machine.keyring
            plain = keyring.open(sealed["subject"], sealed["commitment"], sealed["sealed"])
            if plain is not None:
                decoder: Any = _PEER if sealed["layer"] == "peer" else _TEXT
                found.append((b64(sealed["subject"]), decoder.decode(plain[1])))
        return found


async def reload_books(node: Node, connection: log_store.AnyConnection) -> None:
    """Read the books anew from their tables, and forget what was remembered of chains."""
    node.machine.recent = RecentChain()
    node.outbox.deliveries.clear()
    node.machine.books = await tables.read_books(connection)
    await erasure.erase_again(connection, node.machine.books, node.machine.keyring)
    for room in rooms():
        room.reloaded(node)
