"""Replay a recorded run of the estate bench through the live watcher; say what it would have told.

    python benchmarks/replay.py --config chimera.toml --log bench.log --day 2026-01-31

Wants the settings of the run, what `chimera bench estate` printed, and a Prometheus that serves the
run's data at the address in the settings or at `--url`. Every look is made as it was made then: the
same window, the same code, the same number of samples. An anomaly while a fault is in is its
detection; one while nothing is wrong is false. Delays are in scrape intervals from the injection to
the look, on the grid of the window.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from statistics import median
from time import process_time

from chimera.detection.watch import Watcher
from chimera.domain import Anomaly
from chimera.flows.watching import watcher_of
from chimera.platform.observability import Prometheus
from chimera.platform.observability.replay import Look, Replay
from chimera.platform.settings import Settings, load_settings

BEGUN = re.compile(
    r"^(\d\d:\d\d:\d\d)  case \d+ of \d+: (\w+) on (\S+), magnitude (\S+), seed (\d+)"
)
ENDED = re.compile(r"^(\d\d:\d\d:\d\d)    \S.*; delay ")
HARMLESS = ("none", "traffic_surge")  # nothing is to be told
SLOW = ("disk_fill", "memory_leak", "pool_leak")
WARM_UP = timedelta(seconds=30)  # before the first injection
PASSING = ("blip",)  # over before anybody could act: may be told, need not be


@dataclass
class Trial:
    """One injection and what was told of it."""

    fault: str
    target: str
    began: datetime
    ended: datetime
    told: list[tuple[datetime, Anomaly]] = field(default_factory=list)

    def delay(self, step: timedelta) -> float | None:
        return (self.told[0][0] - self.began) / step if self.told else None


@dataclass
class Result:
    """What one watcher made of the run."""

    trials: list[Trial]
    false: list[tuple[datetime, Anomaly]] = field(default_factory=list)
    looks: int = 0
    seconds: float = 0.0
    step: timedelta = timedelta(seconds=5)

    def said(self, at: datetime, anomaly: Anomaly) -> None:
        for trial in self.trials:
            if trial.began <= at <= trial.ended:
                if trial.fault in HARMLESS:
                    break
                trial.told.append((at, anomaly))
                return
        self.false.append((at, anomaly))

    def delays(self) -> list[float]:
        """Of detected faults that are not slow."""
        quick = [t for t in self.trials if t.fault not in (*HARMLESS, *SLOW, *PASSING)]
        return [delay for trial in quick if (delay := trial.delay(self.step)) is not None]

    def missed(self) -> list[Trial]:
        return [t for t in self.trials if t.fault not in (*HARMLESS, *PASSING) and not t.told]

    def __str__(self) -> str:
        slow = [d for t in self.trials if t.fault in SLOW and (d := t.delay(self.step)) is not None]
        extra = sum(len(trial.told) for trial in self.trials)
        return (
            f"median delay {median(self.delays()):.2f}, mean {sum(self.delays()) / len(self.delays()):.2f}, "
            f"slow {median(slow):.2f}; missed {len(self.missed())}; false {len(self.false)}; "
            f"{extra} anomalies in faults; {1e3 * self.seconds / max(self.looks, 1):.0f} ms of processor time a look"
        )


def trials(log: Path, day: date) -> list[Trial]:
    """The injections of a run, from what the bench printed."""
    found: list[Trial] = []
    for line in log.read_text().splitlines():
        if match := BEGUN.match(line):
            at = datetime.combine(day, time.fromisoformat(match[1]), UTC)
            found.append(Trial(match[2], match[3], at, at))
        elif (match := ENDED.match(line)) and found:
            found[-1].ended = datetime.combine(day, time.fromisoformat(match[1]), UTC)
    return [trial for trial in found if trial.ended > trial.began]


def replay(watcher: Watcher, looks: Sequence[Look], cases: list[Trial]) -> Result:
    """Every look, one after the other, as the worker makes them."""
    result = Result(cases)
    state, learned, told = None, None, set[str]()
    for look in looks:
        began = process_time()
        watched = watcher.advance(look.block, state, learned=learned)
        result.seconds += process_time() - began
        result.looks += 1
        result.step = look.block.step
        state, learned = watched.state, watched.learned
        for anomaly in watched.anomalies:
            if anomaly.id not in told and look.at >= cases[0].began - WARM_UP:
                told.add(anomaly.id)
                result.said(look.at, anomaly)
    return result


async def looks_of(settings: Settings, url: str, cases: Sequence[Trial]) -> list[Look]:
    """What the worker had to go by, from a little before the first injection on."""
    own = settings.prometheus
    step = timedelta(seconds=own.scrape_interval)
    reader = Prometheus(url, timeout=60.0)
    past = Replay(reader, settings.watch, step=step, history=timedelta(seconds=own.history))
    first, last = cases[0].began - 2 * WARM_UP, cases[-1].ended
    return [look async for look in past.looks(first, last)]


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--url")
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--day", type=date.fromisoformat, required=True)
    given = parser.parse_args()
    settings = load_settings(given.config)
    cases = trials(given.log, given.day)
    looks = await looks_of(settings, given.url or settings.prometheus.url, cases)
    result = replay(watcher_of(settings), looks, cases)
    for trial in result.trials:
        delay = trial.delay(result.step)
        first = trial.told[0][1] if trial.told else None
        said = f"{first.service} {first.signal} ({first.detector})" if first else "nothing told"
        print(f"{trial.fault:20} {trial.target:20} {delay or float('nan'):6.1f}  {said}")
    for at, anomaly in result.false:
        print(f"false at {at:%H:%M:%S}: {anomaly.service} {anomaly.signal} ({anomaly.detector})")
    print(result)


if __name__ == "__main__":
    asyncio.run(main())
