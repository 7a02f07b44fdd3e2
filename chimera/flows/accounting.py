"""Keeping the record of an investigation, with what a model took in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from chimera.domain import RunRecord, Took
from chimera.platform.governance.audit_trail import Trail
from chimera.platform.store import Store

Settled = Callable[[], Awaitable[None]]  # waits until the model's books are written


def keeping(
    store: Store, trail: Trail, settled: Settled | None = None
) -> Callable[[RunRecord], Awaitable[None]]:
    """What `Investigator` takes as its `record`."""

    async def keep(run: RunRecord) -> None:
        if settled is not None:
            await settled()
            cost = await store.model_cost(run.subject, run.began)
            took = Took(requests=cost.requests, tokens=cost.tokens, money=cost.money)
            run = run.model_copy(update={"took": took})
        await trail.settle(write=partial(store.keep_run, run))

    return keep
