"""Samples that came when they came, put onto evenly spaced points in time."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from chimera.detection.base import Flags, Floats

LATE = 1.2  # scrape intervals; an older sample is no sample


class Grid:
    """Points in time, `step` apart; each shows the last sample that was scraped by then."""

    def __init__(self, start: datetime, step: timedelta, points: int) -> None:
        self.start, self.step, self.points = start, step, points
        self.seconds = step.total_seconds()
        self.times: Floats = np.asarray(
            start.timestamp() + np.arange(points) * self.seconds, dtype=np.float64
        )
        self._found: dict[tuple[bytes, float], tuple[np.ndarray, Flags]] = {}

    def cells(self, times: Floats, patience: float = 0.0) -> tuple[np.ndarray, Flags]:
        """For each point the index of its sample, and whether it is recent enough to count."""
        name = times.tobytes(), patience  # all series of a target share their times
        if name not in self._found:
            index = np.searchsorted(times, self.times + 1e-6, side="right") - 1
            age = self.times - times[np.maximum(index, 0)]
            most = max(LATE * self.seconds, patience)
            self._found[name] = np.maximum(index, 0), (index >= 0) & (age <= most)
        return self._found[name]

    def place(self, times: Floats, values: Floats, patience: float = 0.0) -> Floats:
        index, fresh = self.cells(times, patience)
        return np.where(fresh, values[index], np.nan)
