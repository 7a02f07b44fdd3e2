from __future__ import annotations

from pydantic import Field

from chimera.domain import FaultKind, Order, PreconditionFailed, Risk, RunbookCard
from chimera.runbooks.base import Parameters, Runbook


class ScaleParameters(Parameters):
    service: str
    replicas: int = Field(ge=1, le=100, description="how many there shall be")


class ScaleService(Runbook[ScaleParameters]):
    """Run more replicas of a service."""

    Parameters = ScaleParameters
    card = RunbookCard(
        name="scale_service",
        summary="Run more replicas of a service",
        risk=Risk.LOW,
        reversible=True,
        mends=(FaultKind.SATURATION,),
        invasiveness=1,
        parameters=ScaleParameters.model_json_schema(),
    )

    def target(self, parameters: ScaleParameters) -> str:
        return parameters.service

    def does(self, parameters: ScaleParameters) -> str:
        return f"Runs {parameters.replicas} replicas of {parameters.service}, or as many as it may have"

    def undo(self, parameters: ScaleParameters) -> str:
        return f"sets {parameters.service} back to the number of replicas it had"

    async def precheck(self, order: Order) -> None:
        await super().precheck(order)
        parameters = self.parse(order)
        state = await self.actuator.state(parameters.service)
        if min(parameters.replicas, state.max_replicas) <= state.replicas:
            raise PreconditionFailed(
                f"{parameters.service} runs {state.replicas} of at most {state.max_replicas} "
                f"replicas; {parameters.replicas} would not be more"
            )

    async def apply(self, order: Order) -> None:
        parameters = self.parse(order)
        state = await self.actuator.state(parameters.service)
        await self.perform(
            order,
            "scale",
            parameters.service,
            replicas=str(min(parameters.replicas, state.max_replicas)),
        )

    async def rollback(self, order: Order) -> None:
        service = self.parse(order).service
        ours, before = [await self.was(order, n) for n in ("replicas", "previous_replicas")]
        current = (await self.actuator.state(service)).replicas
        if ours and str(current) not in (ours, before):
            raise PreconditionFailed(
                f"{service} runs {current} replicas by now, which this order did not set; somebody "
                "else has changed it and decides"
            )
        await self.take_back(order, "scale", service, replicas=before)
