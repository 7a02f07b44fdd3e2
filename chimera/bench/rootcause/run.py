"""One run of `chimera bench rca`: rank, compare, write."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import rich
from rich.table import Table

from chimera.bench.rootcause import rivals
from chimera.bench.rootcause.answers import abstention, compare_renamed, kinds
from chimera.bench.rootcause.calibration import reliability
from chimera.bench.rootcause.cases import Case, cases
from chimera.bench.rootcause.labels import Labels, read
from chimera.bench.rootcause.scale import Timing, measure
from chimera.bench.rootcause.scores import Score, score
from chimera.bench.rootcause.traversal import ranked, traversal
from chimera.diagnosis.engine import Engine, Ranking
from chimera.diagnosis.observed import Observed
from chimera.platform.observability.redaction import redacted

Rows = dict[str, dict[str, Score]]  # system -> method -> score


def run(
    path: Path, rankings: Path | None, rename: bool, selection: bool, figures: Path | None
) -> None:
    """Rank every case under `path` and print what came out."""
    found = list(cases(path))
    engine = Engine()
    full = {case.key: engine.rank(case.observe()) for case in found}
    if rankings:
        rankings.write_text(json.dumps({k: answer(r) for k, r in full.items()}, indent=1) + "\n")
        rich.print(f"{len(full)} rankings are in {rankings}")
    labels = read(found)
    told: dict[str, Any] = {}
    if labels.service:
        table = score_all(found, full, labels)
        show(table)
        told["scores"] = {s: {m: vars(v) for m, v in rows.items()} for s, rows in table.items()}
        told["kinds"] = kinds(found, full, labels)
    told["abstention"] = abstention(found, full, labels, engine)
    if labels.service:
        told["reliability"] = reliability(full, labels)
        rich.print("confidence said, share right, cases:", told["reliability"])
    if rename:
        told["renamed"] = compare_renamed(found, full, engine)
    if selection and labels.service:
        from chimera.bench.rootcause.selection import select

        told["selection"] = select(found, labels)
    if figures:
        figures.write_text(json.dumps(told, indent=1) + "\n")


def answer(ranking: Ranking) -> dict[str, Any]:
    """What is written for one case."""
    first = ranking.causes[0] if ranking.causes else None
    return {
        "services": list(ranking.services),
        "metrics": list(first.metrics) if first else [],
        "kind": first.kind.value if first else "other",
        "confidence": ranking.confidence,
        "no_cause": ranking.no_cause,
        "graph": ranking.graph,
        "evidence": [redacted(clue.says) for clue in first.clues[:5]] if first else [],
    }


def score_all(found: list[Case], full: dict[str, Ranking], labels: Labels) -> Rows:
    """The engine with all it has, by metrics alone where it has more, and the rivals."""
    by_system: dict[str, list[Case]] = defaultdict(list)
    for case in found:
        if case.key in labels.service:
            by_system[case.system].append(case)
    table: Rows = {}
    for system, members in by_system.items():
        truth = {case.key: labels.service[case.key] for case in members}
        alone = {case.key: case.observe(metrics_only=True) for case in members}
        rows = table[system] = {}
        traced = [case.key for case in members if case.traced]
        if traced:
            rows["engine, all channels"] = score({k: full[k].services for k in traced}, truth)
            lone = {k: Engine().rank(seen).services for k, seen in alone.items()}
            rows["engine, metrics alone"] = score(lone, truth)
        else:
            rows["engine"] = score({case.key: full[case.key].services for case in members}, truth)
        rows["n-sigma"] = score({k: rivals.n_sigma(o.metrics) for k, o in alone.items()}, truth)
        rows["BARO"] = score({k: rivals.baro(o.metrics) for k, o in alone.items()}, truth)
        if any(o.calls.edges for o in alone.values()):
            found_by = {k: traversal(o) for k, o in alone.items()}
            # Where no callee measures the target's metric there is nothing to walk over.
            ties = ((True, "ties lost"), (False, "ties won")) if any(found_by.values()) else ()
            for lost, name in ties:
                order = {k: ranked(w, truth[k], lost) for k, w in found_by.items()}
                rows[f"traversal, {name}"] = score(order, truth)
        rows["constant list (reads labels)"] = score(
            dict.fromkeys(truth, rivals.constant(truth, truth)), truth
        )
        rows["random (expected)"] = chance(alone)
    return table


def chance(alone: dict[str, Observed]) -> Score:
    sizes = [len(seen.candidates()) for seen in alone.values()]
    mean = [sum(rivals.random_expected(n, k) for n in sizes) / len(sizes) for k in range(1, 6)]
    return Score(len(sizes), round(mean[0], 2), round(mean[2], 2), round(sum(mean) / 5, 2))


def show(table: Rows) -> None:
    shown = Table("system", "method", "cases", "AC@1", "AC@3", "Avg@5")
    for system, rows in table.items():
        for method, s in rows.items():
            figures = (f"{x:.2f}" for x in (s.ac1, s.ac3, s.avg5))
            shown.add_row(system, method, str(s.cases), *figures)
    rich.print(shown)


def run_scale(figures: Path | None) -> None:
    """Time the engine at a quarter and at full size, beside BARO's formula."""
    timings: list[Timing] = [measure(services) for services in (250, 1_000)]
    for t in timings:
        rich.print(
            f"{t.services} services, {t.series} series x {t.samples} samples: engine {t.engine_s:.1f} s,"
            f" BARO's formula {t.baro_s:.1f} s, ratio {t.engine_s / t.baro_s:.1f},"
            f" peak {t.peak_gb:.2f} GB, cause {'found' if t.found else 'missed'}"
        )
    growth = timings[1].engine_s / timings[0].engine_s
    rich.print(f"four times the series took {growth:.1f} times as long")
    if figures:
        figures.write_text(json.dumps({"scale": [vars(t) for t in timings]}, indent=1) + "\n")
