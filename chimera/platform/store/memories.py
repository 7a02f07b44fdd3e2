"""What is kept of investigations and learnt from incidents: dossiers, memories, vetoes."""

from __future__ import annotations

from sqlalchemy import delete, select

from chimera.domain import Dossier, Memory, NotFound, Veto
from chimera.platform.governance.audit import Entry
from chimera.platform.store import tables as t
from chimera.platform.store.audit import Audit


class Memories(Audit):
    """A row an incident; of vetoes a row an incident, a cause and a person."""

    async def keep_dossier(self, dossier: Dossier) -> None:
        """The newest look counts; how the incident showed at first is kept."""
        where = t.dossiers.c.incident == dossier.incident
        async with self._engine.begin() as connection:
            query = select(t.dossiers.c.body).where(where).with_for_update()
            body = (await connection.execute(query)).scalar()
            known = Dossier.model_validate(body) if body is not None else None
            row = {
                "incident": dossier.incident,
                "at": dossier.at,
                "body": dossier.after(known).model_dump(mode="json"),
            }
            await self._upsert(connection, t.dossiers, row)

    async def dossier(self, incident: str) -> Dossier | None:
        query = select(t.dossiers.c.body).where(t.dossiers.c.incident == incident)
        async with self._reads.connect() as connection:
            body = (await connection.execute(query)).scalar()
        return Dossier.model_validate(body) if body is not None else None

    async def remember(self, memory: Memory) -> None:
        row = {
            "incident": memory.incident,
            "at": memory.at,
            "body": memory.model_dump(mode="json"),
        }
        async with self._engine.begin() as connection:
            await self._upsert(connection, t.memories, row)

    async def memories(self, limit: int = 500) -> list[Memory]:
        """Newest first."""
        query = select(t.memories.c.body).order_by(t.memories.c.at.desc()).limit(limit)
        async with self._reads.connect() as connection:
            rows = (await connection.execute(query)).scalars()
            return [Memory.model_validate(body) for body in rows]

    async def veto(self, veto: Veto) -> None:
        """Saying it again changes the note, it does not add a veto."""
        row = {
            "incident": veto.incident,
            "cause": named(veto.target, veto.kind.value),
            "person": veto.person,
            "at": veto.at,
            "body": veto.model_dump(mode="json"),
        }
        async with self._engine.begin() as connection:
            await self._upsert(connection, t.vetoes, row)
            said = Entry(
                who=veto.person,
                action="cause.vetoed",
                object=named(veto.target, veto.kind.value),
                incident=veto.incident,
            )
            await self._audit(connection, said)

    async def unveto(self, incident: str, person: str) -> None:
        """Take a person's vetoes of an incident back. Raises NotFound when there is none."""
        mine = t.vetoes.c.incident == incident, t.vetoes.c.person == person
        async with self._engine.begin() as connection:
            if not (await connection.execute(delete(t.vetoes).where(*mine))).rowcount:
                raise NotFound(f"{person} has vetoed no cause of {incident}")
            said = Entry(who=person, action="veto.taken_back", object=incident, incident=incident)
            await self._audit(connection, said)

    async def vetoes(self, incident: str | None = None) -> list[Veto]:
        """Oldest first."""
        query = select(t.vetoes.c.body).order_by(t.vetoes.c.at)
        if incident is not None:
            query = query.where(t.vetoes.c.incident == incident)
        async with self._reads.connect() as connection:
            rows = (await connection.execute(query)).scalars()
            return [Veto.model_validate(body) for body in rows]


def named(target: str, kind: str) -> str:
    """A cause as one key."""
    return f"{kind} of {target}"[:255]
