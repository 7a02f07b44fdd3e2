"""A runbook that changes a rule: Chimera ships none, and somebody may add one."""

from __future__ import annotations

from chimera.domain import Order, Risk, RunbookCard
from chimera.runbooks.base import Parameters, Runbook


class SetRuleParameters(Parameters):
    service: str
    rule: str
    value: str


class SetRule(Runbook[SetRuleParameters]):
    """Give a rule of a service another value."""

    Parameters = SetRuleParameters
    card = RunbookCard(
        name="set_rule",
        summary="Give a rule of a service another value",
        risk=Risk.LOW,
        reversible=True,
        mends=(),
        parameters=SetRuleParameters.model_json_schema(),
    )

    def target(self, parameters: SetRuleParameters) -> str:
        return parameters.service

    def does(self, parameters: SetRuleParameters) -> str:
        return f"Sets {parameters.rule} of {parameters.service} to {parameters.value}"

    def undo(self, parameters: SetRuleParameters) -> str:
        return "sets it back"

    async def apply(self, order: Order) -> None:
        given = self.parse(order)
        await self.perform(
            order, "set_configuration", given.service, key=given.rule, value=given.value
        )
