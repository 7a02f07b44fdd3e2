"""One case of a foreign system: what is measured of its life, and what the right answer is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from chimera.bench.rootcause.foreign.faults import FAULTS, KINDS, NEEDS, Fault
from chimera.bench.rootcause.foreign.life import Life, live
from chimera.bench.rootcause.foreign.styles import STYLES
from chimera.bench.rootcause.foreign.system import DATA, System, draw
from chimera.diagnosis.observed import Calls, Floats, Metrics, Observed, Target, Trouble


@dataclass(frozen=True, eq=False)
class Foreign:
    """`causes` is empty where nothing is wrong; `kinds` and `metrics` are those of the first."""

    seen: Observed
    system: System
    fault: str
    causes: tuple[str, ...]
    kinds: frozenset[Trouble]
    metrics: frozenset[str]


def case(
    seed: int,
    fault: str | None,
    style: str | None = None,
    step: float | None = None,
    nameless: bool | None = None,
) -> Foreign:
    """A system drawn from `seed`, with one fault, with `two` at once, or (None) with none."""
    rng = np.random.default_rng([seed, *map(ord, fault or "calm")])
    kinds = _struck(rng, fault)
    needs = [what for kind in kinds for what in NEEDS[kind]]
    system = draw(rng, needs, style, step, nameless)
    if "data" in kinds and not system.data:
        system = replace(system, data=frozenset({system.size - 1}) - system.idle)
    faults = _faults(rng, system, kinds)
    if len(faults) < len(kinds):
        return case(seed + 7919, fault, style, step, nameless)  # no two places apart
    life = live(rng, system, faults)
    outside = {f.service for f in faults if f.kind == "external"}
    seen = _measured(rng, system, life, faults, outside)
    told = STYLES[system.style]
    first = kinds[0] if kinds else ""
    return Foreign(
        seen,
        system,
        fault or "",
        tuple(system.names[f.service] for f in faults),
        KINDS.get(first, frozenset()),
        frozenset(told[what].name for what in NEEDS.get(first, ()) if what in told),
    )


def _struck(rng: np.random.Generator, fault: str | None) -> tuple[str, ...]:
    if fault == "two":
        return tuple(str(k) for k in rng.choice(["cpu", "memory", "disk", "down"], 2, replace=True))
    return (fault,) if fault else ()


def _faults(rng: np.random.Generator, system: System, kinds: tuple[str, ...]) -> list[Fault]:
    """Each at a service of its own, which the others neither call nor are called by."""
    found: list[Fault] = []
    for kind in kinds:
        places = [
            j for j in range(1, system.size) if j not in system.idle and _fits(system, j, kind)
        ]
        places = [
            j
            for j in places
            if all(
                j != f.service
                and j not in system.above(f.service)
                and f.service not in system.above(j)
                for f in found
            )
        ]
        if places:
            at = system.usual + int(rng.integers(0, 2))
            found.append(Fault(kind, int(rng.choice(places)), at, float(rng.random())))
    return found


def _fits(system: System, service: int, kind: str) -> bool:
    if kind == "data":
        return service in system.data
    if kind == "external":
        return not system.calls[service].any()
    return True


def _measured(
    rng: np.random.Generator, system: System, life: Life, faults: list[Fault], outside: set[int]
) -> Observed:
    told = STYLES[system.style]
    services, names, rows = [], [], []
    down = {f.service: f.at for f in faults if f.kind == "down"}
    for i, service in enumerate(system.names):
        restarts = np.flatnonzero(rng.random(system.usual) < 0.3 / system.usual).tolist()
        for what in system.measured:
            if what in DATA and i not in system.data:
                continue
            if i in outside and what not in ("latency", "slowest", "errors", "success", "traffic"):
                continue
            row = _told(life[what][i] * told[what].unit, told[what].counter, restarts, what)
            if i in down:
                row[down[i] :] = np.nan
            row[rng.random(len(row)) < 0.005] = np.nan
            services.append(service)
            names.append(told[what].name)
            rows.append(row)
    if system.nameless:
        other = {n: f"m{k}" for k, n in enumerate(sorted(set(names), key=lambda _: rng.random()))}
        names = [other[name] for name in names]
    values = np.array(rows)
    felt = (
        "latency" if any(f.kind in ("cpu", "memory", "latency", "network") for f in faults) else ""
    )
    wanted = felt or ("errors" if "errors" in told else "success")
    metric = names[
        next(
            k for k, n in enumerate(told[w].name for w in system.measured) if n == told[wanted].name
        )
    ]
    return Observed(
        Metrics(
            tuple(services), tuple(names), values[:, : system.usual], values[:, system.usual :]
        ),
        _calls(rng, system),
        Target(system.names[0], metric),
    )


def _told(values: Floats, counter: bool, restarts: list[int], what: str) -> Floats:
    """As a scrape gives it: four digits, counters summed up, lost for a while when it restarts."""
    row = values.copy()
    if counter:
        row = np.cumsum(row)
        for at in restarts:
            row[at:] -= row[at - 1] if at else 0.0
    elif what == "memory":
        for at in restarts:
            row[at : at + 30] *= np.linspace(0.6, 1.0, len(row[at : at + 30]))
    for at in restarts:
        row[at : at + 1] = np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        digits = np.where(row != 0, 3 - np.floor(np.log10(np.abs(row))), 0.0)
    digits = np.where(np.isfinite(digits), digits, 0.0)
    return np.asarray(row if counter else np.round(row * 10.0**digits) / 10.0**digits)


def _calls(rng: np.random.Generator, system: System) -> Calls:
    if system.graph == "none":
        return Calls()
    edges = [(int(i), int(j)) for i, j in np.argwhere(system.calls > 0)]
    if system.graph == "partial":
        edges = [edge for edge in edges if rng.random() < 0.6]
    found = frozenset((system.names[i], system.names[j]) for i, j in edges)
    return Calls(found, "given") if found else Calls()


__all__ = ["FAULTS", "Foreign", "case"]
