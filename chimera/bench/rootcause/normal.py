"""Normal data cut to the layout of a fault: what must not be blamed on anybody."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from chimera.bench.rootcause import files
from chimera.bench.rootcause.cases import Case


def normal_windows(faults: list[Case], most: int = 20) -> list[Case]:
    """Stretches of the normal data of these cases, laid out as a fault: metrics and graph only."""
    found: dict[tuple[str, Path], Case] = {}
    for case in faults:
        found.setdefault((case.system, case.path(case.about["normal"])), case)
    windows = []
    for (system, path), case in found.items():
        usual = files.table(path)
        length = case.observe(metrics_only=True).metrics.since.shape[1]
        begins = np.linspace(0, len(usual.times) - length, most).astype(int)
        for begin in dict.fromkeys(begins.tolist()):
            about = {**case.about, "inject_time": float(usual.times[begin])}
            name = f"{path.stem}@{begin}"
            windows.append(Case(system, name, case.folder, about, (begin, begin + length)))
    return windows
