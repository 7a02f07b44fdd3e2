"""Records of runs, and where trust went down by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select

from chimera.domain import NotFound, RunRecord, StepDown, Trust
from chimera.domain.orders import canonical
from chimera.domain.trust import lower, stepped
from chimera.platform.governance.audit import Entry, digest
from chimera.platform.store import audit_tables as t
from chimera.platform.store.audit import Audit


class Trusting(Audit):
    """A row a run; a row an environment and a runbook that is trusted less than the settings say."""

    async def keep_run(self, run: RunRecord, *entries: Entry) -> None:
        """Keep a run, with what the audit log is to say of it. Twice is once."""
        body = run.model_dump(mode="json")
        row = {"id": run.id, "subject": run.subject[:255], "at": run.began, "body": body}
        said = Entry(
            who="chimera",
            behalf="" if run.who == "chimera" else run.who,
            action="run.recorded",
            object=run.id,
            incident=run.subject if run.kind == "investigation" else "",
            evidence=run.used,
            details={"digest": digest(canonical(body).decode(errors="replace"))},
            key=f"run/{run.id}",
        )
        async with self._engine.begin() as connection:
            await self._insert_once(connection, t.runs, row, ["id"])
            await self._audit(connection, *entries, said)

    async def runs(
        self, subject: str | None = None, since: datetime | None = None, limit: int = 100
    ) -> list[RunRecord]:
        """Newest first."""
        query = select(t.runs.c.body).order_by(t.runs.c.at.desc()).limit(limit)
        if subject is not None:
            query = query.where(t.runs.c.subject == subject)
        if since is not None:
            query = query.where(t.runs.c.at >= since)
        async with self._reads.connect() as connection:
            rows = (await connection.execute(query)).scalars()
            return [RunRecord.model_validate(body) for body in rows]

    async def step_down(
        self,
        environment: str,
        runbook: str,
        cause: str,
        why: str,
        configured: Trust,
        at: datetime,
        by: str = "chimera",
        incident: str = "",
    ) -> StepDown | None:
        """Trust one step less than now; None if this cause did so before."""
        where = t.step_downs.c.environment == environment, t.step_downs.c.runbook == runbook
        async with self._engine.begin() as connection:
            query = select(t.step_downs.c.body).where(*where).with_for_update()
            body = (await connection.execute(query)).scalar()
            known = StepDown.model_validate(body) if body is not None else None
            if known and cause in known.causes:
                return None
            level = stepped(lower(configured, known.level if known else None), -1)
            made = StepDown(
                environment=environment,
                runbook=runbook,
                level=level,
                causes=(*(known.causes if known else ()), cause),
                why=why,
                at=at,
            )
            row = {
                "environment": environment, "runbook": runbook, "at": at,
                "body": made.model_dump(mode="json"),
            }  # fmt: skip
            await self._upsert(connection, t.step_downs, row)
            said = Entry(
                who=by,
                action="trust.stepped_down",
                object=f"{runbook} in {environment}",
                incident=incident,
                details={"to": level.value, "cause": cause},
            )
            await self._audit(connection, said)
        return made

    async def step_downs(self) -> list[StepDown]:
        """Newest first."""
        query = select(t.step_downs.c.body).order_by(t.step_downs.c.at.desc())
        async with self._reads.connect() as connection:
            rows = (await connection.execute(query)).scalars()
            return [StepDown.model_validate(body) for body in rows]

    async def stepped_down(self, environment: str, runbook: str) -> StepDown | None:
        return next(iter(of(await self.step_downs(), environment, runbook)), None)

    async def restore_trust(self, environment: str, runbook: str, by: str, note: str) -> None:
        """Let the settings count again. Raises NotFound."""
        where = t.step_downs.c.environment == environment, t.step_downs.c.runbook == runbook
        async with self._engine.begin() as connection:
            gone = (await connection.execute(delete(t.step_downs).where(*where))).rowcount
            if not gone:
                raise NotFound(
                    f"trust in {runbook!r} did not go down in {environment!r}; "
                    "`chimera trust report` shows where it did"
                )
            said = Entry(
                who=by,
                action="trust.restored",
                object=f"{runbook} in {environment}",
                details={"note": digest(note)} if note else {},
            )
            await self._audit(connection, said)


def of(found: Iterable[StepDown], environment: str, runbook: str) -> list[StepDown]:
    return [s for s in found if (s.environment, s.runbook) == (environment, runbook)]
