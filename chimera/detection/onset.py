"""How an anomaly begins: enough odd points, a trend, or samples that stay away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chimera.detection.base import CAP, Block, Flags
from chimera.detection.episodes import Direction, Episode, anomaly_id
from chimera.detection.judgement import Judged
from chimera.domain import Anomaly, Signal, SignalKind

RECENT = 3  # points that are looked at together
GONE = 2  # missed samples in a row that make a target missing
PATIENCE = 6  # the same for one series of a target that answers otherwise


def abnormal_rows(
    judged: Judged, signals: Sequence[Signal], offset: int, certain: float, sure: float
) -> list[int]:
    """Rows that are abnormal at this point: odd twice in three, once beyond doubt, or soon full."""
    odd = judged.odd[:, max(offset - RECENT + 1, 0) : offset + 1]
    floored = np.array([signal.floor > 0 for signal in signals])
    doubtless = (judged.surprise[:, offset] >= certain) & (judged.effect[:, offset] >= sure)
    begins = odd[:, -1] & ((odd.sum(axis=1) >= 2) | (doubtless & floored))
    if offset == judged.odd.shape[1] - 1:
        begins = begins | judged.soon
    return [int(row) for row in np.flatnonzero(begins)]


def abnormal(
    block: Block, signal: Signal, judged: Judged, row: int, offset: int, environment: str
) -> Episode:
    """The episode of one abnormal row; it began with the first odd point of the last three."""
    key = block.keys[row]
    points = judged.odd.shape[1]
    column = block.values.shape[1] - points + offset
    first = max(offset - RECENT + 1, 0)
    odd_at = np.flatnonzero(judged.odd[row, first : offset + 1])
    began = block.at(column - offset + first + int(odd_at[0]) if odd_at.size else column)
    low, centre, high = judged.band(row, offset, signal)
    direction: Direction = "up" if judged.up[row, offset] else "down"
    if not odd_at.size:
        direction = "down" if signal.bad == "down" else "up"
    value = float(block.values[row, column])
    anomaly = Anomaly(
        id=anomaly_id(key, direction, began),
        signal=signal.name,
        kind=signal.kind,
        service=key.service,
        labels=dict(key.labels),
        environment=environment,
        query=key.query,
        began=began,
        seen=block.at(column),
        observed=value if np.isfinite(value) else centre,
        expected=centre,
        low=low,
        high=high,
        direction=direction,
        surprise=round(float(np.nan_to_num(judged.surprise[row, offset])), 3),
        detector=judged.why(row, offset),
        symptom=signal.symptom,
        unit=signal.unit,
    )
    return Episode(anomaly=anomaly)


def missing_rows(
    block: Block, signals: Sequence[Signal], scraped: Flags, blind: Flags, column: int
) -> list[int]:
    """Rows whose samples stay away although they were there, and others still come.

    A target that does not answer is told once, by its presence; of a target that answers, a series
    must be away longer: processes that have just started know little of themselves.
    """
    seen = np.flatnonzero(~blind[: column + 1])  # columns in which anything was read
    if seen.size < 2 * PATIENCE or blind[column]:
        return []
    presence = {
        key.service: row
        for row, (key, signal) in enumerate(zip(block.keys, signals, strict=True))
        if signal.kind is SignalKind.PRESENCE
    }
    found: list[int] = []
    away = ~scraped[:, seen]
    for row in np.flatnonzero(away[:, -GONE:].all(axis=1)).tolist():
        target = presence.get(block.keys[row].service)
        wanted = GONE if target in (None, row) else PATIENCE
        if target not in (None, row) and (
            away[target, -PATIENCE:].any() or (block.values[target, seen[-PATIENCE:]] < 1).any()
        ):
            continue
        before = away[row, -wanted - 2 * PATIENCE : -wanted]
        if away[row, -wanted:].all() and (~before).sum() >= GONE + 1:
            found.append(row)
    return found


def missing(
    block: Block, signal: Signal, scraped: Flags, row: int, column: int, environment: str
) -> Episode:
    """The episode of a row without samples; it began with the first that did not come."""
    key = block.keys[row]
    last = int(np.flatnonzero(scraped[row, : column + 1])[-1])
    past = block.values[row, : last + 1]
    usual = float(np.nanmedian(past)) if np.isfinite(past).any() else 0.0
    began = block.at(last + 1)
    anomaly = Anomaly(
        id=anomaly_id(key, "missing", began),
        signal=signal.name,
        kind=signal.kind,
        service=key.service,
        labels=dict(key.labels),
        environment=environment,
        query=key.query,
        began=began,
        seen=block.at(column),
        observed=usual,
        expected=usual,
        low=usual,
        high=usual,
        direction="missing",
        surprise=CAP,
        detector="missing",
        symptom=signal.symptom,
        unit=signal.unit,
    )
    return Episode(anomaly=anomaly)
