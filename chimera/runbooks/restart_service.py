from __future__ import annotations

from chimera.domain import FaultKind, Order, Risk, RunbookCard
from chimera.runbooks.base import Parameters, Runbook


class ServiceParameters(Parameters):
    service: str


class RestartService(Runbook[ServiceParameters]):
    """Restart every replica of a service, one at a time."""

    Parameters = ServiceParameters
    card = RunbookCard(
        name="restart_service",
        summary="Restart every replica of a service, one at a time",
        risk=Risk.LOW,
        reversible=False,
        mends=(FaultKind.MEMORY, FaultKind.CPU, FaultKind.STUCK, FaultKind.DOWN),
        invasiveness=4,
        parameters=ServiceParameters.model_json_schema(),
    )

    def target(self, parameters: ServiceParameters) -> str:
        return parameters.service

    def does(self, parameters: ServiceParameters) -> str:
        return f"Restarts every replica of {parameters.service}, one at a time"

    def undo(self, parameters: ServiceParameters) -> str:
        return "none: what the processes held in memory is gone"

    async def apply(self, order: Order) -> None:
        await self.perform(order, "restart", self.parse(order).service)
