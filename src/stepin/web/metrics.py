"""What this process counts about itself, as Prometheus reads it."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Stats:
    """Plain counters; turned into metrics only when somebody asks."""

    def __init__(self) -> None:
        self.feeds = 0
        self.position = 0
        self.floor_chats = 0
        self.withheld: dict[str, int] = {}
        self._requests: Counter[tuple[str, int]] = Counter()
        self._cuts: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._lags = [0] * (len(BOUNDS_S) + 1)
        self._lag_sum = 0.0
        self._seconds: dict[str, list[int]] = {}
        self._sums: Counter[str] = Counter()
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def request(self, endpoint: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self._requests[endpoint, status] += 1
        buckets = self._seconds.get(endpoint)
        if buckets is None:
            buckets = self._seconds[endpoint] = [0] * (len(BOUNDS_S) + 1)
        buckets[bisect_left(BOUNDS_S, seconds)] += 1
        self._sums[endpoint] += seconds  # type: ignore[assignment]

    def cut(self, why: str) -> None:
        """Count a feed that the server ended."""
        self._cuts[why] += 1

    def refuse_feed(self, why: str) -> None:
        """Count a feed that was not begun: its holder, its address or the process has too many."""
        self._refused[why] += 1

    def lag(self, seconds: float) -> None:
        """Count how late the event loop was."""
        self._lags[bisect_left(BOUNDS_S, seconds)] += 1
        self._lag_sum += seconds

    def render(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterable[Metric]:
        """Yield the metrics (the protocol of `prometheus_client`)."""
        requests = CounterMetricFamily(
            "stepin_requests", "Answered requests.", labels=("endpoint", "status")
        )
        for (endpoint, status), count in self._requests.items():
            requests.add_metric((endpoint, str(status)), count)
        yield requests
        seconds = HistogramMetricFamily(
            "stepin_request_seconds", "Time to answer.", labels=("endpoint",)
        )
        for endpoint, buckets in self._seconds.items():
            seconds.add_metric((endpoint,), _shown(buckets), self._sums[endpoint])
        yield seconds
        yield HistogramMetricFamily(
            "stepin_loop_lag_seconds",
            "How late the event loop came to what was due, four times a second.",
            buckets=_shown(self._lags),
            sum_value=self._lag_sum,
        )
        yield GaugeMetricFamily("stepin_feeds_open", "Open live feeds.", value=self.feeds)
        cuts = CounterMetricFamily(
            "stepin_feeds_cut", "Feeds ended by the server.", labels=("why",)
        )
        for why, count in self._cuts.items():
            cuts.add_metric((why,), count)
        yield cuts
        refused = CounterMetricFamily(
            "stepin_feeds_refused", "Feeds that were not begun.", labels=("why",)
        )
        for why, count in self._refused.items():
            refused.add_metric((why,), count)
        yield refused
        yield GaugeMetricFamily(
            "stepin_feed_position",
            "The last position that the feeds have delivered.",
            value=self.position,
        )
        yield GaugeMetricFamily("stepin_floor_chats", "Chats on the floor.", value=self.floor_chats)
        withheld = CounterMetricFamily(
            "stepin_drafts_withheld",
            "Texts of the AI that the gate has kept from customers.",
            labels=("why",),
        )
        for why, count in self.withheld.items():
            withheld.add_metric((why,), count)
        yield withheld


def _shown(buckets: list[int]) -> list[tuple[str, float]]:
    """Return the counts up to each bound, as Prometheus wants them."""
    total, shown = 0, []
    for bound, count in zip((*map(str, BOUNDS_S), "+Inf"), buckets, strict=True):
        total += count
        shown.append((bound, float(total)))
    return shown
