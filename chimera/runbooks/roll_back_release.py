from __future__ import annotations

from pydantic import Field

from chimera.domain import FaultKind, Order, PreconditionFailed, Risk, RunbookCard
from chimera.runbooks.base import Parameters, Runbook


class ReleaseParameters(Parameters):
    service: str
    release: str = Field(description="the suspected release, which must still be running")
    back_to: str = Field("", description="the release to go back to; if given, the one before it")


class RollBackRelease(Runbook[ReleaseParameters]):
    """Go back to the release that ran before the suspected one."""

    Parameters = ReleaseParameters
    card = RunbookCard(
        name="roll_back_release",
        summary="Go back to the release that ran before the suspected one",
        risk=Risk.MEDIUM,
        reversible=True,
        mends=(FaultKind.RELEASE, FaultKind.SCHEMA),
        invasiveness=5,
        parameters=ReleaseParameters.model_json_schema(),
    )

    def target(self, parameters: ReleaseParameters) -> str:
        return parameters.service

    def does(self, parameters: ReleaseParameters) -> str:
        before = parameters.back_to or "the one before"
        return f"Replaces release {parameters.release} of {parameters.service} by {before}"

    def undo(self, parameters: ReleaseParameters) -> str:
        return f"deploys {parameters.release} again"

    async def precheck(self, order: Order) -> None:
        await super().precheck(order)
        parameters = self.parse(order)
        state = await self.actuator.state(parameters.service)
        if state.release != parameters.release:
            raise PreconditionFailed(
                f"{parameters.service} runs {state.release} and not {parameters.release} any more; "
                "nothing to roll back"
            )
        if not state.previous_release:
            raise PreconditionFailed(
                f"{parameters.service} has no release before {parameters.release} to go back to"
            )
        if parameters.back_to not in ("", state.previous_release):
            raise PreconditionFailed(
                f"{parameters.service} would go back to {state.previous_release} and not to "
                f"{parameters.back_to}, as was shown; a person decides"
            )

    async def apply(self, order: Order) -> None:
        parameters = self.parse(order)
        before = parameters.back_to or await self._before(parameters.service)
        await self.perform(order, "set_release", parameters.service, release=before)

    async def _before(self, service: str) -> str:
        return (await self.actuator.state(service)).previous_release or ""

    async def rollback(self, order: Order) -> None:
        parameters = self.parse(order)
        ours = await self.was(order, "release")
        current = (await self.actuator.state(parameters.service)).release
        if ours and current not in (ours, parameters.release):
            raise PreconditionFailed(
                f"{parameters.service} runs {current} by now, which this order did not deploy; "
                "somebody else has changed it and decides"
            )
        await self.take_back(order, "set_release", parameters.service, release=parameters.release)
