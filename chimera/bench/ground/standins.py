"""What ServiceNow's stand-in received, and how it is made to misbehave."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from chimera.bench.ground.web import Web

Mode = Literal["429", "500", "hang", "lost_reply", "none"]


class StandIns:
    """The stand-ins' own doors for benches: a ledger and mischief on demand."""

    def __init__(self, url: str) -> None:
        self._web = Web("the stand-ins", url)

    async def close(self) -> None:
        await self._web.close()

    async def misbehave(self, mode: Mode, times: int = -1) -> None:
        """From now on ServiceNow does this to the next `times` requests; -1: to all of them."""
        body = {"service": "servicenow", "mode": mode, "times": times}
        await self._web.post("/misbehave", body)

    async def records(self) -> Counter[str]:
        """How many ServiceNow incidents were created, by Chimera's incident."""
        found: Counter[str] = Counter()
        for line in await self._web.get("/ledger", service="servicenow"):
            if line["event"] == "created":
                found[incident_of(line["body"].get("correlation_id", ""))] += 1
        return found

    async def resolved(self) -> set[str]:
        """Chimera's incidents whose ServiceNow record was resolved."""
        lines = await self._web.get("/ledger", service="servicenow")
        return {
            incident_of(line["body"].get("correlation_id", ""))
            for line in lines
            if line["event"] == "updated" and line["body"].get("change", {}).get("state") == "6"
        }


def incident_of(correlation: str) -> str:
    """`chimera-<installation>-INC-7` is about INC-7."""
    return "-".join(correlation.split("-")[2:])
