"""A drawing as a list of shapes, in pixels from the top left: what SVG and PNG are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    opacity: float = 1.0
    radius: float = 0.0
    edge: str = ""


@dataclass(frozen=True)
class Area:
    """A filled polygon."""

    points: tuple[Point, ...]
    fill: str
    opacity: float = 1.0


@dataclass(frozen=True)
class Stroke:
    """A line through points; `dash` are lengths on and off."""

    points: tuple[Point, ...]
    colour: str
    width: float = 1.0
    dash: tuple[float, float] | None = None


@dataclass(frozen=True)
class Dot:
    """A filled circle with a ring that sets it off from the line."""

    x: float
    y: float
    radius: float
    fill: str
    ring: str = "#ffffff"


@dataclass(frozen=True)
class Words:
    """A line of text; `y` is its baseline."""

    x: float
    y: float
    text: str
    size: float
    colour: str
    anchor: Anchor = "start"
    bold: bool = False


Shape = Box | Area | Stroke | Dot | Words


@dataclass(frozen=True)
class Drawing:
    """Shapes in the order they are painted."""

    width: int
    height: int
    shapes: tuple[Shape, ...]
    title: str = ""  # for those who cannot see it

    def svg(self) -> str:
        """The drawing as an SVG document."""
        from chimera.platform.pictures.svg import written

        return written(self)

    def png(self, scale: float = 2.0) -> bytes:
        """The drawing as PNG, `scale` pixels to a unit. Raises Misconfigured without Pillow."""
        from chimera.platform.pictures.png import painted

        return painted(self, scale)


def wide(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is: enough to place things by, whatever the font."""
    narrow = sum(text.count(c) for c in "iljtf.,:;'|!()[]/ ")
    broad = sum(text.count(c) for c in "mwMW%@")
    width = (len(text) - narrow - broad) * 0.56 + narrow * 0.3 + broad * 0.86
    return width * size * (1.06 if bold else 1.0)


def cut(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """The text, shortened to the room there is."""
    if wide(text, size, bold=bold) <= room:
        return text
    while text and wide(text + "...", size, bold=bold) > room:
        text = text[:-1]
    return text.rstrip() + "..."
