"""Trust: what it was earned with, the record of each run, and giving it back."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from chimera.api.means import Use, Who
from chimera.domain import RunRecord, StepDown
from chimera.flows.hearing import need
from chimera.flows.trust_facts import trust_report
from chimera.platform.governance.policy import configured
from chimera.platform.governance.trust_report import TrustReport

router = APIRouter(tags=["trust"])


class Restored(BaseModel):
    runbook: str = Field(min_length=1, max_length=128)
    environment: str = Field("", max_length=128)  # this installation's, if not given
    note: str = Field("", max_length=4000)


@router.get("/trust")
async def report(use: Use, days: Annotated[float, Query(gt=0, le=3650)] = 30.0) -> TrustReport:
    """Per runbook and environment, of the past days."""
    return await trust_report(use.store, partial(configured, use.settings.policy), days)


@router.get("/trust/stepped-down")
async def stepped_down(use: Use) -> list[StepDown]:
    """Where trust went down by itself, the newest first."""
    return await use.store.step_downs()


@router.post("/trust/restore")
async def restore(wish: Restored, use: Use, who: Who) -> list[StepDown]:
    """Let the settings count again; what is left stepped down."""
    environment = wish.environment or use.settings.environment
    await use.desk.restore_trust(wish.runbook, environment, who, wish.note)
    return await use.store.step_downs()


@router.get("/incidents/{incident_id}/runs")
async def runs_of_incident(incident_id: str, use: Use) -> list[RunRecord]:
    """The record of each investigation of an incident, the newest first."""
    await use.store.incident(incident_id)
    return await use.store.runs(incident_id)


@router.get("/runs")
async def runs_of_thread(
    thread: str, use: Use, who: Who, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> list[RunRecord]:
    """The turns of a conversation, the newest first: one's own; an approver sees all."""
    found = await use.store.runs(thread, limit=limit)
    if any(run.who != who.id for run in found) or not found:
        need(who, "approver", to=f"read the record of {thread}")
    return found
