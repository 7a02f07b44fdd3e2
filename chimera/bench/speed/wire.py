"""From Prometheus to arrays and to scores, beside the floor and the usual way in Python."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from importlib.util import find_spec
from typing import Any

import numpy as np
import orjson

from chimera.bench.speed.answers import BEGAN, STEP, answer, served
from chimera.bench.speed.clock import Timed, Ways, race
from chimera.detection.base import Block, Floats, SeriesKey
from chimera.detection.ensemble import Ensemble
from chimera.domain import moment
from chimera.platform.observability.prometheus import Answer, Prometheus

NEEDED = ("pandas", "sklearn", "prometheus_api_client")
EVERY = timedelta(seconds=STEP)


def missing() -> list[str]:
    """What the usual way needs and is not installed."""
    return [name for name in NEEDED if find_spec(name) is None]


def floor(body: bytes) -> list[tuple[Floats, Floats]]:
    """The least that anybody does with orjson: parse, and make times and values floats."""
    return [
        (
            np.array([s[0] for s in series["values"]], dtype=np.float64),
            np.array([float(s[1]) for s in series["values"]]),
        )
        for series in orjson.loads(body)["data"]["result"]
    ]


def to_arrays(series: int, points: int, runs: int) -> dict[str, Timed]:
    """Chimera's reader over HTTP, against the floor on bytes that are there already."""
    body = answer(series, points)
    size = series * points
    with served(body) as url:
        reader = Prometheus(url, timeout=120.0)
        return race(
            runs,
            {
                "floor": (lambda: floor(body), size),
                "Chimera": (lambda: asked(reader, points), size),
            },
        )


def to_scores(series: int, points: int, runs: int) -> dict[str, Timed]:
    """The same answer all the way to scores, on both sides with learning."""
    size = series * points
    with served(answer(series, points)) as url:
        reader = Prometheus(url, timeout=120.0)
        ways: Ways = {"Chimera": (lambda: scores(asked(reader, points)), size)}
        if not missing():
            ways["MetricRangeDataFrame + IsolationForest"] = (lambda: usual(url, points), size)
        return race(runs, ways)


def asked(reader: Prometheus, points: int) -> Answer:
    """What the reader makes of the answer."""
    start = moment(float(BEGAN))
    found: list[Answer] = []

    async def ask() -> None:  # asyncio.run writes what it returns out as text, arrays and all
        found.append(await reader.range("up", start, start + EVERY * (points - 1), EVERY))

    asyncio.run(ask())
    return found[0]


def scores(answered: Answer) -> Floats:
    """A row a series on one grid, scored."""
    values = np.stack([series.values for series in answered.series])
    keys = tuple(SeriesKey(series.labels["pod"], "") for series in answered.series)
    start = moment(float(answered.series[0].times[0]))
    found, _ = Ensemble().score(Block(keys, start, EVERY, values))
    return found


def usual(url: str, points: int) -> list[Any]:
    """prometheus-api-client's frame, then a forest for each series; all as they ship."""
    from prometheus_api_client import MetricRangeDataFrame, PrometheusConnect
    from sklearn.ensemble import IsolationForest

    start = moment(float(BEGAN))
    end = start + EVERY * (points - 1)
    found = PrometheusConnect(url=url).custom_query_range("up", start, end, str(STEP))
    frame = MetricRangeDataFrame(found)
    return [
        IsolationForest().fit(values).score_samples(values)
        for _, group in frame.groupby("pod")
        for values in (group[["value"]].to_numpy(dtype=np.float64),)
    ]
