"""Detectors of one kind of trouble each, that the ensemble cannot see by how far a value is off.

A stretch without data, a value that is stuck, a scatter that changed, rare events that come too
often, a drift over days, a member that parts from its group. One a file; each keeps its own small
record of a series and speaks in calibrated decades like everything else.
"""

from chimera.detection.specialists.base import Sighting, Specialist
from chimera.detection.specialists.drift import Drift
from chimera.detection.specialists.flat import Flat
from chimera.detection.specialists.gap import Gap
from chimera.detection.specialists.group import Group
from chimera.detection.specialists.rare import Rare
from chimera.detection.specialists.variance import Variance

SPECIALISTS: tuple[type[Specialist], ...] = (Gap, Flat, Variance, Rare, Drift, Group)

__all__ = ["SPECIALISTS", "Sighting", "Specialist"]
