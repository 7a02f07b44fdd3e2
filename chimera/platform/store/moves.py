"""Moves: signals that a person puts from one incident into another. Asked for here, done by the
grouper, which alone decides membership."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import TypeAdapter
from sqlalchemy import delete, select, update

from chimera.domain import Event, Incident, Notice
from chimera.domain.base import Value
from chimera.platform.governance.audit import Entry
from chimera.platform.store import tables as t
from chimera.platform.store.audit import Audit
from chimera.platform.store.incidents import incident_row
from chimera.platform.store.release import Release

# Notes, by the move's id; of a merge also its source, by whom it was merged.
ASKED, ANSWERED, UNTOLD, MERGED = "move-asked", "move-answered", "move-untold", "move-merged"
NOTICES = TypeAdapter(list[Notice])


class Move(Value):
    """A wish: all signals of `source` into `into`, or those of one service into a new incident."""

    id: str
    kind: Literal["merge", "split"]
    source: str
    into: str = ""
    service: str = ""
    by: str
    at: datetime


class Moved(Value):
    """What became of it: the incident that has the signals now, or why it was refused."""

    incident: str = ""
    refused: str = ""


class Moves(Release, Audit):
    """Wishes in the notes until they are answered; a move is written whole or not at all."""

    async def ask_move(self, move: Move) -> None:
        note = {"scope": ASKED, "key": move.id, "value": move.model_dump_json()}
        async with self._engine.begin() as connection:
            await self._insert_once(connection, t.notes, note, ["scope", "key"])
            said = Entry(
                who=move.by,
                action=f"incident.{move.kind}_asked",
                object=move.into or move.service,
                incident=move.source,
                key=f"move/{move.id}",
            )
            await self._audit(connection, said)

    async def moves(self) -> list[Move]:
        """What was asked for and not answered, the oldest first."""
        query = select(t.notes.c.value).where(t.notes.c.scope == ASKED)
        async with self._reads.connect() as connection:
            rows = (await connection.execute(query)).scalars()
            return sorted((Move.model_validate_json(row) for row in rows), key=lambda m: m.at)

    async def moved(self, move_id: str) -> Moved | None:
        query = select(t.notes.c.value).where(t.notes.c.scope == ANSWERED, t.notes.c.key == move_id)
        async with self._reads.connect() as connection:
            value = (await connection.execute(query)).scalar()
        return None if value is None else Moved.model_validate_json(value)

    async def answer_move(
        self,
        move: Move,
        answer: Moved,
        signals: Iterable[str] = (),
        opened: Incident | None = None,
        changed: Mapping[str, Mapping[str, Any]] | None = None,
        events: Iterable[Event] = (),
        notices: Iterable[Notice] = (),
    ) -> None:
        """Carry the move out and forget the wish, in one transaction."""
        names = list(signals)
        async with self._engine.begin() as connection:
            if opened is not None:
                await self._upsert(connection, t.incidents, incident_row(opened))
            for incident_id, fields in (changed or {}).items():
                await self._change(connection, incident_id, fields)
            for start in range(0, len(names), 500):
                await connection.execute(
                    update(t.members)
                    .where(t.members.c.signal.in_(names[start : start + 500]))
                    .values(incident=answer.incident)
                )
            for event in events:
                row = {
                    "incident": event.incident,
                    "key": event.key,
                    "at": event.at,
                    "body": event.model_dump(mode="json"),
                }
                await self._insert_once(connection, t.events, row, ["incident", "key"])
            notes = {(ANSWERED, move.id): answer.model_dump_json()}
            if said := list(notices):
                notes[UNTOLD, move.id] = NOTICES.dump_json(said).decode()
            if move.kind == "merge" and answer.incident:
                notes[MERGED, move.source] = move.model_dump_json()
            for (scope, key), value in notes.items():
                await self._upsert(
                    connection, t.notes, {"scope": scope, "key": key, "value": value}
                )
            await connection.execute(
                delete(t.notes).where(t.notes.c.scope == ASKED, t.notes.c.key == move.id)
            )
            done = Entry(
                who="chimera",
                behalf=move.by,
                action=f"incident.{move.kind}_{'refused' if answer.refused else 'done'}",
                object=answer.incident,
                incident=move.source,
                key=f"moved/{move.id}",
            )
            await self._audit(connection, done)

    async def merged(self, source: str) -> Move | None:
        """The move that merged an incident into another."""
        query = select(t.notes.c.value).where(t.notes.c.scope == MERGED, t.notes.c.key == source)
        async with self._reads.connect() as connection:
            value = (await connection.execute(query)).scalar()
        return None if value is None else Move.model_validate_json(value)

    async def untold(self) -> dict[str, list[Notice]]:
        """Notices of moves that are still to be delivered, by the move's id."""
        query = select(t.notes.c.key, t.notes.c.value).where(t.notes.c.scope == UNTOLD)
        async with self._reads.connect() as connection:
            rows = await connection.execute(query)
            return {row.key: NOTICES.validate_json(row.value) for row in rows}

    async def was_told(self, move_id: str) -> None:
        query = delete(t.notes).where(t.notes.c.scope == UNTOLD, t.notes.c.key == move_id)
        async with self._engine.begin() as connection:
            await connection.execute(query)
