from __future__ import annotations

from pydantic import Field

from chimera.domain import FaultKind, Order, Risk, RunbookCard
from chimera.runbooks.base import Parameters, Runbook


class DoublesParameters(Parameters):
    dataset: str
    step: str = Field(description="the step that writes the dataset")


class DeduplicateDataset(Runbook[DoublesParameters]):
    """Write the batches of a dataset that hold doubles again: each record stays where it came first."""

    Parameters = DoublesParameters
    card = RunbookCard(
        name="deduplicate_dataset",
        summary="Write the batches of a dataset that hold doubles again, without them",
        risk=Risk.MEDIUM,
        reversible=True,
        mends=(FaultKind.DUPLICATES,),
        invasiveness=3,
        parameters=DoublesParameters.model_json_schema(),
    )

    def target(self, parameters: DoublesParameters) -> str:
        return parameters.dataset

    def does(self, parameters: DoublesParameters) -> str:
        return f"Writes the batches of {parameters.dataset} that hold doubles again, without them"

    def undo(self, parameters: DoublesParameters) -> str:
        return "puts the batches back as they were"

    async def apply(self, order: Order) -> None:
        await self.perform(order, "deduplicate", self.parse(order).step)

    async def rollback(self, order: Order) -> None:
        step, kept = self.parse(order).step, await self.was(order, "quarantine")
        await self.take_back(order, "restore_quarantine", step, quarantine=kept)
