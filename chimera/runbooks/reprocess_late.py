from __future__ import annotations

from pydantic import Field

from chimera.domain import FaultKind, Order, Risk, RunbookCard
from chimera.runbooks.base import Parameters, Runbook


class LateParameters(Parameters):
    dataset: str
    step: str = Field(description="the step that writes the dataset")


class ReprocessLate(Runbook[LateParameters]):
    """Put late records into the batches of their own time, and write those again."""

    Parameters = LateParameters
    card = RunbookCard(
        name="reprocess_late",
        summary="Put late records into the batches of their own time, and write those again",
        risk=Risk.MEDIUM,
        reversible=True,
        mends=(FaultKind.LATE,),
        invasiveness=3,
        parameters=LateParameters.model_json_schema(),
    )

    def target(self, parameters: LateParameters) -> str:
        return parameters.dataset

    def does(self, parameters: LateParameters) -> str:
        return f"Writes the batches of {parameters.dataset} again that late records belong to, with them"

    def undo(self, parameters: LateParameters) -> str:
        return "puts the batches back as they were; the late records wait again"

    async def apply(self, order: Order) -> None:
        await self.perform(order, "merge_late", self.parse(order).step)

    async def rollback(self, order: Order) -> None:
        step, kept = self.parse(order).step, await self.was(order, "quarantine")
        await self.take_back(order, "restore_quarantine", step, quarantine=kept)
