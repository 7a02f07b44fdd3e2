"""What others have published; standard profile, best threshold."""

from __future__ import annotations

from typing import NamedTuple


class Peer(NamedTuple):
    """A detector's published score on the 34 files of the development part, and on all 58."""

    name: str
    development: float | None
    everything: float | None


PEERS = (
    Peer("Numenta HTM", 73.6, 70.1),
    Peer("CAD OSE", 71.7, 69.9),
    Peer("ARTime", 71.1, 74.9),
    Peer("Random Cut Forest", 56.7, None),
    Peer("KNN CAD", None, 58.0),
    Peer("windowed Gaussian", None, 39.6),
)
