"""A credential that is not accepted any more."""

from __future__ import annotations

from typing import Any

from chimera.domain import FaultKind
from chimera.sandbox.estate.credentials import fingerprint
from chimera.sandbox.estate.spec import SERVICES
from chimera.sandbox.faults.base import Fault, Marks, Surgery


class RevokedCredential(Fault):
    name = "revoked_credential"
    summary = "The upstream revokes the service's credential."
    symptom = "Sign-ins are refused (401); what needs the upstream fails, here and at callers."
    kind = FaultKind.CREDENTIAL
    repair = "restore_credential"
    targets = ("payments", "ingest")
    magnitudes = (0.3, 1.0)
    scale = "the share of sign-ins that is refused: all at 1"

    async def inject(
        self, surgery: Surgery, target: str, magnitude: float, seed: int
    ) -> dict[str, Any]:
        name = fingerprint(surgery.plant.wish(target).credential)
        await self.refuse(surgery, target, name, magnitude)
        return Marks(credential=name)

    async def clear(self, surgery: Surgery, target: str, marks: Marks) -> None:
        await self.refuse(surgery, target, marks["credential"], 0.0)

    async def refuse(self, surgery: Surgery, target: str, name: str, share: float) -> None:
        """Let the upstream refuse a credential, if it still knows it."""
        upstream = SERVICES[target].signs_in_to
        accepted = surgery.plant.wish(upstream).accepted
        if name in accepted:
            await surgery.wish(upstream, accepted={**accepted, name: share})


FAULT = RevokedCredential()
