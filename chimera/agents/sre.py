"""The SRE agent: what is wrong, since when, why, what is affected, service levels, capacity."""

from __future__ import annotations

from chimera.agents.chat import (
    budgets,
    changes,
    health,
    impact,
    measured,
    past,
    timeline,
    topology,
    trend,
    trouble,
)
from chimera.agents.chat.releases import checked
from chimera.agents.chat.shape import Agent
from chimera.agents.chat.supposed import supposed

SRE = Agent(
    name="sre",
    purpose="What is wrong, since when, why, and what is affected; metrics, logs, changes, service "
    "levels, capacity, and what there was before.",
    tools=(
        "list_incidents",
        "show_incident",
        "signals_now",
        "compare_metrics",
        "watched_signals",
        "ask_metrics",
        "find_metrics",
        "list_changes",
        "list_orders",
        "search_logs",
        "slo_status",
        "capacity",
        "walk_topology",
        "trace_lineage",
    ),
    skills={
        "status": health.status,
        "health": checked(health.health),
        "cause": checked(trouble.cause),
        "supposed": supposed,
        "since_when": trouble.since_when,
        "impact": impact.impact,
        "incident": trouble.incident,
        "timeline": timeline.timeline,
        "trend": trend.trend,
        "metric": measured.metric,
        "metrics": measured.metrics,
        "slo": budgets.slo,
        "capacity": budgets.capacity,
        "changes": checked(changes.changes),
        "logs": past.logs,
        "history": past.history,
        "postmortem": past.postmortem,
        "owner": topology.owner,
        "dependencies": topology.dependencies,
    },
    says=(
        "is anything wrong?",
        "why is SERVICE slow?",
        "did the release of SERVICE break OTHER?",
        "show p99 of SERVICE since the deploy",
        "what is running out?",
        "what did we do last time?",
    ),
)
