"""Systems that nobody has seen: any size, sampling and naming, with one fault of any kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chimera.diagnosis.observed import Calls, Floats, Metrics, Observed, Target

# What each measures, under three conventions and one that tells nothing.
SPOKEN = {
    "cpu": ("container_cpu_usage", "CPUUtilization", "process.cpu.percent"),
    "memory": ("container_memory_working_set", "MemoryUtilized", "process.memory.used"),
    "disk": ("node_filesystem_used_share", "DiskUsedPercent", "system.disk.in_use"),
    "latency": ("http_request_duration_mean", "ResponseTimeAverage", "trace.http.duration.avg"),
    "slowest": ("http_request_duration_p99", "ResponseTimeP99", "trace.http.duration.p99"),
    "errors": ("http_errors_rate", "HTTPCode5xxCount", "trace.http.errors"),
    "traffic": ("http_requests_rate", "RequestCount", "trace.http.hits"),
    "received": ("network_receive_bytes", "NetworkRxBytes", "system.net.bytes_rcvd"),
}
LEVEL = {
    "cpu": 0.2, "memory": 3e8, "disk": 0.5, "latency": 0.02, "slowest": 0.09, "errors": 0.4,
    "traffic": 50.0, "received": 8e4,
}  # fmt: skip
FAULTS = ("cpu", "memory", "disk", "latency", "errors", "network", "down")


@dataclass(frozen=True)
class System:
    """How it is made: `naming` is 0 to 2, or None for m1..mN; `step` in seconds."""

    services: int = 12
    naming: int | None = 0
    step: float = 15.0
    usual: int = 400
    now: int = 16
    graph: bool = True

    def observe(self, fault: str | None, seed: int) -> tuple[Observed, str]:
        """What is seen of one fault (None: of no fault), and whose it is."""
        rng = np.random.default_rng(seed)
        called_by = [int(rng.integers(0, i)) for i in range(1, self.services)]
        sick = int(rng.integers(1, self.services))
        above, at = set[int](), sick
        while at:
            at = called_by[at - 1]
            above.add(at)
        services, names, rows = [], [], []
        sizes = rng.lognormal(0.0, 0.7, self.services).tolist()
        time = np.arange(self.usual + self.now)
        wave = 1.0 + 0.2 * np.sin(2 * np.pi * time * self.step / 86_400 + rng.uniform(0, 6))
        for i in range(self.services):
            own = sizes[i]
            load = wave * (1.0 + noise(rng, len(time), 0.08))
            for what, level in LEVEL.items():
                size = 1.0 if what == "traffic" else own  # each request calls everybody
                row = level * size * (1.0 + noise(rng, len(time), 0.1))
                if what in ("cpu", "traffic", "received"):
                    row *= load
                if what == "errors":
                    row = rng.poisson(level * size * 2, len(time)).astype(np.float64)
                if fault:
                    struck(
                        row[-self.now :], what, fault, level * sizes[sick], i == sick, i in above
                    )
                services.append(f"svc-{i}")
                names.append(SPOKEN[what][self.naming] if self.naming is not None else what)
                rows.append(row)
        if self.naming is None:
            other = {what: f"m{n}" for n, what in enumerate(rng.permutation(list(LEVEL)))}
            names = [other[name] for name in names]
        values = np.array(rows)
        edges = frozenset((f"svc-{a}", f"svc-{i + 1}") for i, a in enumerate(called_by))
        metrics = Metrics(
            tuple(services), tuple(names), values[:, : self.usual], values[:, self.usual :]
        )
        target = Target("svc-0", names[list(LEVEL).index("latency")])
        calls = Calls(edges, "given") if self.graph else Calls()
        return Observed(metrics, calls, target), f"svc-{sick}"


def noise(rng: np.random.Generator, length: int, spread: float) -> Floats:
    """Fluctuations that remember the last sample."""
    white = rng.normal(0.0, spread, length)
    found = np.empty(length)
    at = 0.0
    for i in range(length):
        at = 0.6 * at + 0.8 * white[i]
        found[i] = at
    return np.maximum(found, -0.9)


def struck(row: Floats, what: str, fault: str, level: float, sick: bool, above: bool) -> None:
    """The fault on the samples since its onset, at the sick service and at those that call it."""
    ramp = np.linspace(0.0, 1.0, len(row))
    slows = fault in ("cpu", "latency", "network", "memory")
    if sick:
        if fault == "down":
            row[:] = np.nan
        elif what == fault and fault in ("cpu", "latency"):
            row *= 4.0
        elif what == fault and fault in ("memory", "disk"):
            row += level * ramp * 0.9
        elif what == "errors" and fault in ("errors", "disk"):
            row += 12.0 * level + 5
        elif what == "received" and fault == "network":
            row *= 0.15
        elif what in ("latency", "slowest") and slows:
            row *= 1.6 if fault == "memory" else 2.5
    if above:  # they wait for it, and its failures are theirs
        if what in ("latency", "slowest") and slows:
            row += level * (0.6 if fault == "memory" else 1.5)
        if what == "errors" and fault in ("errors", "disk", "down"):
            row += 12.0 * level + 5
