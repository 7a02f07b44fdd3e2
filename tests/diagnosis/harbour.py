"""A small harbour: gate calls crane and depot, crane calls scale. One of them may be sick."""

from __future__ import annotations

import numpy as np

from chimera.diagnosis.observed import Calls, Line, Metrics, Observed, Spans, Target

SERVICES = ("gate", "crane", "depot", "scale")
EDGES = frozenset({("gate", "crane"), ("gate", "depot"), ("crane", "scale")})
USUAL, NOW = 240, 8


def harbour(sick: str | None = None, seed: int = 0) -> Observed:
    """Four hours of minutes and eight since; the sick one burns CPU and answers slowly."""
    rng = np.random.default_rng(seed)
    return Observed(
        metrics=metrics(rng, sick),
        calls=Calls(EDGES, "given"),
        target=Target("gate", "latency_average_s"),
        spans_before=spans(rng, 60, None, "a"),
        spans_since=spans(rng, 60, sick, "b"),
        lines_before=lines(60, None, "a"),
        lines_since=lines(60, sick, "b"),
        changes={sick: (120.0, "release 4.1 replaced 4.0")} if sick else {},
    )


def metrics(rng: np.random.Generator, sick: str | None) -> Metrics:
    services, names, rows = [], [], []
    for service in SERVICES:
        felt = {sick, *(caller for caller, callee in EDGES if callee == sick)}
        for name, level in (
            ("cpu_share", 0.3),
            ("memory_bytes", 4e8),
            ("latency_average_s", 0.05),
            ("requests_sum", 600.0),
        ):
            row = level * rng.gamma(100.0, 0.01, USUAL + NOW)
            if sick and name == "cpu_share" and service == sick:
                row[-NOW:] *= 3.0
            if sick and name == "latency_average_s" and service in felt:
                row[-NOW:] += 0.2
            services.append(service)
            names.append(name)
            rows.append(row)
    values = np.array(rows)
    return Metrics(tuple(services), tuple(names), values[:, :-NOW], values[:, -NOW:])


def spans(rng: np.random.Generator, traces: int, sick: str | None, prefix: str) -> Spans:
    """In each trace, gate calls crane (which calls scale) and then depot; times in seconds."""
    tree = (
        ("gate", -1),
        ("gate", 0),
        ("crane", 1),
        ("crane", 2),
        ("scale", 3),
        ("gate", 0),
        ("depot", 5),
    )
    operation = {0: "GET /", 1: "call", 2: "lift", 3: "call", 4: "weigh", 5: "call", 6: "store"}
    own = (3.0, 1.0, 8.0, 1.0, 5.0, 1.0, 6.0)
    ids, parent, service, started, lasted = [], [], [], [], []
    for trace in range(traces):
        took = [t * rng.gamma(25.0, 0.04) for t in own]
        if sick:
            took[2] *= 10.0 if sick == "crane" else 1.0
            took[4] *= 10.0 if sick == "scale" else 1.0
        total = dict(enumerate(took))
        for i in (4, 3, 2, 1, 6, 5):
            total[tree[i][1]] += total[i]
        at, begins = {0: 0.0}, 0.2
        for i in (1, 2, 3, 4):
            at[i] = at[tree[i][1]] + begins
        at[5] = at[1] + total[1]
        at[6] = at[5] + 0.2
        for i, (name, up) in enumerate(tree):
            ids.append(f"{prefix}{trace:03d}{i}")
            parent.append(len(tree) * trace + up if up >= 0 else -1)
            service.append(SERVICES.index(name))
            started.append(trace + at[i] / 1e3)
            lasted.append(total[i])
    return Spans(
        tuple(ids),
        np.array(parent),
        np.array(service),
        np.tile(np.arange(len(tree)), traces),
        np.array(started),
        np.array(lasted),
        SERVICES,
        tuple(operation[i] for i in range(len(tree))),
    )


def lines(traces: int, sick: str | None, prefix: str) -> tuple[Line, ...]:
    """Each call says what it did; the sick one complains in two of three."""
    said = []
    for trace in range(traces):
        for service, row in (("gate", 0), ("crane", 2), ("scale", 4), ("depot", 6)):
            span = f"{prefix}{trace:03d}{row}"
            said.append(
                Line(service, f"INFO Desk#12 served container {trace * 7} in {row} ms", span)
            )
            if service == sick and trace % 3:
                said.append(Line(service, f"ERROR Desk#40 hook {trace} is overloaded", span))
    return tuple(said)
