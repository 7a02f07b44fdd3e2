"""Own time of spans: their duration less what their children cover."""

from __future__ import annotations

import numpy as np

from chimera.diagnosis.observed import Calls, Floats, Ints, Spans


def own_time(spans: Spans) -> Floats:
    """Milliseconds of each span that none of its children covers; children may overlap."""
    covered = np.zeros(len(spans))
    child = np.flatnonzero(spans.parent >= 0)
    parent = spans.parent[child]
    begin = np.maximum(spans.started[child], spans.started[parent])
    end = spans.started[child] + spans.lasted[child] / 1e3
    end = np.minimum(end, spans.started[parent] + spans.lasted[parent] / 1e3)
    reached = np.full(len(spans), -np.inf)  # how far a parent is covered already
    for i in np.argsort(begin, kind="stable"):
        p, start = parent[i], max(begin[i], reached[parent[i]])
        if end[i] > start:
            covered[p] += end[i] - start
            reached[p] = end[i]
    return np.asarray(np.maximum(spans.lasted - covered * 1e3, 0.0))


def callee_of(spans: Spans) -> Ints:
    """The service that a span calls, as its position in `services`; -1 if it calls none."""
    found = np.full(len(spans), -1, dtype=np.int64)
    child = np.flatnonzero(spans.parent >= 0)
    parent = spans.parent[child]
    away = spans.service[child] != spans.service[parent]
    found[parent[away]] = spans.service[child[away]]
    return found


def learn_calls(*parts: Spans | None) -> Calls:
    """The call graph that these spans show."""
    edges = set()
    for spans in parts:
        if spans is None:
            continue
        called = callee_of(spans)
        at = np.flatnonzero(called >= 0)
        pairs = np.unique(np.column_stack([spans.service[at], called[at]]), axis=0)
        edges |= {(spans.services[a], spans.services[b]) for a, b in pairs.tolist()}
    return Calls(frozenset(edges), "traces" if edges else "none")
