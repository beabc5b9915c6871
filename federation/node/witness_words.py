"""What the cosignatures of a node come to, in words with what to do. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from events.policy import NONE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from events.policy import Policy, WitnessGroup

NOTHING: Final = "Nothing to do."
HOSTED: Final = (
    "This group is on the umbrella's own server, so a witness elsewhere has to cosign too, and "
    "none is known. Open a line with a group on another server, or name a witness in a policy "
    "([witness] in node.toml, see docs/operators.md)."
)
UMBRELLA_UNKNOWN: Final = (
    "The umbrella has not told yet by which key it cosigns. It is asked again by itself; if this "
    "lasts for an hour, ask its operator."
)
CLOSED: Final = "In this mode nothing is sent to be cosigned. See 'ruilbrug node status'."
ALONE: Final = (
    "Nobody has to cosign, so nobody but this node vouches for its log. Join an umbrella, or open "
    "a line with another group."
)
ASKED_NOBODY: Final = (
    "Nobody has to cosign: so says the policy file. Name a witness in it, or take it out of "
    "node.toml for the default."
)
ONLY_HERE: Final = (
    "The policy is content with witnesses on the umbrella's own server, where this group is too: "
    "whoever runs that server can rewrite all of it. Let it ask for a witness elsewhere."
)
ON_THE_WAY: Final = "Nothing to do: the newest checkpoint is on its way to them."


def lacking(policy: Policy, cosigned: Collection[str], shown: Mapping[str, str]) -> str:
    """Say who still has to cosign, as `a and 1 of (b, c)`; empty when that suffices.

    `shown` are the names that people know witnesses by.
    """
    if policy.suffices(cosigned):
        return ""
    return _wanted(policy, cosigned, shown, policy.quorum)


def wanted(policy: Policy, shown: Mapping[str, str]) -> str:
    """Say who has to cosign in all."""
    return "nobody" if policy.quorum == NONE else _wanted(policy, (), shown, policy.quorum)


def _wanted(policy: Policy, cosigned: Collection[str], shown: Mapping[str, str], name: str) -> str:
    group = _group(policy, name)
    if group is None:
        return shown.get(name, name)
    open_members = [one for one in group.members if not _done(policy, cosigned, one)]
    missing = group.threshold - (len(group.members) - len(open_members))
    parts = [_wanted(policy, cosigned, shown, one) for one in open_members]
    if missing == len(parts):
        return " and ".join(parts)
    return f"{missing} of ({', '.join(parts)})"


def _done(policy: Policy, cosigned: Collection[str], name: str) -> bool:
    group = _group(policy, name)
    if group is None:
        return name in cosigned
    done = sum(_done(policy, cosigned, one) for one in group.members)
    return done >= group.threshold


def _group(policy: Policy, name: str) -> WitnessGroup | None:
    return next((one for one in policy.groups if one.name == name), None)


def advice(lacks: str, troubles: Iterable[tuple[str, str]]) -> str:
    """Say what to do about a newest checkpoint that lacks cosignatures, for `name, trouble`."""
    if not lacks:
        return NOTHING
    told = [f"{name} ({trouble})" for name, trouble in troubles if trouble]
    if not told:
        return ON_THE_WAY
    return (
        f"Waits for {', '.join(told)}. They are asked again by themselves, every five minutes at "
        "the latest. If that lasts for a day, tell their operators; what was cosigned before "
        "stays so."
    )
