"""The tables of what is accounted for: the audit log, records of runs, steps down in trust."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Integer, String, Table, Text

from chimera.platform.store.tables import Moment, metadata

# Triggers of the database refuse to change or delete a row. `key` makes a repeat harmless.
audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False, index=True),
    Column("who", String(255), nullable=False, index=True),
    Column("behalf", String(255), nullable=False),
    Column("action", String(255), nullable=False),
    Column("object", String(255), nullable=False),
    Column("incident", String(64), nullable=False, index=True),
    Column("details", Text, nullable=False),
    Column("key", String(64), nullable=False, unique=True),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

# One row: the end of the chain. Whoever writes locks it, so that there is one chain.
audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("seal", String(64), nullable=False),
)

# One row a run: an investigation, or the turn of a conversation.
runs = Table(
    "runs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("subject", String(255), nullable=False, index=True),  # the incident, or the thread
    Column("at", Moment, nullable=False, index=True),
    Column("body", JSON, nullable=False),
)

# Where trust went down by itself, until a person restores it.
step_downs = Table(
    "step_downs",
    metadata,
    Column("environment", String(128), primary_key=True),
    Column("runbook", String(128), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("body", JSON, nullable=False),
)
