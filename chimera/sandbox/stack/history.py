"""History recorded beforehand, moved in time so that it ends now, and loaded into Prometheus.

The practice company's customers follow the clock: a recording is moved by whole practice days, so
that its noon stays noon, to an end after now, and what would lie in the future is left out.
"""

from __future__ import annotations

import asyncio
import lzma
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from chimera.sandbox.programs.base import Say, output_of
from chimera.sandbox.stack.service import StartFailed

MOMENTS = ("_timestamp_seconds", "_start_time_seconds", "_created")
"""Metrics whose values are moments themselves: they are moved like the timestamps."""


async def load(
    recording: Path, data: Path, promtool: Path, say: Say, day: float = 0.0
) -> tuple[float, float]:
    """Write Prometheus blocks into `data` before it starts; first and last moment (Unix seconds).

    Args:
        recording: OpenMetrics text with timestamps, plain or `.xz`.
        day: seconds of a practice day; 0 moves the recording's very end to now.

    Raises:
        StartFailed: the recording is not readable or promtool refused it.
    """
    now = time.time()
    try:
        first, last = span(recording)
    except (OSError, ValueError, lzma.LZMAError) as error:
        raise StartFailed(f"the recorded history {recording} cannot be read: {error}") from error
    move_by = now - last
    if day > 0:
        move_by = math.ceil(move_by / day) * day
    first, last = first + move_by, min(last + move_by, now)
    if first >= last:
        raise StartFailed(f"the recorded history {recording} is shorter than a practice day")
    say(f"loading {last - first:.0f} s of recorded history, moved to end now")
    moved = data.with_name("history.om")
    await asyncio.to_thread(move, recording, move_by, now, moved)
    command: list[str | Path] = [
        promtool,
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        "--quiet",
        moved,
        data,
    ]
    code, wrote = await output_of(command, timeout=180)
    os.unlink(moved)
    if code:
        raise StartFailed(
            f"promtool could not load {recording}: it ended with {code}: {wrote[-300:]}"
        )
    return first, last


def _open(recording: Path) -> IO[str]:
    return lzma.open(recording, "rt") if recording.suffix == ".xz" else recording.open()


def span(recording: Path) -> tuple[float, float]:
    """The first and the last timestamp in the recording, Unix seconds."""
    first, last = float("inf"), float("-inf")
    with _open(recording) as lines:
        for line in lines:
            if line.startswith("#") or not line.strip():
                continue
            at = float(line.rsplit(" ", 1)[1])
            first, last = min(first, at), max(last, at)
    if last < first:
        raise ValueError("it holds no samples")
    return first, last


def move(recording: Path, seconds: float, until: float, target: Path) -> None:
    """Write the recording, moved in time, as plain text."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w") as out:
        out.writelines(shifted(recording, seconds, until))


def shifted(recording: Path, seconds: float, until: float = math.inf) -> Iterator[str]:
    """The recording's lines with their timestamps moved, without those later than `until`."""
    with _open(recording) as lines:
        for line in lines:
            if line.startswith("#") or not line.strip():
                yield line
                continue
            rest, value, at = line.rstrip("\n").rsplit(" ", 2)
            moment = float(at) + seconds
            if moment > until:
                continue
            if rest.partition("{")[0].endswith(MOMENTS):
                value = repr(float(value) + seconds)
            yield f"{rest} {value} {moment:.3f}\n"
