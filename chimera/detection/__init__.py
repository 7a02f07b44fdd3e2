"""Detection: arrays in, surprise and anomalies out. No I/O."""

from chimera.detection.base import Block, Bounds, Detector, Flags, Floats, SeriesKey
from chimera.detection.changepoint import ChangePoint
from chimera.detection.episodes import Episode
from chimera.detection.seasonal import Seasonal
from chimera.detection.watch import Watched, Watcher, WatchState

__all__ = [
    "Block",
    "Bounds",
    "ChangePoint",
    "Detector",
    "Episode",
    "Flags",
    "Floats",
    "Seasonal",
    "SeriesKey",
    "WatchState",
    "Watched",
    "Watcher",
]
