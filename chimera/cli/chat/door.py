"""The desk, reached through Chimera's API with the person's own token."""

from __future__ import annotations

import asyncio
from typing import Any

from chimera.cli.base.connection import Connection, part
from chimera.domain import Plan, Principal
from chimera.flows.conversation.door import aim


class ApiDoor:
    """Every wish goes to the API, which knows from the token who asks."""

    def __init__(self, api: Connection) -> None:
        self._api = api

    async def plan(
        self, runbook: str, parameters: dict[str, str], target: str, reason: str, who: Principal
    ) -> Plan:
        made = await self._run(runbook, parameters, target, reason, dry_run=True)
        return Plan.model_validate(made["plan"])

    async def propose(
        self, runbook: str, parameters: dict[str, str], target: str, reason: str, who: Principal
    ) -> str:
        made = await self._run(runbook, parameters, target, reason, dry_run=False)
        return str(made["order"]["id"])

    async def answer(
        self, order: str, plan_hash: str, granted: bool, note: str, who: Principal
    ) -> None:
        if not plan_hash:
            shown = await asyncio.to_thread(self._api.get, f"/orders/{part(order)}")
            plan_hash = shown["plan_hash"] or ""
        body = {"granted": granted, "note": note, "plan_hash": plan_hash}
        await self._post(f"/orders/{part(order)}/answer", body)

    async def pause(self, environment: str, reason: str, who: Principal) -> None:
        await self._post("/pause", {"environment": environment, "reason": reason})

    async def resume(self, environment: str, who: Principal) -> None:
        await self._post("/resume", {"environment": environment})

    async def acknowledge(self, incident: str, who: Principal) -> None:
        await self._post(f"/incidents/{part(incident)}/ack", {})

    async def resolve(self, incident: str, note: str, who: Principal) -> None:
        await self._post(f"/incidents/{part(incident)}/resolve", {"note": note})

    async def hand_over(
        self, incident: str, to: str, note: str, who: Principal, dry_run: bool = False
    ) -> str:
        body = {"to": to, "note": note, "dry_run": dry_run}
        return str((await self._post(f"/incidents/{part(incident)}/handover", body))["to"])

    async def veto(self, incident: str, cause: str, note: str, who: Principal) -> str:
        kept = await self._post(
            f"/incidents/{part(incident)}/veto", {"target": cause, "note": note}
        )
        return f"{kept['kind']} of {kept['target']}"

    async def _run(
        self, runbook: str, parameters: dict[str, str], target: str, reason: str, dry_run: bool
    ) -> Any:
        wish = {
            "parameters": parameters,
            "target": aim(runbook, parameters, target),
            "reason": reason,
            "dry_run": dry_run,
        }
        return await self._post(f"/runbooks/{part(runbook)}/run", wish)

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        return await asyncio.to_thread(self._api.post, path, body)
