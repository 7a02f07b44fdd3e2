"""A drawing as PNG, painted by Pillow: lines larger and made smaller, letters at their size."""

from __future__ import annotations

from io import BytesIO
from math import hypot
from typing import TYPE_CHECKING, Any

from chimera.domain import Misconfigured
from chimera.platform.pictures.canvas import Area, Box, Dot, Drawing, Point, Stroke, Words
from chimera.platform.pictures.svg import CONTROL

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

LARGER = 2  # Pillow draws lines without smoothing
COLOURS = 96  # of the palette; what the picture needs, and a third of the bytes


def painted(drawing: Drawing, scale: float) -> bytes:
    """The PNG. Raises Misconfigured without Pillow."""
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        raise Misconfigured(
            "PNG pictures need Pillow, which is not installed: `pip install pillow`, or ask for SVG"
        ) from error
    size = (round(drawing.width * scale), round(drawing.height * scale))
    large = Image.new("RGB", (size[0] * LARGER, size[1] * LARGER), "#ffffff")
    pen = ImageDraw.Draw(large, "RGBA")
    for shape in drawing.shapes:
        if not isinstance(shape, Words):
            _paint(pen, shape, scale * LARGER)
    small = large.resize(size, Image.Resampling.BOX)
    pen = ImageDraw.Draw(small)
    fonts: dict[int, Any] = {}
    for shape in drawing.shapes:
        if isinstance(shape, Words):
            _write(pen, shape, scale, fonts)
    out = BytesIO()
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _paint(pen: ImageDraw.ImageDraw, shape: Box | Area | Stroke | Dot, by: float) -> None:
    if isinstance(shape, Box):
        corners = (
            shape.x * by, shape.y * by,
            max((shape.x + shape.width) * by - 1, shape.x * by),
            max((shape.y + shape.height) * by - 1, shape.y * by),
        )  # fmt: skip
        edge = _colour(shape.edge) if shape.edge else None
        fill = _colour(shape.fill, shape.opacity)
        pen.rounded_rectangle(corners, shape.radius * by, fill, edge, max(round(by), 1))
    elif isinstance(shape, Area):
        if len(shape.points) >= 3:
            pen.polygon(_scaled(shape.points, by), _colour(shape.fill, shape.opacity))
    elif isinstance(shape, Stroke):
        width = max(round(shape.width * by), 1)
        for piece in _dashes(shape):
            pen.line(_scaled(piece, by), _colour(shape.colour), width, joint="curve")
    else:
        for radius, colour in ((shape.radius + 1.5, shape.ring), (shape.radius, shape.fill)):
            x, y, r = shape.x * by, shape.y * by, radius * by
            pen.ellipse((x - r, y - r, x + r, y + r), _colour(colour))


def _write(pen: ImageDraw.ImageDraw, words: Words, scale: float, fonts: dict[int, Any]) -> None:
    font = _font(round(words.size * scale), fonts)
    anchor = {"start": "ls", "middle": "ms", "end": "rs"}[words.anchor]
    stroke = 0.018 * words.size * scale if words.bold else 0
    pen.text(
        (words.x * scale, words.y * scale), CONTROL.sub(" ", words.text), words.colour, font,
        anchor, stroke_width=stroke, stroke_fill=words.colour,
    )  # fmt: skip


def _font(size: int, fonts: dict[int, Any]) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    if size not in fonts:
        fonts[size] = ImageFont.load_default(size)
    font: ImageFont.FreeTypeFont = fonts[size]
    return font


def _dashes(stroke: Stroke) -> list[tuple[Point, ...]]:
    """The pieces of a line that are drawn."""
    if stroke.dash is None:
        return [stroke.points]
    on, off = stroke.dash
    pieces: list[tuple[Point, ...]] = []
    done = 0.0
    for (x0, y0), (x1, y1) in zip(stroke.points, stroke.points[1:], strict=False):
        length = hypot(x1 - x0, y1 - y0)
        at = 0.0
        while at < length:
            phase = done % (on + off)
            drawn = phase < on
            run = min((on if drawn else on + off) - phase, length - at) or length - at
            if drawn:
                a, b = at / length, (at + run) / length
                pieces.append(
                    (
                        (x0 + (x1 - x0) * a, y0 + (y1 - y0) * a),
                        (x0 + (x1 - x0) * b, y0 + (y1 - y0) * b),
                    )
                )
            at, done = at + run, done + run
    return pieces


def _scaled(points: tuple[Point, ...], by: float) -> list[Point]:
    return [(x * by, y * by) for x, y in points]


def _colour(text: str, opacity: float = 1.0) -> tuple[int, int, int, int]:
    return (int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16), round(opacity * 255))
