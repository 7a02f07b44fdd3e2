"""What was learnt as text, for a store of text; in parts, since it is some kilobytes a series."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np

from chimera.detection.engine.memory import Memory
from chimera.detection.learned import Learned

VERSION = 1
SERIES = 200  # in one part


def saved(learned: Learned) -> Iterator[str]:
    """Parts that `loaded` reads. Each stands for itself, so that one that is lost costs only that."""
    for first in range(0, len(learned.series), SERIES):
        rows = slice(first, first + SERIES)
        head = {
            "version": VERSION,
            "until": learned.until.isoformat(),
            "step": learned.step.total_seconds(),
            "period": learned.period.total_seconds(),
            "adopted": sorted(learned.adopted),
            "series": learned.series[rows],
        }
        memory = Memory(learned.memory.records[rows]).save()
        packed = base64.b64encode(zlib.compress(memory, 1)).decode()
        yield json.dumps(head, separators=(",", ":")) + "\n" + packed


def loaded(parts: Sequence[str]) -> Learned | None:
    """What was saved together, as far as it can be read; None if nothing can.

    Parts of another version, and parts that are older than the newest, are left out: what they held
    is learnt again from the window.
    """
    read = [one for part in parts if (one := _part(part)) is not None]
    if not read:
        return None
    newest = max(one.until for one in read)
    read = [one for one in read if one.until == newest]
    return Learned(
        tuple(name for one in read for name in one.series),
        newest,
        read[0].step,
        read[0].period,
        Memory(np.concatenate([one.memory.records for one in read])),
        frozenset[str]().union(*(one.adopted for one in read)),
    )


def _part(text: str) -> Learned | None:
    head, _, packed = text.partition("\n")
    try:
        said = json.loads(head)
        if said["version"] != VERSION:
            return None
        memory = Memory.load(zlib.decompress(base64.b64decode(packed)))
        series = tuple(
            (signal, service, tuple((name, value) for name, value in labels))
            for signal, service, labels in said["series"]
        )
        if len(series) != len(memory):
            return None
        return Learned(
            series,
            datetime.fromisoformat(said["until"]),
            timedelta(seconds=said["step"]),
            timedelta(seconds=said["period"]),
            memory,
            frozenset(said["adopted"]),
        )
    except (ValueError, KeyError, TypeError, zlib.error):
        return None
