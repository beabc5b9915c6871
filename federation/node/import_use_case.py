"""Importing an export: the plan of `federation.migrate` becomes events, each once.

Every thing of the export has a key made from its id there, so an import that stopped half-way is
simply run again, and one that is run twice adds nothing.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from federation.group import commands as group
from federation.migrate.archive import Archive
from federation.migrate.choices import Choices
from federation.migrate.plan import build_plan, posts, transfers
from federation.node import half_import
from federation.node.import_chunks import CHUNK, chunks_of
from federation.node.import_commands import (
    Progress,
    Work,
    open_account,
    post_command,
    source_key,
    transfer_command,
    with_pictures,
)
from federation.node.import_pictures import face_key, faces, take_face, take_pictures
from federation.node.import_told import Imported, Written, balances_differ, told
from federation.node.service import now_s
from projections import tables
from projections.ledger import Ledger, code_key
from schemas.amounts import Rate, Unit
from schemas.bodies import AccountKind, ImportFinished
from schemas.encoding import b64, unb64
from schemas.errors import Code, InputError, Refusal, RefusedError
from schemas.limit_bodies import Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from federation.migrate.planned import ImportedAccount
    from federation.node.service import Node

NAMED_MAX: Final = 200
"""So many characters of codes are named in an error."""


class ImportFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which file, and how."""

    file: str
    dry_run: bool = False
    choices: Choices = Choices()


class Turn:
    """Keeps that one import works at a time: two would write the same things at once."""

    def __init__(self) -> None:
        """Start with nobody at work."""
        self.taken = asyncio.Lock()


async def run(node: Node, arguments: ImportFile) -> Imported:
    """Import an export, or only say what would come of it.

    Raises:
        InputError: `not_found`; a code of the families `archive_`, `csv_` and `import_`;
            `code_taken` when members have codes of the file and nobody said that they are the same.
        RefusedError: `import_runs`.

    """
    path = Path(arguments.file)
    if not await asyncio.to_thread(path.is_file):
        raise InputError(Code.NOT_FOUND, field=arguments.file)
    turn = node.parts.setdefault(Turn, Turn()).taken
    if turn.locked():
        raise RefusedError(Code.IMPORT_RUNS)
    async with turn:
        node.progress = Progress(doing="reading")
        try:
            return await _run(node, path, arguments, node.progress)
        finally:
            node.progress = Progress()


async def _run(node: Node, path: Path, arguments: ImportFile, progress: Progress) -> Imported:
    with Archive(path) as archive:
        plan = await asyncio.to_thread(build_plan, archive, arguments.choices)
        work = Work(node, plan, Written(), progress, {}, {}, arguments.choices)
        clashes = await _clashes(work)
        differ: list[str] = []
        if not arguments.dry_run:
            if clashes and not arguments.choices.same_codes:
                raise InputError(Code.CODE_TAKEN, field=", ".join(clashes)[:NAMED_MAX])
            progress.total = len(plan.accounts) + plan.receipt.transfers + plan.receipt.posts
            await _configure(work)
            await asyncio.to_thread(half_import.begin, node.folder.path)
            await _write(work, archive)
            await asyncio.to_thread(half_import.end, node.folder.path)
            differ = balances_differ(node, plan, work.written, scale=work.scale)
    return Imported(
        dry_run=arguments.dry_run,
        receipt=plan.receipt,
        written=work.written,
        balances_differ=differ,
        clashes=clashes,
        text=told(plan.receipt, work.written, differ, clashes, dry_run=arguments.dry_run),
    )


async def _configure(work: Work) -> None:
    """Take unit and limits from the export, when the group has none yet."""
    if work.node.machine.books.ledger.settings is not None:
        return
    found = work.plan.group
    if not found.unit_name or not found.per_hour:
        raise InputError(Code.NOT_CONFIGURED)
    unit = Unit(singular=found.unit_name, plural=found.unit_name, rate=Rate(found.per_hour))
    await work.node.do(group.Configure(unit, found.lower_minor, found.upper_minor))
    if found.newcomer_days:
        limits = Limits(
            lower_minor=found.lower_minor,
            upper_minor=found.upper_minor,
            newcomer_days=found.newcomer_days,
        )
        key = source_key("limits", work.plan.receipt.sha256)
        await work.node.do(group.SetGroupLimits(key=key, actor=None, limits=limits))


