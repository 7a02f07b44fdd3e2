"""PetShop's graph traversal, a rival: abnormal services that no abnormal callee explains."""

from __future__ import annotations

import numpy as np

from chimera.diagnosis.observed import Calls, Floats, Metrics, Observed

ABNORMAL = 5.0  # median absolute deviations
TRIGGER = 2  # the sample that is judged, unless a later one is the target's first abnormal one
FEWEST = 10  # normal samples, without which a service is taken to be as usual


def traversal(seen: Observed) -> dict[str, float]:
    """Abnormal services without abnormal callees that reach the target over abnormal ones.

    S. Hardt et al.: The PetShop dataset, finding causes of performance issues across microservices,
    CLeaR 2024. Only the target's own metric is looked at, at one moment; a service is as likely as
    the deviations on its best way to the target add up to: the weight that is returned. A target
    that is as usual names nobody.
    """
    if seen.target is None or not seen.calls.edges:
        return {}
    services, scores, abnormal = deviations(seen.metrics, seen.target.metric)
    if seen.target.service not in services:
        return {}
    target = services.index(seen.target.service)
    later = np.flatnonzero(abnormal[target, TRIGGER:])
    if not len(later):
        return {}
    at = TRIGGER + int(later[0])
    bad = {s: float(scores[i, at]) for i, s in enumerate(services) if abnormal[i, at]}
    weight = ways(seen.calls, seen.target.service, bad)
    callees = seen.calls.callees()
    return {s: w for s, w in weight.items() if not callees.get(s, set()) & bad.keys()}


def ranked(weights: dict[str, float], cause: str, lost: bool) -> list[str]:
    """The likeliest first; of equals, whose deviations are often infinite, the cause last or first."""
    return sorted(weights, key=lambda s: (-weights[s], (s == cause) == lost, s))


def deviations(metrics: Metrics, name: str) -> tuple[list[str], Floats, np.ndarray]:
    """Of each service with the metric: deviations from the median, and whether they are abnormal.

    Both are (services, samples). A series that never moved is abnormal once it moves at all.
    """
    rows = [i for i, told in enumerate(metrics.names) if told == name]
    scores, abnormal = [], []
    for i in rows:
        usual = metrics.before[i][np.isfinite(metrics.before[i])]
        far = np.zeros(metrics.since.shape[1])
        most = ABNORMAL
        if len(usual) >= FEWEST:
            far = np.abs(metrics.since[i] - np.median(usual))
            if usual.std() > 0:
                with np.errstate(divide="ignore", invalid="ignore"):
                    far /= 1.4826 * np.median(np.abs(usual - np.median(usual)))
            else:
                far, most = np.abs(metrics.since[i] - usual.mean()), 0.0
        far = np.nan_to_num(far, nan=0.0, posinf=np.inf)
        scores.append(far)
        abnormal.append(far > most)
    shape = (len(rows), metrics.since.shape[1])
    services = [metrics.services[i] for i in rows]
    return services, np.array(scores).reshape(shape), np.array(abnormal, dtype=bool).reshape(shape)


def ways(calls: Calls, target: str, bad: dict[str, float]) -> dict[str, float]:
    """Of each abnormal service that abnormal calls lead to, the largest sum on such a way."""
    callees, found = calls.callees(), dict[str, float]()

    def walk(service: str, been: tuple[str, ...], total: float) -> None:
        if service not in bad or service in been:
            return
        total += bad[service]
        found[service] = max(found.get(service, 0.0), total)
        for callee in sorted(callees.get(service, ())):
            walk(callee, (*been, service), total)

    walk(target, (), 0.0)
    return found
