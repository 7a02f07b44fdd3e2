"""Everything at once: survey, proposals, trial, bounds, topology."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chimera.domain import Estate
from chimera.platform.coverage.inventory import Inventory, Survey
from chimera.platform.coverage.proposal import LeftOut, Proposal
from chimera.platform.coverage.proposer import Proposer
from chimera.platform.coverage.topology import Graph, topology
from chimera.platform.coverage.trial import bounded, services_of, tried
from chimera.platform.observability.prometheus import Prometheus

RAW_A_SERIES = 25  # raw series read at each look, for each series that may be judged

Said = Callable[[str, int, int], None]  # what is being done, how much of it, of how much


@dataclass(frozen=True)
class Coverage:
    """What is proposed, and what is not."""

    inventory: Inventory
    proposals: tuple[Proposal, ...]
    left: tuple[LeftOut, ...]
    untold: Counter[str]  # prefix: metrics that no convention knows
    graph: Graph
    estate: Estate

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(sorted(services_of(self.proposals)))


async def cover(
    prometheus: Prometheus,
    now: datetime,
    *,
    token: str | None = None,
    environment: str = "production",
    step: timedelta | None = None,
    most_series: int = 2000,
    said: Said = lambda what, done, of: None,
) -> Coverage:
    """Read, propose, try. Raises Unavailable, Refused."""
    said("reading what there is", 0, 1)
    survey = Survey(prometheus, token)
    try:
        inventory = await survey.take(now, step)
    finally:
        await survey.close()
    said("looking at what the names promise", 0, 1)
    draft = await Proposer(prometheus, inventory, now).propose()
    fitting, left = bounded(draft.proposals, most_series, most_series * RAW_A_SERIES)
    total, so_far = len(fitting), 0

    def done(count: int) -> None:
        nonlocal so_far
        so_far += count
        said("trying the rows on the recent past", so_far, total)

    done(0)
    kept, empty = await tried(prometheus, fitting, inventory.step, now, done)
    said("drawing who calls whom", 0, 1)
    graph = await topology(prometheus, inventory, services_of(kept), draft.seen, now)
    return Coverage(
        inventory,
        tuple(kept),
        (*draft.left, *left, *empty),
        draft.untold,
        graph,
        graph.estate(environment),
    )
