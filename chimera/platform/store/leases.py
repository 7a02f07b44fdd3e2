"""Leases: one order a target at a time, few at once, cool-downs, and the hourly budget of changes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from chimera.domain import CHIMERA, Order, PolicyDenied, TooManyAtOnce
from chimera.platform.store import tables as t
from chimera.platform.store.database import Database
from chimera.platform.store.engine import LEASES_LOCK, lock_for_writing
from chimera.platform.store.records import Spent

LOST = timedelta(hours=8)  # an order that held its target for so long is not coming back


class Leases(Database):
    """One row an order that took hold of its target; kept afterwards, to be counted."""

    async def take_lease(
        self, order: Order, cool_down: timedelta, now: datetime, at_once: int | None = None
    ) -> None:
        """Hold the order's target. Raises PolicyDenied while another order has it or it cools down.

        `at_once`: so many orders may hold a target of the environment; TooManyAtOnce beyond that.
        """
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
                # Two that count at the same moment must not both find room.
                await lock_for_writing(connection, LEASES_LOCK)
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
                # A busy target says more than a busy environment: whoever holds it is told of first.
                await connection.execute(t.leases.insert().values(**row))
                if at_once is not None:
                    await self._find_room(connection, order, at_once, now)
        except IntegrityError as error:
            raise PolicyDenied(
                f"another order is changing {order.target} in {order.environment}; "
                "wait until it has ended (`chimera orders list`)"
            ) from error

    async def _find_room(
        self, connection: AsyncConnection, order: Order, at_once: int, now: datetime
    ) -> None:
        """Raises TooManyAtOnce when more others than that are at work beside the order."""
        ended = select(t.orders.c.id).where(t.orders.c.state == "done")
        rows = await connection.execute(
            select(t.leases.c.order_id, t.leases.c.runbook, t.leases.c.target)
            .where(
                t.leases.c.environment == order.environment,
                t.leases.c.holds.is_not(None),
                t.leases.c.taken >= now - LOST,
                t.leases.c.order_id != order.id,
                # Of one that was ended from outside the target is held on; nothing is under way.
                t.leases.c.order_id.not_in(ended),
            )
            .order_by(t.leases.c.taken)
        )
        others = [f"{row.order_id} ({row.runbook} on {row.target})" for row in rows]
        if len(others) >= at_once:
            raise TooManyAtOnce(
                f"{len(others)} of at most {at_once} changes at once are under way in "
                f"{order.environment}: {', '.join(others)}; {order.runbook} on {order.target} waits "
                "for one of them to end (policy.changes_at_once)"
            )

    async def repeated(self, order: Order, now: datetime) -> int:
        """How often Chimera itself had this runbook change this target in the last 24 hours."""
        asked_by = t.orders.c.body[("order", "requested_by")].as_string()
        query = (
            select(func.count())
            .select_from(t.leases.join(t.orders, t.orders.c.id == t.leases.c.order_id))
            .where(
                t.leases.c.environment == order.environment,
                t.leases.c.target == order.target,
                t.leases.c.runbook == order.runbook,
                t.leases.c.changed > now - timedelta(hours=24),
                t.leases.c.order_id != order.id,
                asked_by == CHIMERA.id,
            )
        )
        async with self._reads.connect() as connection:
            return int((await connection.execute(query)).scalar_one())

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
        async with self._reads.connect() as connection:
            count = select(func.count()).select_from(t.leases)
            changes = (await connection.execute(count.where(hour))).scalar_one()
            rollbacks = (await connection.execute(count.where(hour, back))).scalar_one()
        return Spent(changes=changes, rollbacks=rollbacks)
