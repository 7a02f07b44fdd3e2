"""Other ways to rank the same cases, for the table: n-sigma, BARO's formula, guesses."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from chimera.diagnosis.observed import Floats, Metrics

OF_MEAN = 0.05


@contextmanager
def quiet() -> Iterator[None]:
    """Rows without samples are no news."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def n_sigma(metrics: Metrics) -> list[str]:
    """The largest rise above the mean, in standard deviations.

    A missing sample is 0. A deviation is at least 5 % of the mean; a series that never moved is left
    out. Of the variants tried it is the one that comes closest to the reference figures.
    """
    before, since = np.nan_to_num(metrics.before), np.nan_to_num(metrics.since)
    mean, spread = before.mean(axis=1), before.std(axis=1)
    spread = np.where(spread > 0, np.maximum(spread, OF_MEAN * np.abs(mean)), np.nan)
    return by_service(metrics, (since.max(axis=1) - mean) / spread)


def baro(metrics: Metrics) -> list[str]:
    """The largest rise above the median in interquartile ranges.

    L. Pham, H. Ha, H. Zhang: BARO, robust root cause analysis for microservices via multivariate
    Bayesian online change point detection, FSE 2024 (RobustScorer). A missing sample is 0; a series
    whose range is 0 is left out.
    """
    before, since = np.nan_to_num(metrics.before), np.nan_to_num(metrics.since)
    return by_service(metrics, baro_scores(before, since))


def baro_scores(before: Floats, since: Floats) -> Floats:
    """The formula: max (x - median) / IQR of each row, NaN where the range is 0."""
    with quiet():
        q25, q50, q75 = np.nanpercentile(before, [25, 50, 75], axis=1)
        spread = np.where(q75 > q25, q75 - q25, np.nan)
        return np.asarray((np.nanmax(since, axis=1) - q50) / spread)


def by_service(metrics: Metrics, scores: Floats) -> list[str]:
    best: dict[str, float] = {}
    told = np.where(np.isfinite(scores), scores, -np.inf)
    for service, value in zip(metrics.services, told.tolist(), strict=True):
        best[service] = max(best.get(service, -np.inf), value)
    return sorted(best, key=lambda s: (-best[s], s))


def constant(truth: Mapping[str, str], keys: Iterable[str]) -> list[str]:
    """A system's usual culprits, most frequent first: it looks at the labels, and at nothing else."""
    counts = Counter(truth[key] for key in keys if key in truth)
    return sorted(counts, key=lambda s: (-counts[s], s))


def random_expected(services: int, k: int) -> float:
    """The chance of a random order to have the cause among its first k."""
    return min(1.0, k / max(1, services))
