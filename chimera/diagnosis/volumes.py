"""Volume of errors or of waiting, service by service, from whatever metrics tell of them."""

from __future__ import annotations

import numpy as np

from chimera.diagnosis.counters import rates
from chimera.diagnosis.observed import Floats, Metrics, Trouble
from chimera.diagnosis.vocabulary import additive, falls, is_share, kind_of, kinds_of, parts, side


def volumes(
    metrics: Metrics, kind: Trouble
) -> tuple[tuple[str, ...], Floats, Floats, tuple[str, ...]] | None:
    """Per service its volume before and since, (services, time), and the metric it comes from."""
    if kind not in (Trouble.ERRORS, Trouble.LATENCY):
        return None
    kinds = metrics.kinds or kinds_of(metrics.names)
    requests = _rows(metrics, [k is Trouble.TRAFFIC for k in kinds])
    told = [k is kind and additive(n) for k, n in zip(kinds, metrics.names, strict=True)]
    trouble = _rows(metrics, told)
    names = tuple(sorted(requests.keys() & trouble.keys()))
    if not names:
        return None
    rows = [*(requests[n] for n in names), *(trouble[n] for n in names)]
    part = rates(_taken(metrics, rows, kinds), tuple(kinds[i] for i in rows))
    counted = kind is Trouble.ERRORS and _counts(part, len(names))

    def volume(values: Floats) -> Floats:
        asked, bad = np.nan_to_num(values[: len(names)]), values[len(names) :]
        if counted:
            return np.nan_to_num(bad)
        for i, metric in enumerate(part.names[len(names) :]):
            if falls(metric):
                whole = 100.0 if np.nanmax(np.nan_to_num(bad[i]), initial=0.0) > 1.5 else 1.0
                bad[i] = (whole - bad[i]) / whole
        return np.asarray(asked * np.nan_to_num(bad))

    told_by = part.names[len(names) :]
    return names, volume(part.before.copy()), volume(part.since.copy()), told_by


def _counts(part: Metrics, half: int) -> bool:
    """Errors that are told as such and not as a share of the requests, in the second half of rows."""
    return not any(falls(name) or is_share(name) for name in part.names[half:])


def _taken(metrics: Metrics, rows: list[int], kinds: tuple[Trouble, ...]) -> Metrics:
    return Metrics(
        tuple(metrics.services[i] for i in rows),
        tuple(metrics.names[i] for i in rows),
        metrics.before[rows],
        metrics.since[rows],
        tuple(kinds[i] for i in rows),
    )


def _rows(metrics: Metrics, wanted: list[bool]) -> dict[str, int]:
    """The row of each service's first metric that is wanted; what its callers saw comes last."""
    names = metrics.names
    order = sorted(
        np.flatnonzero(wanted).tolist(), key=lambda i: (side(names[i]) == "client", names[i])
    )
    found: dict[str, int] = {}
    for i in order:
        found.setdefault(metrics.services[i], i)
    return found


def latencies(metrics: Metrics) -> tuple[dict[str, float], dict[str, float]]:
    """Usual latency of each service: its slowest per cent, and its average."""
    high, mean = {}, {}
    for i, (service, name) in enumerate(zip(metrics.services, metrics.names, strict=True)):
        if kind_of(name) is not Trouble.LATENCY or not np.isfinite(metrics.before[i]).any():
            continue
        level = float(np.nanmedian(metrics.before[i]))
        if any(p in ("p99", "99", "max") for p in parts(name)):
            high[service] = level
        elif additive(name):
            mean[service] = level
    return high, mean
