"""The metrics that every process of the estate exports; names are fixed, see docs/faults.md."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0)


class Meters:
    """One process's registry. Optional groups appear only where they mean something."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.info = self.gauge("app_info", "The running release", "version")
        self.config = self.gauge("app_config_info", "Settings without secrets", "key", "value")
        self.disk_used = self.gauge("disk_used_bytes", "Bytes in the process's own quota")
        self.disk_limit = self.gauge("disk_limit_bytes", "Size of that quota")

    def gauge(self, name: str, says: str, *labels: str) -> Gauge:
        return Gauge(name, says, labels, registry=self.registry)

    def counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(name, says, labels, registry=self.registry)

    def with_http(self) -> tuple[Counter, Histogram]:
        """Requests by route and code, and how long they took, in seconds."""
        requests = self.counter("http_requests_total", "Requests answered", "route", "code")
        duration = Histogram(
            "http_request_duration_seconds",
            "Time to answer",
            ("route",),
            buckets=BUCKETS,
            registry=self.registry,
        )
        return requests, duration

    def show_settings(self, release: str, configuration: dict[str, str]) -> None:
        """Tell what runs now; the values before are gone at once."""
        self.info.clear()
        self.info.labels(version=release).set(1)
        self.config.clear()
        for key, value in configuration.items():
            self.config.labels(key=key, value=value).set(1)
