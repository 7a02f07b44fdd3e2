from __future__ import annotations

from chimera.domain import Evidence, Principal
from chimera.platform.observability.window import Window
from chimera.tools.base import Look, evidence_id, tool


@tool
async def watched_signals(*, who: Principal, window: Window) -> Look:
    """Which signals are watched here: their names, their kinds, the metrics they are read from."""
    signals = tuple(window.signals.values())
    evidence = tuple(
        Evidence(
            id=evidence_id("watched_signals", one.name),
            tool="watched_signals",
            claim=f"{one.name} ({one.kind.value}) is read from {one.metric} as a {one.read}",
            query=one.metric,
        )
        for one in signals
    )
    return Look(evidence, signals)
