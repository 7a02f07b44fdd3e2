"""The figures of a run: scores, a frozen threshold, one category left out, delay, false alarms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chimera.bench.numenta.scoring import PROFILES, Profile, Scored, curve, weights


@dataclass(frozen=True)
class Figures:
    """One profile's scores on a set of files; 100 is perfect, 0 is silence."""

    profile: str
    best: float
    threshold: float  # the best one, chosen on these very files
    frozen: float  # with the threshold that comes with Chimera
    left_out: float  # each category with the threshold that is best on all the others


def figures(files: Sequence[Scored], frozen: float) -> list[Figures]:
    """Each profile's scores."""
    return [_figures(files, profile, frozen) for profile in PROFILES]


def _figures(files: Sequence[Scored], profile: Profile, frozen: float) -> Figures:
    whole = curve(files, profile)
    threshold, best = whole.best()
    return Figures(profile.name, best, threshold, whole.at(frozen), _left_out(files, profile))


def _left_out(files: Sequence[Scored], profile: Profile) -> float:
    earned, windows = 0.0, 0
    for category in sorted({category_of(file) for file in files}):
        others = [file for file in files if category_of(file) != category]
        own = curve([file for file in files if category_of(file) == category], profile)
        threshold, _ = curve(others, profile).best() if others else (np.inf, 0.0)
        earned += own.raw_at(threshold) + profile.missed * own.windows
        windows += own.windows
    return 100.0 * earned / ((profile.true + profile.missed) * windows) if windows else np.nan


def category_of(file: Scored) -> str:
    return file.name.rpartition("/")[0]


@dataclass(frozen=True)
class Alarms:
    """What one threshold finds, in plain numbers."""

    windows: int
    found: int
    place: float  # median place of the first alarm in its window: 0 its beginning, 1 its end
    late: float  # median rows from the middle of the window, the labelled moment, to it
    false: int
    rows: int  # judged, outside of windows


def alarms(files: Sequence[Scored], threshold: float) -> Alarms:
    places, lates = [], []
    windows = false = rows = 0
    for file in files:
        _, window = weights(file)
        judged = np.arange(len(file.scores)) >= file.probation
        alarm = (file.scores >= threshold) & judged
        outside = window < 0
        false += int((alarm & outside).sum())
        rows += int((judged & outside).sum())
        for number, (left, right) in enumerate(sorted(file.windows)):
            windows += 1
            hits = np.flatnonzero(alarm & (window == number))
            if hits.size:
                places.append((hits[0] - left) / (right - left + 1))
                lates.append(hits[0] - (left + right) / 2)
    place = float(np.median(places)) if places else np.nan
    late = float(np.median(lates)) if lates else np.nan
    return Alarms(windows, len(places), place, late, false, rows)
