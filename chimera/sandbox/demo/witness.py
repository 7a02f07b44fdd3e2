"""What the demo sees: Chimera's own API and the stand-ins, like any other visitor."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx

from chimera.domain import Event, Incident
from chimera.platform.store import OrderRecord
from chimera.sandbox.stack.state import StackState


class Witness:
    """Reads incidents, timelines and orders; can approve as the stack's second person."""

    def __init__(self, state: StackState) -> None:
        self.state = state
        self._http = httpx.AsyncClient(base_url=state.urls["api"], timeout=20, trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def _get(self, path: str, person: str = "operator") -> Any:
        reply = await self._http.get(f"/api/v1{path}", headers=self._as(person))
        reply.raise_for_status()
        return reply.json()

    def _as(self, person: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.state.tokens[person]}"}

    async def incidents(self, since: datetime) -> list[Incident]:
        """Those opened since, oldest first."""
        rows = await self._get("/incidents?limit=50")
        found = [Incident.model_validate(row) for row in rows]
        return sorted((i for i in found if i.opened >= since), key=lambda i: i.opened)

    async def events(self, incident: str) -> list[Event]:
        rows = await self._get(f"/incidents/{incident}/events")
        return [Event.model_validate(row) for row in rows]

    async def orders(self, incident: str | None = None) -> list[OrderRecord]:
        rows = await self._get("/orders" + (f"?incident={incident}" if incident else ""))
        found = [OrderRecord.model_validate(row) for row in rows]
        return [r for r in found if incident is None or r.order.incident == incident]

    async def answer(self, record: OrderRecord, granted: bool) -> None:
        assert record.plan
        body = {"granted": granted, "note": "in the demo", "plan_hash": record.plan.hash}
        path = f"/api/v1/orders/{record.order.id}/answer"
        reply = await self._http.post(path, json=body, headers=self._as("reviewer"))
        reply.raise_for_status()

    async def looked_at(self) -> datetime | None:
        """When detection last ended well, by Chimera's own heartbeat."""
        port = self.state.ports["worker_metrics"]
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            text = (await http.get(f"http://127.0.0.1:{port}/metrics")).text
        for line in text.splitlines():
            if line.startswith("chimera_last_detection_timestamp_seconds "):
                seconds = float(line.split()[1])
                return datetime.fromtimestamp(seconds, UTC) if seconds else None
        return None

    async def told(self, service: str) -> int:
        """How many things a stand-in was told."""
        url = f"{self.state.urls['standins']}/ledger"
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            said = (await http.get(url, params={"service": service})).json()
        return len(said if isinstance(said, list) else said.get("entries", []))