async def _write(work: Work, archive: Archive) -> None:
    work.progress.doing = "accounts"
    await _accounts(work)
    await _faces(work, archive)
    await _categories(work)
    work.progress.doing = "transfers"
    await _stream(work, transfers(archive, work.plan), transfer_command, "transfers")
    group_account = work.node.machine.books.ledger.account_of_kind(AccountKind.GROUP)
    assert group_account is not None
    corrections = [
        group.ImportTransfer(
            key=source_key("correction", f"{correction.source_key}={correction.amount_minor}"),
            source=f"correction:{correction.source_key}"[:100],
            at_s=now_s(),
            payer=payer,
            payee=payee,
            amount_minor=abs(correction.amount_minor) * work.scale,
            description="verschil bij overname",
        )
        for correction in work.plan.corrections
        for account in [work.accounts[correction.account_source_id]]
        for payer, payee in [
            (group_account.account, account)
            if correction.amount_minor > 0
            else (account, group_account.account)
        ]
    ]
    await _submit(work, corrections, "transfers")
    work.progress.doing = "posts"
    await _posts(work, archive)
    receipt = work.plan.receipt
    finished = ImportFinished(
        v=1,
        at_s=now_s(),
        source=f"sha256:{receipt.sha256}",
        accounts=len(work.plan.accounts),
        transfers=receipt.transfers,
        posts=receipt.posts,
        refused=receipt.refused_total,
    )
    await _submit(work, [group.Note(source_key("import", receipt.sha256), finished)], "")


async def _known(work: Work, keys: Iterable[str]) -> dict[str, int]:
    """Tell which keys were written before: key -> event."""
    raw = [unb64(key) for key in keys]
    async with work.node.pool.acquire() as connection:
        found = await tables.read_command_keys(connection, raw)
    return {b64(key): seq for key, (_, seq) in found.items()}


async def _accounts(work: Work) -> None:
    keys = {a.source_id: source_key("users", a.source_id) for a in work.plan.accounts}
    known = await _known(work, keys.values())
    by_seq = {
        account.opened_seq: account.account
        for account in work.node.machine.books.ledger.accounts.values()
    }
    fresh: list[tuple[ImportedAccount, group.OpenAccount]] = []
    for account in work.plan.accounts:
        key = keys[account.source_id]
        same = _same(work.node.machine.books.ledger, account)
        if key in known:
            work.accounts[account.source_id] = by_seq[known[key]]
            work.written.already += 1
        elif same is not None and work.choices.same_codes:
            work.accounts[account.source_id] = same
            work.written.joined += 1
        else:
            fresh.append((account, open_account(work, account, key)))
    work.progress.done += len(work.plan.accounts) - len(fresh)
    for start in range(0, len(fresh), CHUNK):
        await _open_all(work, fresh[start : start + CHUNK])


async def _faces(work: Work, archive: Archive) -> None:
    """Take in the pictures of members: those that came along before are not read."""
    opened = await _known(work, (source_key("users", a.source_id) for a in work.plan.accounts))
    bring = faces(work, opened)
    known = await _known(work, map(face_key, bring))
    if bring:
        work.progress.doing = "pictures"
    work.progress.total += len(bring)
    for account in bring:
        if face_key(account) not in known:
            await take_face(work, archive, account)
        work.progress.done += 1


async def _open_all(work: Work, fresh: list[tuple[ImportedAccount, group.OpenAccount]]) -> None:
    """Open accounts together: one by one each would wait for the disk."""
    work.node.gate.require_writable()
    answers = await asyncio.gather(*(work.node.sequencer.submit(each) for _, each in fresh))
    for (account, _), answer in zip(fresh, answers, strict=True):
        if isinstance(answer, Refusal):
            work.written.refused.append(f"account {account.code}: {answer.sentence()}")
            continue
        work.accounts[account.source_id] = answer.value
        work.written.accounts += 1
    work.progress.done += len(fresh)


