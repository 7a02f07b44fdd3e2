"""Chimera's memory: incidents, orders, the inbox, timelines, pauses, post-mortems.

Postgres or SQLite through SQLAlchemy. Every write is idempotent by its key, because every caller
may be a Temporal activity that runs twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Table, Text, and_, cast, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chimera.domain import Alert, Event, Incident, NotFound, Order, Phase, PolicyDenied
from chimera.platform.store import tables as t
from chimera.platform.store.engine import engine_for, migrate
from chimera.platform.store.records import Member, OrderRecord, Pause, Received, Spent

TOLD = "told"  # notes: what an incident's workflow heard last
ENDINGS = "endings"  # notes: how often an alert with one beginning has ended

LOST = timedelta(hours=8)  # an order that held its target for so long is not coming back


class Store:
    """One database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._prefix = ""

    @classmethod
    async def open(cls, url: str) -> Store:
        """Connect and migrate. Raises Misconfigured or Unavailable."""
        engine = engine_for(url)
        await migrate(engine)
        return cls(engine)

    async def close(self) -> None:
        await self._engine.dispose()

    async def ping(self) -> None:
        async with self._engine.connect() as connection:
            await connection.execute(select(1))

    # Incidents

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
            await self._upsert(connection, t.incidents, _incident_row(incident))

    async def incident(self, incident_id: str) -> Incident:
        async with self._engine.connect() as connection:
            row = await connection.execute(
                select(t.incidents.c.body).where(t.incidents.c.id == incident_id)
            )
            body = row.scalar()
        if body is None:
            raise NotFound(
                f"there is no incident {incident_id!r}; `chimera incidents list` shows them"
            )
        return Incident.model_validate(body)

    async def incidents(self, open_only: bool = False, limit: int | None = 50) -> list[Incident]:
        """Newest first; without a limit all of them."""
        query = select(t.incidents.c.body).order_by(t.incidents.c.opened.desc()).limit(limit)
        if open_only:
            query = query.where(t.incidents.c.phase != Phase.RESOLVED.value)
        async with self._engine.connect() as connection:
            return [
                Incident.model_validate(body)
                for body in (await connection.execute(query)).scalars()
            ]

    async def change_incident(self, incident_id: str, **changes: Any) -> Incident:
        """Set fields of an incident, atomically."""
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
        changed = known.model_copy(update=fields)
        await self._upsert(connection, t.incidents, _incident_row(changed))
        return changed

    # Inbox and membership

    async def put_signal(self, key: str, kind: str, body: dict[str, Any]) -> bool:
        """Keep a signal for the grouper; False if this key was there already."""
        row = {"key": key, "kind": kind, "received": _now(), "body": body, "grouped": False}
        async with self._engine.begin() as connection:
            return await self._insert_once(connection, t.inbox, row, ["key"])

    async def put_signals(self, rows: Iterable[tuple[str, str, dict[str, Any]]]) -> int:
        """Many at once; returns how many were new."""
        new = 0
        async with self._engine.begin() as connection:
            for key, kind, body in rows:
                row = {"key": key, "kind": kind, "received": _now(), "body": body, "grouped": False}
                new += await self._insert_once(connection, t.inbox, row, ["key"])
        return new

    async def put_alerts(self, alerts: Iterable[Alert]) -> int:
        """Keep alerts for the grouper, the same one in the same state once; how many were new.

        An alert that ended and fires again with the same beginning, as after a time-out, is news:
        its key counts the endings before it.
        """
        new = 0
        async with self._engine.begin() as connection:
            for alert in alerts:
                began = f"{alert.fingerprint}/{alert.began.isoformat()}"
                endings = await self._endings(connection, began)
                firing = f"firing/{endings}" if endings else "firing"
                state = alert.ended.isoformat() if alert.ended else firing
                row = {
                    "key": f"alert/{began}/{state}",
                    "kind": "alert",
                    "received": _now(),
                    "body": alert.model_dump(mode="json"),
                    "grouped": False,
                }
                fresh = await self._insert_once(connection, t.inbox, row, ["key"])
                new += fresh
                if fresh and alert.ended:
                    value = f"{int(_now().timestamp())}:{endings + 1}"
                    note = {"scope": ENDINGS, "key": began, "value": value}
                    await self._upsert(connection, t.notes, note)
        return new

    async def _endings(self, connection: AsyncConnection, began: str) -> int:
        row = await connection.execute(
            select(t.notes.c.value)
            .where(t.notes.c.scope == ENDINGS, t.notes.c.key == began)
            .with_for_update()
        )
        return int((row.scalar() or ":0").partition(":")[2])

    async def ungrouped(self, limit: int = 2000) -> list[Received]:
        query = (
            select(t.inbox).where(t.inbox.c.grouped.is_(False)).order_by(t.inbox.c.id).limit(limit)
        )
        async with self._engine.connect() as connection:
            return [
                Received.model_validate(dict(r._mapping)) for r in await connection.execute(query)
            ]

    async def members(
        self, active: bool | None = None, incident: str | None = None, of_open: bool = False
    ) -> list[Member]:
        """Signals and where they belong; `of_open`: to any incident that is open."""
        query = select(t.members)
        if of_open:
            open_ones = select(t.incidents.c.id).where(t.incidents.c.phase != Phase.RESOLVED.value)
            query = query.where(t.members.c.incident.in_(open_ones))
        if active is not None:
            query = query.where(t.members.c.active.is_(active))
        if incident is not None:
            query = query.where(t.members.c.incident == incident)
        async with self._engine.connect() as connection:
            return [
                Member.model_validate(dict(r._mapping)) for r in await connection.execute(query)
            ]

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
                await self._upsert(connection, t.incidents, _incident_row(incident))
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

    # Timeline

    async def add_event(self, event: Event) -> None:
        row = {
            "incident": event.incident,
            "key": event.key,
            "at": event.at,
            "body": event.model_dump(mode="json"),
        }
        async with self._engine.begin() as connection:
            await self._insert_once(connection, t.events, row, ["incident", "key"])

    async def events(self, incident_id: str) -> list[Event]:
        query = (
            select(t.events.c.body)
            .where(t.events.c.incident == incident_id)
            .order_by(t.events.c.at)
        )
        async with self._engine.connect() as connection:
            return [
                Event.model_validate(body) for body in (await connection.execute(query)).scalars()
            ]

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

    async def prune(self, before: datetime) -> None:
        """Forget what grouping no longer needs: what ended, or was told, before a moment.

        Incidents, orders, timelines and post-mortems stay.
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
                t.notes.c.scope == TOLD,
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

    # Orders

    async def save_order(self, record: OrderRecord) -> None:
        row = {
            "id": record.order.id,
            "incident": record.order.incident,
            "state": record.state,
            "created": record.order.created,
            "body": record.model_dump(mode="json"),
        }
        async with self._engine.begin() as connection:
            await self._upsert(connection, t.orders, row)

    async def change_order(self, order_id: str, **changes: Any) -> OrderRecord:
        record = (await self.order(order_id)).model_copy(update=changes)
        await self.save_order(record)
        return record

    async def order(self, order_id: str) -> OrderRecord:
        async with self._engine.connect() as connection:
            row = await connection.execute(select(t.orders.c.body).where(t.orders.c.id == order_id))
            body = row.scalar()
        if body is None:
            raise NotFound(f"there is no order {order_id!r}; `chimera orders list` shows them")
        return OrderRecord.model_validate(body)

    async def orders(
        self, incident: str | None = None, state: str | None = None, limit: int = 50
    ) -> list[OrderRecord]:
        """Newest first."""
        query = select(t.orders.c.body).order_by(t.orders.c.created.desc()).limit(limit)
        if incident:
            query = query.where(t.orders.c.incident == incident)
        if state:
            query = query.where(t.orders.c.state == state)
        async with self._engine.connect() as connection:
            return [
                OrderRecord.model_validate(body)
                for body in (await connection.execute(query)).scalars()
            ]

    # Leases and budget

    async def take_lease(self, order: Order, cool_down: timedelta, now: datetime) -> None:
        """Hold the order's target. Raises PolicyDenied while another order has it or it cools down."""
        holds = f"{order.environment}/{order.target}"
        row = {
            "order_id": order.id,
            "incident": order.incident,
            "environment": order.environment,
            "target": order.target,
            "runbook": order.runbook,
            "holds": holds,
            "taken": now,
        }
        try:
            async with self._engine.begin() as connection:
                mine = await connection.execute(
                    select(t.leases.c.ended).where(t.leases.c.order_id == order.id)
                )
                if mine.first() is not None:
                    return  # this activity ran before
                recent = await connection.execute(
                    select(t.leases.c.order_id)
                    .where(
                        t.leases.c.environment == order.environment,
                        t.leases.c.target == order.target,
                        t.leases.c.changed.is_not(None),
                        t.leases.c.ended > now - cool_down,
                        # The next attempt of one incident is another repair, not a repetition.
                        or_(
                            t.leases.c.incident != order.incident,
                            t.leases.c.runbook == order.runbook,
                        ),
                    )
                    .limit(1)
                )
                if (before := recent.scalar()) is not None:
                    raise PolicyDenied(
                        f"{order.target} cools down after order {before} "
                        f"({cool_down.total_seconds():.0f} s); try again later"
                    )
                # Whoever held it was ended from outside, and longer ago than any order may take.
                await connection.execute(
                    update(t.leases)
                    .where(t.leases.c.holds == holds, t.leases.c.taken < now - LOST)
                    .values(holds=None, ended=now, status="lost")
                )
                await connection.execute(t.leases.insert().values(**row))
        except IntegrityError as error:
            raise PolicyDenied(
                f"another order is changing {order.target} in {order.environment}; "
                "wait until it has ended (`chimera orders list`)"
            ) from error

    async def mark_changed(self, order_id: str, now: datetime) -> None:
        """The order is about to change its target: it counts against the budget from here on."""
        async with self._engine.begin() as connection:
            await connection.execute(
                update(t.leases)
                .where(t.leases.c.order_id == order_id, t.leases.c.changed.is_(None))
                .values(changed=now)
            )

    async def end_lease(self, order_id: str, status: str, now: datetime) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(
                update(t.leases)
                .where(t.leases.c.order_id == order_id, t.leases.c.ended.is_(None))
                .values(holds=None, ended=now, status=status)
            )

    async def spent(self, environment: str, now: datetime, besides: str = "") -> Spent:
        """Changes and rollbacks of the last hour; `besides` leaves one order out."""
        hour = and_(
            t.leases.c.environment == environment,
            # Whoever holds a target is about to change it: two at once must see each other.
            or_(t.leases.c.changed > now - timedelta(hours=1), t.leases.c.holds.is_not(None)),
            t.leases.c.order_id != besides,
        )
        back = or_(t.leases.c.status == "rolled_back", t.leases.c.status == "failed")
        async with self._engine.connect() as connection:
            count = select(func.count()).select_from(t.leases)
            changes = (await connection.execute(count.where(hour))).scalar_one()
            rollbacks = (await connection.execute(count.where(hour, back))).scalar_one()
        return Spent(changes=changes, rollbacks=rollbacks)

    async def forget_limits(self) -> None:
        """Empty budgets, cool-downs and rollback counts, and drop what incidents taught: benches only."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(t.leases).where(t.leases.c.ended.is_not(None)))
            await connection.execute(delete(t.postmortems))

    # Pauses

    async def pause(self, environment: str, by: str, reason: str) -> None:
        row = {"environment": environment, "by": by, "reason": reason, "at": _now()}
        async with self._engine.begin() as connection:
            await self._upsert(connection, t.pauses, row)

    async def resume(self, environment: str) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(t.pauses).where(t.pauses.c.environment == environment))

    async def pauses(self) -> dict[str, Pause]:
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(t.pauses))
            return {r.environment: Pause.model_validate(dict(r._mapping)) for r in rows}

    # Post-mortems

    async def save_postmortem(self, incident_id: str, text: str) -> None:
        row = {"incident": incident_id, "at": _now(), "text": text}
        async with self._engine.begin() as connection:
            await self._upsert(connection, t.postmortems, row)

    async def postmortem(self, incident_id: str) -> str | None:
        async with self._engine.connect() as connection:
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
        async with self._engine.connect() as connection:
            rows = await connection.execute(query.limit(limit))
            return [(row.incident, row.text) for row in rows]

    # Notes

    async def get(self, scope: str, key: str) -> str | None:
        async with self._engine.connect() as connection:
            row = await connection.execute(
                select(t.notes.c.value).where(t.notes.c.scope == scope, t.notes.c.key == key)
            )
            return row.scalar()

    async def put(self, scope: str, key: str, value: str) -> None:
        async with self._engine.begin() as connection:
            await self._upsert(connection, t.notes, {"scope": scope, "key": key, "value": value})

    async def put_once(self, scope: str, key: str, value: str) -> bool:
        """True if it was not there."""
        async with self._engine.begin() as connection:
            row = {"scope": scope, "key": key, "value": value}
            return await self._insert_once(connection, t.notes, row, ["scope", "key"])

    async def prefix(self) -> str:
        """What this installation's names in shared systems begin with.

        Incident numbers start again in a new store; two installations may share one Temporal.
        """
        if not self._prefix:  # asked in every activity, and it never changes
            await self.put_once("installation", "id", uuid.uuid4().hex[:8])
            self._prefix = f"{await self.get('installation', 'id')}-"
        return self._prefix

    # Dialects

    def _insert(self, table: Table, row: dict[str, Any]) -> Any:
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        return dialect.insert(table).values(**row)

    async def _upsert(self, connection: AsyncConnection, table: Table, row: dict[str, Any]) -> None:
        keys = [column.name for column in table.primary_key]
        rest = {name: value for name, value in row.items() if name not in keys}
        await connection.execute(
            self._insert(table, row).on_conflict_do_update(index_elements=keys, set_=rest)
        )

    async def _insert_once(
        self, connection: AsyncConnection, table: Table, row: dict[str, Any], keys: list[str]
    ) -> bool:
        statement = self._insert(table, row).on_conflict_do_nothing(index_elements=keys)
        return bool((await connection.execute(statement)).rowcount)


def _incident_row(incident: Incident) -> dict[str, Any]:
    return {
        "id": incident.id,
        "environment": incident.environment,
        "phase": incident.phase.value,
        "opened": incident.opened,
        "body": incident.model_dump(mode="json"),
    }


def _now() -> datetime:
    return datetime.now(UTC)
