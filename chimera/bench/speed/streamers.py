"""River's streaming detectors as they ship, one model a series, in this very process."""

from __future__ import annotations

import importlib
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from chimera.detection.base import Floats

MISSING = "River is not installed here (`pip install river`): nothing to compare with"


def river_version() -> str | None:
    """None where it is not installed."""
    return version("river") if find_spec("river") else None


class Streamer:
    """Models of one kind, one a series: score the point, then learn it."""

    def __init__(self, kind: str, series: int) -> None:
        anomaly = importlib.import_module("river.anomaly")
        self._supervised = kind == "GaussianScorer"  # takes the value itself, no features
        self._models: list[Any] = [getattr(anomaly, kind)() for _ in range(series)]

    def run(self, values: Floats) -> None:
        """Values (series, time), a row to each model."""
        if self._supervised:
            for model, row in zip(self._models, values, strict=True):
                for value in row.tolist():
                    model.score_one(None, value)
                    model.learn_one(None, value)
            return
        for model, row in zip(self._models, values, strict=True):
            for value in row.tolist():
                features = {"value": value}
                model.score_one(features)
                model.learn_one(features)
