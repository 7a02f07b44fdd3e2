"""Labels, for the score and nothing else. A folder without them works, and is not scored."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from chimera.bench.rootcause.cases import Case
from chimera.diagnosis.engine import Ranking
from chimera.diagnosis.gaps import GAP
from chimera.diagnosis.observed import Trouble
from chimera.diagnosis.rankers.traces import WAY

# What the words of a label's kind of fault mean in the engine's.
_KINDS: tuple[tuple[str, frozenset[Trouble]], ...] = (
    ("cpu", frozenset({Trouble.CPU})),
    ("mem", frozenset({Trouble.MEMORY})),
    ("disk", frozenset({Trouble.DISK})),
    ("network", frozenset({Trouble.NETWORK})),
    ("loss", frozenset({Trouble.NETWORK})),
    ("latency", frozenset({Trouble.LATENCY})),
    ("delay", frozenset({Trouble.NETWORK, Trouble.LATENCY})),
    ("error", frozenset({Trouble.ERRORS})),
    ("exception", frozenset({Trouble.ERRORS})),
    ("return", frozenset({Trouble.ERRORS})),
)


@dataclass(frozen=True)
class Labels:
    service: dict[str, str] = field(default_factory=dict)  # by case key
    metric: dict[str, str] = field(default_factory=dict)
    fault: dict[str, str] = field(default_factory=dict)

    def metric_right(self, key: str, ranking: Ranking, among: int = 1) -> bool | None:
        """The cause came first, with its metric among its first; None where no metric is labelled."""
        wanted = self.metric.get(key)
        if not wanted:
            return None
        first = ranking.causes[0]
        told = first.metrics[:among]
        way = wanted.startswith("network latency") and any(
            n.endswith(GAP) or n == WAY for n in told
        )
        return first.service == self.service[key] and (wanted in told or way)

    def kind_right(self, key: str, ranking: Ranking) -> bool | None:
        """None where the label names no kind that is known here."""
        for word, kinds in _KINDS:
            if word in self.fault.get(key, "").lower():
                return ranking.causes[0].kind in kinds
        return None


def read(cases: Iterable[Case]) -> Labels:
    """From `labels.json` beside the cases, if there is one."""
    found = Labels()
    files: dict[Path, dict[str, dict[str, str | None]]] = {}
    for case in cases:
        path = case.folder.parent / "labels.json"
        if path not in files:
            files[path] = json.loads(path.read_text()) if path.is_file() else {}
        told = files[path].get(case.name, {})
        if told.get("root_cause_service"):
            found.service[case.key] = str(told["root_cause_service"])
            found.metric[case.key] = str(told.get("root_cause_metric") or "")
            found.fault[case.key] = str(told.get("fault_type") or "")
    return found
