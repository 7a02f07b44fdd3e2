"""An abnormal stretch of one series: its name, how it goes on, and how it ends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from chimera.detection.base import Block, Floats, SeriesKey
from chimera.domain import Anomaly, Signal, Value

Direction = Literal["up", "down", "missing"]
EpisodeKey = tuple[str, str, tuple[tuple[str, str], ...], bool]  # the last: samples are missing


class Episode(Value):
    """An anomaly and what is needed to see its end. Kept after it, so that no baseline learns it."""

    anomaly: Anomaly
    calm: int = 0  # healthy samples in a row
    ended: datetime | None = None
    adopted: bool = False  # it did not end: its level is the new usual

    @property
    def key(self) -> EpisodeKey:
        labels = tuple(sorted(self.anomaly.labels.items()))
        missing = self.anomaly.direction == "missing"
        return (self.anomaly.signal, self.anomaly.service, labels, missing)

    @property
    def active(self) -> bool:
        return self.ended is None

    def seen(self, at: datetime, value: float | None, *, healthy: bool, enough: int) -> Episode:
        """The episode after one more sample; it ends with `enough` healthy ones in a row."""
        calm = self.calm + 1 if healthy else 0
        over = calm >= enough
        observed = self.anomaly.observed if value is None else value
        anomaly = self.anomaly.model_copy(update={"seen": at, "observed": observed, "over": over})
        return Episode(anomaly=anomaly, calm=calm, ended=at if over else None)

    def foreseen(self, anomaly: Anomaly, at: datetime) -> Episode:
        """The episode after one more look at what heads for its limit; over when it no longer does."""
        same = anomaly.model_copy(
            update={name: getattr(self.anomaly, name) for name in ("low", "high", "expected")}
        )
        return Episode(anomaly=same, calm=self.calm, ended=at if same.over else None)

    def closed(self, at: datetime) -> Episode:
        """The episode, ended because its level has lasted so long, or its series has gone."""
        anomaly = self.anomaly.model_copy(update={"seen": at, "over": True})
        return Episode(anomaly=anomaly, calm=self.calm, ended=at, adopted=True)

    def after(
        self,
        at: datetime,
        value: float,
        scraped: bool,
        signal: Signal,
        enough: int,
        adopt: timedelta,
    ) -> Episode:
        """The episode after one more point of its series; NaN is no verdict.

        A level that lasts for `adopt` is the new usual (what users feel takes four times as long),
        unless it is beyond the limit.
        """
        if self.anomaly.direction == "missing":
            return self.seen(at, None, healthy=scraped, enough=enough)
        lasting = at - self.anomaly.began > adopt * (4 if signal.symptom else 1)
        usual = np.isnan(value) or within_limit(signal, value)
        # That it heads for its limit never gets usual: a verdict ends that, or a repair.
        if lasting and usual and not self.anomaly.foreseen:
            return self.closed(at)
        if np.isnan(value):
            return self
        return self.seen(at, value, healthy=is_calm(self.anomaly, value), enough=enough)


def episode_key(key: SeriesKey, *, missing: bool = False) -> EpisodeKey:
    return (key.signal, key.service, tuple(sorted(key.labels)), missing)


def anomaly_id(key: SeriesKey, direction: Direction, began: datetime) -> str:
    """The same for the same series and onset, whoever computes it and how often."""
    content = json.dumps(
        [key.signal, key.service, sorted(key.labels), direction, began.timestamp()]
    )
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def is_calm(anomaly: Anomaly, value: float) -> bool:
    """Whether one sample is healthy again: inside the band that was frozen at the onset."""
    return value <= anomaly.high if anomaly.direction == "up" else value >= anomaly.low


def within_limit(signal: Signal, value: float) -> bool:
    if signal.limit is None:
        return True
    return value > signal.limit if signal.bad == "down" else value < signal.limit


def hide(block: Block, episodes: Iterable[Episode], values: Floats | None = None) -> Floats:
    """The values without any abnormal stretch: what a baseline may learn from.

    `values`: the block's, if some stretches are hidden in them already.
    """
    hidden = (block.values if values is None else values).copy()
    row_of = {episode_key(key): row for row, key in enumerate(block.keys)}
    for episode in episodes:
        row = row_of.get(episode.key)  # none for what is missing: there is nothing to hide
        if row is None or episode.adopted:
            continue
        first = round((episode.anomaly.began - block.start) / block.step)
        last = hidden.shape[1]
        if episode.ended is not None:
            last = round((episode.ended - block.start) / block.step) + 1
        hidden[row, max(first, 0) : max(last, 0)] = np.nan
    return hidden
