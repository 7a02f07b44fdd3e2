"""How long metric ranking takes on a large estate, beside BARO's formula on the same arrays."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass

import numpy as np

from chimera.bench.rootcause.rivals import baro_scores, by_service
from chimera.diagnosis.engine import Engine
from chimera.diagnosis.observed import Metrics, Observed

NAMES = (
    "cpu_share", "memory_bytes", "disk_used_bytes", "latency_p50_s", "latency_p95_s", "latency_p99_s",
    "errors_per_s", "requests_per_s", "net_rx_bytes", "net_tx_bytes", "heap_bytes", "gc_seconds",
    "threads", "queue", "pool_in_use", "io_reads", "io_writes", "open_files", "retries", "cache_hits",
)  # fmt: skip


@dataclass(frozen=True)
class Timing:
    services: int
    series: int
    samples: int
    engine_s: float
    baro_s: float
    peak_gb: float
    found: bool


def measure(
    services: int = 1_000, hours: float = 4.0, step: float = 15.0, window: int = 40
) -> Timing:
    """Noise, one slow service; seconds of the engine and of BARO's formula, peak memory so far."""
    rng = np.random.default_rng(5)
    samples = int(hours * 3600 / step)
    names = tuple(n for _ in range(services) for n in NAMES)
    owners = tuple(f"service-{i:04d}" for i in range(services) for _ in NAMES)
    values = rng.gamma(9.0, 1.0, (len(names), samples))
    sick = services // 3 * len(NAMES)
    values[[sick, sick + 4], -window:] *= 5.0
    before, since = values[:, :-window], values[:, -window:]
    began = time.perf_counter()
    ranking = Engine().rank(Observed(Metrics(owners, names, before, since)))
    engine = time.perf_counter() - began
    metrics = Metrics(owners, names, before, since)
    began = time.perf_counter()
    by_service(metrics, baro_scores(before, since))
    rival = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    found = ranking.services[0] == owners[sick]
    return Timing(services, len(names), samples, engine, rival, peak, found)
