"""`/metrics`, for Prometheus: what passed each stage, what waits, what it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from coldtrail.errors import ConfigError
from coldtrail.records.alert import Severity
from coldtrail.service.status import Status, troubles

if TYPE_CHECKING:
    from prometheus_client.core import Metric

_VERDICTS = ("anomalous", "normal", "not_ready")
_SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")


class Metrics:
    """A registry of our own, filled from the status whenever it is asked."""

    def __init__(self, status: Callable[[], Status]) -> None:
        """Raises `ConfigError` where prometheus-client is not installed."""
        try:
            from prometheus_client import CollectorRegistry
            from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
        except ModuleNotFoundError:
            raise ConfigError(
                "Metrics need prometheus-client; `pip install 'coldtrail[service]'` brings it, or leave "
                "service.listen empty."
            ) from None
        self._status, self._generate = status, generate_latest
        self.content_type: str = CONTENT_TYPE_PLAIN_0_0_4
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def collect(self) -> Iterable[Metric]:
        """All metrics as they are now."""
        return _metrics(self._status())

    def text(self) -> bytes:
        """In the text format of Prometheus."""
        return self._generate(self._registry)


def _metrics(status: Status) -> Iterator[Metric]:
    yield from _passed(status)
    yield from _waiting(status)
    yield from _of_sources(status)
    yield from _told(status)


def _counter(name: str, help: str, values: Iterable[tuple[tuple[str, ...], float]], *labels: str) -> Any:
    from prometheus_client.core import CounterMetricFamily

    family = CounterMetricFamily(f"coldtrail_{name}", help, labels=labels)
    for of, value in values:
        family.add_metric(of, value)
    return family


def _gauge(name: str, help: str, values: Iterable[tuple[tuple[str, ...], float]], *labels: str) -> Any:
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(f"coldtrail_{name}", help, labels=labels)
    for of, value in values:
        family.add_metric(of, value)
    return family


def _one(value: float) -> list[tuple[tuple[str, ...], float]]:
    return [((), value)]


def _passed(status: Status) -> Iterator[Metric]:
    counts = status.counts
    yield _counter("documents", "Documents read.", _one(counts.get("documents parsed", 0)))
    yield _counter("documents_refused", "Documents of no use.", _one(counts.get("documents refused", 0)))
    flows = [((one,), float(counts.get(one, 0))) for one in _VERDICTS]
    yield _counter("flows", "Flows judged, by verdict.", flows, "verdict")
    late = counts.get("traces opened anew by late telemetry", 0)
    yield _counter("late_traces", "Traces that late telemetry opened anew.", _one(late))
    stages = [((name,), seconds) for name, seconds in sorted(status.stage_seconds.items())]
    yield _counter("stage_seconds", "Time that each stage took.", stages, "stage")
    yield _counter("commits", "Commits.", _one(status.commits))


def _waiting(status: Status) -> Iterator[Metric]:
    yield _gauge("open_events", "Steps of traces that may still grow.", _one(status.open_events))
    yield _gauge("queue_bytes", "Fetched and not taken in.", _one(status.queue_bytes))
    yield _gauge("spool_bytes", "In the spool and not taken in.", _one(status.spool_bytes))
    yield _gauge("state_bytes", "Size of the last snapshot.", _one(status.state_bytes))
    yield _gauge("committed_seconds", "Since the last commit.", _one(status.committed_s))
    yield _gauge("still_seconds", "Since the loop went round last.", _one(status.still_s))
    if status.event_time is not None:
        yield _gauge("event_time_seconds", "Up to when telemetry has come.", _one(status.event_time))


def _of_sources(status: Status) -> Iterator[Metric]:
    lags = [((one.name,), one.lag_s) for one in status.sources if one.lag_s is not None]
    yield _gauge("source_lag_seconds", "How old the newest of a source was when it came.", lags, "source")
    failing = [((one.name,), float(one.failures)) for one in status.sources]
    yield _gauge("source_failures", "Errors in a row.", failing, "source")
    documents = [((one.name,), float(one.documents)) for one in status.sources]
    yield _counter("source_documents", "Documents that a source gave.", documents, "source")
    lost = [
        ((one.name, kind), float(number))
        for one in status.sources
        for kind, number in sorted(one.losses.items())
    ]
    yield _counter("source_lost", "What a source lost, by kind.", lost, "source", "kind")


def _told(status: Status) -> Iterator[Metric]:
    alerts = [((one,), float(status.open_alerts.get(one, 0))) for one in _SEVERITIES]
    yield _gauge("alerts_open", "Alerts that are not closed, by severity.", alerts, "severity")
    yield _gauge("cases", "Cases.", _one(status.cases))
    yield _counter("notices", "What people should hear of.", _one(status.told))
    yield _gauge("alerts_per_day", "New alerts a day, over a week at most.", _one(status.alerts_a_day))
    if status.budget_a_day is not None:
        yield _gauge("alerts_per_day_budget", "As many as are asked for.", _one(status.budget_a_day))
    yield _gauge("outbox_due", "Messages that wait.", _one(status.outbox.due))
    yield _gauge("outbox_dead", "Messages that were given up.", _one(status.outbox.dead))
    yield _gauge("healthy", "1 where /health is.", _one(float(not troubles(status))))
