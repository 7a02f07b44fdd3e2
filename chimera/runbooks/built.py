"""Every runbook with the hands that it needs: the estate's, or those that change alerting."""

from __future__ import annotations

from typing import Any

from chimera import runbooks
from chimera.domain import Actuator
from chimera.platform.discovery import discover
from chimera.runbooks.base import Runbook
from chimera.runbooks.proof import Proof


def build_runbooks(estate: Actuator, alerts: Actuator, proof: Proof) -> dict[str, Runbook[Any]]:
    """By name. Raises Misconfigured when one does not load or a name is taken twice."""
    kinds = discover(runbooks, Runbook, key=lambda kind: kind.card.name)
    return {
        name: kind(alerts if kind.card.touches == "alerts" else estate, proof)
        for name, kind in kinds.items()
    }
