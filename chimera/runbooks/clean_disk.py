from __future__ import annotations

from chimera.domain import FaultKind, Order, Risk, RunbookCard
from chimera.runbooks.base import Parameters, Runbook


class DiskParameters(Parameters):
    service: str


class CleanDisk(Runbook[DiskParameters]):
    """Move old log files out of the way; nothing is deleted."""

    Parameters = DiskParameters
    card = RunbookCard(
        name="clean_disk",
        summary="Move a service's old log files to quarantine; nothing is deleted",
        risk=Risk.LOW,
        reversible=True,
        mends=(FaultKind.DISK,),
        invasiveness=1,
        parameters=DiskParameters.model_json_schema(),
    )

    def target(self, parameters: DiskParameters) -> str:
        return parameters.service

    def does(self, parameters: DiskParameters) -> str:
        return f"Moves old log files of {parameters.service} to quarantine"

    def undo(self, parameters: DiskParameters) -> str:
        return "moves the files back"

    async def apply(self, order: Order) -> None:
        await self.perform(order, "quarantine_files", self.parse(order).service)

    async def rollback(self, order: Order) -> None:
        service, kept = self.parse(order).service, await self.was(order, "quarantine")
        await self.take_back(order, "restore_quarantine", service, quarantine=kept)
