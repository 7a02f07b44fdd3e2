"""The life of a foreign system, sample by sample: load, queues, waiting, failing, restarts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chimera.bench.rootcause.foreign.faults import Fault
from chimera.bench.rootcause.foreign.system import System
from chimera.diagnosis.observed import Floats

Life = dict[str, Floats]  # what -> (services, samples)
DAY = 86_400.0


def wander(rng: np.random.Generator, shape: tuple[int, int], spread: float) -> Floats:
    """Fluctuations around 1 that remember, with a heavy tail now and then."""
    white = rng.standard_t(5, shape) * spread
    found = np.empty(shape)
    at = np.zeros(shape[0])
    for i in range(shape[1]):
        at = 0.6 * at + 0.7 * white[:, i]
        found[:, i] = at
    return np.asarray(np.clip(1.0 + found, 0.1, 4.0))


def load(rng: np.random.Generator, system: System) -> Floats:
    """Around 1: a daily wave, fluctuations, short bursts."""
    samples = system.usual + system.now
    time = np.arange(samples) * system.step
    wave = 1.0 + system.busy_day * np.sin(2 * np.pi * time / DAY + rng.uniform(0, 2 * np.pi))
    found = wave * wander(rng, (1, samples), 0.04)[0]
    for at in np.flatnonzero(rng.random(samples) < 1 / 150):
        found[at : at + int(rng.integers(1, 5))] *= rng.uniform(1.2, 1.8)
    return np.asarray(found)


def live(rng: np.random.Generator, system: System, faults: Sequence[Fault]) -> Life:
    """All that there is to measure, in SI units; what is missing is added when it is measured."""
    n, samples = system.size, system.usual + system.now
    hit = {kind: np.zeros((n, samples)) for kind in _EFFECTS}
    for fault in faults:
        for kind, size, ramp in _FELT[fault.kind]:
            shape = fault.rising(samples) if ramp else fault.since(samples)
            hit[kind][fault.service] += size * (0.6 + 0.8 * fault.size) * shape
    coming = load(rng, system)
    shifts = _deployments(rng, system)
    seed = int(rng.integers(2**32))
    found = _run(np.random.default_rng(seed), system, coming, hit, shifts)
    if faults and rng.random() < 0.5:  # a closed loop: who waits longer asks less often
        slower = found["client"][0] / np.median(found["client"][0])
        coming = coming / np.sqrt(np.clip(slower, 1.0, 9.0))
        found = _run(np.random.default_rng(seed), system, coming, hit, shifts)
    return found


# What a fault does where it strikes: effect, size, and whether it grows.
_EFFECTS = ("burn", "leak", "fill", "stall", "fail", "way", "stale")
_FELT: dict[str, tuple[tuple[str, float, bool], ...]] = {
    "cpu": (("burn", 0.6, False),),
    "memory": (("leak", 0.8, True), ("stall", 0.4, True)),
    "disk": (("fill", 1.0, True), ("fail", 0.2, True)),
    "latency": (("stall", 3.0, False),),
    "errors": (("fail", 0.35, False),),
    "network": (("way", 3.0, False),),
    "data": (("stale", 1.0, False),),
    "external": (("stall", 3.0, False), ("fail", 0.1, False)),
    "down": (("fail", 0.8, False),),
}


def _run(rng: np.random.Generator, system: System, coming: Floats, hit: Life, shifts: Life) -> Life:
    n, samples = system.size, len(coming)

    def about(spread: float = 1.0) -> Floats:
        return wander(rng, (n, samples), spread * system.noise)

    requests = np.zeros((n, samples))
    requests[0] = 10.0 * rng.lognormal(1.5, 1.0) * coming
    for j in range(1, n):
        requests[j] = system.calls[:, j] @ requests
    requests *= about(0.3)
    requests[sorted(system.idle)] = 0.0
    usual = np.maximum(np.median(requests, axis=1, keepdims=True), 1e-3)
    cores = rng.choice([0.5, 1.0, 2.0, 4.0], (n, 1))
    busy = rng.uniform(0.08, 0.45, (n, 1)) * requests / usual * shifts["cpu"] * about()
    used = np.clip(busy + hit["burn"], 0.005, 0.97)
    own = rng.lognormal(-4.5, 0.9, (n, 1)) * shifts["latency"] * about() * (1 + hit["stall"])
    own = own * (1 - busy.mean(axis=1, keepdims=True).clip(0, 0.8)) / (1 - used)
    base_way = rng.uniform(0.0005, 0.002, (n, 1)) * about(1.5)
    passed, errors = rng.uniform(0.3, 1.0, (n, 1)), rng.choice([0.0, 1e-4, 2e-3], (n, 1)) * about()
    total, failed = own.copy(), np.clip(errors + hit["fail"], 0.0, 0.95)
    way = base_way.copy()
    for i in range(n - 1, -1, -1):
        # A slow network delays what comes in and what goes out.
        slow = np.median(own[i]) * hit["way"][i] + 0.02 * hit["way"][i]
        for j in np.flatnonzero(system.waited[i]).tolist():
            total[i] += system.waited[i, j] * (total[j] + way[j] + slow)
            failed[i] = 1 - (1 - failed[i]) * (1 - passed[i] * np.minimum(failed[j], 1.0))
        way[i] += slow
    lost = (hit["way"] > 0) * 1.0
    told = total + way if system.meshed else total
    age, rows = _data(rng, system, coming, hit["stale"])
    return {
        "cpu": used * cores,
        "memory": _memory(rng, n, samples, shifts["memory"], about(0.2)) * (1 + hit["leak"]),
        "disk": np.clip(_filling(rng, n, samples) + hit["fill"], 0.0, 1.0),
        "io": (requests * 200 + 1e3) * about(3.0),
        "latency": told,
        "slowest": told * rng.uniform(2.0, 5.0, (n, 1)) * about(1.5),
        "client": total + way,
        "server": total,
        "errors": rng.poisson(requests * failed * system.step) / system.step,
        "success": 1.0 - failed * (requests > 0),
        "traffic": requests,
        "received": (requests * rng.uniform(200, 5e3, (n, 1)) + 50) * about() * (1 - 0.3 * lost),
        "sent": (requests * rng.uniform(200, 5e4, (n, 1)) + 50) * about() * (1 - 0.3 * lost),
        "retrans": rng.poisson(0.5 + 20 * hit["way"] + 0.02 * requests).astype(np.float64),
        "busy": requests * total,
        "age": age,
        "rows": rows,
    }


def _deployments(rng: np.random.Generator, system: System) -> Life:
    """Levels that a release moved for good, some time before the onset."""
    samples = system.usual + system.now
    found = {what: np.ones((system.size, samples)) for what in ("cpu", "latency", "memory")}
    for level in found.values():
        for i in np.flatnonzero(rng.random(system.size) < 0.15):
            level[i, int(rng.integers(system.usual // 10, system.usual)) :] *= rng.uniform(
                0.85, 1.2
            )
    return found


def _memory(
    rng: np.random.Generator, n: int, samples: int, shifts: Floats, noise: Floats
) -> Floats:
    """A level that drifts, with the saw teeth of a garbage collector at some."""
    drift = np.cumsum(rng.normal(0.0, 0.001, (n, samples)), axis=1)
    period, phase = rng.integers(10, 60, (n, 1)), rng.integers(0, 60, (n, 1))
    teeth = ((np.arange(samples) + phase) % period) / period * rng.choice([0.0, 0.2], (n, 1))
    return np.asarray(rng.lognormal(19.5, 0.8, (n, 1)) * (1 + drift + teeth) * shifts * noise)


def _filling(rng: np.random.Generator, n: int, samples: int) -> Floats:
    start = rng.uniform(0.1, 0.6, (n, 1))
    return np.asarray(start + rng.uniform(0.0, 0.05, (n, 1)) * np.arange(samples) / samples)


def _data(
    rng: np.random.Generator, system: System, coming: Floats, stale: Floats
) -> tuple[Floats, Floats]:
    """Age in seconds (it grows until the next batch) and rows a sample, of those that write data."""
    n, samples = stale.shape
    every = rng.integers(2, 9, (n, 1))
    teeth = (np.arange(samples) + rng.integers(0, 9, (n, 1))) % every
    age = (1.0 + teeth) * system.step * wander(rng, (n, samples), 0.02)
    rows = rng.lognormal(7, 1, (n, 1)) * coming * wander(rng, (n, samples), 0.1)
    for i in range(n):
        if stale[i].any():
            began = int(np.argmax(stale[i] > 0))
            age[i, began:] = age[i, began] + np.arange(samples - began) * system.step
            rows[i, began:] *= 0.02
    return age, rows
