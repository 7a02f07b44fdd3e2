"""The inbox: what detection and Alertmanager said, in the order it came, each thing once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from chimera.domain import Alert
from chimera.platform.store import tables as t
from chimera.platform.store.database import Database, now
from chimera.platform.store.episodes import (
    ENDINGS,
    counted,
    episode_of,
    noted,
    rounds,
    state_of,
)
from chimera.platform.store.records import Received
from chimera.platform.store.together import Together


class Inbox(Database):
    """One row a signal that came; `key` makes a repeat harmless."""

    _coming: Together[Sequence[Alert], int] | None = None

    async def put_signal(self, key: str, kind: str, body: dict[str, Any]) -> bool:
        """Keep a signal for the grouper; False if this key was there already."""
        return bool(await self.put_signals([(key, kind, body)]))

    async def put_signals(self, rows: Iterable[tuple[str, str, dict[str, Any]]]) -> int:
        """Many at once; returns how many were new."""
        new = 0
        async with self._engine.begin() as connection:
            for key, kind, body in rows:
                new += await self._insert_once(connection, t.inbox, _row(key, kind, body), ["key"])
        return new

    async def put_alerts(self, alerts: Iterable[Alert], at: datetime | None = None) -> int:
        """Keep alerts that came `at` a time (now) for the grouper; how many were news.

        The same alert in the same state is news once, in whatever order its states come: what ended
        is not reopened by a "firing" with the same beginning, unless that comes long afterwards.
        """
        if at is not None:
            return (await self._put_groups([tuple(alerts)], at))[0]
        if self._coming is None:
            self._coming = Together(self._put_groups)
        return await self._coming.put(tuple(alerts))

    async def _put_groups(
        self, groups: Sequence[Sequence[Alert]], at: datetime | None = None
    ) -> list[int]:
        """Groups that came by themselves; how many of each were news."""
        came, new = at or now(), [0] * len(groups)
        # By beginning: all writers lock in one order, and states of one alert keep theirs.
        ordered = sorted(
            ((episode_of(alert), alert, n) for n, group in enumerate(groups) for alert in group),
            key=itemgetter(0),
        )
        async with self._engine.begin() as connection:
            for some in rounds(ordered):
                alerts = {name: alert for name, (alert, _) in some.items()}
                for name in await self._put_some(connection, alerts, came):
                    new[some[name][1]] += 1
        return new

    async def _put_some(
        self, connection: AsyncConnection, alerts: Mapping[str, Alert], came: datetime
    ) -> list[str]:
        """One alert an episode, in three statements at most; the episodes of which it was news."""
        known = await self._endings(connection, alerts, came)
        said = {name: state_of(one, *known[name], came) for name, one in alerts.items()}
        keys = {f"alert/{name}/{state}": name for name, state in said.items() if state}
        rows = [_row(key, "alert", alerts[n].model_dump(mode="json")) for key, n in keys.items()]
        if not rows:
            return []
        put = self._insert_each(t.inbox).on_conflict_do_nothing(index_elements=["key"])
        came_in = await connection.execute(put.returning(t.inbox.c.key), rows)
        fresh = [keys[key] for key in came_in.scalars()]
        ended = [
            {"scope": ENDINGS, "key": name, "value": noted(came, known[name][1] + 1)}
            for name in fresh
            if alerts[name].ended
        ]
        if ended:
            note = self._insert_each(t.notes)
            newest = note.on_conflict_do_update(
                index_elements=["scope", "key"], set_={"value": note.excluded.value}
            )
            await connection.execute(newest, ended)
        return fresh

    async def _endings(
        self, connection: AsyncConnection, episodes: Iterable[str], came: datetime
    ) -> dict[str, tuple[datetime, int]]:
        """When the newest ending of each was heard of, and how many there were.

        The note is written even for none: its row is the lock under which the states of one alert
        come in one after another, whoever brings them.
        """
        none = noted(came, 0)
        notes = [{"scope": ENDINGS, "key": name, "value": none} for name in episodes]
        locked = self._insert_each(t.notes).on_conflict_do_update(
            index_elements=["scope", "key"], set_={"value": t.notes.c.value}
        )
        back = locked.returning(t.notes.c.key, t.notes.c.value)
        found = await connection.execute(back, notes)
        return {key: counted(value) for key, value in found}

    async def heard(self, kind: str) -> int:
        """How many signals of a kind are kept, grouped or not."""
        query = select(func.count()).select_from(t.inbox).where(t.inbox.c.kind == kind)
        async with self._reads.connect() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def ungrouped(self, limit: int = 2000) -> list[Received]:
        query = (
            select(t.inbox).where(t.inbox.c.grouped.is_(False)).order_by(t.inbox.c.id).limit(limit)
        )
        async with self._reads.connect() as connection:
            return [
                Received.model_validate(dict(r._mapping)) for r in await connection.execute(query)
            ]


def _row(key: str, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"key": key, "kind": kind, "received": now(), "body": body, "grouped": False}
