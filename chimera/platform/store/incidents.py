"""Incidents: their numbers, and what is known of each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Text, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chimera.domain import Incident, NotFound, Phase
from chimera.platform.store import tables as t
from chimera.platform.store.database import Database


class Incidents(Database):
    """One row an incident."""

    async def next_incident(self) -> str:
        """A new incident id; only the grouper calls it."""
        first = {"scope": "sequence", "key": "incident", "value": "1"}
        following = cast(cast(t.notes.c.value, Integer) + 1, Text)
        count = self._insert(t.notes, first).on_conflict_do_update(
            index_elements=["scope", "key"], set_={"value": following}
        )
        async with self._engine.begin() as connection:
            number = (await connection.execute(count.returning(t.notes.c.value))).scalar_one()
        return f"INC-{number}"

    async def save_incident(self, incident: Incident) -> None:
        async with self._engine.begin() as connection:
            await self._upsert(connection, t.incidents, incident_row(incident))

    async def incident(self, incident_id: str) -> Incident:
        async with self._reads.connect() as connection:
            row = await connection.execute(
                select(t.incidents.c.body).where(t.incidents.c.id == incident_id)
            )
            body = row.scalar()
        if body is None:
            raise NotFound(
                f"there is no incident {incident_id!r}; `chimera incidents list` shows them"
            )
        return Incident.model_validate(body)

    async def incidents(
        self, open_only: bool = False, limit: int | None = 50, since: datetime | None = None
    ) -> list[Incident]:
        """Newest first; without a limit all of them."""
        query = select(t.incidents.c.body).order_by(t.incidents.c.opened.desc()).limit(limit)
        if open_only:
            query = query.where(t.incidents.c.phase != Phase.RESOLVED.value)
        if since is not None:
            query = query.where(t.incidents.c.opened >= since)
        async with self._reads.connect() as connection:
            return [
                Incident.model_validate(body)
                for body in (await connection.execute(query)).scalars()
            ]

    async def change_incident(self, incident_id: str, **changes: Any) -> Incident:
        """Set fields of an incident, atomically; `threads` are added to those it has."""
        async with self._engine.begin() as connection:
            return await self._change(connection, incident_id, changes)

    async def _change(
        self, connection: AsyncConnection, incident_id: str, changes: Mapping[str, Any]
    ) -> Incident:
        row = await connection.execute(
            select(t.incidents.c.body).where(t.incidents.c.id == incident_id).with_for_update()
        )
        body = row.scalar()
        if body is None:
            raise NotFound(
                f"there is no incident {incident_id!r}; `chimera incidents list` shows them"
            )
        known = Incident.model_validate(body)
        fields = dict(changes)
        if known.phase is Phase.RESOLVED:
            fields.pop("phase", None)  # a write that comes late does not open it again
        if "threads" in fields:  # each channel knows its own only
            fields["threads"] = {**known.threads, **fields["threads"]}
        changed = known.model_copy(update=fields)
        await self._upsert(connection, t.incidents, incident_row(changed))
        return changed


def incident_row(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "environment": incident.environment,
        "phase": incident.phase.value,
        "opened": incident.opened,
        "body": incident.model_dump(mode="json"),
    }
