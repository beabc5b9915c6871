"""What the operator of an umbrella should know beside what `federation.node.doctor` tells. Pure.

Of a group these checks say nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from federation.node.doctor_findings import DAY_S, Finding, ago, fine, note, person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from federation.node.doctor_facts import Facts

FULL_AUDIT_LATE_S: Final = 2 * DAY_S


def audit(facts: Facts) -> Iterator[Finding]:
    """Whether an umbrella has audited everything anew lately; nothing of a group."""
    if not facts.full_audit_every_s:
        return
    last = facts.last_full_audit
    if last is None:
        what = "Not everything was audited anew yet; it is done by itself at night."
        yield note("audit", what, "'ruilbrug audit report --full --signatures' does it now.")
        return
    age_s = facts.now_s - last.at_s
    if not last.agrees:
        yield person(
            "audit",
            f"The audit of everything anew found this node's own copy changed, {ago(age_s)}.",
            "Run 'ruilbrug audit report --full --signatures': it says where. Somebody has written "
            "to the database.",
        )
    elif age_s > facts.full_audit_every_s + FULL_AUDIT_LATE_S:
        what = f"Everything was audited anew {ago(age_s)}, which is late."
        yield person("audit", what, "See 'audit_failed' in the log of the node.")
    else:
        yield fine("audit", f"Everything was audited anew {ago(age_s)}, and agreed.")


def flows(facts: Facts) -> Iterator[Finding]:
    """Whether an umbrella sums what all groups exchange."""
    found = None if facts.running is None else facts.running.flows
    if found is None:
        return
    for name, size in sorted(found.stopped.items()):
        yield person(
            "flows",
            f"What is exchanged with {name} is not summed behind its event {size}.",
            "Look for flows_stopped in what the node logs. The sums of the others go on.",
        )
    for name, events in sorted(found.aside.items()):
        said = f"{events} events of {name} are in no sum of the flows."
        yield note("flows", said, "/flows/logs says why; ask its coordinators.")
    if not found.stopped and not found.aside:
        yield fine("flows", "What all groups exchange is summed.")
