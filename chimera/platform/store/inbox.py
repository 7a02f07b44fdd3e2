"""The inbox: what detection and Alertmanager said, in the order it came, each thing once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chimera.domain import Alert
from chimera.platform.store import tables as t
from chimera.platform.store.database import Database, now
from chimera.platform.store.records import Received

# Notes: the Unix second in which the newest ending of an alert with one beginning was heard of,
# a colon, and how many there were.
ENDINGS = "endings"

# A "firing" that comes so soon after the ending was on its way before it: the other Alertmanager of
# a pair, or a retry, speaks of the past. None is on its way for longer: a notification is retried
# for one group interval. A later one is true: Alertmanager ends an alert of which it hears nothing
# (Prometheus was away), and the same alert with the same beginning fires again afterwards.
ON_ITS_WAY = timedelta(hours=1)


class Inbox(Database):
    """One row a signal that came; `key` makes a repeat harmless."""

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
        came = at or now()
        # By beginning: all writers lock in one order, and states of one alert keep theirs.
        ordered = sorted(((_episode(alert), alert) for alert in alerts), key=lambda pair: pair[0])
        async with self._engine.begin() as connection:
            return sum(
                [await self._put_alert(connection, name, one, came) for name, one in ordered]
            )

    async def _put_alert(
        self, connection: AsyncConnection, episode: str, alert: Alert, came: datetime
    ) -> bool:
        heard, endings = await self._endings(connection, episode, came)
        if alert.ended:
            state = alert.ended.astimezone(UTC).isoformat()
        elif not endings:
            state = "firing"
        elif came - heard > ON_ITS_WAY:
            state = f"firing/{endings}"
        else:
            return False
        row = _row(f"alert/{episode}/{state}", "alert", alert.model_dump(mode="json"))
        fresh = await self._insert_once(connection, t.inbox, row, ["key"])
        if fresh and alert.ended:
            note = {"scope": ENDINGS, "key": episode, "value": _counted(came, endings + 1)}
            await self._upsert(connection, t.notes, note)
        return fresh

    async def _endings(
        self, connection: AsyncConnection, episode: str, came: datetime
    ) -> tuple[datetime, int]:
        """When the newest ending was heard of, and how many there were.

        The note is written even for none: its row is the lock under which the states of one alert
        come in one after another, whoever brings them.
        """
        note = {"scope": ENDINGS, "key": episode, "value": _counted(came, 0)}
        locked = self._insert(t.notes, note).on_conflict_do_update(
            index_elements=["scope", "key"], set_={"value": t.notes.c.value}
        )
        value = (await connection.execute(locked.returning(t.notes.c.value))).scalar_one()
        heard, _, endings = value.partition(":")
        return datetime.fromtimestamp(int(heard), UTC), int(endings)

    async def ungrouped(self, limit: int = 2000) -> list[Received]:
        query = (
            select(t.inbox).where(t.inbox.c.grouped.is_(False)).order_by(t.inbox.c.id).limit(limit)
        )
        async with self._engine.connect() as connection:
            return [
                Received.model_validate(dict(r._mapping)) for r in await connection.execute(query)
            ]


def _row(key: str, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"key": key, "kind": kind, "received": now(), "body": body, "grouped": False}


def _episode(alert: Alert) -> str:
    """An alert with one beginning, however its sender writes the time."""
    return f"{alert.fingerprint}/{alert.began.astimezone(UTC).isoformat()}"


def _counted(heard: datetime, endings: int) -> str:
    """Ten digits of seconds for centuries, so that pruning may compare texts."""
    return f"{int(heard.timestamp())}:{endings}"
