from __future__ import annotations

from pydantic import Field

from chimera.domain import FaultKind, Order, PreconditionFailed, Risk, RunbookCard
from chimera.runbooks.base import Parameters, Runbook


class BatchParameters(Parameters):
    dataset: str
    step: str = Field(description="the step that reads the dataset and is stopped by the batch")
    batch: str = Field(
        default="", pattern=r"^\d*$", description="its number; none: each that stops the step"
    )


class QuarantineBatch(Runbook[BatchParameters]):
    """Move a bad batch of a dataset, and what was made of it, to quarantine; what follows goes on."""

    Parameters = BatchParameters
    card = RunbookCard(
        name="quarantine_batch",
        summary="Move a bad batch of a dataset, and what was made of it, to quarantine",
        risk=Risk.MEDIUM,
        reversible=True,
        mends=(FaultKind.DATA,),
        invasiveness=3,
        parameters=BatchParameters.model_json_schema(),
    )

    def target(self, parameters: BatchParameters) -> str:
        return parameters.dataset

    def does(self, parameters: BatchParameters) -> str:
        which = f"Batch {parameters.batch}" if parameters.batch else "Each batch"
        why = "" if parameters.batch else f" that {parameters.step} stops at"
        return f"{which} of {parameters.dataset}{why} is moved to quarantine; nothing is deleted"

    def undo(self, parameters: BatchParameters) -> str:
        return f"puts it back, and {parameters.step} reads it again"

    async def precheck(self, order: Order) -> None:
        await super().precheck(order)
        parameters = self.parse(order)
        seen = (await self.actuator.state(parameters.step)).details
        if seen.get("blocked_records"):
            raise PreconditionFailed(
                f"{parameters.step} stops at record {seen['blocked_records']} and not at a batch; "
                "skip_poison_record is for that"
            )
        if not parameters.batch and not seen.get("blocked_batch"):
            raise PreconditionFailed(
                f"{parameters.step} stops at no batch of {parameters.dataset}; name the batch"
            )

    async def apply(self, order: Order) -> None:
        parameters = self.parse(order)
        named = {"batch": parameters.batch} if parameters.batch else {}
        await self.perform(order, "quarantine_batch", parameters.step, **named)

    async def rollback(self, order: Order) -> None:
        step, kept = self.parse(order).step, await self.was(order, "quarantine")
        await self.take_back(order, "restore_quarantine", step, quarantine=kept)
