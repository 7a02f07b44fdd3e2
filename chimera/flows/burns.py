"""Which objectives burn, for the priority of incidents: read seldom, and never in the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic

import structlog

from chimera.domain import Refused, Unavailable
from chimera.domain.objectives import Objective
from chimera.platform.observability import Prometheus
from chimera.platform.slo import read_budget
from chimera.platform.slo.burn import burns, spelled

log = structlog.get_logger()
EVERY = 60.0  # seconds between two readings


class Burns:
    """Burn rates of the nodes whose objectives have an alert that holds; see `Burning`."""

    def __init__(self, prometheus: Prometheus, slos: Sequence[Objective], interval: float) -> None:
        self._prometheus = prometheus
        self._slos = slos
        self._interval = interval
        self._read: float | None = None
        self._rates: dict[str, float] = {}

    async def __call__(self) -> Mapping[str, float]:
        """The rate by which each node's worst alert holds. What cannot be read is left out."""
        if not self._slos or (self._read is not None and monotonic() - self._read < EVERY):
            return self._rates
        self._read = monotonic()
        rates: dict[str, float] = {}
        for slo in self._slos:
            try:
                budget = await read_budget(self._prometheus, slo, self._interval)
            except (Unavailable, Refused) as error:
                log.warning("an objective could not be read", slo=slo.name, error=str(error))
                continue
            holding = [0.0]
            for burn in burns(slo, self._interval):
                both = [budget.burn.get(spelled(span)) for span in (burn.long, burn.short)]
                known = [rate for rate in both if rate is not None and rate > burn.rate]
                if len(known) == len(both):
                    holding.append(min(known))
            if max(holding) > 0:
                rates[slo.node] = max(rates.get(slo.node, 0.0), max(holding))
        self._rates = rates
        return rates
