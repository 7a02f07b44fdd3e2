from __future__ import annotations

from chimera.domain import FaultKind, Order, Risk, RunbookCard
from chimera.runbooks.base import Parameters, Runbook


class CredentialParameters(Parameters):
    service: str
    upstream: str = ""


class RestoreCredential(Runbook[CredentialParameters]):
    """Issue a service a new credential for an upstream that refuses the old one."""

    Parameters = CredentialParameters
    card = RunbookCard(
        name="restore_credential",
        summary="Issue a service a new credential for an upstream that refuses the old one",
        risk=Risk.HIGH,
        reversible=False,
        mends=(FaultKind.CREDENTIAL,),
        invasiveness=4,
        always_ask=True,  # somebody may have revoked it on purpose
        parameters=CredentialParameters.model_json_schema(),
    )

    def target(self, parameters: CredentialParameters) -> str:
        return parameters.service

    def does(self, parameters: CredentialParameters) -> str:
        upstream = parameters.upstream or "its upstream"
        return f"Issues {parameters.service} a new credential for {upstream}"

    def undo(self, parameters: CredentialParameters) -> str:
        return "none: the old credential stays revoked"

    async def apply(self, order: Order) -> None:
        parameters = self.parse(order)
        await self.perform(
            order, "renew_credential", parameters.service, upstream=parameters.upstream
        )
