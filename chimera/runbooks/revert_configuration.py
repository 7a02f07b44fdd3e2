from __future__ import annotations

from pydantic import Field

from chimera.domain import FaultKind, Order, PreconditionFailed, Risk, RunbookCard
from chimera.runbooks.base import Parameters, Runbook


class SettingParameters(Parameters):
    service: str
    key: str
    value: str = Field(description="the suspected value, which must still be set")
    back_to: str = Field("", description="the value to set; if given, the one before it")


class RevertConfiguration(Runbook[SettingParameters]):
    """Set one configuration key back to the value it had before."""

    Parameters = SettingParameters
    card = RunbookCard(
        name="revert_configuration",
        summary="Set one configuration key back to the value it had before",
        risk=Risk.MEDIUM,
        reversible=True,
        mends=(FaultKind.CONFIGURATION,),
        invasiveness=3,
        parameters=SettingParameters.model_json_schema(),
    )

    def target(self, parameters: SettingParameters) -> str:
        return parameters.service

    def does(self, parameters: SettingParameters) -> str:
        before = repr(parameters.back_to) if parameters.back_to else "the value before"
        return (
            f"Sets {parameters.key} of {parameters.service} back from "
            f"{parameters.value!r} to {before}"
        )

    def undo(self, parameters: SettingParameters) -> str:
        return f"sets {parameters.key} to {parameters.value!r} again"

    async def precheck(self, order: Order) -> None:
        await super().precheck(order)
        parameters = self.parse(order)
        state = await self.actuator.state(parameters.service)
        current = state.configuration.get(parameters.key)
        if current != parameters.value:
            raise PreconditionFailed(
                f"{parameters.key} of {parameters.service} is {current!r} and not "
                f"{parameters.value!r} any more; nothing to revert"
            )
        if parameters.key not in state.previous_configuration:
            raise PreconditionFailed(
                f"nobody knows what {parameters.key} of {parameters.service} was before"
            )
        before = state.previous_configuration[parameters.key]
        if parameters.back_to not in ("", before):
            raise PreconditionFailed(
                f"{parameters.key} of {parameters.service} was {before!r} before and not "
                f"{parameters.back_to!r}, as was shown; a person decides"
            )

    async def apply(self, order: Order) -> None:
        parameters = self.parse(order)
        state = await self.actuator.state(parameters.service)
        value = state.previous_configuration.get(parameters.key, "")
        await self.perform(
            order, "set_configuration", parameters.service, key=parameters.key, value=value
        )

    async def rollback(self, order: Order) -> None:
        parameters = self.parse(order)
        ours = await self.was(order, "value")
        state = await self.actuator.state(parameters.service)
        current = state.configuration.get(parameters.key, "")
        if ours and current not in (ours, parameters.value):
            raise PreconditionFailed(
                f"{parameters.key} of {parameters.service} is {current!r} by now, which this order "
                "did not set; somebody else has changed it and decides"
            )
        await self.take_back(
            order,
            "set_configuration",
            parameters.service,
            key=parameters.key,
            value=parameters.value,
        )
