"""A person's word that something was not the cause: heard from the next incident on."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from chimera.domain import Finding, Incident, NotFound, Principal, Refused, Trust, Veto
from chimera.flows.hearing import need
from chimera.flows.said import line_of
from chimera.platform.store import Store
from chimera.runbooks.distrust import distrust_doubted


class Doubting:
    """The part of the desk where causes are doubted; it takes the role operator or approver."""

    _store: Store
    # Of an environment and a runbook, as the settings have it.
    _level: Callable[[str, str], Trust] = staticmethod(lambda environment, runbook: Trust.OBSERVE)

    async def veto(
        self, incident_id: str, who: Principal, target: str = "", note: str = ""
    ) -> Veto:
        """Keep that a cause, the first one if no `target` is given, was not the cause.

        It changes nothing in this incident; those that open later and are like it hear of it. What
        was ordered for that cause is trusted a step less.
        Raises NotAllowed, NotFound, and Refused where no cause was named.
        """
        need(who, "operator", "approver", to=f"veto the cause of {incident_id}")
        incident = await self._store.incident(incident_id)
        doubted = named(incident, target)
        veto = Veto(
            incident=incident_id,
            target=doubted.target or "",
            kind=doubted.kind,
            person=who.id,
            note=note,
            at=datetime.now(UTC),
        )
        await self._store.veto(veto)
        because = f": {note}" if note else ""
        await self._told(
            incident,
            f"{who.id} says that it was not {veto.kind.value} of {veto.target}{because}",
            who,
        )
        await distrust_doubted(self._store, veto, doubted, self._level)
        return veto

    async def unveto(self, incident_id: str, who: Principal) -> None:
        """Take one's own vetoes of an incident back. Raises NotAllowed, NotFound."""
        need(who, "operator", "approver", to=f"take back a veto of {incident_id}")
        incident = await self._store.incident(incident_id)
        await self._store.unveto(incident_id, who.id)
        await self._told(incident, f"{who.id} took the veto back", who)

    async def _told(self, incident: Incident, text: str, who: Principal) -> None:
        key = f"doubted-{uuid.uuid4().hex[:12]}"
        await self._store.add_event(line_of(incident, key, text, who))


def named(incident: Incident, target: str) -> Finding:
    """The cause that is meant. Raises Refused, NotFound."""
    findings = incident.diagnosis.findings if incident.diagnosis else ()
    if not findings:
        raise Refused(f"{incident.id} names no cause that could be vetoed")
    meant = next((f for f in findings if not target or f.target == target), None)
    if meant is None:
        known = ", ".join(dict.fromkeys(f.target or "" for f in findings))
        raise NotFound(f"{incident.id} does not blame {target!r}; it names {known}")
    return meant
