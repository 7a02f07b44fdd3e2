"""Services that the network loses calls to: what is lost or late on the way rose beyond all before."""

from __future__ import annotations

import numpy as np

from chimera.diagnosis.counters import rates
from chimera.diagnosis.gaps import with_gaps
from chimera.diagnosis.observed import Metrics, Trouble

LASTING = 0.25  # of the samples since the onset, those that may be as usual


def losing(metrics: Metrics) -> frozenset[str]:
    """Services with more losses than ever before, for most of the time since the onset.

    Retransmissions, drops, and what a call takes beyond what its server took; bytes tell of nothing
    but of how much was asked.
    """
    rows = with_gaps(metrics)
    kinds = rows.kinds or ()
    rows = _network(rows, [i for i, kind in enumerate(kinds) if kind is Trouble.NETWORK])
    found = set()
    for service, before, since in zip(rows.services, rows.before, rows.since, strict=True):
        usual, now = before[np.isfinite(before)], since[np.isfinite(since)]
        if len(usual) and len(now) and float(np.quantile(now, LASTING)) > float(usual.max()) >= 0:
            found.add(service)
    return frozenset(found)


def _network(rows: Metrics, wanted: list[int]) -> Metrics:
    kinds = (Trouble.NETWORK,) * len(wanted)
    told = Metrics(
        tuple(rows.services[i] for i in wanted),
        tuple(rows.names[i] for i in wanted),
        rows.before[wanted],
        rows.since[wanted],
        kinds,
    )
    return rates(told, kinds)
