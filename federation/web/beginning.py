"""What a new group still has to do, for its coordinators. Each answer is a fact that stands anyway.

Nothing is ticked off by hand, so nothing is forgotten that only looks done: a step comes back when
its fact goes away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from federation.mail.queries import SQL
from federation.node.patience import connection_in_time
from federation.node.remembered import last_backup
from federation.setup.paper_keys import key_left
from federation.words.texts import later
from schemas.bodies import AccountKind, AccountStatus

if TYPE_CHECKING:
    from federation.node.service import Node
    from federation.node.settings import NodeFolder

MEMBERS_MIN: Final = 2
"""One is the coordinator."""


class Facts(NamedTuple):
    """How far a group is."""

    on_paper: bool
    """No key that belongs on paper lies on the server."""
    mail_left: bool
    """A mail has been taken over by a mail server, as far back as mails are kept."""
    limited: bool
    """Balances have a lower and an upper limit."""
    members: int
    partners: int
    """Groups with which terms are in force."""
    backed_up: bool


class Step(NamedTuple):
    """One thing to do, and how."""

    title: str
    how: str
    path: str = ""
    """The page where it is done; empty where that is no page."""


PAPER: Final = Step(
    later("Sleutels op papier"),
    later(
        "De sleutels van de groep staan nog op de server. Laat wie hem beheert het blad afdrukken "
        "en ze wissen: ruilbrug paper keep"
    ),
)
MAIL: Final = Step(
    later("Mail laten vertrekken"),
    later(
        "Er is nog geen mail vertrokken, dus niemand krijgt bericht. Laat wie de server beheert "
        "een mailserver instellen, en meld je daarna aan met een mail."
    ),
)
LIMITS: Final = Step(
    later("Limieten kiezen"),
    later("Hoe ver mag een saldo gaan? Twaalf uur naar elke kant is een goed begin."),
    "/group/limits",
)
MEMBERS: Final = Step(
    later("Leden erbij"),
    later("Breng ze mee uit je vorige systeem, of neem ze één voor één op."),
    "/members",
)
PARTNER: Final = Step(
    later("Een groep in de buurt"),
    later("Maak afspraken met een andere groep. Dan kunnen jullie leden met elkaar ruilen."),
    "/group/partners",
)
BACKUP: Final = Step(
    later("Een reservekopie"),
    later("Laat wie de server beheert er elke nacht een maken: ruilbrug backup"),
)


def steps_left(facts: Facts) -> list[Step]:
    """Give what is left to do, the most urgent first; nothing when the group has begun."""
    done = (
        (PAPER, facts.on_paper),
        (MAIL, facts.mail_left),
        (LIMITS, facts.limited),
        (MEMBERS, facts.members >= MEMBERS_MIN),
        (BACKUP, facts.backed_up),
        (PARTNER, facts.partners > 0),
    )
    return [step for step, is_done in done if not is_done]


async def facts_of(node: Node) -> Facts:
    """Look how far a group is."""
    ledger = node.machine.books.ledger
    async with connection_in_time(node.pool) as connection:
        mails = {row["state"] for row in await connection.fetch(SQL["outbox_counts"])}
    limits = None if ledger.settings is None else ledger.settings.limits
    members = [
        account
        for account in ledger.accounts.values()
        if account.kind is AccountKind.MEMBER and account.status is AccountStatus.ACTIVE
    ]
    on_paper, backed_up = _files(node.folder)
    return Facts(
        on_paper=on_paper,
        mail_left=bool(mails & {"sent", "kept"}),
        limited=limits is not None and None not in (limits.lower_minor, limits.upper_minor),
        members=len(members),
        partners=sum(line.terms is not None for line in node.machine.books.lines.values()),
        backed_up=backed_up,
    )


def _files(folder: NodeFolder) -> tuple[bool, bool]:
    """Tell whether the keys are on paper only, and whether a backup was made."""
    return not key_left(folder), last_backup(folder) is not None
