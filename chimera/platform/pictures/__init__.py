"""Pictures of series and anomalies, as SVG and PNG."""

from chimera.platform.pictures.anomaly import picture
from chimera.platform.pictures.canvas import Drawing
from chimera.platform.pictures.draw import draw
from chimera.platform.pictures.frame import Span

__all__ = ["Drawing", "Span", "draw", "picture"]
