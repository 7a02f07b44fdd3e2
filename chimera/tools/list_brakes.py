from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from chimera.domain import Evidence, Principal, Silence
from chimera.platform.store.records import Pause
from chimera.platform.store.store import Store
from chimera.tools.base import Look, evidence_id, tool


@dataclass(frozen=True)
class Brakes:
    """What is held just now: changes (pauses) and telling (silences)."""

    pauses: tuple[Pause, ...]
    silences: tuple[Silence, ...]


@tool
async def list_brakes(at: datetime | None = None, *, who: Principal, store: Store) -> Look:
    """What is paused (no changes) and what is silenced (nobody is told), by whom, why, until when."""
    now = at or datetime.now(UTC)
    pauses = tuple((await store.pauses()).values())
    silences = tuple(await store.silences(now))
    evidence = [
        Evidence(
            id=evidence_id("list_brakes", f"pause {p.environment}"),
            tool="list_brakes",
            claim=f"changes are paused in {p.environment} by {p.by} since {p.at:%H:%M} UTC",
            query=f"pause {p.environment}",
            excerpt=p.reason,
            untrusted=True,
        )
        for p in pauses
    ]
    evidence += [
        Evidence(
            id=evidence_id("list_brakes", s.id),
            tool="list_brakes",
            claim=str(s),
            query=f"silence {s.id}",
            untrusted=True,
        )
        for s in silences
    ]
    return Look(tuple(evidence), Brakes(pauses, silences))
