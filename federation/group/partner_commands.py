"""What can be asked about groups that are reached by mail. The rules are in `partners`.

A command with a `key` is done once: the same again gives the same answer, another under that key a
conflict.
"""

from __future__ import annotations

from typing import NamedTuple

from schemas.openings import PersonText


class ReachPartner(NamedTuple):
    """Reach a group by mail: a new one, or one with an account, under this contact from now on."""

    key: str
    actor: int | None
    """Who does it; nobody: whoever runs the node."""
    group: str
    contact: PersonText
    subject: str
    """Whose data key seals the contact: a fresh one, or that of before when nobody else it is."""
    lower_minor: int
    """How far below zero the group's account may go, and ..."""
    upper_minor: int
    """... how far above."""
    account: int | None = None
    """Its account; nothing to open one, with `code`."""
    code: str = ""


class PausePartner(NamedTuple):
    """No new trades with a group for now, or again. `reason` is told to whoever tries."""

    key: str
    actor: int | None
    account: int
    paused: bool
    reason: str = ""


class AskPartner(NamedTuple):
    """A member traded with somebody of a group by mail; `key` is the id of the trade."""

    key: str
    member: int
    partner: int
    gives: bool
    """The member gives units: it was helped. Else it helped, and the group gives."""
    amount_minor: int
    description: str
    person: str
    """Who of the other group it was."""
    entered_by: int | None = None


class ConfirmTrade(NamedTuple):
    """The contact of a group says that a trade is right."""

    key: str
    request: str
    partner: int
    expected_minor: int
    description: str = ""
    person: str = ""
    """Both as the request says them, for the statements of both."""


class AnswerStatement(NamedTuple):
    """The contact of a group says whether a monthly statement is what its own books say."""

    key: str
    account: int
    month: str
    balance_minor: int
    agrees: bool
    reason: str = ""


class ReverseTrade(NamedTuple):
    """A coordinator gives back what a confirmed trade moved, number by number."""

    key: str
    actor: int | None
    """Who does it; nobody: whoever runs the node."""
    partner: int
    original: int
    """The place in the log of what the contact confirmed."""
    description: str
    """Why."""
    person: str = ""
    """Who of the other group it was, as the trade says it."""


PartnerCommand = ReachPartner | PausePartner | AskPartner | ConfirmTrade | AnswerStatement
