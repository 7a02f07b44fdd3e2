"""The audit log: one chain of rows for all processes, added to and never changed."""

from __future__ import annotations

import hmac
import json
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chimera.domain.orders import canonical
from chimera.platform.governance.audit import UNSEALED, Entry, Head, Row, digest, follow
from chimera.platform.governance.audit_chain import Chain, Verdict
from chimera.platform.store import audit_tables as t
from chimera.platform.store.database import Database, now

Seal = Callable[[bytes], str]
PAGE = 2000  # rows read at once


class Audit(Database):
    """What every room writes beside what it changes, in the same transaction.

    A room calls `_audit` last: the head's row stays locked from there to the commit, and who holds
    it waits for nobody, so that no two writers wait for each other.
    """

    _seal: Seal | None = None

    def seal_audit(self, seal: Seal) -> None:
        """Sign the head with the installation's key from here on."""
        self._seal = seal

    async def audit(self, *entries: Entry) -> int:
        """Write rows in a transaction of their own; how many were new."""
        if not entries:
            return 0
        async with self._engine.begin() as connection:
            return await self._audit(connection, *entries)

    async def _audit(self, connection: AsyncConnection, *entries: Entry) -> int:
        """Write rows as part of a transaction; how many were new. The same key is written once."""
        if not entries:
            return 0
        found = await connection.execute(
            select(t.audit_head.c.seq, t.audit_head.c.hash, t.audit_head.c.seal)
            .where(t.audit_head.c.id == 1)
            .with_for_update()
        )
        head = Head.model_validate(dict(found.one()._mapping))
        known = await self._known(connection, entries)
        fresh: list[tuple[str, Entry]] = []
        for entry in entries:
            key = digest(entry.key) if entry.key else uuid.uuid4().hex
            if key not in known:
                known.add(key)
                fresh.append((key, entry))
        if not fresh:
            return 0
        if head.seq and self._sealed(head) is False:
            said = Entry(who="chimera", action=UNSEALED, details={"row": head.seq})
            fresh.insert(0, (uuid.uuid4().hex, said))
        rows, at = [], now()
        for key, entry in fresh:
            row = follow(entry, head, at, key)
            head = Head(seq=row.seq, hash=row.hash)
            rows.append({**row.model_dump(), "details": canonical(row.details).decode()})
        await connection.execute(t.audit.insert(), rows)
        seal = self._seal(head.sealed_content()) if self._seal else ""
        changed = {"seq": head.seq, "hash": head.hash, "seal": seal}
        await connection.execute(update(t.audit_head).where(t.audit_head.c.id == 1).values(changed))
        return len(fresh)

    async def _known(self, connection: AsyncConnection, entries: tuple[Entry, ...]) -> set[str]:
        keys = [digest(entry.key) for entry in entries if entry.key]
        known: set[str] = set()
        for start in range(0, len(keys), 500):
            query = select(t.audit.c.key).where(t.audit.c.key.in_(keys[start : start + 500]))
            known |= set((await connection.execute(query)).scalars())
        return known

    def _sealed(self, head: Head) -> bool | None:
        """Whether this installation's key sealed it; None without a key."""
        if self._seal is None:
            return None
        return head.seq == 0 or hmac.compare_digest(self._seal(head.sealed_content()), head.seal)

    async def audited(
        self,
        incident: str | None = None,
        who: str | None = None,
        action: str | None = None,
        since: datetime | None = None,
        limit: int = 100,
    ) -> list[Row]:
        """Newest first. `who` is also found where something was done on their behalf; `action`
        may be the first part of one: "order"."""
        c = t.audit.c
        query = select(t.audit).order_by(c.seq.desc()).limit(limit)
        if incident is not None:
            query = query.where(c.incident == incident)
        if who is not None:
            query = query.where((c.who == who) | (c.behalf == who))
        if action is not None:
            query = query.where((c.action == action) | c.action.startswith(f"{action}."))
        if since is not None:
            query = query.where(c.at >= since.astimezone(UTC).isoformat(timespec="microseconds"))
        async with self._reads.connect() as connection:
            return [row_of(r._mapping) for r in await connection.execute(query)]

    async def audit_head(self) -> Head:
        return (await self._end())[0]

    async def _end(self) -> tuple[Head, int]:
        """The head, and the number of the last row, as they are at one moment."""
        last = select(func.coalesce(func.max(t.audit.c.seq), 0)).scalar_subquery().label("last")
        async with self._reads.connect() as connection:
            row = (await connection.execute(select(t.audit_head, last))).one()
        return Head(seq=row.seq, hash=row.hash, seal=row.seal), row.last

    async def audit_rows(self, upto: int) -> AsyncIterator[Row]:
        """All rows up to one, oldest first; read in pages, so that nobody waits for long."""
        after = 0
        while after < upto:
            query = (
                select(t.audit)
                .where(t.audit.c.seq > after, t.audit.c.seq <= upto)
                .order_by(t.audit.c.seq)
                .limit(PAGE)
            )
            async with self._reads.connect() as connection:
                rows = (await connection.execute(query)).all()
            if not rows:
                return
            for row in rows:
                yield row_of(row._mapping)
            after = rows[-1].seq

    async def verify_audit(
        self, kept: Head | None = None, accepted: tuple[int, ...] = ()
    ) -> Verdict:
        """Whether the chain holds, row by row, and its head is sealed."""
        head, last = await self._end()
        chain = Chain(kept, accepted)
        async for row in self.audit_rows(head.seq):
            if not chain.take(row):
                break
        return chain.end(head, self._sealed(head), last)


def row_of(mapping: Any) -> Row:
    return Row.model_validate({**mapping, "details": json.loads(mapping["details"])})
