"""What the commands of a node's log mean: the `Machine` that its sequencer runs.

Dispatches to the pure rules of `federation.group` and `federation.line`, keeps idempotency keys,
and writes what a batch changed. Holds no rule of its own but "the same key, the same answer".
"""

from __future__ import annotations

from collections import ChainMap
from typing import TYPE_CHECKING, Any, NamedTuple

from federation.group.commands import GROUP_SUBJECT
from federation.group.decide import decide as decide_group
from federation.group.decide_agreeing import AGREEING_COMMANDS
from federation.group.decide_agreeing import decide as decide_agreeing
from federation.line import commands as line
from federation.line.decide import Received
from federation.line.decide import decide as decide_line
from federation.line.drafts import LineDraft
from federation.node import concerns, erasure, key_commands
from federation.node.compose import Meaning, compose
from federation.node.recent import RecentChain, RecentEvent, SealedPeerText
from federation.umbrella.register_rules import REGISTER_COMMANDS
from federation.umbrella.register_rules import decide as decide_register
from projections import tables, tables_agreeing
from projections.books import Books, fold
from projections.recorded import Recorded
from schemas import bodies, cores
from schemas.bodies import AccountKind
from schemas.cores import LineCore
from schemas.encoding import unb64
from schemas.errors import Code, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, MutableMapping, Sequence

    from events.log_store import AnyConnection
    from events.machine import Composed, Context, Header, Written
    from events.sealed import Keyring
    from events.transaction import Statement, Writing
    from federation.line.drafts import Draft as RuleDraft

    Draft = RuleDraft | key_commands.KeyDraft
    from projections.ledger import PostingRow
    from projections.lines import Direction, Line, Transfer

Command = Any
"""A `GroupCommand`, a `LineCommand` or a `RecordKey`."""


_LINE_COMMANDS = frozenset(line.LineCommand.__args__)


_ANSWERS: dict[type, Direction] = {
    cores.PayAccept: "out",
    cores.PayReject: "out",
    cores.PayReceipt: "out",
    cores.PayRelease: "out",
    cores.PayCommit: "in",
    cores.PayAbort: "in",
}
"""What goes on with a payment that has begun, and its direction here."""


class Answer(NamedTuple):
    """The answer to a keyed command; `seq` is the first event that it made."""

    value: Any
    seq: int
    replayed: bool


class Changes(NamedTuple):
    """What a committed batch changed about lines and trades."""

    lines: list[Line]
    transfers: list[Transfer]


class NodeBranch:
    """One batch in the making: the books and everything that is to be written with them."""

    __slots__ = (
        "books",
        "erased",
        "events",
        "forgets",
        "inbox",
        "inbox_members",
        "inbox_texts",
        "keyring",
        "keys",
        "new_keys",
        "next_seq",
        "peer_texts",
        "recent",
        "rows",
    )

    def __init__(self, books: Books, keyring: Keyring) -> None:
        """Start from what is committed."""
        self.books = books
        self.keyring = keyring
        self.keys: dict[bytes, tuple[bytes, int]] = {}
        self.new_keys: list[tuple[bytes, bytes, int]] = []
        self.rows: list[PostingRow] = []
        self.events: list[Recorded] = []
        self.inbox: list[tables.InboxRow] = []
        self.peer_texts: dict[int, SealedPeerText] = {}
        self.recent: list[RecentEvent] = []
        self.inbox_texts: list[tables.InboxText] = []
        self.inbox_members: list[tables_agreeing.InboxMember] = []
        self.forgets: list[bytes] = []
        """Commitments of peer layers that a partner obliges us to drop, or we both sides."""
        self.erased: list[bodies.MemberErased] = []
        self.next_seq = 0


