"""What of a case is from before its onset, and what is since."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from chimera.bench.rootcause.files import Table
from chimera.diagnosis.observed import Bools, Spans


def parted(usual: Table, told: Table, onset: float) -> tuple[Table, Table]:
    """What is usual, and what of `told` was measured since the onset: one table may hold both.

    Onsets are not exact, so that the last sample before one counts; earlier ones do not, and what
    is usual has no sample from the time of the trouble. Where all of `told` is earlier, its clock
    is another, and all of it counts.
    """
    step = float(np.median(np.diff(told.times))) if len(told.times) > 1 else np.inf
    late = told.times > onset - step
    if not late.any():
        return usual, told
    now = cut(told, late)
    return cut(usual, (usual.times < now.times[0]) | (usual.times > now.times[-1])), now


def cut(table: Table, keep: Bools) -> Table:
    """The rows of a table that are kept."""
    return Table(table.columns, table.times[keep], table.values[keep])


def after_(spans: Spans, onset: float) -> Spans:
    """The spans that started since the onset."""
    keep = np.flatnonzero(spans.started >= onset)
    place = np.full(len(spans), -1)
    place[keep] = np.arange(len(keep))
    parent = spans.parent[keep]
    return replace(
        spans,
        ids=tuple(spans.ids[i] for i in keep),
        parent=np.where(parent >= 0, place[parent], -1),
        service=spans.service[keep],
        operation=spans.operation[keep],
        started=spans.started[keep],
        lasted=spans.lasted[keep],
    )
