"""Who hears of what: silences, votes, the report of noise, merge and split."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from chimera.api.means import Use, Who
from chimera.api.runbooks import Asked
from chimera.domain import Order, Plan, Silence, Sway
from chimera.domain.alerting import FEEDBACK_LIFE, Matcher
from chimera.flows.hearing import Wish
from chimera.flows.membership import began, felt, signal_of
from chimera.flows.noise import Report, noise
from chimera.platform.store import Moved

router = APIRouter(tags=["alerting"])
DAYS = 14  # what the store remembers of signals


class Wanted(BaseModel):
    """A silence that somebody wants. Names are exact or globs; nothing means any."""

    services: list[str] = Field(default_factory=list, max_length=50)
    signals: list[str] = Field(default_factory=list, max_length=50)
    environment: str = Field("", max_length=200)
    labels: dict[str, str] = Field(default_factory=dict)
    kind: Literal["silence", "maintenance"] = "silence"
    begins: AwareDatetime | None = None
    seconds: float = Field(3600.0, gt=0, le=30 * 86400)
    reason: str = Field(min_length=1, max_length=1000)
    learn: bool = True
    dry_run: bool = False


class Opinion(BaseModel):
    useful: bool


class Into(BaseModel):
    into: str = Field(min_length=1, max_length=64)


class Apart(BaseModel):
    service: str = Field(min_length=1, max_length=255)


class Heard(BaseModel):
    """One signal: what it was, where it went, what held it back."""

    id: str
    kind: str
    signal: str
    service: str
    page: bool
    began: datetime
    active: bool
    incident: str | None
    held: str | None


@router.get("/hushed")
async def hushed(use: Use) -> list[str]:
    """One line for everything that holds signals back, or makes them wait, just now."""
    return await use.desk.hushed()


@router.get("/silences")
async def silences(use: Use, everything: bool = False) -> list[Silence]:
    """Those that hold or will; with `everything` those that are over, too."""
    return await use.store.silences(None if everything else datetime.now(UTC))


@router.post("/silences")
async def silence(wanted: Wanted, use: Use, who: Who) -> Asked:
    """Propose a silence or a maintenance window; policy, perhaps another person, decides."""
    matcher = Matcher(
        services=tuple(wanted.services),
        signals=tuple(wanted.signals),
        environment=wanted.environment,
        labels=wanted.labels,
    )
    wish = Wish(
        matcher=matcher,
        kind=wanted.kind,
        begins=wanted.begins,
        lasts=wanted.seconds,
        reason=wanted.reason,
        learn=wanted.learn,
    )
    made = await use.desk.silence(wish, who, wanted.dry_run)
    return Asked(plan=made) if isinstance(made, Plan) else Asked(order=made)


@router.post("/silences/{silence_id}/lift")
async def lift(silence_id: str, use: Use, who: Who) -> Order:
    """Propose to end a silence before its time."""
    return await use.desk.lift(silence_id, who)


@router.get("/signals")
async def signals(
    use: Use,
    days: Annotated[float, Query(gt=0, le=DAYS)] = 1.0,
    incident: str | None = None,
    held: bool | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[Heard]:
    """Anomalies and alerts of the last days, the newest first."""
    since = datetime.now(UTC) - timedelta(days=days)
    found = await use.store.members(incident=incident, held=held, changed_since=since)
    found.sort(key=began, reverse=True)
    return [
        Heard(
            id=m.signal,
            kind=m.kind,
            signal=signal_of(m),
            service=m.service,
            page=felt(m),
            began=began(m),
            active=m.active,
            incident=m.incident,
            held=m.held,
        )
        for m in found[:limit]
    ]


@router.get("/feedback")
async def feedback(use: Use) -> list[Sway]:
    """What people's votes do just now, by kind of alert."""
    return await use.desk.sways()


@router.post("/feedback/{subject:path}/undo")
async def unvote(subject: str, use: Use, who: Who) -> list[Sway]:
    """Take one's own vote back."""
    await use.desk.unvote(subject, who)
    return await use.desk.sways()


@router.post("/feedback/{subject:path}")
async def vote(subject: str, opinion: Opinion, use: Use, who: Who) -> Sway:
    """Say whether an incident, or one of its signals, was useful. Once a person; again replaces."""
    return await use.desk.feedback(subject, opinion.useful, who)


@router.get("/noise")
async def report(use: Use, days: Annotated[float, Query(gt=0, le=DAYS)] = 7.0) -> Report:
    """By rule and service: how often, how many were acted on, what to mute or tune."""
    until = datetime.now(UTC)
    since = until - timedelta(days=days)
    members = await use.store.members(changed_since=since)
    homes = {m.incident for m in members if m.incident}
    known = [i for i in await use.store.incidents(limit=None) if i.id in homes]
    votes = await use.store.votes(until - FEEDBACK_LIFE)
    return noise(members, known, votes, since, until)


@router.post("/incidents/{incident_id}/merge")
async def merge(incident_id: str, into: Into, use: Use, who: Who) -> Moved:
    """Put all signals of this incident into another; refused while an order runs on it."""
    return await use.desk.merge(incident_id, into.into, who)


@router.post("/incidents/{incident_id}/split")
async def split(incident_id: str, apart: Apart, use: Use, who: Who) -> Moved:
    """Put what this incident shows of one service into a new one."""
    return await use.desk.split(incident_id, apart.service, who)
