"""The only way from a conversation to a change: the desk, as the person who asked."""

from __future__ import annotations

from typing import Protocol

from chimera.domain import Order, Plan, Principal
from chimera.flows.desk import Desk


class Door(Protocol):
    """What may be asked for on a person's behalf. Raises NotAllowed, Refused, Unavailable."""

    async def plan(
        self, runbook: str, parameters: dict[str, str], target: str, reason: str, who: Principal
    ) -> Plan:
        """What an order would do; nothing is placed."""
        ...

    async def propose(
        self, runbook: str, parameters: dict[str, str], target: str, reason: str, who: Principal
    ) -> str:
        """Place an order; policy, and perhaps somebody else, decide. Its id."""
        ...

    async def answer(
        self, order: str, plan_hash: str, granted: bool, note: str, who: Principal
    ) -> None: ...

    async def pause(self, reason: str, who: Principal) -> None: ...

    async def resume(self, who: Principal) -> None: ...

    async def acknowledge(self, incident: str, who: Principal) -> None: ...

    async def resolve(self, incident: str, note: str, who: Principal) -> None: ...


class DeskDoor:
    """The desk in this process."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def plan(
        self, runbook: str, parameters: dict[str, str], target: str, reason: str, who: Principal
    ) -> Plan:
        made = await self._desk.run_runbook(
            runbook, parameters, aim(runbook, parameters, target), reason, who, True
        )
        assert isinstance(made, Plan)
        return made

    async def propose(
        self, runbook: str, parameters: dict[str, str], target: str, reason: str, who: Principal
    ) -> str:
        made = await self._desk.run_runbook(
            runbook, parameters, aim(runbook, parameters, target), reason, who
        )
        assert isinstance(made, Order)
        return made.id

    async def answer(
        self, order: str, plan_hash: str, granted: bool, note: str, who: Principal
    ) -> None:
        await self._desk.answer(order, plan_hash, granted, note, who)

    async def pause(self, reason: str, who: Principal) -> None:
        await self._desk.pause("*", reason, who)

    async def resume(self, who: Principal) -> None:
        await self._desk.resume("*", who)

    async def acknowledge(self, incident: str, who: Principal) -> None:
        await self._desk.acknowledge(incident, who)

    async def resolve(self, incident: str, note: str, who: Principal) -> None:
        await self._desk.resolve(incident, who, note)


def aim(runbook: str, parameters: dict[str, str], target: str) -> str:
    """What an order names as its target: a silence's is what it matches."""
    if runbook != "silence":
        return target
    from chimera.domain import Matcher

    given = parameters.get
    return Matcher.read(
        given("service", ""), given("signal", ""), given("environment", ""), given("labels", "")
    ).target