async def _clashes(work: Work) -> list[str]:
    """Give the codes of members who are here already, and not by an earlier import of this.

    Most often whoever made the group: somebody has to sign in before a group moves in.
    """
    members = [account for account in work.plan.accounts if account.kind == "member"]
    keys = {source_key("users", account.source_id): account for account in members}
    known = await _known(work, keys)
    ledger = work.node.machine.books.ledger
    return [
        account.code
        for key, account in keys.items()
        if key not in known and _same(ledger, account) is not None
    ]


def _same(ledger: Ledger, account: ImportedAccount) -> int | None:
    """Give the member who has the code of an imported one."""
    number = ledger.codes.get(code_key(account.code))
    if number is None or account.kind != "member":
        return None
    return number if ledger.accounts[number].kind is AccountKind.MEMBER else None


async def _categories(work: Work) -> None:
    keys = {c.source_id: source_key("categories", c.source_id) for c in work.plan.categories}
    known = await _known(work, keys.values())
    placed = work.node.machine.books.members.categories.values()
    by_seq = {category.seq: category.category for category in placed}
    for category in work.plan.categories:
        key = keys[category.source_id]
        if key in known:
            work.categories[category.source_id] = by_seq[known[key]]
            work.written.already += 1
            continue
        parent = category.parent_source_id
        answer = await work.node.do(
            group.ImportCategory(
                key=key,
                source=f"{work.source}:categories:{category.source_id}",
                name=category.name,
                parent=None if parent is None else work.categories.get(parent),
            )
        )
        work.categories[category.source_id] = answer.value
        work.written.categories += 1


async def _stream(work: Work, things: Iterator[Any], command_of: Any, counter: str) -> None:
    """Write a stream in chunks; a thread reads the next one while the database takes this one."""
    async with aclosing(chunks_of(things)) as chunks:
        async for chunk in chunks:
            commands = [command_of(work, thing) for thing in chunk]
            refused = commands.count(None)
            if refused:
                work.written.refused.append(f"{refused} {counter} of accounts that were refused")
            await _submit(work, [command for command in commands if command is not None], counter)
            work.progress.done += len(chunk)


async def _posts(work: Work, archive: Archive) -> None:
    """Write the posts, each with its pictures: those of one that is here already are not read."""
    async with aclosing(chunks_of(posts(archive, work.plan))) as chunks:
        async for chunk in chunks:
            commands = [post_command(work, post) for post in chunk]
            refused = commands.count(None)
            if refused:
                work.written.refused.append(f"{refused} posts of accounts that were refused")
            known = await _known(work, (command.key for command in commands if command))
            shown: list[group.ImportPost] = []
            for post, command in zip(chunk, commands, strict=True):
                if command is None:
                    continue
                if post.pictures and command.key not in known:
                    taken = await take_pictures(work, archive, command, post)
                    shown.append(with_pictures(command, taken))
                else:
                    shown.append(command)
            await _submit(work, shown, "posts")
            work.progress.done += len(chunk)


async def _submit(work: Work, commands: list[Any], counter: str) -> None:
    """Hand in commands together; what was written before is left out."""
    known = await _known(work, (command.key for command in commands))
    fresh = [command for command in commands if command.key not in known]
    work.written.already += len(commands) - len(fresh)
    work.node.gate.require_writable()
    answers = await asyncio.gather(*(work.node.sequencer.submit(command) for command in fresh))
    for command, answer in zip(fresh, answers, strict=True):
        if isinstance(answer, Refusal):
            work.written.refused.append(f"{getattr(command, 'source', '')}: {answer.sentence()}")
        elif counter:
            setattr(work.written, counter, getattr(work.written, counter) + 1)
