"""What is left of an error budget, read from Prometheus. No data is said as no data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np
from pydantic import Field

from chimera.domain import Value, moment
from chimera.domain.objectives import Objective
from chimera.platform.observability.prometheus import Answer, Prometheus
from chimera.platform.slo.burn import burns, spelled
from chimera.platform.slo.expressions import bad_share, events, presence

LOOKS = 200  # over the window, to see since when there is data
State = Literal["ok", "burning", "spent", "no data"]


class Budget(Value):
    """The state of one objective. Shares are of 1; None where there is no data.

    `burn` holds the burn rate over each window of its alerts, by the window's name; `since` is
    where the data begins, later than the window's start when Prometheus does not reach back.
    """

    slo: Objective
    at: datetime
    state: State
    events: float | None = None
    bad: float | None = None  # share of the events within the window
    left: float | None = None  # of the budget; below 0 it is overspent
    burn: dict[str, float | None] = Field(default_factory=dict)
    since: datetime | None = None
    partial: bool = False  # Prometheus said that something is missing


async def read_budget(
    prometheus: Prometheus, slo: Objective, interval: float, at: datetime | None = None
) -> Budget:
    """Ask Prometheus. Raises Unavailable when it does not answer, Refused for a wrong selector."""
    now = at or datetime.now(UTC)
    share = await prometheus.instant(bad_share(slo, slo.window, interval), now)
    count = await prometheus.instant(events(slo, slo.window, interval), now)
    bad, counted = single(share), single(count)
    answers = [share, count]
    if bad is None or not counted:
        return Budget(slo=slo, at=now, state="no data", partial=any(a.partial for a in answers))
    rates: dict[str, float | None] = {}
    state: State = "ok"
    for burn in burns(slo, interval):
        both: list[float | None] = []
        for span in (burn.long, burn.short):
            if spelled(span) not in rates:
                answers.append(await prometheus.instant(bad_share(slo, span, interval), now))
                value = single(answers[-1])
                rates[spelled(span)] = None if value is None else value / slo.budget
            both.append(rates[spelled(span)])
        if all(rate is not None and rate > burn.rate for rate in both):
            state = "burning"
    left = 1.0 - bad / slo.budget
    step = timedelta(seconds=max(slo.window / LOOKS, interval))
    seen = await prometheus.range(presence(slo), now - timedelta(seconds=slo.window), now, step)
    answers.append(seen)
    first = min((float(s.times[0]) for s in seen.series), default=None)
    return Budget(
        slo=slo,
        at=now,
        state="spent" if left <= 0 else state,
        events=counted,
        bad=bad,
        left=left,
        burn=rates,
        since=None if first is None else moment(first),
        partial=any(answer.partial for answer in answers),
    )


def single(answer: Answer) -> float | None:
    """The one value of an answer; None where there is none, or it is not a number."""
    values = [float(series.values[-1]) for series in answer.series if series.values.size]
    return values[0] if len(values) == 1 and np.isfinite(values[0]) else None
