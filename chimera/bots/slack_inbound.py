"""What a verified Slack user wants, put before the desk under their own identity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from chimera.domain import Order, Principal, Sway, Veto

WhoIs = Callable[[str, str], Principal]  # (team, user) of the verified payload


class Desk(Protocol):
    """The part of `chimera.flows.desk.Desk` that Slack reaches."""

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


class SlackInbound:
    """Answers in one sentence each; refusals go up as errors and are shown to the person."""

    def __init__(self, desk: Desk, who_is: WhoIs) -> None:
        self._desk = desk
        self._who_is = who_is

    async def answer(
        self,
        order_id: str,
        plan_hash: str,
        granted: bool,
        slack_team: str,
        slack_user: str,
        note: str,
    ) -> str:
        who = self._who_is(slack_team, slack_user)
        await self._desk.answer(order_id, plan_hash, granted, note, who)
        return f"{who.name or who.id} {'approved' if granted else 'denied'} order {order_id}."

    async def vote(self, incident: str, useful: bool, slack_team: str, slack_user: str) -> str:
        who = self._who_is(slack_team, slack_user)
        sway = await self._desk.feedback(incident, useful, who)
        return (
            f"Noted: {incident} was {'useful' if useful else 'not useful'}. {sway}. "
            f"`chimera alerts undo {incident}` takes it back."
        )

    async def veto(self, incident: str, cause: str, slack_team: str, slack_user: str) -> str:
        who = self._who_is(slack_team, slack_user)
        veto = await self._desk.veto(incident, who, cause)
        return (
            f"Noted: {incident} was not {veto.kind.value} of {veto.target}. It counts from the next "
            f"incident on. `chimera incidents veto {incident} --undo` takes it back."
        )

    async def silence(self, incident: str, seconds: float, slack_team: str, slack_user: str) -> str:
        who = self._who_is(slack_team, slack_user)
        order = await self._desk.silence_incident(incident, seconds, who)
        return (
            f"Order {order.id} asks to silence {order.target.removeprefix('alerts of ')} for "
            f"{seconds / 3600:g} h. What users feel is silenced only once somebody approves."
        )

    async def pause(self, environment: str | None, slack_team: str, slack_user: str) -> str:
        who = self._who_is(slack_team, slack_user)
        await self._desk.pause(environment or "*", f"{who.name or who.id} in Slack", who)
        return f"Changes are paused in {environment or 'every environment'}."

    async def resume(self, environment: str | None, slack_team: str, slack_user: str) -> str:
        await self._desk.resume(environment or "*", self._who_is(slack_team, slack_user))
        return f"Changes go on in {environment or 'every environment'}."

    async def status(self, slack_team: str, slack_user: str) -> str:
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
