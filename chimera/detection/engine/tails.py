"""How rare a residual is among all residuals of its signal and series so far.

Residuals are counted by size in bins of a quarter of a doubling, half of the bins on each side of
the reference. Below the tail a residual's rank decides; in the tail, the last `tail` of all
residuals, an exponential with their mean excess does (peaks over a threshold: Pickands 1975, with
shape zero).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chimera.detection.engine.compiled import compiled

ONE = 127  # what a float32 of 1.0 has as its exponent
PER_DECADE = 0.4342944819032518
MANY = 60_000  # residuals after which all counts are halved: the distant past fades
ONE_BIN = 1 << 21
MOST = 1 << 30  # more than there are bins
FROM = (0, 1, 2, 2, 3, 3)  # the signal that each tail belongs to


@compiled
def edge(at: int, bins: int) -> float:
    """The lower edge of one of so many bins, in units of the reference."""
    return float(2.0 ** ((at >> 2) - (bins >> 3)) * (1.0 + (at & 3) * 0.25))


@compiled
def bin_of(size: float, bins: int) -> tuple[int, float]:
    """The bin of a size in units of the reference, of so many, and how far into it."""
    single = np.float32(size)
    bits = np.int64(single.view(np.int32))
    at = (bits >> 21) - ((ONE - (bins >> 3)) << 2)
    if at < 0:
        return 0, 0.0
    if at >= bins:
        return bins - 1, 1.0
    return int(at), float((bits & (ONE_BIN - 1)) / ONE_BIN)


@compiled
def tail_of(counts: Any, known: int, share: float, top: int = MOST) -> tuple[float, float]:
    """Where the tail begins and its mean excess, in units of the reference.

    No bin above `top` may have a count.
    """
    wanted = share * known
    bins = len(counts)
    count, total = 0.0, 0.0
    at = min(top, bins - 1)
    while at > 0 and count + counts[at] < wanted:
        count += counts[at]
        total += counts[at] * 0.5 * (edge(at, bins) + edge(at + 1, bins))
        at -= 1
    upper = edge(at + 1, bins)
    missing = wanted - count
    part = missing / counts[at] if counts[at] >= missing and counts[at] > 0 else 0.0
    begin = upper - (upper - edge(at, bins)) * part
    total += missing * 0.5 * (begin + upper)
    return begin, total / wanted - begin


@compiled
def decades(
    counts: Any,
    known: int,
    size: float,
    share: float,
    cap: float,
    least: float,
    top: int = MOST,
) -> float:
    """-log10 of the share of residuals as large as `size`, at most `cap`.

    `least` is the smallest scale that the tail may have; sizes in units of the reference. No bin
    above `top` may have a count.
    """
    at, into = bin_of(size, len(counts))
    above = np.int64(0)
    for k in range(at + 1, min(top + 1, len(counts))):
        above += np.int64(counts[k])
    reached = above + (1.0 - into) * counts[at]
    if reached >= share * known:
        return float(-np.log10((reached + 1.0) / (known + 1.0)))
    begin, excess = tail_of(counts, known, share, top)
    excess = max(excess, least)
    if excess <= 1e-30:
        return cap
    return float(min(-np.log10(share) + max(size - begin, 0.0) / excess * PER_DECADE, cap))


@compiled
def count(record: Any, signal: int, tail: int, size: float) -> None:
    """Count a residual, 0 or more, in units of its series."""
    bins = len(record.tails[tail])
    if record.known[signal] >= MANY:
        for of in range(len(FROM)):
            if FROM[of] == signal:
                for k in range(bins):
                    record.tails[of, k] >>= 1
        record.known[signal] >>= 1
    record.known[signal] += 1
    if size > 0.0:
        at, _ = bin_of(size / record.reference[signal], bins)
        record.tails[tail, at] += 1
        record.top[tail] = max(record.top[tail], at)
