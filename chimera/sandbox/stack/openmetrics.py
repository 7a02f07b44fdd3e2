"""Samples as OpenMetrics text with timestamps, as promtool loads it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

END = "# EOF\n"


def name_and_labels(name: str, labels: Mapping[str, str]) -> str:
    """What every line of one series begins with."""
    pairs = (f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in labels.items())
    return f"{name}{{{','.join(pairs)}}}"


def lines(series: str, samples: Iterable[tuple[float, str]]) -> Iterator[str]:
    """The samples of one series, a line each: Unix seconds, and the value as it is to be written."""
    for at, value in samples:
        yield f"{series} {value} {at:.3f}\n"
