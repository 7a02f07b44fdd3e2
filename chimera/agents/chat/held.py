"""What a signal was on average in a stretch of time, and how that stretch is called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from chimera.agents.chat.queries import Query
from chimera.agents.chat.ranking import name
from chimera.agents.chat.shape import Looks, Reply
from chimera.agents.chat.telling import clock, failed
from chimera.agents.understanding.times import Span
from chimera.domain import Evidence

LATELY = timedelta(minutes=5)  # what is "now", and a moment


@dataclass(frozen=True)
class Held:
    """What a series was on average in a stretch of time."""

    values: dict[str, float]
    span: Span
    evidence: tuple[Evidence, ...]
    partial: bool = False


async def held(looks: Looks, query: Query, span: Span) -> Held | Reply:
    """The mean of each series in a stretch of time, from a whole minute on."""
    assert span.since is not None
    assert span.until is not None
    since = span.since.replace(second=0, microsecond=0)
    until = since + (span.until - span.since)
    look = await looks.see("ask_metrics", promql=query.promql, since=since, until=until)
    if away := failed(look):
        return away
    means = {
        name(one.labels): float(np.nanmean(one.values))
        for one in look.data
        if np.isfinite(one.values).any()
    }
    return Held(means, span, look.evidence, look.partial)


def told(span: Span, now: datetime) -> str:
    """When, in words: a moment, or from when to when."""
    if span.since is None or span.until is None:
        return ""
    if span.said == "now":
        return "now"
    if span.until - span.since <= LATELY:
        return f"at {clock(span.since + (span.until - span.since) / 2)}"
    day = "" if span.until.date() == span.since.date() else "%Y-%m-%d "
    return f"from {clock(span.since)} to {span.until.strftime(f'{day}%H:%M:%S')}"
