"""Every runbook with the hands that it needs: the estate's, or those that change alerting."""

from __future__ import annotations

from typing import Any

from chimera import runbooks
from chimera.diagnosis.facts import FACTS
from chimera.domain import Actuator, Misconfigured, RunbookCard
from chimera.domain.discovery import discover
from chimera.runbooks.base import Runbook
from chimera.runbooks.proof import Proof


def build_runbooks(estate: Actuator, alerts: Actuator, proof: Proof) -> dict[str, Runbook[Any]]:
    """By name. Raises Misconfigured for what does not load, a name taken twice, what none can fill."""
    kinds = discover(runbooks, Runbook, key=lambda kind: kind.card.name)
    for kind in kinds.values():
        check_fillable(kind.card)
    return {
        name: kind(alerts if kind.card.touches == "alerts" else estate, proof)
        for name, kind in kinds.items()
    }


def check_fillable(card: RunbookCard) -> None:
    """Raises Misconfigured where no diagnosis could ever fill what a runbook needs."""
    unknown = [name for name in card.parameters.get("required", ()) if name not in FACTS]
    if card.mends and unknown:
        raise Misconfigured(
            f"the runbook {card.name} needs the parameter {unknown[0]!r}, which no diagnosis tells, so "
            f"it would never be proposed; call it like one of {', '.join(FACTS)}, give it a default, or "
            "leave `mends` empty: then only people run it"
        )
