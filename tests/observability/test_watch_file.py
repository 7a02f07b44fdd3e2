"""The practice estate's rows are valid signals, and users' pain is among them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import chimera.sandbox
from chimera.domain import Signal, SignalKind
from chimera.platform.observability.queries import selectors


def test_every_row_is_a_signal() -> None:
    file = Path(chimera.sandbox.__path__[0]) / "watch.toml"
    rows = tomllib.loads(file.read_text())["watch"]
    signals = [Signal.model_validate(row) for row in rows]
    assert all(set(row) <= set(Signal.model_fields) for row in rows)
    assert len({s.name for s in signals}) == len(signals)
    assert all(selectors(s) and s.floor > 0 for s in signals)
    felt = {s.kind for s in signals if s.symptom}
    assert {SignalKind.ERRORS, SignalKind.LATENCY, SignalKind.FRESHNESS} <= felt
    assert {k for k in SignalKind if k is not SignalKind.OTHER} <= {s.kind for s in signals}
