"""From scores to anomalies: what is worth telling, since when, and when it is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from chimera.detection.base import Block, Detector, Flags, Floats
from chimera.detection.budget import FALSE_ALARMS, unlike_for
from chimera.detection.capacity_told import FORECAST, Filling, RunsOut
from chimera.detection.capacity_verdict import runs_out
from chimera.detection.changepoint import ChangePoint
from chimera.detection.episodes import Episode, EpisodeKey, episode_key, hide
from chimera.detection.holding import Unlearned, forget
from chimera.detection.judgement import SETTLES, judge
from chimera.detection.learned import Learned, follow
from chimera.detection.onset import RECENT, abnormal, abnormal_rows, missing, missing_rows
from chimera.detection.period import common_period
from chimera.detection.seasonal import Seasonal
from chimera.domain import Anomaly, Signal, Value

CATCH_UP = 12  # points judged at most when runs were skipped
GRADUAL = frozenset({FORECAST, "trend"})  # detectors of what changes slowly
BLIND = 0.1  # when fewer of the series were read, Prometheus was away, not everybody at once


class WatchState(Value):
    """What a Watcher remembers between runs; a restart goes on from it."""

    judged: datetime | None = None
    period: int = 0  # samples of a day, as it was found; 0: none was
    looked: datetime | None = None  # when it was looked for
    episodes: tuple[Episode, ...] = ()  # the newest of each series
    past: tuple[Episode, ...] = ()  # older ones of the same series: no baseline learns them either
    filling: tuple[Filling, ...] = ()  # what heads for its limit


@dataclass(frozen=True)
class Watched:
    """What one look found: every active anomaly, and those that have just ended."""

    at: datetime
    anomalies: tuple[Anomaly, ...]
    blind: bool  # nothing could be read: no verdict about anybody
    state: WatchState
    learned: Learned | None = None  # what the next look goes on from; without it, it begins anew


@dataclass(frozen=True)
class Watcher:
    """Decides what is abnormal. Pure: state in, state out.

    An anomaly begins when two of the last three points are odd (surprising, larger than the
    signal's floor, outside what was seen before, in a direction that means trouble; or beyond the
    limit), or one is odd beyond doubt; or when a trend reaches the limit within `lead`; or when a
    series misses samples. It ends after `enough` healthy samples. While it lasts, and afterwards,
    its samples are hidden from the baselines.
    """

    signals: Sequence[Signal]
    environment: str = "default"
    detectors: tuple[Detector, ...] = (Seasonal(), ChangePoint())
    threshold: float = 4.0  # decades of surprise, detectors combined
    certain: float = 9.0  # one point is enough, if it is also `sure` floors from the usual
    sure: float = 10.0
    lead: timedelta = timedelta(minutes=5)
    enough: int = 3
    adopt: timedelta = timedelta(minutes=45)  # a level this old is the new usual
    look: int = 60  # samples between two searches for the period
    false_alarms: float = FALSE_ALARMS  # a week, over everything watched
    unlike: float | None = None  # decades from a series' past; what the false alarms ask for

    def advance(
        self,
        block: Block,
        state: WatchState | None = None,
        extra: Mapping[tuple[str, str], float] | None = None,
        unlearned: Sequence[Unlearned] = (),
        learned: Learned | None = None,
    ) -> Watched:
        """Judge the points that are newer than the state's last; `block` ends with the newest.

        `extra`: decades of surprise beyond the threshold that (signal, service) takes to be odd;
        what users feel and what is beyond its limit takes none. `unlearned`: stretches that no
        baseline learns from.
        """
        state = state or WatchState()
        known = {signal.name: signal for signal in self.signals}
        block = block.rows([i for i, key in enumerate(block.keys) if key.signal in known])
        new = self._new_points(block, state.judged)
        active = tuple(e.anomaly for e in state.episodes if e.active)
        scraped = block.scraped if block.scraped is not None else np.isfinite(block.values)
        if not block.keys or not new:
            return Watched(block.end, active, not block.keys, state, learned)
        blind: Flags = scraped.mean(axis=0) < BLIND
        if blind[-1]:
            return Watched(block.end, active, True, state, learned)

        episodes = {e.key: e for e in state.episodes if e.ended is None or e.ended > block.start}
        past = [e for e in state.past if e.ended is not None and e.ended > block.start]
        signals = [known[key.signal] for key in block.keys]
        points = min(new + RECENT - 1, block.values.shape[1])
        abnormal_before = (*past, *episodes.values())
        slow = [e for e in abnormal_before if e.anomaly.detector in GRADUAL]
        sudden = hide(block, [e for e in abnormal_before if e.anomaly.detector not in GRADUAL])
        hidden = hide(block, slow, sudden)
        forget(block, hidden, unlearned, points)
        period, looked = self._period(block, hidden, state)
        detectors = tuple(_seasoned(detector, period) for detector in self.detectors)
        more = np.zeros(len(signals))
        for row, key in enumerate(block.keys if extra else ()):
            if extra and not signals[row].symptom:
                more[row] = extra.get((key.signal, key.service), 0.0)
        told, filling = self._runs_out(block, sudden, signals, state, period)
        block = replace(block, floor=np.array([s.floor for s in signals], dtype=np.float64))
        heard, learned = follow(block, hidden, points, period, abnormal_before, learned)
        unlike = self.unlike
        if unlike is None:
            unlike = unlike_for(self.false_alarms, len(block.keys), block.step)
        judged = judge(
            block,
            hidden,
            signals,
            detectors,
            points,
            self.threshold,
            self.lead,
            more,
            heard,
            unlike,
        )
        finished: list[Anomaly] = []
        for offset in range(points - min(new, points), points):
            column = block.values.shape[1] - points + offset
            if blind[column]:
                continue
            finished += self._go_on(block, signals, episodes, scraped, column)
            begun = [
                abnormal(block, signals[row], judged, row, offset, self.environment)
                for row in abnormal_rows(judged, signals, offset, self.certain, self.sure)
            ] + [
                missing(block, signals[row], scraped, row, column, self.environment)
                for row in missing_rows(block, signals, scraped, blind, column)
            ]
            for episode in begun:
                before = episodes.get(episode.key)
                if before and before.active:
                    continue
                if before:
                    past.append(before)
                episodes[episode.key] = episode
        finished += self._foreseen(told, signals, episodes, past)
        after = WatchState(
            judged=block.end,
            period=period,
            looked=looked,
            episodes=tuple(episodes.values()),
            past=tuple(past),
            filling=filling,
        )
        active = tuple(e.anomaly for e in episodes.values() if e.active)
        return Watched(block.end, (*active, *finished), False, after, learned)

    def _runs_out(
        self,
        block: Block,
        values: Floats,
        signals: list[Signal],
        state: WatchState,
        period: int,
    ) -> tuple[tuple[RunsOut, ...], tuple[Filling, ...]]:
        """What reaches its limit within its horizon; `values` are without what came suddenly."""
        if block.settling is not None:  # a process that fills its caches heads for no limit
            settles = np.array([s.kind in SETTLES for s in signals])
            values = np.where(block.settling & settles[:, None], np.nan, values)
        seen = replace(block, values=values)
        within = np.array([s.horizon for s in signals]) / block.step.total_seconds()
        return runs_out(seen, signals, within, state.filling, period=period)

    def _foreseen(
        self,
        told: Sequence[RunsOut],
        signals: list[Signal],
        episodes: dict[EpisodeKey, Episode],
        past: list[Episode],
    ) -> list[Anomaly]:
        """Open what is foreseen, once; return what was taken back."""
        ended: list[Anomaly] = []
        for verdict in told:
            if verdict.ended and verdict.middle == timedelta():
                continue  # it has come to pass: now the limit speaks, and its end is in the values
            anomaly = verdict.anomaly(signals[verdict.row], self.environment)
            key = episode_key(verdict.key)
            there = episodes.get(key)
            if there and there.active:
                if there.anomaly.id == anomaly.id:
                    after = there.foreseen(anomaly, verdict.at)
                    episodes[key] = after
                    if not after.active:
                        ended.append(after.anomaly)
            elif not verdict.ended and not (there and there.anomaly.id == anomaly.id):
                if there:
                    past.append(there)
                episodes[key] = Episode(anomaly=anomaly)
        return ended

    def _new_points(self, block: Block, judged: datetime | None) -> int:
        if judged is None:
            return 1 if block.values.shape[1] else 0
        points: int = round((block.end - judged) / block.step)
        return min(max(points, 0), CATCH_UP)

    def _period(
        self, block: Block, hidden: Floats, state: WatchState
    ) -> tuple[int, datetime | None]:
        """The length of a day, looked for now and then; one that was found is kept."""
        due = state.looked is None or block.end - state.looked >= self.look * block.step
        if not due or not any(isinstance(d, Seasonal) and not d.period for d in self.detectors):
            return state.period, state.looked
        return common_period(hidden) or state.period, block.end

    def _go_on(
        self,
        block: Block,
        signals: list[Signal],
        episodes: dict[EpisodeKey, Episode],
        scraped: Flags,
        column: int,
    ) -> list[Anomaly]:
        """Take every active episode one point further; return the anomalies that ended."""
        at = block.at(column)
        row_of = {episode_key(key): row for row, key in enumerate(block.keys)}
        finished: list[Anomaly] = []
        for name, episode in episodes.items():
            if not episode.active:
                continue
            row = row_of.get((*name[:3], False))
            if row is not None:
                value, there = float(block.values[row, column]), bool(scraped[row, column])
                after = episode.after(at, value, there, signals[row], self.enough, self.adopt)
            elif at - episode.anomaly.seen > 4 * self.adopt:  # its series has gone for good
                after = episode.closed(at)
            else:
                continue
            episodes[name] = after
            if not after.active:
                finished.append(after.anomaly)
        return finished


def _seasoned(detector: Detector, period: int) -> Detector:
    """A seasonal detector that was given no period takes the one that was found."""
    if isinstance(detector, Seasonal) and not detector.period:
        return replace(detector, period=period)
    return detector
