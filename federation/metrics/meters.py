"""What is counted while a node works, and all of it written as Prometheus reads it.

Labels are groups, states, codes and parts of the node: never a member, an address or a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from events.restore import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client.metrics_core import Metric

    from events.sequencer import Finished
    from federation.metrics.facts import Facts, StoredFacts

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
BATCH_EVENTS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 1024)
BATCH_SECONDS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5)
REQUEST_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
AREAS: Final = {"federation": "federation", "log": "log", "api": "api"}
HEALTH: Final = frozenset({"healthz", "readyz"})


def area_of(path: str) -> str:
    """Say which part of a node a path belongs to; `pages` is what people look at."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return "health" if first in HEALTH else AREAS.get(first, "pages")


class Meters:
    """The numbers of one node."""

    def __init__(self, *, process: bool = True) -> None:
        """Start with nothing counted; `process` tells of the process too."""
        # as many series again, which nothing asks for; the package says no types of this one
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry(auto_describe=False)
        if process:
            ProcessCollector(registry=self._registry)
        self._now = _Now()
        self._registry.register(self._now)
        self._requests = Counter(
            "ruilbrug_requests",
            "Requests that were answered, by part of the node and status.",
            ["area", "status"],
            registry=self._registry,
        )
        self._request_seconds = Histogram(
            "ruilbrug_request_seconds",
            "How long answers took.",
            ["area"],
            buckets=REQUEST_SECONDS,
            registry=self._registry,
        )
        self._refused = Counter(
            "ruilbrug_refusals",
            "Commands that a rule refused, by code.",
            ["code"],
            registry=self._registry,
        )
        self._batch_events = Histogram(
            "ruilbrug_batch_events",
            "Events that one transaction of the log wrote.",
            buckets=BATCH_EVENTS,
            registry=self._registry,
        )
        self._batch_seconds = Histogram(
            "ruilbrug_batch_seconds",
            "How long deciding and committing one batch took.",
            buckets=BATCH_SECONDS,
            registry=self._registry,
        )

    def request(self, path: str, status: int, seconds: float) -> None:
        """Count an answer."""
        area = area_of(path)
        self._requests.labels(area, f"{status // 100}xx").inc()
        self._request_seconds.labels(area).observe(seconds)

    def finished(self, batch: Finished) -> None:
        """Count a batch of the sequencer."""
        for code in batch.refused:
            self._refused.labels(code.value).inc()
        if batch.events:
            self._batch_events.observe(batch.events)
            self._batch_seconds.observe(batch.seconds)

    def collect(self, facts: Facts) -> Iterable[Metric]:
        """Give everything, to be written beside what others tell."""
        self._now.families = [*families(facts)]
        return self._registry.collect()

    def write(self, facts: Facts) -> bytes:
        """Write everything as text."""
        self._now.families = [*families(facts)]
        return generate_latest(self._registry)


class _Now(Collector):
    """What a node tells of the moment at which it is asked."""

    families: list[GaugeMetricFamily] = []  # noqa: RUF012 - replaced as a whole, never changed

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Give what was read last."""
        return self.families


def gauge(name: str, said: str, value: float) -> GaugeMetricFamily:
    """Make a number without labels."""
    return GaugeMetricFamily(f"ruilbrug_{name}", said, value=value)


def labelled(
    name: str, said: str, label: str, values: Iterable[tuple[str, float]]
) -> GaugeMetricFamily:
    """Make a number for each value of a label; groups of one name are summed up."""
    summed: dict[str, float] = {}
    for key, value in values:
        summed[key] = summed.get(key, 0) + value
    family = GaugeMetricFamily(f"ruilbrug_{name}", said, labels=[label])
    for key, value in summed.items():
        family.add_metric([key], value)
    return family


def families(facts: Facts) -> Iterable[GaugeMetricFamily]:
    """Give what is so at one moment."""
    info = GaugeMetricFamily("ruilbrug_node", "What runs.", labels=["role", "version"])
    info.add_metric([facts.role, facts.version], 1)
    yield info
    modes = ((mode.value, float(mode.value == facts.mode)) for mode in Mode)
    yield labelled("mode", "1 for the mode that the node is in.", "mode", modes)
    yield gauge("log_events", "Events in the log.", facts.events)
    yield gauge("started_timestamp_seconds", "When the process started.", facts.started_at_s)
    yield gauge(
        "cosignature_timestamp_seconds",
        "When a witness last cosigned a checkpoint; 0 for never.",
        facts.cosigned_at_s,
    )
    yield gauge(
        "backup_timestamp_seconds", "When the last backup was made; 0 for never.", facts.backup_at_s
    )
    if facts.role == "umbrella":
        yield gauge(
            "full_audit_timestamp_seconds",
            "When everything was last audited anew; 0 for never.",
            facts.full_audit_at_s,
        )
        yield gauge(
            "full_audit_agrees",
            "Whether that found the umbrella's own copy unchanged.",
            facts.full_audit_agrees,
        )
    yield gauge("database_up", "Whether the database answers.", facts.stored is not None)
    if facts.stored is not None:
        yield from stored_families(facts.stored)


def stored_families(facts: StoredFacts) -> Iterable[GaugeMetricFamily]:
    """Give what only the database can tell."""
    yield gauge(
        "checkpoint_timestamp_seconds",
        "When the newest checkpoint was made; 0 for never.",
        facts.checkpoint_at_s,
    )
    yield gauge("migrations", "Migrations that have run.", facts.migrations)
    yield labelled("mails", "Mails by state.", "state", facts.mails.items())
    lines = facts.lines
    yield labelled(
        "lines", "Lines that are not closed.", "state", ((line.state, 1) for line in lines)
    )
    for name, said, field in (
        ("line_unsent_events", "Own events that were not acknowledged.", "unsent"),
        ("line_in_doubt", "Trades whose end one side does not know yet.", "in_doubt"),
        ("line_failures", "Attempts in a row that failed.", "failures"),
    ):
        values = ((line.group, getattr(line, field)) for line in lines)
        yield labelled(name, said, "group", values)
    yield labelled(
        "line_oldest_unsent_timestamp_seconds",
        "When the oldest event was made that was not acknowledged; left out without any.",
        "group",
        ((line.group, line.oldest_unsent_at_s) for line in lines if line.oldest_unsent_at_s),
    )
    yield labelled(
        "line_contact_timestamp_seconds",
        "When the other group last said something; 0 for never.",
        "group",
        ((line.group, line.contact_at_s) for line in lines),
    )
    yield labelled(
        "mirror_lag_events",
        "Events of a log that the umbrella knows of and has not mirrored.",
        "group",
        ((mirror.group, mirror.lag) for mirror in facts.mirrors),
    )
    yield labelled(
        "mirror_pulled_timestamp_seconds",
        "When a log was last followed.",
        "group",
        ((mirror.group, mirror.pulled_at_s) for mirror in facts.mirrors),
    )
    yield labelled(
        "flow_aside_events",
        "Events of a log that are in no sum of the flows between groups.",
        "group",
        ((mirror.group, mirror.aside) for mirror in facts.mirrors),
    )
    yield labelled(
        "flow_stopped",
        "1 for a log whose flows cannot be summed any further.",
        "group",
        ((mirror.group, float(mirror.stopped)) for mirror in facts.mirrors),
    )
    yield labelled("findings", "Findings that are open.", "severity", facts.findings.items())
