from __future__ import annotations

from chimera.domain import FaultKind, Order, Risk, RunbookCard
from chimera.runbooks.base import Parameters, Runbook


class PoisonParameters(Parameters):
    step: str
    dataset: str = ""


class SkipPoisonRecord(Runbook[PoisonParameters]):
    """Move the record that stops a pipeline step to quarantine; nothing is deleted."""

    Parameters = PoisonParameters
    card = RunbookCard(
        name="skip_poison_record",
        summary="Move the record that stops a pipeline step to quarantine; nothing is deleted",
        risk=Risk.MEDIUM,
        reversible=True,
        mends=(FaultKind.POISON,),
        invasiveness=3,
        parameters=PoisonParameters.model_json_schema(),
    )

    def target(self, parameters: PoisonParameters) -> str:
        return parameters.step

    def does(self, parameters: PoisonParameters) -> str:
        return f"Moves the record that {parameters.step} fails on to quarantine, with a manifest"

    def undo(self, parameters: PoisonParameters) -> str:
        return "puts the record back where it was"

    async def apply(self, order: Order) -> None:
        await self.perform(order, "quarantine_record", self.parse(order).step)

    async def rollback(self, order: Order) -> None:
        step, kept = self.parse(order).step, await self.was(order, "quarantine")
        await self.take_back(order, "restore_quarantine", step, quarantine=kept)
