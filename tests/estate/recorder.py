"""What Prometheus would have of the pipeline, read from the processes themselves: for diagnosis."""

from __future__ import annotations

import asyncio
import re
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from chimera.diagnosis.case import Case, Verdict, Watched
from chimera.diagnosis.ranking import rank
from chimera.domain import Signal
from chimera.platform.catalog.estate import load_estate
from tests.estate.conftest import Estate

SANDBOX = Path("chimera/sandbox")
PIPELINE = ("ingest", "transform", "forecast", "dashboard")
EVERY = 2.0  # seconds
SERIES = re.compile(r"^(\w+)\{(.*)\}$")
LABEL = re.compile(r'(\w+)="([^"]*)"')
Key = tuple[str, str, tuple[tuple[str, str], ...]]  # signal, service, labels


def signals() -> dict[str, Signal]:
    """The rows of the estate's watch.toml that tell of data and steps."""
    rows = tomllib.loads((SANDBOX / "watch.toml").read_text())["watch"]
    found = [Signal.model_validate(row) for row in rows if row.get("by")]
    return {s.name: s for s in found if s.by != ("upstream",)}


@dataclass
class Recorder:
    """Samples of every such signal, evenly spaced; `onset` is the first sample since the fault."""

    estate: Estate
    watched: dict[str, Signal] = field(default_factory=signals)
    samples: list[dict[Key, float]] = field(default_factory=list)
    onset: int | None = None
    began: float = field(default_factory=time.time)

    async def take(self, count: int = 1) -> None:
        for _ in range(count):
            await asyncio.sleep(EVERY)
            now: dict[Key, float] = {}
            for service in PIPELINE:
                for name, value in (await self.estate.samples(service)).items():
                    if (parts := SERIES.match(name)) is not None:
                        self._keep(now, service, parts[1], dict(LABEL.findall(parts[2])), value)
            self.samples.append(now)

    def _keep(
        self,
        now: dict[Key, float],
        service: str,
        metric: str,
        labels: dict[str, str],
        value: float,
    ) -> None:
        for signal in self.watched.values():
            wanted = dict(LABEL.findall(signal.where))
            if signal.metric == metric and wanted.items() <= labels.items():
                own = tuple((name, labels[name]) for name in signal.by)
                now[signal.name, service, own] = value

    def verdict(self) -> Verdict:
        """What diagnosis makes of it."""
        at = len(self.samples) - 3 if self.onset is None else self.onset
        keys = sorted({key for sample in self.samples for key in sample})
        onset = self.began + at * EVERY
        series = tuple(self._series(key, at, onset) for key in keys)
        topology = load_estate(SANDBOX / "estate.yaml")
        return rank(Case(began=onset, now=time.time(), series=series, estate=topology))

    def _series(self, key: Key, at: int, onset: float) -> Watched:
        signal, service, labels = self.watched[key[0]], key[1], key[2]
        values = np.array([sample.get(key, np.nan) for sample in self.samples])
        if signal.read == "rate":
            values = np.diff(values, prepend=values[0]) / EVERY
        return Watched(
            signal=signal.name,
            kind=signal.kind,
            service=service,
            before=values[:at],
            since=values[at:],
            onset=onset,
            step=EVERY,
            labels=dict(labels),
            bad=signal.bad,
            floor=signal.floor,
            limit=signal.limit,
        )
