"""The SRE agent: what is wrong, since when, why, what is affected, service levels, capacity."""

from __future__ import annotations

from chimera.agents.chat import budgets, measured, past, trouble
from chimera.agents.chat.releases import supposed
from chimera.agents.chat.shape import Agent

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
        "search_logs",
        "slo_status",
        "capacity",
        "walk_topology",
        "trace_lineage",
    ),
    skills={
        "status": trouble.status,
        "health": supposed(trouble.health),
        "cause": supposed(trouble.cause),
        "since_when": trouble.since_when,
        "impact": trouble.impact,
        "incident": trouble.incident,
        "metric": measured.metric,
        "metrics": measured.metrics,
        "slo": budgets.slo,
        "capacity": budgets.capacity,
        "changes": supposed(past.changes),
        "logs": past.logs,
        "history": past.history,
        "postmortem": past.postmortem,
        "owner": past.owner,
        "dependencies": past.dependencies,
    },
    says=(
        "is anything wrong?",
        "why is SERVICE slow?",
        "show p99 of SERVICE since the deploy",
        "what is running out?",
        "what did we do last time?",
    ),
)
