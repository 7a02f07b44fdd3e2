"""What is told of incidents: the timeline while they last, the post-mortem afterwards."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from chimera.domain import CHIMERA, Event, Phase
from chimera.platform.governance.audit import Entry, digest
from chimera.platform.store import tables as t
from chimera.platform.store.audit import Audit
from chimera.platform.store.database import now


class Chronicle(Audit):
    """Timelines, a row an event, and post-mortems, a row an incident."""

    async def add_event(self, event: Event) -> None:
        row = {
            "incident": event.incident,
            "key": event.key,
            "at": event.at,
            "body": event.model_dump(mode="json"),
        }
        async with self._engine.begin() as connection:
            await self._insert_once(connection, t.events, row, ["incident", "key"])
            if event.actor != CHIMERA.id:  # acknowledged, resolved, said
                said = Entry(
                    who=event.actor,
                    action="incident.told",
                    object=event.key,
                    incident=event.incident,
                    details={"phase": event.phase.value, "text": digest(event.text)},
                    key=f"event/{event.incident}/{event.key}",
                )
                await self._audit(connection, said)

    async def events(self, incident_id: str) -> list[Event]:
        query = (
            select(t.events.c.body)
            .where(t.events.c.incident == incident_id)
            .order_by(t.events.c.at)
        )
        async with self._reads.connect() as connection:
            return [
                Event.model_validate(body) for body in (await connection.execute(query)).scalars()
            ]

    async def handed_over(self, since: datetime) -> frozenset[str]:
        """Incidents that a person was handed since a moment."""
        query = select(t.events.c.incident).where(
            t.events.c.at >= since,
            t.events.c.body["phase"].as_string() == Phase.HANDED_OVER.value,
        )
        async with self._reads.connect() as connection:
            return frozenset((await connection.execute(query)).scalars())

    async def save_postmortem(self, incident_id: str, text: str) -> None:
        row = {"incident": incident_id, "at": now(), "text": text}
        async with self._engine.begin() as connection:
            await self._upsert(connection, t.postmortems, row)

    async def postmortem(self, incident_id: str) -> str | None:
        async with self._reads.connect() as connection:
            row = await connection.execute(
                select(t.postmortems.c.text).where(t.postmortems.c.incident == incident_id)
            )
            return row.scalar()

    async def search_postmortems(self, text: str, limit: int = 5) -> list[tuple[str, str]]:
        """(incident, text) of those that hold every word, newest first."""
        query = select(t.postmortems.c.incident, t.postmortems.c.text).order_by(
            t.postmortems.c.at.desc()
        )
        for word in text.split():
            query = query.where(t.postmortems.c.text.icontains(word, autoescape=True))
        async with self._reads.connect() as connection:
            rows = await connection.execute(query.limit(limit))
            return [(row.incident, row.text) for row in rows]
