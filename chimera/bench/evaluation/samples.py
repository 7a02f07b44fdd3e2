"""A state's series as OpenMetrics text: what Prometheus would have scraped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from chimera.bench.evaluation.files import Line, Phase, Service, State
from chimera.sandbox.stack.openmetrics import END, lines, name_and_labels

Floats = npt.NDArray[np.float64]
EDGES = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0)


class Samples:
    """Series on one grid that ends now."""

    def __init__(self, state: State) -> None:
        end = state.now.timestamp() // state.step * state.step
        count = int(state.history.total_seconds() / state.step) + 1
        self.times: Floats = end - state.step * np.arange(count - 1, -1, -1).astype(np.float64)
        self.now, self.step = state.now.timestamp(), state.step
        self._series: defaultdict[str, list[tuple[str, Floats]]] = defaultdict(list)
        for name, service in state.services.items():
            self._service(name, service)
        for line in state.series:
            self._line(line)

    def text(self) -> Iterator[str]:
        for name in sorted(self._series):
            for head, values in self._series[name]:
                there = np.isfinite(values)
                said = (f"{value:.10g}" for value in values[there])
                yield from lines(head, zip(self.times[there], said, strict=True))
        yield END

    def _add(self, name: str, values: Floats, **labels: str) -> None:
        self._series[name].append((name_and_labels(name, labels), values))

    def _line(self, line: Line) -> None:
        at = [self.now + when.total_seconds() for when, _ in line.points]
        values = np.interp(self.times, at, [value for _, value in line.points], left=np.nan)
        if line.kind == "counter":
            values = np.cumsum(np.nan_to_num(values) * self.step)
        self._add(line.metric, values, **line.labels)

    def _over(self, service: Service, name: str) -> list[float | str | bool]:
        """A property of the service at each time."""
        found = [getattr(service, name)] * len(self.times)
        phases: list[Phase] = sorted(service.phases, key=lambda p: p.since)
        for phase in phases:
            value = getattr(phase, name)
            if value is not None:
                begin = self.now + phase.since.total_seconds()
                found = [value if t >= begin else f for t, f in zip(self.times, found, strict=True)]
        return found

    def _service(self, name: str, service: Service) -> None:
        up = np.array(self._over(service, "up"), dtype=np.float64)
        rps = np.array(self._over(service, "rps"), dtype=np.float64) * up
        bad = np.array(self._over(service, "errors"), dtype=np.float64)
        median = np.array(self._over(service, "latency"), dtype=np.float64)
        labels = {"service": name, "job": "estate", "instance": f"{name}-0"}
        self._add("up", up, **labels)
        alive = np.where(up > 0, 1.0, np.nan)
        # No service is even: a little of the clock's own rhythm, the same at every run.
        wave = 1.0 + 0.04 * np.sin(self.times / 97.0) + 0.03 * np.sin(self.times / 41.0)
        counted = rps * wave * self.step
        self._add(
            "http_requests_total",
            np.cumsum(counted * (1 - bad)) * alive,
            route="/",
            code="200",
            **labels,
        )
        self._add(
            "http_requests_total", np.cumsum(counted * bad) * alive, route="/", code="500", **labels
        )
        base = "http_request_duration_seconds"
        for edge in EDGES:
            share = 1.0 - np.exp2(-edge / (median * wave))
            self._add(
                f"{base}_bucket",
                np.cumsum(counted * share) * alive,
                route="/",
                le=f"{edge:g}",
                **labels,
            )
        total = np.cumsum(counted) * alive
        self._add(f"{base}_bucket", total, route="/", le="+Inf", **labels)
        self._add(f"{base}_count", total, route="/", **labels)
        self._add(
            f"{base}_sum",
            np.cumsum(counted * median * wave / np.log(2)) * alive,
            route="/",
            **labels,
        )
        versions = self._over(service, "version")
        for version in dict.fromkeys(str(v) for v in versions):
            shown = np.array([1.0 if v == version else np.nan for v in versions])
            self._add("app_info", shown * alive, version=version, **labels)
