"""Pictures: small, complete, safe, and showing the right thing at the right place."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import BytesIO
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from PIL import Image

from chimera.detection.base import Bounds
from chimera.domain import Anomaly, Series, Signal, SignalKind
from chimera.domain.units import number
from chimera.platform.pictures import Span, draw, picture
from chimera.platform.pictures.axes import ticks, time_ticks
from chimera.platform.pictures.frame import LINE, ODD

START = datetime(2026, 1, 31, 12, tzinfo=UTC)
STEP = timedelta(seconds=15)
SVG = "{http://www.w3.org/2000/svg}"


def anomaly(**more: object) -> Anomaly:
    began = START + 200 * STEP
    fields: dict[str, object] = {
        "id": "1", "signal": "latency_p95", "kind": SignalKind.LATENCY, "service": "billing",
        "query": "q", "began": began, "seen": began + 19 * STEP, "observed": 0.58, "expected": 0.12,
        "low": 0.08, "high": 0.16, "direction": "up", "surprise": 9.0, "detector": "seasonal",
        "over": True,
    }  # fmt: skip
    return Anomaly.model_validate(fields | more)


def series(points: int = 240) -> Series:
    values = 0.12 + 0.01 * np.sin(np.arange(points) / 9)
    values[200:220] = 0.58
    values[100:125] = np.nan
    return Series(
        signal="latency_p95", kind=SignalKind.LATENCY, service="billing", start=START, step=STEP,
        values=tuple(values),
    )  # fmt: skip


SIGNAL = Signal(
    name="latency_p95", metric="http_request_duration_seconds", read="quantile", limit=0.5
)


def test_a_picture_says_what_where_when_and_in_which_clock() -> None:
    zone = ZoneInfo("America/Chicago")
    svg = picture(anomaly(), series(), form="svg", signal=SIGNAL, zone=zone)
    root = ElementTree.fromstring(svg)
    words = [text.text or "" for text in root.iter(f"{SVG}text")]
    assert "billing: latency p95 is 580 ms, expected 80 ms to 160 ms" in words
    assert "began 06:50:00" in words
    assert any("CST above, UTC below" in word for word in words)
    assert {"06:50", "12:50", "580 ms", "no data", "seen", "expected", "abnormal", "limit"} <= set(
        words
    )
    strokes = [path.get("stroke") for path in root.iter(f"{SVG}path")]
    assert strokes.count(LINE) == 3  # cut by the gap, and the key
    assert ODD in strokes
    assert len(svg) < 60_000


def test_png_and_svg_show_the_same_and_are_small_however_long_the_series() -> None:
    noise = np.random.default_rng(0).normal(0, 1, 200_000)
    noise[150_000] = 40.0
    times = [START + n * STEP for n in range(noise.size)]
    bounds = Bounds(noise - 2, noise * 0, noise + 2)
    drawing = draw(times, noise, bounds, [Span(times[149_990], times[150_010])], title="noise")
    png, svg = drawing.png(), drawing.svg()
    assert len(png) < 60_000
    assert len(svg) < 60_000
    image = Image.open(BytesIO(png)).convert("RGB")
    assert image.size == (1800, 760)
    red = np.argwhere(np.abs(np.asarray(image, dtype=int) - (207, 34, 46)).sum(axis=2) < 30)
    assert red.size  # the one point among 200,000 is there
    assert 0.7 < np.median(red[red[:, 0] > 200][:, 1]) / 1800 < 0.8


def test_the_colours_are_told_apart_and_the_ground_is_opaque() -> None:
    def light(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    root = ElementTree.fromstring(picture(anomaly(), series(), form="svg"))
    ground = next(iter(root.iter(f"{SVG}rect")))
    assert (ground.get("fill"), ground.get("fill-opacity")) == ("#ffffff", None)
    for text in root.iter(f"{SVG}text"):  # WCAG AA for large text, and more for small
        assert 1.05 / (light(text.get("fill") or "") + 0.05) >= 3.0


def test_what_others_wrote_stays_text() -> None:
    evil = anomaly(service='<script>alert("x")</script>\u202e\x1b[31m', labels={"a": "]]>&"})
    svg = picture(evil, series(), form="svg").decode()
    root = ElementTree.fromstring(svg)
    assert "script" not in {element.tag.removeprefix(SVG) for element in root.iter()}
    assert "\u202e" not in svg
    assert "\x1b" not in svg
    assert picture(evil, series())[:4] == b"\x89PNG"


@pytest.mark.parametrize("values", [[], [np.nan] * 5, [3.0] * 5, [1.0], [-1e-9, 1e12, 0.0]])
def test_whatever_the_values_there_is_a_picture_or_a_reason(values: list[float]) -> None:
    times = [START + n * STEP for n in range(len(values))]
    if not values:
        with pytest.raises(ValueError, match="as many times"):
            draw(times, values)
        return
    drawing = draw(times, values, None, [Span(START)])
    ElementTree.fromstring(drawing.svg())
    assert drawing.png()


def test_what_is_missing_is_drawn_and_called_so() -> None:
    gone = anomaly(direction="missing", over=False)
    svg = picture(gone, series(), form="svg").decode()
    assert "billing: latency p95 is missing" in svg
    assert "since 31 Jan 12:50:00 UTC" in svg


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.041, "share", "4.1 %"), (0.34, "seconds", "340 ms"), (20_000, "seconds", "5.56 h"),
        (1.5 * 2**30, "bytes", "1.5 GiB"), (12_500, "/s", "12.5 k/s"), (0, "bytes", "0"),
        (5e7, "", "50 M"), (-3.25, "ms", "-3.25 ms"), (float("nan"), "", "-"), (999.9, "", "1000"),
    ],
)  # fmt: skip
def test_numbers_are_written_with_their_unit(value: float, unit: str, said: str) -> None:
    assert number(value, unit) == said


def test_ticks_are_round_and_inside() -> None:
    assert ticks(0, 0.7) == pytest.approx([0, 0.2, 0.4, 0.6])
    assert ticks(3, 3) == [3]
    zone = ZoneInfo("Asia/Kolkata")  # half an hour off: its own clock decides what is round
    hours = time_ticks(START, START + timedelta(hours=6), zone)
    assert {at.astimezone(zone).minute for at in hours} == {0}


def test_neither_pillow_nor_rich_is_loaded_until_a_picture_is_painted() -> None:
    program = (
        "import sys\nimport chimera.platform.pictures\nimport chimera.cli\n"
        "chimera.cli.build()\nassert not {'PIL', 'rich.progress'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
