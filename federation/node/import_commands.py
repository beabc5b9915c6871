"""What an import has to write, as commands: each under a key made from its id in the export.

The keys make an import that stopped half-way go on by itself, and one that runs twice add nothing.
Does no I/O.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from federation.group import commands as group
from federation.node.identity import system_random
from federation.node.service import now_s
from projections.ledger import code_key
from schemas.bodies import AccountKind
from schemas.encoding import b64
from schemas.openings import MemberText, NameText, PersonalText, PostText

if TYPE_CHECKING:
    from federation.migrate.choices import Choices
    from federation.migrate.planned import ImportedAccount, ImportedPost, ImportedTransfer, Plan
    from federation.node.import_told import Written
    from federation.node.service import Node
    from schemas.member_bodies import Picture

KINDS: Final = {
    "member": AccountKind.MEMBER,
    "partner": AccountKind.OLD_PARTNER,
    "group": AccountKind.GROUP,
}


class Progress(msgspec.Struct):
    """How far an import has come."""

    doing: str = ""
    done: int = 0
    total: int = 0


class Work(NamedTuple):
    """One import at work."""

    node: Node
    plan: Plan
    written: Written
    progress: Progress
    accounts: dict[int, int]
    categories: dict[int, int]
    choices: Choices

    @property
    def scale(self) -> int:
        """How many of the smallest unit here are one unit of the source, which has no smaller."""
        settings = self.node.machine.books.ledger.settings
        return 1 if settings is None else 10**settings.unit.rate.decimals

    @property
    def source(self) -> str:
        """From which program things come, as their events say."""
        return self.plan.receipt.generation.value


def source_key(table: str, name: object) -> str:
    """Give the command key of a thing of an export."""
    return b64(sha256(f"ruilbrug/import/v1\n{table}\n{name}".encode()).digest()[:16])


def _scaled(amount: int | None, scale: int) -> int | None:
    return None if amount is None else amount * scale


def open_account(work: Work, account: ImportedAccount, key: str) -> group.OpenAccount:
    """Open an account; one of no member gives way where its code is taken."""
    member = account.kind == "member"
    code = account.code
    if not member and code_key(code) in work.node.machine.books.ledger.codes:
        code = f"{code}-2"
    return group.OpenAccount(
        key=key,
        code=code,
        kind=KINDS[account.kind],
        subject=b64(system_random(16)) if member else None,
        text=_member_text(account) if member else NameText(name=account.name),
        lower_minor=_scaled(account.lower_minor, work.scale),
        upper_minor=_scaled(account.upper_minor, work.scale),
        unlimited=not member,
        status=account.status,
        since_s=account.activated_at_s,
        source=f"{work.source}:users:{account.source_id}",
    )


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
        place=account.place,
        skills=account.skills,
        language=account.language,
    )


def transfer_command(work: Work, transfer: ImportedTransfer) -> group.ImportTransfer | None:
    """Take over a booking; nothing when one of its accounts was refused."""
    payer = work.accounts.get(transfer.payer_source_id)
    payee = work.accounts.get(transfer.payee_source_id)
    if payer is None or payee is None:
        return None
    return group.ImportTransfer(
        key=source_key("transactions", transfer.source_key),
        source=f"{work.source}:{transfer.source_key}"[:100],
        at_s=transfer.at_s,
        payer=payer,
        payee=payee,
        amount_minor=transfer.amount_minor * work.scale,
        description=transfer.description,
        payer_real=transfer.payer_real,
        payee_real=transfer.payee_real,
    )


def with_pictures(command: group.ImportPost, pictures: tuple[Picture, ...]) -> group.ImportPost:
    """Give a post what it shows; the same picture twice is one."""
    return command._replace(pictures=tuple({each.digest: each for each in pictures}.values()))


def post_command(work: Work, post: ImportedPost) -> group.ImportPost | None:
    """Take over a post; nothing when its account was refused."""
    account = work.accounts.get(post.account_source_id)
    if account is None:
        return None
    category = post.category_source_id
    return group.ImportPost(
        key=source_key("messages", post.source_id),
        source=f"{work.source}:messages:{post.source_id}",
        at_s=post.created_at_s or now_s(),
        account=account,
        want=post.offer_want == "want",
        text=PostText(
            title=post.subject,
            text=post.content_text,
            price="" if post.amount is None else str(post.amount),
            price_unit=post.units,
            access=post.access,
            postcode=post.postcode,
            place=post.place,
            goods=post.service_stuff == "stuff",
        ),
        category=None if category is None else work.categories.get(category),
        expires_at_s=post.expires_at_s,
    )
