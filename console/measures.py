"""The measures of contract section 6, computed from the store when they are asked for: processes differ."""

import math
from collections.abc import Iterator, Sequence
from datetime import timedelta

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from policy.terms import Kind
from runtime import feeds
from runtime.app import App
from store import listing, measures

MEDIA_TYPE = CONTENT_TYPE_LATEST
QUANTILES = (0.5, 0.95, 0.99)


def exposition(app: App) -> bytes:
    """Give all measures in the form that Prometheus reads."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Measures(app))
    return generate_latest(registry)


class _Measures(Collector):
    """Asks the store once and tells what it says."""

    def __init__(self, app: App) -> None:
        self._app = app

    def describe(self) -> Iterator[Metric]:
        """Say nothing beforehand: registering must not ask the store."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Give each measure."""
        keys = {
            rule.key for pack in self._app.packs.values() for rule in pack.steps.values() if rule.kind is Kind.NOTIFY
        }
        with self._app.sessions.reading() as s:
            first, late = measures.first_messages(s), measures.lateness(s)
            totals, states = listing.totals(s), measures.states(s)
            waiting, watched = measures.live_steps(s, keys), measures.by_watchdog(s)
            age_s = feeds.oldest_age_s(self._app, s)
        yield _summary(
            "vigil_first_message_seconds", "From a report's receipt to its first message received, latest cases", first
        )
        yield _summary("vigil_act_lateness_seconds", "How long after its instant a message was received, latest", late)
        yield GaugeMetricFamily("vigil_open_cases", "Cases that are not closed", totals.open)
        yield GaugeMetricFamily("vigil_overdue_steps", "Steps past their deadline", totals.overdue_steps)
        yield GaugeMetricFamily("vigil_unacknowledged", "Notices that nobody has acknowledged", waiting)
        sent = CounterMetricFamily("vigil_messages", "Messages by state", labels=["state"])
        for state, count in states.items():
            sent.add_metric([state], count)
        yield sent
        yield CounterMetricFamily("vigil_watchdog_acts", "Messages that the watchdog had to send", watched)
        feed = "Since the source that has been silent for longest answered; NaN where no source is read"
        yield GaugeMetricFamily("vigil_feed_age_seconds", feed, math.nan if age_s is None else age_s)


def _summary(name: str, meaning: str, spans: Sequence[timedelta]) -> Metric:
    """Give count, sum and quantiles of what the store looked at."""
    seconds = sorted(span.total_seconds() for span in spans)
    family = Metric(name, meaning, "summary")
    for quantile in QUANTILES:
        if seconds:
            value = seconds[min(int(quantile * len(seconds)), len(seconds) - 1)]
            family.add_sample(name, {"quantile": str(quantile)}, value)
    family.add_sample(f"{name}_count", {}, len(seconds))
    family.add_sample(f"{name}_sum", {}, sum(seconds))
    return family
