"""The audit log: look, verify, take it along. For approvers and administrators."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from chimera.api.means import Use, Who
from chimera.domain import Principal
from chimera.flows.hearing import need
from chimera.platform.governance.audit import Entry, Head, Row
from chimera.platform.governance.audit_chain import Verdict
from chimera.platform.governance.audit_file import head_line, row_line
from chimera.platform.store.store import Store

router = APIRouter(tags=["audit"])


def may_read(who: Principal) -> None:
    need(who, "approver", to="read the audit log")


@router.get("/audit")
async def list_rows(
    use: Use,
    who: Who,
    incident: str | None = None,
    by: str | None = None,
    action: str | None = None,
    since: datetime | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[Row]:
    """Newest first. `by`: who did it, or on whose behalf."""
    may_read(who)
    return await use.store.audited(incident, by, action, since, limit)


@router.get("/audit/verify")
async def verify(
    use: Use,
    who: Who,
    seq: Annotated[int | None, Query(ge=1)] = None,
    hash: Annotated[str | None, Query(pattern="^[0-9a-f]{64}$")] = None,
    accept: Annotated[list[int] | None, Query()] = None,
) -> Verdict:
    """Whether the chain holds. `seq` and `hash`: a head that was kept from an earlier look."""
    may_read(who)
    kept = Head(seq=seq, hash=hash) if seq and hash else None
    return await use.store.verify_audit(kept, tuple(accept or ()))


@router.get("/audit/export")
async def export(use: Use, who: Who) -> StreamingResponse:
    """All of it as JSON lines, with the sealed head at the end."""
    may_read(who)
    await use.store.audit(Entry(who=who.id, action="audit.exported"))
    return StreamingResponse(lines(use.store), media_type="application/jsonl")


async def lines(store: Store) -> AsyncIterator[str]:
    head = await store.audit_head()
    async for row in store.audit_rows(head.seq):
        yield row_line(row)
    yield head_line(head)
