"""Bodies: the typed content of an event, known to the group's own node (design section 2).

Account numbers, integers and references; no free text about a person. A text lies in the personal
or the peer layer, and the body holds its commitment. A body never changes its meaning: a new
version gets a new tag and is upcast in one place on reading.
"""

from __future__ import annotations

import msgspec

from schemas.amounts import Unit
from schemas.audit_bodies import AuditBody
from schemas.board_bodies import BoardBody
from schemas.body_parts import (
    AccountKind,
    AccountStatus,
    Body,
    MemberCode,
    Posting,
    TextReference,
)
from schemas.content_bodies import ContentBody
from schemas.cores import Fixed
from schemas.ids import Amount, Count, Hash, LineId, NodeId, Positive, Pseudonym, Salt
from schemas.limit_bodies import GroupLimits
from schemas.member_bodies import (
    ErasureAsked,
    ErasureWithdrawn,
    GroupRules,
    HelperAppointed,
    HelperDismissed,
    MemberDescribed,
    MemberErased,
    NameShared,
    PersonJoined,
    PersonLeft,
    PostChanged,
    PostEnded,
    PostImported,
    PostPlaced,
    PostRenewed,
    PostsPaused,
    PostsResumed,
    RoleGiven,
    RoleTaken,
)
from schemas.partner_bodies import (
    PartnerBody,
    PartnerPaused,
    PartnerReached,
    PartnerResumed,
    StatementAnswered,
)
from schemas.register_bodies import (
    GroupAdmitted,
    GroupKeyStated,
    GroupLeft,
    GroupLineAgreed,
    RegisterBody,
)
from schemas.thread_bodies import (
    ActivityCancelled,
    ActivityChanged,
    ActivityJoined,
    ActivityLeft,
    ActivityPlaced,
    MemberBlocked,
    MemberUnblocked,
    MessageWritten,
    ReportHandled,
    ReportMade,
    RequestDeclined,
    RequestEnd,
    RequestMade,
    ThanksGiven,
)
from schemas.transfer_bodies import CollectiveBooked, TransferBooked, TransferImported

__all__ = [
    "AccountKind",
    "AccountStatus",
    "ActivityCancelled",
    "ActivityChanged",
    "ActivityJoined",
    "ActivityLeft",
    "ActivityPlaced",
    "AnyBody",
    "Body",
    "CollectiveBooked",
    "ErasureAsked",
    "ErasureWithdrawn",
    "GroupAdmitted",
    "GroupKeyStated",
    "GroupLeft",
    "GroupLimits",
    "GroupLineAgreed",
    "GroupRules",
    "HelperAppointed",
    "HelperDismissed",
    "MemberBlocked",
    "MemberCode",
    "MemberDescribed",
    "MemberErased",
    "MemberUnblocked",
    "MessageWritten",
    "NameShared",
    "PartnerPaused",
    "PartnerReached",
    "PartnerResumed",
    "PersonJoined",
    "PersonLeft",
    "PostChanged",
    "PostEnded",
    "PostImported",
    "PostPlaced",
    "PostRenewed",
    "Posting",
    "PostsPaused",
    "PostsResumed",
    "ReportHandled",
    "ReportMade",
    "RequestDeclined",
    "RequestEnd",
    "RequestMade",
    "RoleGiven",
    "RoleTaken",
    "StatementAnswered",
    "TextReference",
    "ThanksGiven",
    "TransferBooked",
    "TransferImported",
]
"""What comes from elsewhere is a body, or a part of one, as well."""


class GroupConfigured(Body, frozen=True, kw_only=True, tag="group.configured"):
    """The group's unit and its default limits for members."""

    at_s: Count
    unit: Unit
    lower_minor: Amount | None = None
    upper_minor: Amount | None = None


class AccountOpened(Body, frozen=True, kw_only=True, tag="account.opened"):
    """A new account; limits that are left out fall back to the group's defaults for members."""

    at_s: Count
    account: Positive
    code: MemberCode
    kind: AccountKind
    status: AccountStatus
    subject: Salt | None = None
    """The member whose account it is."""
    line: LineId | None = None
    lower_minor: Amount | None = None
    upper_minor: Amount | None = None
    unlimited: bool = False
    """No limits at all: neither its own nor the group's defaults."""
    source: str | None = None
    """Where it was imported from: `<system>:<id>`."""
    since_s: Count | None = None
    """Since when its member is one, when that is not now."""
    texts: tuple[TextReference, ...] = ()


class AccountLimited(Body, frozen=True, kw_only=True, tag="account.limited"):
    """New limits of an account; a limit that is left out falls back to the default."""

    at_s: Count
    account: Positive
    lower_minor: Amount | None = None
    upper_minor: Amount | None = None
    unlimited: bool = False
    soft_lower_minor: Amount | None = None
    soft_upper_minor: Amount | None = None
    entered_by: Positive | None = None


class AccountStatusSet(Body, frozen=True, kw_only=True, tag="account.status"):
    """An account becomes active, leaving or inactive."""

    at_s: Count
    account: Positive
    status: AccountStatus
    entered_by: Positive | None = None
    merged_into: Positive | None = None
    """The account of the same member that goes on: this one was a double."""
    given_minor: Count | None = None
    """What the two have given in all: from here on it counts for the one that goes on."""


