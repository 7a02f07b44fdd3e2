"""The data agent: lineage, freshness, quality of the estate's products, questions over its data."""

from __future__ import annotations

from chimera.agents.chat import products, quality
from chimera.agents.chat.figures.answering import sql
from chimera.agents.chat.shape import Agent

DATA = Agent(
    name="data",
    purpose="Where data comes from and whom it reaches, how fresh and how good it is, and questions "
    "over it in SQL that is checked first.",
    tools=(
        "trace_lineage",
        "signals_now",
        "list_incidents",
        "profile_dataset",
        "list_datasets",
        "ask_data",
        "walk_topology",
    ),
    skills={
        "lineage": products.lineage,
        "freshness": products.freshness,
        "quality": quality.quality,
        "schema": products.schema,
        "datasets": products.datasets,
        "sql": sql,
    },
    says=(
        "where does DATASET come from?",
        "how fresh is DATASET?",
        "top 5 COLUMN by COLUMN in DATASET",
    ),
)
