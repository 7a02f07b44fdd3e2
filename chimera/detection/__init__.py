"""Detection: arrays in, surprise and anomalies out. No I/O."""

from chimera.detection.base import Block, Bounds, Detector, Flags, Floats, Scorer, SeriesKey
from chimera.detection.changepoint import ChangePoint
from chimera.detection.engine.memory import Memory
from chimera.detection.engine.settings import Settings
from chimera.detection.ensemble import Ensemble, Look
from chimera.detection.episodes import Episode
from chimera.detection.find import Found, find
from chimera.detection.learned import Learned
from chimera.detection.oddities import Oddity
from chimera.detection.seasonal import Seasonal
from chimera.detection.watch import Watched, Watcher, WatchState

__all__ = [
    "Block",
    "Bounds",
    "ChangePoint",
    "Detector",
    "Ensemble",
    "Episode",
    "Flags",
    "Floats",
    "Found",
    "Learned",
    "Look",
    "Memory",
    "Oddity",
    "Scorer",
    "Seasonal",
    "SeriesKey",
    "Settings",
    "WatchState",
    "Watched",
    "Watcher",
    "find",
]
