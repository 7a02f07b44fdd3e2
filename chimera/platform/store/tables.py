"""The tables. Bodies are the domain's own JSON; columns are what is asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite forgets the zone, so it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


metadata = MetaData()

incidents = Table(
    "incidents",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("environment", String(128), nullable=False),
    Column("phase", String(32), nullable=False, index=True),
    Column("opened", Moment, nullable=False),
    Column("body", JSON, nullable=False),
)

# What detection and Alertmanager said, in the order it came. `key` makes a repeat harmless.
inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String(255), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("received", Moment, nullable=False),
    Column("body", JSON, nullable=False),
    Column("grouped", Boolean, nullable=False, default=False, index=True),
)

# Which incident a signal belongs to, and whether it is still active. `held` says why it opened none.
members = Table(
    "members",
    metadata,
    Column("signal", String(255), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("incident", String(64), nullable=True, index=True),
    Column("service", String(255), nullable=False),
    Column("active", Boolean, nullable=False, index=True),
    Column("changed", Moment, nullable=False),
    Column("body", JSON, nullable=False),
    Column("held", String(255), nullable=True),
)

events = Table(
    "events",
    metadata,
    Column("incident", String(64), primary_key=True),
    Column("key", String(160), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("body", JSON, nullable=False),
)

orders = Table(
    "orders",
    metadata,
    Column("id", String(96), primary_key=True),
    Column("incident", String(64), nullable=False, index=True),
    Column("state", String(16), nullable=False, index=True),
    Column("created", Moment, nullable=False),
    Column("body", JSON, nullable=False),
)

# One order a target at a time: `holds` is unique while the order runs and null afterwards.
leases = Table(
    "leases",
    metadata,
    Column("order_id", String(96), primary_key=True),
    Column("incident", String(64), nullable=False),
    Column("environment", String(128), nullable=False),
    Column("target", String(255), nullable=False),
    Column("runbook", String(128), nullable=False),
    Column("holds", String(400), nullable=True, unique=True),
    Column("taken", Moment, nullable=False),
    Column("changed", Moment, nullable=True),
    Column("ended", Moment, nullable=True),
    Column("status", String(16), nullable=True),
)

pauses = Table(
    "pauses",
    metadata,
    Column("environment", String(128), primary_key=True),
    Column("by", String(255), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

postmortems = Table(
    "postmortems",
    metadata,
    Column("incident", String(64), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("text", Text, nullable=False),
)

# Small durable facts of channels and clients: message references, what was seen already.
notes = Table(
    "notes",
    metadata,
    Column("scope", String(128), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("value", Text, nullable=False),
)

silences = Table(
    "silences",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("until", Moment, nullable=False, index=True),
    Column("body", JSON, nullable=False),
)

# What people think of alerts: one vote a person and an alert.
votes = Table(
    "votes",
    metadata,
    Column("subject", String(255), primary_key=True),
    Column("person", String(255), primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("body", JSON, nullable=False),
)

# What the newest investigation of an incident looked at: to be shown, and to be learnt from.
dossiers = Table(
    "dossiers",
    metadata,
    Column("incident", String(64), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("body", JSON, nullable=False),
)

# What a resolved incident taught.
memories = Table(
    "memories",
    metadata,
    Column("incident", String(64), primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("body", JSON, nullable=False),
)

# People's word that something was not the cause of an incident.
vetoes = Table(
    "vetoes",
    metadata,
    Column("incident", String(64), primary_key=True),
    Column("cause", String(255), primary_key=True),
    Column("person", String(255), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("body", JSON, nullable=False),
)

# What models cost, one row a request; an `open` one holds what was set aside for it.
spending = Table(
    "spending",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("account", String(255), nullable=False, index=True),
    Column("purpose", String(64), nullable=False),
    Column("model", String(255), nullable=False),
    Column("prompt", String(64), nullable=False),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("money", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("result", String(32), nullable=False),
)
