"""Who looks, and what may be seen: one pure rule for posts, contacts and balances.

What bookings say stands in `federation.group.rights.reads_words`; here is who somebody is for it.

A `Reader` is made once for a request (`federation.members.roles.reader_of`) and passed on. Nothing
else decides about visibility.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from federation.group.rights import Looks, Right, may
from schemas.member_bodies import Visibility

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from schemas.member_bodies import Role

EVERYTHING: Final = frozenset(Visibility)
_PUBLIC: Final = frozenset({Visibility.PUBLIC})
_NEIGHBOURS: Final = frozenset({Visibility.PUBLIC, Visibility.INTERLETS})
_MEMBERS: Final = frozenset({Visibility.PUBLIC, Visibility.INTERLETS, Visibility.MEMBERS})
_FORMER: Final = {
    "anonymous": Visibility.PUBLIC,
    "guest": Visibility.INTERLETS,
    "user": Visibility.MEMBERS,
}
"""Words of a former system; its word for staff only is `admin`."""


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks: nobody known, a member of a partner group, a member of ours, or the operator."""

    account: int | None = None
    """The own account; none for who is not a member here."""
    person: int = 0
    acting_for: int | None = None
    """The member in whose name this one acts just now; checked by `roles.reader_of`."""
    uninvited: frozenset[int] = frozenset()
    """Whose name it uses by a right, not because they let it: their texts it does not read."""
    roles: frozenset[Role] = frozenset()
    neighbour: bool = False
    """A member of a partner group, or its feed."""
    operator: bool = False
    """Whoever runs the node, over the control socket: sees and may do everything."""

    @property
    def coordinator(self) -> bool:
        """Whether this one looks with the rights of a coordinator."""
        return self.may(Right.LEAD)

    @property
    def auditor(self) -> bool:
        """Whether this one may see every balance and booking."""
        return self.may(Right.SEE_BOOKS)

    @property
    def treasurer(self) -> bool:
        """Whether this one may book for many."""
        return self.may(Right.BOOK)

    @property
    def editor(self) -> bool:
        """Whether this one writes the group's pages."""
        return self.may(Right.TELL)

    def may(self, right: Right) -> bool:
        """Tell whether this one has a right."""
        return self.operator or may(self.roles, right)

    @property
    def subject_account(self) -> int | None:
        """The account whose things these are: the one acted for, else the own one."""
        return self.account if self.acting_for is None else self.acting_for


ANONYMOUS: Final = Reader()
NEIGHBOUR: Final = Reader(neighbour=True)
OPERATOR: Final = Reader(operator=True)


def visibilities(reader: Reader) -> AbstractSet[Visibility]:
    """Give what this reader sees of things that are somebody else's; for filters in SQL."""
    if reader.coordinator:
        return EVERYTHING
    if reader.account is not None:
        return _MEMBERS
    return _NEIGHBOURS if reader.neighbour else _PUBLIC


def may_see(reader: Reader, visibility: Visibility, *, owner: int | None = None) -> bool:
    """Tell whether something of the member `owner` with this visibility is for this reader."""
    return is_own(reader, owner) or visibility in visibilities(reader)


def is_own(reader: Reader, owner: int | None) -> bool:
    """Tell whether something of the member `owner` is the reader's, or of whom it acts for."""
    return owner is not None and owner in (reader.account, reader.acting_for)


def may_see_members(reader: Reader) -> bool:
    """Tell whether profiles are for this reader: for members of the group alone."""
    return reader.operator or reader.account is not None


def may_see_balance(reader: Reader, account: int, *, members_see_balances: bool) -> bool:
    """Tell whether balance and bookings of an account are for this reader."""
    if is_own(reader, account) or reader.auditor:
        return True
    return members_see_balances and reader.account is not None


def looks_at(reader: Reader, account: int) -> Looks:
    """Say as whom this reader looks at the bookings of an account."""
    return Looks(
        stands_for=is_own(reader, account) and account not in reader.uninvited,
        books=reader.treasurer,
        sees_books=reader.auditor,
    )


def former_visibility(access: str) -> Visibility:
    """Read a visibility, in our word or in that of a former system; unknown means staff only."""
    word = access.strip().casefold()
    try:
        return Visibility(word)
    except ValueError:
        return _FORMER.get(word, Visibility.STAFF)
