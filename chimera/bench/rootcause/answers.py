"""Beyond the order of services: kind and metric, no cause on normal data, other names."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import rich

from chimera.bench.rootcause.cases import Case
from chimera.bench.rootcause.labels import Labels
from chimera.bench.rootcause.normal import normal_windows
from chimera.bench.rootcause.rename import rename as renamed
from chimera.diagnosis.engine import Engine, Ranking


def kinds(found: list[Case], full: dict[str, Ranking], labels: Labels) -> dict[str, Any]:
    """Of the cases whose cause came first, the kind of fault; of all with a metric, the metric."""
    told: dict[str, Any] = {}
    for system in dict.fromkeys(case.system for case in found):
        said = [
            labels.kind_right(c.key, full[c.key])
            for c in found
            if c.system == system and full[c.key].services[0] == labels.service.get(c.key)
        ]
        judged = [right for right in said if right is not None]
        told[system] = {"kind_right": sum(judged), "of": len(judged)}
        rich.print(f"{system}: kind of fault right in {sum(judged)} of {len(judged)}")
        for among in (1, 3):
            metrics = [
                labels.metric_right(c.key, full[c.key], among) for c in found if c.system == system
            ]
            named = [right for right in metrics if right is not None]
            told[system][f"metric_at_{among}"] = [sum(named), len(named)]
            if named:
                rich.print(f"{system}: metric right at {among} in {sum(named)} of {len(named)}")
    return told


def abstention(
    found: list[Case], full: dict[str, Ranking], labels: Labels, engine: Engine
) -> dict[str, Any]:
    """How often no cause is named on normal data, and what that costs on faults."""
    told: dict[str, Any] = {}
    quiet: dict[str, list[bool]] = defaultdict(list)
    for window in normal_windows(found):
        quiet[window.system].append(engine.rank(window.observe()).no_cause)
    for system, said in quiet.items():
        keys = [c.key for c in found if c.system == system and c.key in labels.service]
        first = [full[k].services[0] == labels.service[k] for k in keys]
        kept = [r and not full[k].no_cause for r, k in zip(first, keys, strict=True)]
        told[system] = {"normal_windows": len(said), "no_cause": round(sum(said) / len(said), 3)}
        rich.print(f"{system}: no cause in {sum(said)} of {len(said)} normal windows")
        if keys:
            cost = (sum(first) - sum(kept)) / len(keys)
            told[system]["cost_ac1"] = round(cost, 3)
            rich.print(f"{system}: abstaining costs {cost:.2f} of AC@1")
    return told


def compare_renamed(found: list[Case], full: dict[str, Ranking], engine: Engine) -> dict[str, Any]:
    """In how many cases the ranking is the same under other names."""
    same = first = 0
    for seed, case in enumerate(found):
        seen, old = renamed(case.observe(), seed)
        there = [old[name] for name in engine.rank(seen).services]
        same += there[:5] == list(full[case.key].services)[:5]
        first += there[:1] == list(full[case.key].services)[:1]
    rich.print(f"renamed: the first five are the same in {same} of {len(found)} cases")
    return {"cases": len(found), "same_first": first, "same_first_five": same}
