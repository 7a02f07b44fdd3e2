"""Membership: which incident a signal belongs to, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chimera.domain import Incident, NotFound, Phase
from chimera.platform.store import tables as t
from chimera.platform.store.incidents import Incidents, incident_row
from chimera.platform.store.records import Member


class Membership(Incidents):
    """The grouper's verdicts. A resolved incident absorbs nothing."""

    async def members(
        self,
        active: bool | None = None,
        incident: str | None = None,
        of_open: bool = False,
        changed_since: datetime | None = None,
        held: bool | None = None,
    ) -> list[Member]:
        """Signals and where they belong; `of_open`: to any incident that is open; `held`: whether
        something keeps them from opening one."""
        query = select(t.members)
        if changed_since is not None:
            query = query.where(t.members.c.changed > changed_since)
        if held is not None:
            query = query.where(t.members.c.held.is_not(None) == held)
        if of_open:
            open_ones = select(t.incidents.c.id).where(t.incidents.c.phase != Phase.RESOLVED.value)
            query = query.where(t.members.c.incident.in_(open_ones))
        if active is not None:
            query = query.where(t.members.c.active.is_(active))
        if incident is not None:
            query = query.where(t.members.c.incident == incident)
        async with self._reads.connect() as connection:
            return [
                Member.model_validate(dict(r._mapping)) for r in await connection.execute(query)
            ]

    async def member(self, signal: str) -> Member:
        """One signal by its name. Raises NotFound."""
        async with self._reads.connect() as connection:
            rows = await connection.execute(select(t.members).where(t.members.c.signal == signal))
            row = rows.first()
        if row is None:
            raise NotFound(
                f"there is no alert {signal!r}; `chimera alerts list` shows those of the last days"
            )
        return Member.model_validate(dict(row._mapping))

    async def grouped(
        self,
        rows: Iterable[int],
        members: Iterable[Member],
        opened: Iterable[Incident],
        changed: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """Write the grouper's verdict in one transaction: all of it or nothing.

        `changed` holds the fields that the grouper owns; an incident's workflow owns the others.
        An incident that was resolved meanwhile stays as it is; what was to join it stays loose.
        """
        members, opened = list(members), list(opened)
        async with self._engine.begin() as connection:
            known = {m.incident for m in members if m.incident} | set(changed)
            resolved = await self._resolved(connection, known - {i.id for i in opened})
            theirs = await self._members_of(connection, resolved)
            for incident in opened:
                await self._upsert(connection, t.incidents, incident_row(incident))
            for incident_id, fields in changed.items():
                if incident_id not in resolved:
                    await self._change(connection, incident_id, fields)
            for member in members:
                row = member.model_dump()
                if member.incident in resolved and member.signal not in theirs:
                    row["incident"] = None
                await self._upsert(connection, t.members, row)
            ids = list(rows)
            for start in range(0, len(ids), 500):
                chunk = ids[start : start + 500]
                await connection.execute(
                    update(t.inbox).where(t.inbox.c.id.in_(chunk)).values(grouped=True)
                )

    async def release_members(self, incident_id: str) -> int:
        """Set what is still active of a resolved incident loose, to be grouped anew; how many."""
        async with self._engine.begin() as connection:
            if not await self._resolved(connection, {incident_id}):
                return 0
            released = await connection.execute(
                update(t.members)
                .where(t.members.c.incident == incident_id, t.members.c.active.is_(True))
                .values(incident=None)
            )
        return released.rowcount

    async def _resolved(self, connection: AsyncConnection, incidents: set[str]) -> set[str]:
        """Those that are resolved; none of the others can become so before this transaction ends."""
        found: set[str] = set()
        names = sorted(incidents)  # all writers lock in one order
        for start in range(0, len(names), 500):
            rows = await connection.execute(
                select(t.incidents.c.id, t.incidents.c.phase)
                .where(t.incidents.c.id.in_(names[start : start + 500]))
                .order_by(t.incidents.c.id)
                .with_for_update()
            )
            found |= {row.id for row in rows if row.phase == Phase.RESOLVED.value}
        return found

    async def _members_of(self, connection: AsyncConnection, incidents: set[str]) -> set[str]:
        if not incidents:
            return set()
        query = select(t.members.c.signal).where(t.members.c.incident.in_(incidents))
        return set((await connection.execute(query)).scalars())
