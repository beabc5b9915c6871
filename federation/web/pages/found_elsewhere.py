"""Whether members of other groups find me by name: one choice, on the page with my profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from federation.group.shared_names import found_elsewhere
from federation.members import roles

if TYPE_CHECKING:
    from federation.web.forms import Form
    from federation.web.visit import Visit


class Choice(NamedTuple):
    """What the page says about it."""

    asked: bool
    """The group lets it, or the member said yes before: else there is nothing to choose."""
    group: bool
    shares: bool
    found: bool
    """Both said yes, and the member is there."""
    own: bool
    """Whoever looks is the member itself, who alone may say yes."""


def choice_of(visit: Visit) -> Choice:
    """Tell how it stands with the member whose page this is."""
    books, account = visit.node.machine.books, visit.member.shown_account
    group, shares = books.members.names_shared, books.members.shares_name(account)
    return Choice(
        asked=group or shares,
        group=group,
        shares=shares,
        found=found_elsewhere(books, account, now_s=visit.now_s),
        own=visit.member.account == account,
    )


async def choose(visit: Visit, form: Form) -> None:
    """Say yes or no; what is so already stays so."""
    account = visit.member.shown_account
    shares = form.choice("shares", ("yes", "no")) == "yes"
    if form.fine and shares is not choice_of(visit).shares:
        async with visit.trying(form):
            key = form.command_key(visit.member)
            await roles.share_name(visit.node, visit.reader, account, shares=shares, key=key)
