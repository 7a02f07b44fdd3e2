"""What `chimera bench detect` prints: one table a question, its ratios beside what is wanted."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from chimera.bench.speed.clock import Timed
from chimera.bench.speed.room import Room

WANTED = {  # how often as fast as it Chimera means to be
    "HalfSpaceTrees": 10.0,
    "GaussianScorer": 0.5,
    "MetricRangeDataFrame + IsolationForest": 5.0,
}
BOUND = 5e9  # bytes, for 100,000 series
FLOOR = 1.3  # times the time of the floor


def ratios(found: Mapping[str, Timed]) -> dict[str, float]:
    """How often as many points in a second of processor as each rival."""
    own = found["Chimera"].rate
    return {name: round(own / found[name].rate, 2) for name in WANTED if name in found}


def table(console: Console, title: str, found: Mapping[str, Timed]) -> None:
    shown = Table(title=title, title_justify="left")
    shown.add_column("")
    for name in ("points", "a second", "of processor", "Chimera is", "wanted"):
        shown.add_column(name, justify="right")
    times = ratios(found)
    for name, one in found.items():
        ratio = [f"{times[name]:.2f} x", f"{WANTED[name]:g} x"] if name in times else ["", ""]
        rates = f"{one.wall_rate:,.0f}", f"{one.rate:,.0f}"
        shown.add_row(name, f"{one.points:,}", *rates, *ratio)
    console.print(shown)


def parsing(console: Console, found: Mapping[str, Timed]) -> None:
    own, least = found["Chimera"], found["floor"]
    console.print(
        f"From Prometheus to arrays, over HTTP, {own.points:,} samples: {own.cpu:.3f} s of "
        f"processor; the floor (orjson.loads and the floats, on bytes that are there) "
        f"{least.cpu:.3f} s: {own.cpu / least.cpu:.2f} x (wanted: at most {FLOOR:g} x)."
    )


def linear(console: Console, found: Mapping[int, Timed]) -> None:
    sizes = ", ".join(f"{size:,}: {1e6 / one.rate:.2f} µs" for size, one in found.items())
    least, most = (1 / found[edge(found)].rate for edge in (min, max))
    console.print(
        f"A point of processor time, by series in the block: {sizes}; {most / least:.2f} x from the "
        "fewest to the most (linear: 1)."
    )


def memory(console: Console, one: Room) -> None:
    console.print(
        f"{one.series:,} series x {one.points:,} points streamed: {one.peak / 1e9:.2f} GB at the "
        f"most, interpreter and all, {one.rate:,.0f} points a second of processor (wanted for "
        f"100,000 x 1,440: at most {BOUND / 1e9:g} GB)."
    )
