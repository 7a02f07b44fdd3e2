"""A drawing as SVG: plain shapes and text, no script, no style sheet, no link."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from chimera.platform.pictures.canvas import Area, Box, Dot, Drawing, Point, Shape, Stroke

FONT = "system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif"
# What XML cannot hold, and what turns the direction of text: signals' names come from outside.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def written(drawing: Drawing) -> str:
    """The whole document."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawing.width}" '
        f'height="{drawing.height}" viewBox="0 0 {drawing.width} {drawing.height}" '
        f'font-family="{FONT}" role="img" aria-label={quoteattr(_clean(drawing.title))}>'
    )
    title = f"<title>{escape(_clean(drawing.title))}</title>"
    return "\n".join((head, title, *map(_shape, drawing.shapes), "</svg>")) + "\n"


def _shape(shape: Shape) -> str:
    if isinstance(shape, Box):
        edge = f' stroke="{shape.edge}"' if shape.edge else ""
        radius = f' rx="{shape.radius:g}"' if shape.radius else ""
        return (
            f'<rect x="{_n(shape.x)}" y="{_n(shape.y)}" width="{_n(shape.width)}" '
            f'height="{_n(shape.height)}" fill="{shape.fill}"{_opacity(shape.opacity)}{radius}{edge}/>'
        )
    if isinstance(shape, Area):
        return f'<path d="{_path(shape.points)}Z" fill="{shape.fill}"{_opacity(shape.opacity)}/>'
    if isinstance(shape, Stroke):
        dash = f' stroke-dasharray="{shape.dash[0]:g} {shape.dash[1]:g}"' if shape.dash else ""
        return (
            f'<path d="{_path(shape.points)}" fill="none" stroke="{shape.colour}" '
            f'stroke-width="{shape.width:g}" stroke-linejoin="round"{dash}/>'
        )
    if isinstance(shape, Dot):
        return (
            f'<circle cx="{_n(shape.x)}" cy="{_n(shape.y)}" r="{shape.radius:g}" '
            f'fill="{shape.fill}" stroke="{shape.ring}" stroke-width="1.5"/>'
        )
    weight = ' font-weight="600"' if shape.bold else ""
    anchor = f' text-anchor="{shape.anchor}"' if shape.anchor != "start" else ""
    return (
        f'<text x="{_n(shape.x)}" y="{_n(shape.y)}" font-size="{shape.size:g}" '
        f'fill="{shape.colour}"{anchor}{weight}>{escape(_clean(shape.text))}</text>'
    )


def _path(points: Iterable[Point]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _opacity(value: float) -> str:
    return "" if value >= 1 else f' fill-opacity="{value:g}"'


def _clean(text: str) -> str:
    return CONTROL.sub(" ", text)
