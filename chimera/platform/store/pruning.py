"""Pruning: what may be forgotten, and when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_, select

from chimera.domain import Phase
from chimera.platform.store import audit_tables as a
from chimera.platform.store import tables as t
from chimera.platform.store.database import Database
from chimera.platform.store.episodes import ENDINGS

TOLD = "told"  # notes: what an incident's workflow heard last
PICTURED = "pictured"  # notes: of which signals of an incident a picture was sent


class Pruning(Database):
    """Forgets what nobody asks for any more."""

    async def prune(self, before: datetime) -> None:
        """Forget what grouping no longer needs: what ended, or was told, before a moment.

        Incidents, orders, timelines and post-mortems stay; so does every row of the audit log, whose
        chain would not hold without it.
        """
        resolved = select(t.incidents.c.id).where(t.incidents.c.phase == Phase.RESOLVED.value)
        old = (
            delete(t.inbox).where(t.inbox.c.grouped.is_(True), t.inbox.c.received < before),
            delete(t.members).where(
                t.members.c.active.is_(False),
                t.members.c.changed < before,
                or_(t.members.c.incident.is_(None), t.members.c.incident.in_(resolved)),
            ),
            delete(t.notes).where(
                t.notes.c.scope.in_((TOLD, PICTURED)),
                t.notes.c.key.in_(resolved.where(t.incidents.c.opened < before)),
            ),
            # They begin with the Unix second of the newest ending, ten digits for centuries.
            delete(t.notes).where(
                t.notes.c.scope == ENDINGS, t.notes.c.value < str(int(before.timestamp()))
            ),
        )
        for statement in old:
            async with self._engine.begin() as connection:
                await connection.execute(statement)

    async def forget_limits(self) -> None:
        """Empty budgets, cool-downs and rollback counts, and drop what incidents taught: benches only."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(t.leases).where(t.leases.c.ended.is_not(None)))
            for taught in (t.postmortems, t.memories, t.vetoes, a.step_downs):
                await connection.execute(delete(taught))