class NodeMachine:
    """The state of a node and its rules."""

    def __init__(
        self,
        *,
        node: str,
        books: Books,
        keyring: Keyring,
        on_change: Callable[[Changes], None] = lambda _changes: None,
    ) -> None:
        """Take the node's id, its books as the tables say, and who wants to hear of changes."""
        self.node = node
        self.books = books
        self.keyring = keyring
        self.recent = RecentChain()
        self.on_change = on_change

    def branch(self) -> NodeBranch:
        """Give a branch for one batch."""
        return NodeBranch(self.books.branch(), self.keyring.branch())

    def adopt(self, branch: NodeBranch) -> None:
        """Make a committed branch the state, then tell who listens."""
        changes = Changes(
            list(branch.books.lines.top.values()), list(branch.books.transfers.top.values())
        )
        self.books.adopt(branch.books)
        self.keyring.adopt(branch.keyring)
        self.recent.add(branch.recent)
        self.recent.forget(branch.forgets)
        self.on_change(changes)

    def accounts_by_subject(self) -> MutableMapping[str, int]:
        """Give the account of each member, and of the group itself."""
        group = self.books.ledger.account_of_kind(AccountKind.GROUP)
        members = self.books.ledger.of_subject.base
        return members if group is None else ChainMap({GROUP_SUBJECT: group.account}, members)

    async def load(
        self, connection: AnyConnection, branch: NodeBranch, commands: Sequence[Command]
    ) -> None:
        """Fetch the used keys, the burned paths and the bookings that these commands name."""
        others = concerns.other_ids(commands)
        keys = [unb64(key) for command in commands if (key := getattr(command, "key", ""))]
        keys += [unb64(one) for one in others]
        if keys:
            branch.keys = await tables.read_command_keys(connection, keys)
        paths = [path for command in commands for path in _paths(branch.books, command)]
        paths += others
        related = [path for command in commands for path in _related(command)]
        if related:
            self._take_in(branch, await tables.read_related(connection, related))
        if paths:
            self._take_in(branch, await tables.read_transfers(connection, paths))
        asked = [*concerns.requests(commands), *others]
        bookings = concerns.bookings(commands)
        if asked or bookings:
            await tables_agreeing.take_in(connection, branch.books.agreeing, asked, bookings)

    def _take_in(self, branch: NodeBranch, found: Sequence[Transfer]) -> None:
        for transfer in found:
            if transfer.key() not in branch.books.transfers:
                branch.books.transfers.put(transfer.key(), transfer)

    def decide(
        self, branch: NodeBranch, command: Command, context: Context
    ) -> Generator[Draft, str, Any]:
        """Decide one command by the rules of its room."""
        if type(command) in _LINE_COMMANDS and not getattr(command, "key", ""):
            answer = yield from decide_line(
                branch.books, command, us=self.node, now_s=context.now_s
            )
            if isinstance(answer, Received):
                self._keep_texts(branch, command, answer, context)
                branch.inbox.extend(
                    tables.InboxRow(
                        command.line,
                        event.n,
                        event.id,
                        event.core_bytes,
                        event.signature,
                        command.cover,
                        context.now_s,
                    )
                    for event in answer.taken
                )
            return answer
        return (yield from self._decide_once(branch, command, context))

    def _keep_texts(
        self,
        branch: NodeBranch,
        command: line.ReceiveEvents,
        received: Received,
        context: Context,
    ) -> None:
        """Seal what a request or a note says, for the member whom it concerns; drop what must go.

        The text of a prepare is sealed beside the accept that answers it.
        """
        for event in received.taken:
            core, opening = event.core, event.opening
            if isinstance(core, cores.LineForget):
                branch.forgets.extend(unb64(commitment) for commitment in core.forgets)
            if (
                opening is None
                or not event.member
                or not isinstance(core, cores.LineNote | cores.PayRequest)
            ):
                continue
            peer = core.commitments.peer
            assert peer is not None  # it was opened
            subject, commitment = unb64(event.member_subject), unb64(peer)
            sealed = branch.keyring.seal(
                subject, commitment, unb64(opening.salt), unb64(opening.bytes), context.random
            )
            branch.inbox_texts.append((command.line, event.n, commitment, subject, sealed))
            account = branch.books.ledger.accounts.get(event.member)
            if account is not None and account.kind is AccountKind.MEMBER:
                branch.inbox_members.append(
                    concerns.received(event, account.account, context.now_s)
                )

    def _decide_once(
        self, branch: NodeBranch, command: Command, context: Context
    ) -> Generator[Draft, str, Any]:
        """Decide a command that has a key: the same again gives the same, another a conflict."""
        if not hasattr(command, "key"):
            return (yield from self._decide(branch, command, context))
        key, digest = unb64(command.key), concerns.sameness(command)
        known = branch.keys.get(key)
        if known is not None:
            if known[0] != digest:
                return Refusal(Code.CONFLICT, {"field": "key"})
            return Answer(None, known[1], replayed=True)
        before = len(branch.events)
        if isinstance(command, key_commands.RecordKey):
            for statement in (*command.before, command.statement):
                answer = yield key_commands.KeyDraft(statement)
        else:
            answer = yield from self._decide(branch, command, context)
        if isinstance(answer, Refusal):
            return answer
        seq = branch.events[before].seq
        branch.keys[key] = (digest, seq)
        branch.new_keys.append((key, digest, seq))
        return Answer(answer, seq, replayed=False)

    def _decide(
        self, branch: NodeBranch, command: Command, context: Context
    ) -> Generator[Draft, str, Any]:
        if type(command) in REGISTER_COMMANDS:
            return (yield from decide_register(branch.books.register, command, now_s=context.now_s))
        if type(command) in AGREEING_COMMANDS:
            return (
                yield from decide_agreeing(
                    branch.books, command, now_s=context.now_s, used=branch.keys
                )
            )
        if type(command) in _LINE_COMMANDS:
            return (
                yield from decide_line(branch.books, command, us=self.node, now_s=context.now_s)
            )
        return (
            yield from decide_group(branch.books, command, now_s=context.now_s, used=branch.keys)
        )

    def compose(
        self, branch: NodeBranch, draft: Draft, header: Header, context: Context
    ) -> Composed:
        """Give the bytes of an event."""
        if isinstance(draft, key_commands.KeyDraft):
            return key_commands.compose(draft, header, context)
        composed = compose(branch.books, branch.keyring, draft, header, context)
        if isinstance(draft, LineDraft) and draft.peer is not None:
            commitment, subject, _, sealed = composed.texts[0]
            branch.peer_texts[header.seq] = SealedPeerText(commitment, subject, sealed)
        return composed

    def apply(self, branch: NodeBranch, seq: int, event_id: str, meaning: Meaning) -> None:
        """Fold an event into the branch."""
        event = Recorded(seq, event_id, meaning.core, meaning.body)
        if isinstance(meaning.core, cores.LineForget):
            branch.forgets.extend(unb64(commitment) for commitment in meaning.core.forgets)
        if isinstance(meaning.body, bodies.MemberErased):
            branch.erased.append(meaning.body)
            branch.keyring.erase(map(unb64, meaning.body.subjects))
        branch.events.append(event)
        fold(branch.books, event, branch.rows)

    def dirty(self, branch: NodeBranch) -> bool:
        """Tell whether something came in that no event of ours answers: a receipt, for one."""
        return bool(branch.inbox)

    async def write(
        self, writing: Writing, branch: NodeBranch, written: Written
    ) -> list[Statement]:
        """Write what the branch changed, in the transaction of the append; gives its last part."""
        branch.recent = [
            RecentEvent(
                core.line, core.n, entry.seq, entry.core, entry.signature, peer_texts.get(entry.seq)
            )
            for peer_texts in [branch.peer_texts]
            for entry, meaning in zip(written.entries, written.meanings, strict=True)
            if isinstance(core := meaning.core, LineCore)
        ]
        await tables.write_inbox_texts(writing, branch.inbox_texts)
        await tables_agreeing.write_inbox_members(writing, branch.inbox_members)
        await tables.forget_texts(writing, branch.forgets)
        await tables.write_data_keys(writing, branch.keyring.fresh)
        for body in branch.erased:
            await erasure.erase(writing, [body.account], list(map(unb64, body.subjects)))
        return await tables.write_all_but_last(
            writing,
            branch.books,
            branch.rows,
            branch.events,
            keys=branch.new_keys,
            inbox=branch.inbox,
        )

    def stumbled(self, command: Command) -> Command | None:
        """Set a line aside when deciding about it broke an invariant."""
        if isinstance(command, line.ReceiveEvents) and command.line in self.books.lines:
            return line.Quarantine(command.line, command.events[-1].n, "invariant_broken")
        return None


def _paths(books: Books, command: Command) -> list[str]:
    """Name the payments that a command is about, but for those on their way: they are in memory."""
    if isinstance(command, line.ReceiveEvents):
        return [
            path
            for event in command.events
            if (path := getattr(event.core, "path", ""))
            and not _on_its_way(books, event.core, (path, command.line))
        ]
    path = getattr(command, "path", "")
    return [path] if path else []


def _on_its_way(books: Books, core: object, place: tuple[str, str]) -> bool:
    direction = _ANSWERS.get(type(core))
    return direction is not None and (*place, direction) in books.transfers


def _related(command: Command) -> list[str]:
    """Name payments that are reversed, or may be: they come with what reverses them."""
    match command:
        case line.ReversePayment():
            return [command.original]
        case line.RequestPayment():
            return [command.original] if command.original else []
        case line.ConsentToRequest():
            return [command.path]
        case line.ReceiveEvents():
            return [
                path
                for event in command.events
                if (path := getattr(event.core, "reverses", None)) is not None
            ]
        case _:
            return []
