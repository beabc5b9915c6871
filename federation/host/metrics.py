"""What Prometheus is told of a host: of each group the same as of a node alone, with its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from federation.host.hosted import State
from federation.metrics.meters import Meters
from federation.metrics.room import Told

if TYPE_CHECKING:
    from collections.abc import Iterable

    from federation.host.hosted import Hosted
    from federation.host.supervisor import Supervisor

NODE: Final = "node"


class _Fixed(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


async def write(host: Supervisor) -> bytes:
    """Write the numbers of all groups that run, and which do not; one after the other is asked."""
    found: dict[str, Metric] = {}
    for group in list(host.groups.values()):
        serving = group.serving
        if serving is None:
            continue
        parts = serving.node.parts
        add(found, parts[Meters].collect(await parts[Told].facts()), group.name)
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    own = of_host(host.groups.values(), host.connections.open)
    registry.register(_Fixed([*found.values(), *own]))
    return generate_latest(registry)


def add(found: dict[str, Metric], metrics: Iterable[Metric], node: str) -> None:
    """Add what one group tells, each number with the group's name."""
    for metric in metrics:
        kept = found.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
        kept.samples += [
            sample._replace(labels={NODE: node, **sample.labels}) for sample in metric.samples
        ]


def of_host(groups: Iterable[Hosted], connections: int) -> Iterable[Metric]:
    """Give which groups run, how often each has failed, and how many connections are open."""
    up = GaugeMetricFamily("ruilbrug_hosted_up", "Whether a hosted group runs.", labels=[NODE])
    restarts = CounterMetricFamily(
        "ruilbrug_hosted_failures", "How often a hosted group has failed.", labels=[NODE]
    )
    for group in groups:
        if group.state is not State.STOPPED:
            up.add_metric([group.name], float(group.state is State.RUNNING))
        restarts.add_metric([group.name], group.restarts)
    yield up
    yield restarts
    yield GaugeMetricFamily(
        "ruilbrug_host_connections",
        "Connections to PostgreSQL that are open for questions.",
        value=connections,
    )
