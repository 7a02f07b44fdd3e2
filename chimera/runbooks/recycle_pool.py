from __future__ import annotations

from chimera.domain import FaultKind, Order, Risk, RunbookCard
from chimera.runbooks.base import Parameters, Runbook


class PoolParameters(Parameters):
    service: str


class RecyclePool(Runbook[PoolParameters]):
    """Replace a service's connection pool with a fresh one."""

    Parameters = PoolParameters
    card = RunbookCard(
        name="recycle_pool",
        summary="Replace a service's connection pool with a fresh one, without a restart",
        risk=Risk.LOW,
        reversible=False,
        mends=(FaultKind.POOL,),
        invasiveness=2,
        parameters=PoolParameters.model_json_schema(),
    )

    def target(self, parameters: PoolParameters) -> str:
        return parameters.service

    def does(self, parameters: PoolParameters) -> str:
        return f"Closes the connections of {parameters.service}'s pool and opens a fresh pool"

    def undo(self, parameters: PoolParameters) -> str:
        return "none: the old connections are closed"

    async def apply(self, order: Order) -> None:
        await self.perform(order, "recycle_pool", self.parse(order).service)
