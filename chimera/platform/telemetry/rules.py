"""Prometheus rules that fire when Chimera itself, its worker or its Temporal stops.

They are generated, since how long a silence is too long depends on the scrape interval. They ask
for series that the components export, not for jobs, so that they hold however Chimera is scraped.
"""

from __future__ import annotations

from typing import Any

import yaml

from chimera.platform.settings import Settings


def alert_rules(settings: Settings) -> str:
    """A Prometheus rule file, as YAML."""
    interval = settings.prometheus.scrape_interval
    # A start takes its time, and a restart by a supervisor is no alarm.
    patience = f"{max(60, round(6 * interval))}s"
    silence = max(60, round(12 * interval))
    group = {
        "name": "chimera",
        "interval": f"{max(1, round(interval))}s",
        "rules": [
            rule(
                "ChimeraWorkerDown",
                'absent(chimera_build_info{component="worker"})',
                patience,
                "Chimera's worker is not running or not scraped: nothing is detected or repaired.",
                "Look at the worker's log and start it with `chimera worker`.",
            ),
            rule(
                "ChimeraApiDown",
                'absent(chimera_build_info{component="api"})',
                patience,
                "Chimera's API is not running or not scraped: nobody can approve, pause or look.",
                "Look at the API's log and start it with `chimera api`.",
            ),
            rule(
                "ChimeraDetectionStalled",
                f"time() - max(chimera_last_detection_timestamp_seconds > 0) > {silence}",
                patience,
                f"Chimera has not finished a detection for more than {silence} seconds.",
                "Ask `chimera doctor`: Temporal, Prometheus or the worker does not answer.",
            ),
            rule(
                "ChimeraNeverDetected",
                "absent(chimera_last_detection_timestamp_seconds > 0)",
                f"{3 * silence}s",
                "Chimera has no heartbeat: no detection has ended since the worker started.",
                "Ask `chimera doctor`; look at the worker's log.",
            ),
            rule(
                "ChimeraBlind",
                f'sum(increase(chimera_detections_total{{result="blind"}}[{silence}s])) > 0 '
                f'unless sum(increase(chimera_detections_total{{result="ok"}}[{silence}s])) > 0',
                patience,
                "Chimera detects nothing because Prometheus has no data for what it watches.",
                "Ask `chimera doctor` which signals have no data.",
            ),
            rule(
                "ChimeraTemporalDown",
                'max(chimera_dependency_up{dependency="temporal"}) == 0',
                patience,
                "Temporal does not answer Chimera: incidents and repairs stand still.",
                "Start Temporal; what was under way goes on by itself.",
            ),
        ],
    }
    return yaml.safe_dump({"groups": [group]}, sort_keys=False, width=100)


def rule(name: str, expression: str, patience: str, summary: str, remedy: str) -> dict[str, Any]:
    return {
        "alert": name,
        "expr": expression,
        "for": patience,
        "labels": {"severity": "page", "service": "chimera"},
        "annotations": {"summary": summary, "remedy": remedy},
    }