class CategoryPlaced(Body, frozen=True, kw_only=True, tag="category.placed"):
    """A category of posts; its name is sealed under the group's own subject."""

    at_s: Count
    category: Positive
    source: str
    parent: Positive | None = None
    texts: tuple[TextReference, ...] = ()


class ImportFinished(Body, frozen=True, kw_only=True, tag="import.finished"):
    """One export has been read to its end; counts only."""

    at_s: Count
    source: str
    accounts: Count
    transfers: Count
    posts: Count
    refused: Count


class PeerInvited(Body, frozen=True, kw_only=True, tag="peer.invited"):
    """This node trusts the invitation of another: its id and public URL."""

    at_s: Count
    node: NodeId
    url: str
    name: str


class LineQuarantined(Body, frozen=True, kw_only=True, tag="line.quarantined"):
    """A line is set aside until a person has looked: what its partner sent cannot be."""

    at_s: Count
    line: LineId
    n: Count
    code: str


class QuarantineEnded(Body, frozen=True, kw_only=True, tag="line.quarantine_ended"):
    """A coordinator has looked, and lets trades be admitted on a line again."""

    at_s: Count
    line: LineId
    entered_by: Positive | None = None


class LostBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event whose body did not come back; `stands_for` is the SHA-256 of what replaces it."""

    seq: Count
    stands_for: Hash | None = None


class LocalLost(Body, frozen=True, kw_only=True, tag="local.lost"):
    """Events that came back after a restore without their bodies (design section 3)."""

    at_s: Count
    events: tuple[LostBody, ...]


class RestoreOverridden(Body, frozen=True, kw_only=True, tag="restore.overridden"):
    """The operator vouches that no longer log of this node exists."""

    at_s: Count
    size: Count


class ProposeBody(Body, frozen=True, kw_only=True, tag="terms.propose"):
    """Which account of a former system the opening position comes from."""

    old_account: Positive


class RevaluedBody(Body, frozen=True, kw_only=True, tag="line.revalued"):
    """The booking of a new rate, or of the opening position."""

    postings: tuple[Posting, ...]


class ClosedBody(Body, frozen=True, kw_only=True, tag="line.close"):
    """The booking of a loss: what a partner owed that has gone."""

    postings: tuple[Posting, ...]


class NoteBody(Body, frozen=True, kw_only=True, tag="line.note"):
    """Whose message it is, and in which thread."""

    account: Positive
    thread: Salt
    thanks: bool = False
    """It thanks for the trade whose path the thread is."""


class RequestBody(Body, frozen=True, kw_only=True, tag="pay.request"):
    """Who asks to be paid, in the group's own accounts."""

    payee: Positive
    payer: Pseudonym
    """The payer, as the other node knows it."""
    peer_subject: Salt | None = None
    entered_by: Positive | None = None


class PrepareBody(Body, frozen=True, kw_only=True, tag="pay.prepare"):
    """Who pays, in the group's own accounts."""

    payer: Positive
    payee: Pseudonym
    """The payee, as the other node knows it."""
    peer_subject: Salt | None = None
    entered_by: Positive | None = None


class AcceptBody(Body, frozen=True, kw_only=True, tag="pay.accept"):
    """Who is to be credited, and what was accepted: the own log alone tells the whole hold."""

    payee: Positive
    payer_minor: Count
    payee_minor: Count
    terms_rev: Positive
    fixed: Fixed
    expires_at_s: Count
    reverses: Salt | None = None
    peer: TextReference | None = None
    """The peer text that came with the prepare, kept under the payee's key."""


class CommitBody(Body, frozen=True, kw_only=True, tag="pay.commit"):
    """The booking of a commit at the payer's node."""

    postings: tuple[Posting, ...]


class ReceiptBody(Body, frozen=True, kw_only=True, tag="pay.receipt"):
    """The booking of a receipt at the payee's node."""

    postings: tuple[Posting, ...]


AnyBody = (
    GroupConfigured
    | AccountOpened
    | AccountLimited
    | AccountStatusSet
    | TransferBooked
    | CollectiveBooked
    | TransferImported
    | PostImported
    | CategoryPlaced
    | ImportFinished
    | PeerInvited
    | RegisterBody
    | LineQuarantined
    | QuarantineEnded
    | AuditBody
    | LocalLost
    | RestoreOverridden
    | ProposeBody
    | RevaluedBody
    | ClosedBody
    | NoteBody
    | RequestBody
    | PrepareBody
    | AcceptBody
    | CommitBody
    | ReceiptBody
    | MemberDescribed
    | PersonJoined
    | PersonLeft
    | HelperAppointed
    | HelperDismissed
    | RoleGiven
    | RoleTaken
    | GroupRules
    | NameShared
    | ErasureAsked
    | ErasureWithdrawn
    | MemberErased
    | GroupLimits
    | PostPlaced
    | PostChanged
    | PostRenewed
    | PostEnded
    | PostsPaused
    | PostsResumed
    | MessageWritten
    | MemberBlocked
    | MemberUnblocked
    | ReportMade
    | ReportHandled
    | RequestMade
    | RequestDeclined
    | ThanksGiven
    | ActivityPlaced
    | ActivityChanged
    | ActivityCancelled
    | ActivityJoined
    | ActivityLeft
    | BoardBody
    | PartnerBody
    | ContentBody
)
