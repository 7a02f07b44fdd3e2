"""What a runbook is: one change, with its check before, its proof after, and its way back.

A runbook is one file with one subclass of `Runbook`. Its steps are run by `RunbookWorkflow`, never
directly; every step may run twice, and the actuator's idempotency key makes the second one nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from chimera.domain import (
    Actuator,
    Effect,
    Estate,
    Order,
    Plan,
    PreconditionFailed,
    Refused,
    RunbookCard,
)
from chimera.runbooks.proof import Proof


class Parameters(BaseModel):
    """Base of every runbook's parameters: strict, and nothing unknown gets in."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


P = TypeVar("P", bound=Parameters)


class Runbook(ABC, Generic[P]):
    """One change. Subclasses give `card`, `Parameters`, `target`, `does`, `undo` and `apply`."""

    card: ClassVar[RunbookCard]
    Parameters: type[P]

    def __init__(self, actuator: Actuator, proof: Proof) -> None:
        self.actuator = actuator
        self.proof = proof

    def parse(self, order: Order) -> P:
        """The order's parameters, strictly. Raises PreconditionFailed."""
        try:
            return self.Parameters.model_validate(order.parameters)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"]) or "parameters"
            raise PreconditionFailed(
                f"order {order.id} cannot run {self.card.name}: {name}: {first['msg']}; "
                f"`chimera runbooks show {self.card.name}` lists the parameters"
            ) from error

    @abstractmethod
    def target(self, parameters: P) -> str:
        """The one thing this changes; locks and policy go by it."""

    @abstractmethod
    def does(self, parameters: P) -> str:
        """What happens, in one sentence."""

    @abstractmethod
    def undo(self, parameters: P) -> str:
        """The way back, or why there is none."""

    def plan(self, order: Order, estate: Estate) -> Plan:
        """Exactly what would be done; approvals are bound to it."""
        parameters = self.parse(order)
        target = self.target(parameters)
        if target != order.target:
            raise PreconditionFailed(
                f"order {order.id} names {order.target} as its target and its parameters {target}; "
                "it is not carried out"
            )
        return Plan(
            order_id=order.id,
            runbook=self.card.name,
            target=target,
            environment=order.environment,
            parameters=parameters.model_dump(mode="json"),
            risk=self.card.risk,
            reversible=self.card.reversible,
            does=self.does(parameters),
            undo=self.undo(parameters),
            blast_radius=estate.felt_by(target),
            proof=tuple(symptom.query for symptom in order.symptoms),
        )

    async def precheck(self, order: Order) -> None:
        """Raise PreconditionFailed unless the change still makes sense.

        The world moved while somebody thought about the approval: the trouble must still be there.
        """
        await self.proof.still_needed(order)

    @abstractmethod
    async def apply(self, order: Order) -> None:
        """Make the change, keyed by the order's mark: twice is once."""

    async def verify(self, order: Order, since: float, again: bool = False) -> None:
        """Raise NotRepaired while the symptom persists, NoVerdict without data.

        `since`: unix seconds at which the change was done; `again`: an earlier proof was cut short.
        """
        await self.proof.demand(order, since, again)

    async def rollback(self, order: Order) -> None:
        """Undo the change; called with the order fenced already."""
        raise Refused(f"{self.card.name} has no way back: {self.undo(self.parse(order))}")

    async def perform(self, order: Order, verb: Any, target: str, **arguments: str) -> None:
        """Apply one effect under the order's key."""
        effect = Effect(
            key=order.mark, order_id=order.mark, verb=verb, target=target, arguments=arguments
        )
        await self.actuator.perform(effect)

    async def take_back(self, order: Order, verb: Any, target: str, **arguments: str) -> None:
        """Apply the opposite effect, if the first one was done at all."""
        if order.mark not in await self.actuator.effects(order.mark):
            return  # apply never reached the target, and the fence keeps it away
        effect = Effect(
            key=f"{order.mark}#rollback",
            order_id=order.mark,
            verb=verb,
            target=target,
            arguments=arguments,
        )
        await self.actuator.perform(effect)

    async def was(self, order: Order, name: str) -> str:
        """What the effect replaced, as the actuator recorded it."""
        done = (await self.actuator.effects(order.mark)).get(order.mark, {})
        return done.get(name, "")
