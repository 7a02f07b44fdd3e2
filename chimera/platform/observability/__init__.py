"""Prometheus, Alertmanager and log files: what the platform looks at."""

from chimera.platform.observability.alertmanager import parse as parse_webhook
from chimera.platform.observability.changes import Changes
from chimera.platform.observability.logs import LogFiles, LogLine, LogSearch, TemplateCount
from chimera.platform.observability.prometheus import Answer, Prometheus, RawSeries
from chimera.platform.observability.queries import promql
from chimera.platform.observability.redaction import redacted
from chimera.platform.observability.symptoms import Symptoms, Verdict
from chimera.platform.observability.window import Reading, Window

__all__ = [
    "Answer",
    "Changes",
    "LogFiles",
    "LogLine",
    "LogSearch",
    "Prometheus",
    "RawSeries",
    "Reading",
    "Symptoms",
    "TemplateCount",
    "Verdict",
    "Window",
    "parse_webhook",
    "promql",
    "redacted",
]
