"""What a call takes on its way: the latency that its caller saw less the one its server saw."""

from __future__ import annotations

import numpy as np

from chimera.diagnosis.observed import Metrics, Trouble
from chimera.diagnosis.vocabulary import kinds_of, side

GAP = " minus server"


def with_gaps(metrics: Metrics) -> Metrics:
    """The series with their kinds, and the way to a service where both of its ends were measured."""
    kinds = list(metrics.kinds or kinds_of(metrics.names))
    at = {pair: i for i, pair in enumerate(zip(metrics.services, metrics.names, strict=True))}
    pairs = [
        (i, at[service, name.replace("client", "server")])
        for (service, name), i in at.items()
        if kinds[i] is Trouble.LATENCY
        and side(name) == "client"
        and (service, name.replace("client", "server")) in at
    ]
    # What the caller measured is told by the gap; alone it is the callers' trouble as well.
    kinds = [
        Trouble.TRAFFIC if k is Trouble.LATENCY and side(n) == "client" else k
        for k, n in zip(kinds, metrics.names, strict=True)
    ]
    if not pairs:
        return Metrics(metrics.services, metrics.names, metrics.before, metrics.since, tuple(kinds))
    client, server = np.array(pairs).T
    return Metrics(
        metrics.services + tuple(metrics.services[i] for i in client),
        metrics.names + tuple(metrics.names[i] + GAP for i in client),
        np.vstack([metrics.before, metrics.before[client] - metrics.before[server]]),
        np.vstack([metrics.since, metrics.since[client] - metrics.since[server]]),
        (*kinds, *[Trouble.NETWORK] * len(pairs)),
    )
