"""The tables of `chimera bench forecast`."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import chimera.sandbox
from chimera.bench.outlook import synthetic, unseen
from chimera.bench.outlook.backtest import Scores, rolling
from chimera.bench.outlook.leads import false_warnings, follow
from chimera.bench.outlook.series import of_folder, of_recording
from chimera.detection.base import Block, Floats
from chimera.detection.forecast import Outlook, forecast, horizons
from chimera.platform.settings import Settings, Watched

Say = Callable[[str], None]
SANDBOX = Path(chimera.sandbox.__file__).parent
STEP = 5.0  # seconds between two scrapes of the practice estate
SHORT, LONG = 60, 720  # samples of history
NEAR: Floats = np.array([1.0, 3.0, 6.0, 12.0, 24.0, 40.0])
FAR: Floats = np.array([1.0, 6.0, 24.0, 72.0, 144.0, 288.0])
LIKE_A_DAY = 288  # samples of the synthetic season
HORIZON = 288.0  # samples ahead within which what runs out is to be told

Case = tuple[str, list[tuple[Floats, Floats | None]], int, Floats, int]


def watched(recording: Path | None) -> Block:
    """The practice estate's series of a recording, `history.om.xz` if none is given."""
    return of_recording(recording or SANDBOX / "history.om.xz", signals_watched(), STEP)


def signals_watched() -> tuple[Watched, ...]:
    """What is watched in the practice estate."""
    return Settings.model_validate(tomllib.loads((SANDBOX / "watch.toml").read_text())).watch


def coverage(
    folder: Path | None, block: Block, series: int, seed: int, say: Say
) -> list[dict[str, Any]]:
    """Share of truths inside the 90 % interval by horizon, and the interval score as a ratio."""
    say("Inside the 90 % interval, by samples ahead; MSIS as a ratio to the naive drift forecast")
    rows = []
    for name, groups, history, ahead, every in cases(folder, block, series, seed):
        told = [
            rolling(values, history, ahead, own, every=every, began=began)
            for values, began in groups
        ]
        row: dict[str, Any] = {"series": name, "history": history} | summary(told, ahead)
        rows.append(row)
        for what in ("covered", "ratio", "naive"):
            cells = "  ".join(f"{step:.0f}:{row[what][i]:.2f}" for i, step in enumerate(ahead))
            say(f"{name:<14} {history:>4} {what:<8} {cells}  mean {row['mean_' + what]:.2f}")
    return rows


def own(values: Floats, ahead: Floats, period: int) -> Outlook:
    return forecast(values, ahead, period=period)


def cases(folder: Path | None, block: Block, series: int, seed: int) -> Iterator[Case]:
    if folder is not None:
        files: list[tuple[Floats, Floats | None]] = [(v[None], None) for _, v in of_folder(folder)]
        yield str(folder.name), files, SHORT, NEAR, 400
        yield str(folder.name), files, LONG, FAR, 400
    estate: list[tuple[Floats, Floats | None]] = [(block.values, None)]
    yield "estate", estate, SHORT, NEAR, 20
    yield "estate", estate, 240, FAR[:4], 20
    for name, drawn in drawings(series, seed).items():
        given: list[tuple[Floats, Floats | None]] = [(drawn.values, drawn.began)]
        yield name, given, SHORT, NEAR, 67
        yield name, given, LONG, FAR, 72
    for name, sort in unseen.SORTS.items():
        never: list[tuple[Floats, Floats | None]] = [(sort(series, 2 * LONG, seed), None)]
        yield name, never, SHORT, NEAR, 67
        yield name, never, LONG, FAR, 72


def drawings(series: int, seed: int) -> dict[str, synthetic.Filling]:
    time = 2 * LONG
    return {
        "healthy": synthetic.healthy(series, time, seed, LIKE_A_DAY),
        "leaks": synthetic.leaks(series, time, seed, LIKE_A_DAY),
        "disks": synthetic.disks(series, time, seed, LIKE_A_DAY),
        "queues": synthetic.queues(series, time, seed),
    }


def summary(told: list[Scores], ahead: Floats) -> dict[str, Any]:
    """Shares over all windows; the score's ratio is the geometric mean over files."""
    count = np.sum([one.count for one in told], axis=0)
    shares = {
        name: np.sum([np.nan_to_num(getattr(one, key)) * one.count for one in told], axis=0) / count
        for name, key in (("covered", "covered"), ("naive", "naive_covered"))
    }
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = np.log([one.score / one.naive_score for one in told])
    shares["ratio"] = np.exp(np.nanmean(np.where(np.isfinite(ratios), ratios, np.nan), axis=0))
    return {
        "ahead": ahead.tolist(),
        "windows": count.tolist(),
        **{name: share.tolist() for name, share in shares.items()},
        **{f"mean_{name}": float(share.mean()) for name, share in shares.items()},
    }


def leads(block: Block, series: int, seed: int, say: Say) -> list[dict[str, Any]]:
    """How early synthetic leaks, disks and queues are told, and what is told for nothing."""
    rows: list[dict[str, Any]] = []
    drawn = drawings(series, seed)
    drawn["steady leaks"] = synthetic.leaks(series, 2 * LONG, seed)
    drawn["healthy, no season"] = synthetic.healthy(series, 2 * LONG, seed + 1)
    for name, filling in drawn.items():
        found = follow(filling, LONG, HORIZON)
        share = found.share(HORIZON)
        there = np.isfinite(found.reached)
        rows.append(
            {
                "series": name,
                "reached": int(there.sum()),
                "told_before": int((found.told[there] < found.reached[there]).sum()),
                "told_for_nothing": int(found.nothing.sum()),
                "taken_back": int(found.taken_back.sum()),
                "samples_looked_at": found.looked,
                "lead_share": quantiles(share),
                "lead_samples": quantiles(found.lead()),
            }
        )
        say(", ".join(f"{key} {value}" for key, value in rows[-1].items()))
    told, looked = false_warnings(block, signals_watched(), 60.0)
    rows.append(
        {"series": "estate, healthy", "told_for_nothing": told, "samples_looked_at": looked}
    )
    say(f"estate, healthy: told {told} times in {looked} samples of series with a limit")
    return rows


def quantiles(values: Floats) -> list[float]:
    """The 10, 50 and 90 % quantiles, or nothing."""
    return [round(float(q), 3) for q in np.quantile(values, (0.1, 0.5, 0.9))] if values.size else []


def speed(say: Say) -> dict[str, float]:
    """Seconds for a thousand series of 60 and of 1,440 samples, 16 horizons."""
    found = {}
    for points in (SHORT, 2 * LONG):
        values = np.random.default_rng(0).normal(size=(1000, points)).cumsum(axis=1)
        began = time.perf_counter()
        forecast(values, horizons(points / 4), period=points // 5)
        found[f"1000x{points}"] = time.perf_counter() - began
        say(f"1,000 series x {points} samples: {found[f'1000x{points}']:.2f} s")
    return found
