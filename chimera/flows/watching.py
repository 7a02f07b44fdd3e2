"""Detection as an activity: read what is new, judge it, put what is odd into the durable inbox."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from time import monotonic

from temporalio import activity

import chimera.detection
from chimera.detection.base import Detector
from chimera.detection.holding import unlearned
from chimera.detection.watch import Watcher, WatchState
from chimera.domain import Planned, sway
from chimera.domain.alerting import FEEDBACK_LIFE
from chimera.domain.base import Value
from chimera.domain.discovery import discover
from chimera.flows.keeping import KeptLearning
from chimera.platform.observability import Window
from chimera.platform.orchestration.temporal import heartbeating
from chimera.platform.settings import Settings
from chimera.platform.store import Store
from chimera.platform.telemetry import metrics


def watcher_of(settings: Settings) -> Watcher:
    """The watcher of these settings, with every detector there is: live and in a back-test."""
    detectors = tuple(kind() for kind in discover(chimera.detection, Detector).values())
    return Watcher(
        settings.watch,
        environment=settings.environment,
        detectors=detectors,
        false_alarms=settings.detection.false_alarms_per_week,
    )


class Looked(Value):
    """What one look saw."""

    at: datetime
    series: int
    active: int
    blind: bool = False  # nothing could be read
    partial: bool = False
    warnings: tuple[str, ...] = ()


class Watching:
    """Detection over one environment; one instance a worker."""

    def __init__(
        self,
        window: Window,
        watcher: Watcher,
        store: Store,
        environment: str,
        planned: Sequence[Planned] = (),
    ) -> None:
        self._window = window
        self._watcher = watcher
        self._store = store
        self._environment = environment
        self._planned = planned
        self._told: set[str] = set()
        self._kept = KeptLearning(store, environment)

    @activity.defn(name="detect")
    async def detect(self) -> Looked:
        """One look at everything. What is remembered between looks survives a restart."""
        began = monotonic()
        async with heartbeating():
            now = datetime.now(UTC)
            reading = await self._window.advance(now)
            said = await self._store.get("watch", self._environment)
            state = WatchState.model_validate_json(said) if said else None
            votes = sway(await self._store.votes(now - FEEDBACK_LIFE), now)
            extra = {(s.signal, s.service): s.decades for s in votes if s.decades > 0}
            stretches = unlearned(
                await self._store.silences(reading.block.start),
                self._planned,
                reading.block.start,
                now,
            )
            learned = await self._kept.get()
            watched = await asyncio.to_thread(
                self._watcher.advance, reading.block, state, extra, stretches, learned
            )
            rows = [
                (f"{a.id}:{'over' if a.over else 'began'}", "anomaly", a.model_dump(mode="json"))
                for a in watched.anomalies
            ]
            new = [row for row in rows if row[0] not in self._told]
            if new:
                await self._store.put_signals(new)
            # Only now: had the inbox failed, the next look must find the same anomalies again.
            await self._store.put("watch", self._environment, watched.state.model_dump_json())
            self._told = {row[0] for row in rows}
            await self._kept.put(watched.learned, now)
        blind = reading.blind or watched.blind
        metrics.detected(monotonic() - began, "blind" if blind else "ok")
        for key, _, anomaly in new:
            if key.endswith(":began"):
                metrics.anomaly_seen(anomaly["kind"])
        return Looked(
            at=now,
            series=len(reading.block.keys),
            active=sum(not a.over for a in watched.anomalies),
            blind=blind,
            partial=reading.partial,
            warnings=reading.warnings[:5],
        )
