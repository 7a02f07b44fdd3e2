"""Trust that went down by itself is given back by a person, and by nobody else."""

from __future__ import annotations

from chimera.domain import Principal
from chimera.flows.hearing import need
from chimera.platform.store import Store


class Trusting:
    """The part of the desk that speaks of trust; it takes the role approver."""

    _store: Store

    async def restore_trust(
        self, runbook: str, environment: str, who: Principal, note: str = ""
    ) -> None:
        """Let the settings count again. Raises NotAllowed, NotFound."""
        need(who, "approver", to=f"restore trust in {runbook}")
        await self._store.restore_trust(environment, runbook, who.id, note)
