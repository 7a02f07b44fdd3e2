"""`chimera bench rca --foreign`: many systems that nobody has seen, beside the rivals."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import rich
from rich.table import Table

from chimera.bench.rootcause import rivals
from chimera.bench.rootcause.calibration import bins
from chimera.bench.rootcause.foreign.case import Foreign, case
from chimera.bench.rootcause.foreign.faults import FAULTS
from chimera.diagnosis.engine import Engine, Ranking
from chimera.diagnosis.gaps import GAP

TWO = "two"
FIRST = 10_000  # seeds below it may be looked at while the engine is made; these may not
SHOWN = ("ac1", "ac3", "kept", "kind", "metric", "n-sigma", "BARO")


@dataclass
class Tally:
    """Counts over the cases of one fault. Kind and metric are asked where names tell something."""

    cases: int = 0
    named: int = 0  # the cause came first, and metrics have names that tell
    right: Counter[str] = field(default_factory=Counter)

    def add(self, told: Foreign, ranking: Ranking) -> None:
        first, metrics = ranking.causes[0], told.seen.metrics
        hit = first.service in told.causes
        self.cases += 1
        self.right["ac1"] += hit
        self.right["ac3"] += bool({*ranking.services[:3]} & {*told.causes})
        self.right["kept"] += hit and not ranking.no_cause
        self.right["n-sigma"] += rivals.n_sigma(metrics)[0] in told.causes
        self.right["BARO"] += rivals.baro(metrics)[0] in told.causes
        self.right["both"] += {*told.causes} <= {*ranking.together}
        if hit and not told.system.nameless:
            shown = {name.removesuffix(GAP) for name in first.metrics[:3]}
            self.named += 1
            self.right["kind"] += first.kind in told.kinds
            self.right["metric"] += not told.metrics or bool(shown & told.metrics)

    def shares(self) -> dict[str, float]:
        found = {what: self.right[what] / max(1, self.cases) for what in (*SHOWN, "both")}
        found |= {what: self.right[what] / max(1, self.named) for what in ("kind", "metric")}
        return {what: round(share, 3) for what, share in found.items()}


def run_foreign(seeds: int, first: int = FIRST) -> dict[str, Any]:
    """`seeds` systems for each fault, for two at once, and four times as many calm ones."""
    engine, table = Engine(), dict[str, dict[str, float]]()
    said: list[tuple[float, bool]] = []
    for fault in (*FAULTS, TWO):
        tally = Tally()
        for seed in range(first, first + seeds):
            told = case(seed, fault)
            ranking = engine.rank(told.seen)
            tally.add(told, ranking)
            said.append((ranking.confidence, ranking.services[0] in told.causes))
        table[fault] = tally.shares()
    calm = [engine.rank(case(seed, None).seen).no_cause for seed in range(first, first + 4 * seeds)]
    return {
        "seeds": seeds,
        "faults": table,
        "mean": {
            what: round(sum(r[what] for r in table.values()) / len(table), 3) for what in SHOWN
        },
        "calm_no_cause": round(sum(calm) / len(calm), 3),
        "reliability": bins(said),
    }


def show(told: dict[str, Any]) -> None:
    shown = Table(
        "fault", "AC@1", "AC@3", "AC@1, abstaining", "kind", "metric at 3", "n-sigma", "BARO"
    )
    for fault, shares in {**told["faults"], "mean": told["mean"]}.items():
        shown.add_row(fault, *(f"{shares[what]:.2f}" for what in SHOWN))
    rich.print(shown)
    rich.print(f"both of two causes named in {told['faults'][TWO]['both']:.2f}")
    rich.print(f"no cause in {told['calm_no_cause']:.2f} of {4 * told['seeds']} calm systems")
    rich.print("confidence said, share right, cases:", told["reliability"])
