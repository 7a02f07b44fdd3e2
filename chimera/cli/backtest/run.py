"""Replay the past through the worker's own watcher, and group what it finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chimera.cli.base.progress import Said
from chimera.domain import Estate, NotFound
from chimera.flows.backtest import Backtest, Noise, noise
from chimera.flows.pace import Pace
from chimera.flows.watching import watcher_of
from chimera.platform.catalog.estate import load_estate
from chimera.platform.observability import Prometheus
from chimera.platform.observability.replay import Replay
from chimera.platform.settings import Settings


@dataclass
class Found:
    """What a backtest found, and how much of the past it saw."""

    settings: Settings
    backtest: Backtest
    asked: datetime  # from when on
    start: datetime  # where the data begin
    end: datetime
    looks: int = 0
    series: int = 0
    gaps: list[tuple[datetime, datetime]] = field(default_factory=list)
    warnings: dict[str, None] = field(default_factory=dict)
    noise: list[Noise] = field(default_factory=list)

    def gap(self, at: datetime, step: timedelta) -> None:
        """Nothing could be read at this moment."""
        if self.gaps and at - self.gaps[-1][1] <= step:
            self.gaps[-1] = (self.gaps[-1][0], at)
        else:
            self.gaps.append((at, at))

    @property
    def seen(self) -> timedelta:
        """How long anything could be judged."""
        step = timedelta(seconds=self.settings.prometheus.scrape_interval)
        away = sum(((last - first) + step for first, last in self.gaps), timedelta())
        return max(self.end - self.start - away, step)


async def run(settings: Settings, start: datetime, end: datetime, said: Said) -> Found:
    token = settings.prometheus.token
    headers = {"Authorization": f"Bearer {token.reveal()}"} if token else None
    reader = Prometheus(
        settings.prometheus.url, headers=headers, timeout=max(settings.prometheus.timeout, 60.0)
    )
    step = timedelta(seconds=settings.prometheus.scrape_interval)
    replay = Replay(
        reader, settings.watch, step=step, history=timedelta(seconds=settings.prometheus.history)
    )
    estate = Estate(environment=settings.environment)
    if settings.estate.file:
        estate = load_estate(settings.estate.file)
    said("looking how far back the data reach", 0, 1)
    first = await replay.reaches_back(start, end)
    if first is None:
        raise NotFound(
            f"Prometheus at {reader.url} has no sample of `up` since {start:%Y-%m-%d %H:%M} UTC; "
            "give fewer days, or correct prometheus.url"
        )
    watcher, backtest = watcher_of(settings), Backtest(estate, Pace.of(settings))
    found = Found(settings, backtest, start, first, end)
    state, learned = None, None
    total = replay.looks_in(first, end)
    async for look in replay.looks(first, end):
        watched = watcher.advance(look.block, state, learned=learned)
        state, learned = watched.state, watched.learned
        backtest.see(watched)
        found.looks += 1
        found.series = max(found.series, len(look.block.keys))
        found.warnings |= dict.fromkeys(look.warnings)
        if watched.blind:
            found.gap(look.at, step)
        if found.looks % 20 == 0:
            said(
                f"{look.at:%a %d %b %H:%M}, {len(backtest.incidents)} incidents", found.looks, total
            )
    found.noise = noise(backtest, watcher, found.seen)
    return found
