from __future__ import annotations

from chimera.domain import FaultKind, Order, PreconditionFailed, Risk, RunbookCard
from chimera.runbooks.base import Parameters, Runbook


class ModelParameters(Parameters):
    step: str


class RetrainModel(Runbook[ModelParameters]):
    """Train a step's model on recent data, and switch to it if it is better on data it has not seen."""

    Parameters = ModelParameters
    card = RunbookCard(
        name="retrain_model",
        summary="Train a step's model on recent data; switch if it is better on held-out data",
        risk=Risk.MEDIUM,
        reversible=True,
        mends=(FaultKind.DRIFT,),
        invasiveness=3,
        parameters=ModelParameters.model_json_schema(),
    )

    def target(self, parameters: ModelParameters) -> str:
        return parameters.step

    def does(self, parameters: ModelParameters) -> str:
        return (
            f"Trains the model of {parameters.step} on recent data and switches to it, "
            "if it is better on data held out"
        )

    def undo(self, parameters: ModelParameters) -> str:
        return "puts the model of before back in force"

    async def apply(self, order: Order) -> None:
        await self.perform(order, "retrain_model", self.parse(order).step)

    async def rollback(self, order: Order) -> None:
        step, ours = self.parse(order).step, await self.was(order, "version")
        current = (await self.actuator.state(step)).details.get("model_version", "")
        before = await self.was(order, "previous_version")
        if ours and current not in (ours, before):
            raise PreconditionFailed(
                f"{step} works with model {current} by now, which this order did not train; "
                "somebody else has changed it and decides"
            )
        await self.take_back(order, "set_model", step, version=before)
