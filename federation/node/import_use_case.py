"""Importing an export: the plan of `federation.migrate` becomes events, each once.

Every thing of the export has a key made from its id there, so an import that stopped half-way is
simply run again, and one that is run twice adds nothing.
"""

from __future__ import annotations

import asyncio
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from federation.group import commands as group
from federation.migrate.archive import Archive
from federation.migrate.plan import build_plan, posts, transfers
from federation.migrate.receipt import render
from federation.node.identity import system_random
from federation.node.service import now_s
from projections import tables
from projections.ledger import code_key
from schemas.amounts import Rate, Unit
from schemas.bodies import AccountKind, ImportFinished
from schemas.encoding import b64, unb64
from schemas.errors import Code, InputError, Refusal, RefusedError
from schemas.openings import MemberText, NameText, PersonalText, PostText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from federation.migrate.planned import ImportedAccount, ImportedPost, ImportedTransfer, Plan
    from federation.node.service import Node

CHUNK: Final = 256
KINDS: Final = {
    "member": AccountKind.MEMBER,
    "partner": AccountKind.OLD_PARTNER,
    "group": AccountKind.GROUP,
}


class ImportFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which file, and how."""

    file: str
    dry_run: bool = False
    book_difference: bool = False


class Written(msgspec.Struct):
    """What an import has added, and what was there already."""

    accounts: int = 0
    categories: int = 0
    transfers: int = 0
    posts: int = 0
    already: int = 0
    refused: list[str] = []


class Progress(msgspec.Struct):
    """How far an import has come."""

    doing: str = ""
    done: int = 0
    total: int = 0


class _Work(NamedTuple):
    node: Node
    plan: Plan
    written: Written
    progress: Progress
    accounts: dict[int, int]
    categories: dict[int, int]


async def run(node: Node, arguments: ImportFile) -> dict[str, Any]:
    """Import an export, or only say what would come of it.

    Raises:
        InputError: `not_found`; a code of the families `archive_`, `csv_` and `import_`.

    """
    path = Path(arguments.file)
    if not await asyncio.to_thread(path.is_file):
        raise InputError(Code.NOT_FOUND, field=arguments.file)
    progress = node.progress = Progress(doing="reading")
    with Archive(path) as archive:
        plan = await asyncio.to_thread(
            build_plan, archive, book_difference_to_group=arguments.book_difference
        )
        written = Written()
        if not arguments.dry_run:
            work = _Work(node, plan, written, progress, {}, {})
            progress.total = len(plan.accounts) + plan.receipt.transfers + plan.receipt.posts
            await _configure(work)
            await _write(work, archive)
        checked = _check_balances(node, plan, written) if not arguments.dry_run else []
    node.progress = Progress()
    return {
        "dry_run": arguments.dry_run,
        "receipt": plan.receipt,
        "written": written,
        "balances_differ": checked,
        "text": render(plan.receipt) + _tell(written, checked, dry_run=arguments.dry_run),
    }


def _tell(written: Written, differ: list[str], *, dry_run: bool) -> str:
    if dry_run:
        return "\nNothing was written: this was a dry run.\n"
    lines = [
        "",
        (
            f"Written: {written.accounts} accounts, {written.transfers} transfers, "
            f"{written.posts} posts, {written.categories} categories; "
            f"{written.already} were there already."
        ),
        *(f"Refused: {reason}" for reason in written.refused),
        f"Balances here differ: {', '.join(differ)}"
        if differ
        else "Every balance here is the one computed from the file.",
    ]
    return "\n".join(lines) + "\n"


async def _configure(work: _Work) -> None:
    """Take unit and limits from the export, when the group has none yet."""
    if work.node.machine.books.ledger.settings is not None:
        return
    found = work.plan.group
    if not found.unit_name or not found.per_hour:
        raise InputError(Code.NOT_CONFIGURED)
    unit = Unit(singular=found.unit_name, plural=found.unit_name, rate=Rate(found.per_hour))
    await work.node.do(group.Configure(unit, found.lower_minor, found.upper_minor))


async def _write(work: _Work, archive: Archive) -> None:
    work.progress.doing = "accounts"
    await _accounts(work)
    await _categories(work)
    work.progress.doing = "transfers"
    await _stream(work, transfers(archive, work.plan), _transfer_command, "transfers")
    group_account = work.node.machine.books.ledger.account_of_kind(AccountKind.GROUP)
    assert group_account is not None
    corrections = [
        group.ImportTransfer(
            key=source_key("correction", f"{correction.source_key}={correction.amount_minor}"),
            source=f"correction:{correction.source_key}"[:100],
            at_s=now_s(),
            payer=payer,
            payee=payee,
            amount_minor=abs(correction.amount_minor),
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
    await _stream(work, posts(archive, work.plan), _post_command, "posts")
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


def source_key(table: str, name: object) -> str:
    """Give the command key of a thing of an export."""
    return b64(sha256(f"ruilbrug/import/v1\n{table}\n{name}".encode()).digest()[:16])


async def _known(work: _Work, keys: Iterable[str]) -> dict[str, int]:
    """Tell which keys were written before: key -> event."""
    raw = [unb64(key) for key in keys]
    async with work.node.pool.acquire() as connection:
        found = await tables.read_command_keys(connection, raw)
    return {b64(key): seq for key, (_, seq) in found.items()}


async def _accounts(work: _Work) -> None:
    keys = {a.source_id: source_key("users", a.source_id) for a in work.plan.accounts}
    known = await _known(work, keys.values())
    by_seq = {
        account.opened_seq: account.account
        for account in work.node.machine.books.ledger.accounts.values()
    }
    for account in work.plan.accounts:
        key = keys[account.source_id]
        if key in known:
            work.accounts[account.source_id] = by_seq[known[key]]
            work.written.already += 1
        else:
            await _open(work, account, key)
        work.progress.done += 1


async def _open(work: _Work, account: ImportedAccount, key: str) -> None:
    member = account.kind == "member"
    code = account.code
    if not member and code_key(code) in work.node.machine.books.ledger.codes:
        code = f"{code}-2"
    command = group.OpenAccount(
        key=key,
        code=code,
        kind=KINDS[account.kind],
        subject=b64(system_random(16)) if member else None,
        text=_member_text(account) if member else NameText(name=account.name),
        lower_minor=account.lower_minor,
        upper_minor=account.upper_minor,
        unlimited=not member,
        status=account.status,
        since_s=account.activated_at_s,
        source=f"g3:users:{account.source_id}",
    )
    try:
        answer = await work.node.do(command)
    except RefusedError as error:
        work.written.refused.append(f"account {account.code}: {error}")
        return
    work.accounts[account.source_id] = answer.value
    work.written.accounts += 1


def _member_text(account: ImportedAccount) -> PersonalText:
    return MemberText(
        name=account.name,
        full_name=account.full_name,
        postcode=account.postcode,
        birthdate=account.birthdate,
        hobbies=account.hobbies,
        comment=account.comments,
        admin_comment=account.admin_comments,
        contacts=account.contacts,
    )


async def _categories(work: _Work) -> None:
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
                source=f"g3:categories:{category.source_id}",
                name=category.name,
                parent=None if parent is None else work.categories.get(parent),
            )
        )
        work.categories[category.source_id] = answer.value
        work.written.categories += 1


def _transfer_command(work: _Work, transfer: ImportedTransfer) -> group.ImportTransfer | None:
    payer = work.accounts.get(transfer.payer_source_id)
    payee = work.accounts.get(transfer.payee_source_id)
    if payer is None or payee is None:
        return None
    return group.ImportTransfer(
        key=source_key("transactions", transfer.source_key),
        source=f"g3:{transfer.source_key}"[:100],
        at_s=transfer.at_s,
        payer=payer,
        payee=payee,
        amount_minor=transfer.amount_minor,
        description=transfer.description,
        payer_real=transfer.payer_real,
        payee_real=transfer.payee_real,
    )


def _post_command(work: _Work, post: ImportedPost) -> group.ImportPost | None:
    account = work.accounts.get(post.account_source_id)
    if account is None:
        return None
    category = post.category_source_id
    return group.ImportPost(
        key=source_key("messages", post.source_id),
        source=f"g3:messages:{post.source_id}",
        at_s=post.created_at_s or 0,
        account=account,
        want=post.offer_want == "want",
        text=PostText(
            title=post.subject,
            text=post.content_text,
            price="" if post.amount is None else str(post.amount),
            price_unit=post.units,
            access=post.access,
        ),
        category=None if category is None else work.categories.get(category),
        expires_at_s=post.expires_at_s,
    )


async def _stream(work: _Work, things: Iterator[Any], command_of: Any, counter: str) -> None:
    """Write a stream in chunks; the file is read in a thread, so the node goes on working."""
    while chunk := await asyncio.to_thread(lambda: list(islice(things, CHUNK))):
        commands = [command_of(work, thing) for thing in chunk]
        refused = commands.count(None)
        if refused:
            work.written.refused.append(f"{refused} {counter} of accounts that were refused")
        await _submit(work, [command for command in commands if command is not None], counter)
        work.progress.done += len(chunk)


async def _submit(work: _Work, commands: list[Any], counter: str) -> None:
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


def _check_balances(node: Node, plan: Plan, written: Written) -> list[str]:
    """Hold each balance of the ledger against the one computed from the file.

    Only right after a first import: later trades move balances on.
    """
    if written.already:
        return []
    corrections = {c.account_source_id: c.amount_minor for c in plan.corrections}
    ledger = node.machine.books.ledger
    by_code = {a.source_id: a for a in plan.accounts}
    differ = []
    for check in plan.receipt.balances:
        number = ledger.codes.get(code_key(by_code[check.source_id].code))
        wanted = check.computed_minor + corrections.get(check.source_id, 0)
        if number is not None and ledger.balance(number) != wanted:
            differ.append(check.code)
    assert sum(ledger.balance(a.account) for a in ledger.accounts.values()) == 0
    return differ
