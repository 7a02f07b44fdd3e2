"""The record of an investigation: what was planned, called, cited and left aside."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from chimera.agents.base import Investigation
from chimera.domain import Diagnosis, RunRecord
from chimera.tools.accounted import called


def record_of(run: Investigation, diagnosis: Diagnosis, began: datetime) -> RunRecord:
    """Everything but what a model took: its books are in the store."""
    plans = run.get("plans", ())
    plan_of = {key: at for at, keys in enumerate(plans) for key in keys}
    looks = {**run.get("seen", {}), **run.get("beside", {})}
    calls = tuple(
        called(call.tool, call.arguments, look, plan_of.get(key, 0), call.by == "model")
        for key, (call, look) in looks.items()
    )
    cited = [
        *(piece for f in diagnosis.findings for piece in (*f.evidence, *f.counter)),
        *(piece for opinion in diagnosis.opinions for piece in opinion.evidence),
    ]
    return RunRecord(
        id=uuid.uuid4().hex,
        kind="investigation",
        subject=run["task"].incident.id,
        began=began,
        ended=datetime.now(UTC),
        plans=tuple(tuple(looks[key][0].tool for key in keys if key in looks) for keys in plans),
        calls=calls,
        used=tuple(dict.fromkeys(piece.id for piece in cited)),
        decision=decided(diagnosis),
        partial=diagnosis.partial,
    )


def decided(diagnosis: Diagnosis) -> str:
    """What the answer comes to."""
    best = diagnosis.best
    if best is None:
        return "no cause is named"
    repair = f"{best.runbook} on {best.target}" if best.runbook else "no runbook"
    return f"{best.kind.value} of {best.target}, {best.confidence:.0%}: {repair}"
