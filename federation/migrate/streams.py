"""Transfers and posts, streamed: what of the two large tables can be booked.

Invariant: the same file gives the same things under the same keys, each key once. Nothing but
keys and balances is held in memory.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from federation.migrate.archive import picture_name
from federation.migrate.g3 import MESSAGES, TRANSACTIONS
from federation.migrate.issues import Issue
from federation.migrate.planned import (
    ImportedAccount,
    ImportedCategory,
    ImportedPost,
    ImportedTransfer,
)
from schemas.errors import Code
from schemas.ids import SAFE_INTEGER
from schemas.member_bodies import PICTURES_MAX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from federation.migrate.reader import Reader
    from federation.migrate.rows import MessageRow, TransactionRow

_KEY_LENGTH_MAX: Final = 100
_KEY_TWICE: Final = ("transid", "an earlier row has this key")
_ROW_TWICE: Final = (
    "row",
    "an earlier row says the same; choose to take equal rows if it was given twice",
)
_PICTURE_AWAY: Final = "a picture of this post is not in the file; it comes without"
_PICTURES_MORE: Final = f"more than {PICTURES_MAX} pictures; the first ones come along"
_NO_ACCOUNT: Final = "no such account in users.csv"


def accepted_transfers(
    reader: Reader, accounts: tuple[ImportedAccount, ...], balances: dict[int, int]
) -> Iterator[ImportedTransfer]:
    """Yield what can be booked and keep `balances`; the rest becomes issues."""
    known = {account.source_id for account in accounts}
    keys: set[str] = set()
    same: Counter[str] = Counter()
    file = reader.file(TRANSACTIONS)
    for row in reader.rows(TRANSACTIONS):
        key = _source_key(row)
        if not row.numbered and reader.choices.same_rows:
            same[key] += 1
            key = key if same[key] == 1 else f"{key}:{same[key]}"
        payer_after = balances.get(row.id_from, 0) - row.amount_minor
        payee_after = balances.get(row.id_to, 0) + row.amount_minor
        refusal = _transfer_refusal(row, known)
        if refusal is None and key in keys:
            refusal = (Code.CONFLICT, *(_KEY_TWICE if row.numbered else _ROW_TWICE))
        if refusal is None and (payer_after < -SAFE_INTEGER or payee_after > SAFE_INTEGER):
            refusal = (Code.AMOUNT_TOO_LARGE, "amount", "takes a balance beyond 2^53")
        if refusal is not None:
            reader.issues.add(Issue(file, row.line, *refusal, refused=True))
            continue
        keys.add(key)
        balances[row.id_from] = payer_after
        balances[row.id_to] = payee_after
        yield ImportedTransfer(
            source_key=key,
            payer_source_id=row.id_from,
            payee_source_id=row.id_to,
            amount_minor=row.amount_minor,
            at_s=row.at_s,
            line=row.line,
            description=row.description,
            payer_real=row.real_from,
            payee_real=row.real_to,
            service_stuff=row.service_stuff,
        )


def _transfer_refusal(row: TransactionRow, known: set[int]) -> tuple[Code, str, str] | None:
    if row.id_from not in known:
        return Code.ACCOUNT_UNKNOWN, "id_from", _NO_ACCOUNT
    if row.id_to not in known:
        return Code.ACCOUNT_UNKNOWN, "id_to", _NO_ACCOUNT
    if row.id_from == row.id_to:
        return Code.ACCOUNT_SAME, "id_to", "from an account to itself"
    return None


def _source_key(row: TransactionRow) -> str:
    """Name a booking for ever: by its transid, else by its row number."""
    if row.transid and (len(row.transid) <= _KEY_LENGTH_MAX or row.id is None):
        return f"transid:{row.transid}"
    return f"id:{row.id}"


def accepted_posts(
    reader: Reader,
    accounts: tuple[ImportedAccount, ...],
    categories: tuple[ImportedCategory, ...],
) -> Iterator[ImportedPost]:
    """Yield the posts of known accounts; the rest becomes issues."""
    known = {account.source_id for account in accounts}
    file = reader.file(MESSAGES)
    left = {account.source_id for account in accounts if account.bookings_only}
    known_categories = {category.source_id for category in categories}
    seen: set[int] = set()
    for row in reader.rows(MESSAGES):
        if row.user_id not in known:
            reader.issues.add(
                Issue(file, row.line, Code.ACCOUNT_UNKNOWN, "user_id", _NO_ACCOUNT, refused=True)
            )
            continue
        if row.user_id in left:
            continue
        if row.id in seen:
            reason = "an earlier row has this id"
            reader.issues.add(Issue(file, row.line, Code.CONFLICT, "id", reason, refused=True))
            continue
        seen.add(row.id)
        category = row.category_id if row.category_id in known_categories else None
        if category != row.category_id:
            reason = "no such category; it has none now"
            reader.issues.add(Issue(file, row.line, Code.NOT_FOUND, "category_id", reason))
        yield ImportedPost(
            source_id=row.id,
            account_source_id=row.user_id,
            subject=row.subject,
            content_text=row.content_text,
            offer_want=row.offer_want,
            line=row.line,
            service_stuff=row.service_stuff,
            amount=row.amount,
            units=row.units,
            category_source_id=category,
            expires_at_s=row.expires_at_s,
            access=row.access,
            created_at_s=row.created_at_s,
            postcode=row.postcode,
            place=row.place,
            pictures=_pictures(reader, file, row),
        )


def _pictures(reader: Reader, file: str, row: MessageRow) -> tuple[str, ...]:
    """Give those of a post's pictures that are in the file, each once, at most as many as fit."""
    names = tuple(dict.fromkeys(map(picture_name, row.pictures)))
    here = tuple(name for name in names if name in reader.pictures)
    if reader.pictures and len(here) < len(names):
        reader.issues.add(Issue(file, row.line, Code.NOT_FOUND, "pictures", _PICTURE_AWAY))
    if len(here) > PICTURES_MAX:
        reader.issues.add(Issue(file, row.line, Code.TOO_MANY, "pictures", _PICTURES_MORE))
    return here[:PICTURES_MAX]
