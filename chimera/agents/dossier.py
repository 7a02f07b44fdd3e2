"""What of an investigation is kept: the series of cause and symptom, logs, changes, its likeness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from chimera.agents.base import Investigation
from chimera.agents.findings import looks
from chimera.diagnosis.case import Case, Key, Watched
from chimera.diagnosis.likeness import signs
from chimera.diagnosis.nodes import NodeView
from chimera.domain import (
    Dossier,
    Evidence,
    Exhibit,
    Finding,
    LogCount,
    Suspected,
    moment,
)
from chimera.tools.compare_metrics import Compared

DRAWN = 3  # series of one cause, and of the symptoms
BEFORE = 180  # samples from before the onset
LOGS = 12
BURST = 3.0  # times as often as before: a template that came up


def dossier_of(
    run: Investigation, case: Case, nodes: Mapping[str, NodeView], findings: Sequence[Finding]
) -> Dossier:
    """Everything that a reader of the diagnosis, and the next incident, may ask for."""
    task = run["task"]
    causes = [f for at, f in enumerate(findings) if at == 0 or f.also]
    return Dossier(
        incident=task.incident.id,
        at=task.now,
        onset=task.incident.began,
        exhibits=exhibits(run, case, causes),
        logs=counts(case),
        changes=case.changes,
        signs=signs(case.estate, nodes),
        templates=templates(case),
        suspected=tuple(
            Suspected(target=f.target, kind=f.kind, cause=f.cause or "", runbook=f.runbook or "")
            for f in findings
            if f.target
        ),
    )


def exhibits(run: Investigation, case: Case, causes: Sequence[Finding]) -> tuple[Exhibit, ...]:
    """The causes' series, then those of the symptoms; each once, all over the same time."""
    by_key = {watched.key: watched for watched in case.series}
    cited: dict[str, Key] = {}
    evidence: dict[Key, Evidence] = {}
    for look in looks(run, "compare_metrics"):
        if isinstance(look.data, Compared):
            evidence |= look.data.evidence
            cited |= {piece.id: key for key, piece in look.data.evidence.items()}
    found: dict[Key, Exhibit] = {}
    for cause in causes:
        keys = [cited[piece.id] for piece in cause.evidence if piece.id in cited]
        for key in keys[:DRAWN]:
            if key in by_key and key not in found:
                found[key] = exhibit("cause", by_key[key], evidence.get(key))
    symptoms = [
        (s.signal, s.service, tuple(sorted(s.labels.items())))
        for s in sorted(run["task"].incident.symptoms, key=lambda s: not s.felt)
    ]
    drawn = [key for key in dict.fromkeys(symptoms) if key in by_key and key not in found]
    for key in drawn[:DRAWN]:
        found[key] = exhibit("symptom", by_key[key], evidence.get(key))
    return tuple(found.values())


def exhibit(
    role: Literal["cause", "symptom"], watched: Watched, evidence: Evidence | None
) -> Exhibit:
    before = watched.before[-BEFORE:]
    values = np.concatenate([before, watched.since])
    return Exhibit(
        role=role,
        signal=watched.signal,
        service=watched.service,
        labels=watched.labels,
        query=evidence.query if evidence else "",
        link=evidence.link if evidence else "",
        start=moment(watched.onset - watched.step * len(before)),
        step=watched.step,
        values=tuple(float(v) if np.isfinite(v) else None for v in values),
        limit=watched.limit,
    )


def counts(case: Case) -> tuple[LogCount, ...]:
    """Log templates with their counts, the most changed first."""
    moved = sorted(case.logs, key=lambda log: (-abs(log.since - log.before), log.template))
    return tuple(
        LogCount(
            service=log.service,
            level=log.level,
            template=log.template,
            before=log.counted[0],
            since=log.counted[1],
        )
        for log in moved[:LOGS]
    )


def templates(case: Case) -> tuple[str, ...]:
    """The log templates that came up with the trouble."""
    came = {
        f"{log.service}: {log.template}"
        for log in case.logs
        if log.counted[1] >= 2 and log.since > BURST * log.before
    }
    return tuple(sorted(came))
