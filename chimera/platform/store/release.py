"""Letting go of what a resolved incident took in after it was over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from chimera.platform.store import tables as t
from chimera.platform.store.membership import Membership


class Release(Membership):
    """Signals of a resolved incident that the grouper is to place anew."""

    async def release_later(self, incident_id: str, moment: datetime) -> int:
        """Set loose what is still active and began after a moment; how many.

        `release_members` does the same for all that is still active.
        """
        theirs = t.members.c.incident == incident_id, t.members.c.active.is_(True)
        async with self._engine.begin() as connection:
            if not await self._resolved(connection, {incident_id}):
                return 0
            rows = await connection.execute(
                select(t.members.c.signal, t.members.c.body).where(*theirs)
            )
            later = [r.signal for r in rows if datetime.fromisoformat(r.body["began"]) > moment]
            for start in range(0, len(later), 500):
                chunk = later[start : start + 500]
                await connection.execute(
                    update(t.members)
                    .where(*theirs, t.members.c.signal.in_(chunk))
                    .values(incident=None)
                )
        return len(later)
