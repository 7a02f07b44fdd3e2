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

    async def pause(self, environment: str, reason: str, who: Principal) -> None:
        """Of one environment, or of every one: "*"."""
        ...

    async def resume(self, environment: str, who: Principal) -> None: ...

    async def acknowledge(self, incident: str, who: Principal) -> None: ...

    async def resolve(self, incident: str, note: str, who: Principal) -> None: ...

    async def hand_over(
        self, incident: str, to: str, note: str, who: Principal, dry_run: bool = False
    ) -> str:
        """Give an incident to a person or a team; who that is. Raises NotFound for a stranger."""
        ...

    async def veto(self, incident: str, cause: str, note: str, who: Principal) -> str:
        """Keep that something was not the cause: feedback, no order. What was kept."""
        ...


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

    async def pause(self, environment: str, reason: str, who: Principal) -> None:
        await self._desk.pause(environment, reason, who)

    async def resume(self, environment: str, who: Principal) -> None:
        await self._desk.resume(environment, who)

    async def acknowledge(self, incident: str, who: Principal) -> None:
        await self._desk.acknowledge(incident, who)

    async def resolve(self, incident: str, note: str, who: Principal) -> None:
        await self._desk.resolve(incident, who, note)

    async def hand_over(
        self, incident: str, to: str, note: str, who: Principal, dry_run: bool = False
    ) -> str:
        return await self._desk.hand_over(incident, to, note, who, dry_run)

    async def veto(self, incident: str, cause: str, note: str, who: Principal) -> str:
        kept = await self._desk.veto(incident, who, cause, note)
        return f"{kept.kind.value} of {kept.target}"


def aim(runbook: str, parameters: dict[str, str], target: str) -> str:
    """What an order names as its target: a silence's is what it matches."""
    if runbook != "silence":
        return target
    from chimera.domain import Matcher

    given = parameters.get
    return Matcher.read(
        given("service", ""), given("signal", ""), given("environment", ""), given("labels", "")
    ).target
