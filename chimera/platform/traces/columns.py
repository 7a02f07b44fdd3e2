"""Spans of any format, one by one, into the columns that the engine reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from chimera.diagnosis.observed import Ints, Spans


@dataclass(frozen=True)
class RawSpan:
    """One span. `started` in Unix seconds, `lasted` in milliseconds; `parent` "" for none."""

    trace: str
    id: str
    parent: str
    service: str
    operation: str
    started: float
    lasted: float
    error: bool = False


def columns(found: Iterable[RawSpan]) -> Spans:
    """The spans in the order given; one that was written twice counts once.

    A span's id is unique in its trace only, so parents are looked up there.
    """
    rows: dict[tuple[str, str], RawSpan] = {}
    for span in found:
        rows.setdefault((span.trace, span.id), span)
    place = {key: at for at, key in enumerate(rows)}
    kept = list(rows.values())
    services, service = _coded([span.service for span in kept])
    operations, operation = _coded([span.operation for span in kept])
    parents = [place.get((s.trace, s.parent), -1) if s.parent else -1 for s in kept]
    return Spans(
        ids=tuple(span.id for span in kept),
        parent=np.array(parents, dtype=np.int64),
        service=service,
        operation=operation,
        started=np.array([span.started for span in kept], dtype=np.float64),
        lasted=np.array([span.lasted for span in kept], dtype=np.float64),
        services=services,
        operations=operations,
    )


def _coded(names: list[str]) -> tuple[tuple[str, ...], Ints]:
    kinds = tuple(sorted(set(names)))
    code = {name: i for i, name in enumerate(kinds)}
    return kinds, np.array([code[name] for name in names], dtype=np.int64)
