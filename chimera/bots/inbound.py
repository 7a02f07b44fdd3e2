"""What a verified user of a chat wants, put before the desk under their own identity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from chimera.domain import NotAllowed, Order, Principal, Sway, Veto

WhoIs = Callable[[str, str], Principal]  # (team, user) of the verified payload


class Desk(Protocol):
    """The part of `chimera.flows.desk.Desk` that a chat reaches."""

    async def answer(
        self, order_id: str, plan_hash: str, granted: bool, note: str, who: Principal
    ) -> Any: ...

    async def pause(self, environment: str, reason: str, who: Principal) -> Any: ...

    async def resume(self, environment: str, who: Principal) -> Any: ...

    async def status(self) -> dict[str, Any]: ...

    async def feedback(self, subject: str, useful: bool, who: Principal) -> Sway: ...

    async def veto(
        self, incident_id: str, who: Principal, target: str = "", note: str = ""
    ) -> Veto: ...

    async def silence_incident(self, incident_id: str, lasts: float, who: Principal) -> Order: ...


class Asked:
    """Answers in one sentence each; refusals go up as errors and are shown to the person."""

    def __init__(self, desk: Desk, who_is: WhoIs) -> None:
        self._desk = desk
        self._who_is = who_is

    async def answer(
        self,
        order_id: str,
        plan_hash: str,
        granted: bool,
        team: str,
        user: str,
        note: str,
    ) -> str:
        who = self._who_is(team, user)
        await self._desk.answer(order_id, plan_hash, granted, note, who)
        return f"{who.name or who.id} {'approved' if granted else 'denied'} order {order_id}."

    async def vote(self, incident: str, useful: bool, team: str, user: str) -> str:
        who = self._who_is(team, user)
        sway = await self._desk.feedback(incident, useful, who)
        return (
            f"Noted: {incident} was {'useful' if useful else 'not useful'}. {sway}. "
            f"`chimera alerts undo {incident}` takes it back."
        )

    async def veto(self, incident: str, cause: str, team: str, user: str) -> str:
        who = self._who_is(team, user)
        veto = await self._desk.veto(incident, who, cause)
        return (
            f"Noted: {incident} was not {veto.kind.value} of {veto.target}. It counts from the next "
            f"incident on. `chimera incidents veto {incident} --undo` takes it back."
        )

    async def silence(self, incident: str, seconds: float, team: str, user: str) -> str:
        who = self._who_is(team, user)
        order = await self._desk.silence_incident(incident, seconds, who)
        return (
            f"Order {order.id} asks to silence {order.target.removeprefix('alerts of ')} for "
            f"{seconds / 3600:g} h. What users feel is silenced only once somebody approves."
        )

    async def pause(self, environment: str | None, team: str, user: str) -> str:
        who = self._who_is(team, user)
        await self._desk.pause(
            environment or "*", f"{who.name or who.id} in {who.via.title()}", who
        )
        return f"Changes are paused in {environment or 'every environment'}."

    async def resume(self, environment: str | None, team: str, user: str) -> str:
        await self._desk.resume(environment or "*", self._who_is(team, user))
        return f"Changes go on in {environment or 'every environment'}."

    async def status(self, team: str, user: str) -> str:
        if is_stranger(who := self._who_is(team, user)):
            raise NotAllowed(stranger(who))
        status = await self._desk.status()
        lines = []
        for i in status["open_incidents"]:
            level = f" {i['priority']}" if i.get("priority") else ""
            lines.append(f"{i['id']}{level} ({i['phase']}): {i['title']}")
            lines += [f"    {mark}" for mark in i.get("marks", ())]
        paused = ", ".join(p["environment"] for p in status["paused"])
        waiting = ", ".join(status["waiting_orders"])
        return "\n".join(
            [
                *([f"Changes are PAUSED in {paused}."] if paused else []),
                *(f"Held back: {text}." for text in status.get("hushed", ())),
                *(lines or ["No open incident."]),
                *([f"Waiting for approval: {waiting}."] if waiting else []),
            ]
        )


def is_stranger(who: Principal) -> bool:
    """Whether it is nobody in people.toml: such people are called after their chat."""
    return who.id.startswith(f"{who.via}:")


def stranger(who: Principal) -> str:
    """What such a person is told, and nothing else."""
    user = who.id.partition(":")[2]
    return (
        "I do not know you, so I tell you nothing. Ask an administrator of Chimera to run "
        f"`chimera people add NAME --{who.via} {user}`, then ask again."
    )
