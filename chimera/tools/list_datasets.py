from __future__ import annotations

from chimera.domain import Evidence, Principal
from chimera.platform.access import Datasets
from chimera.tools.base import Look, evidence_id, tool


@tool
async def list_datasets(*, who: Principal, datasets: Datasets) -> Look:
    """The datasets that can be asked, each with its columns and their types."""
    schema = await datasets.schema()
    evidence = tuple(
        Evidence(
            id=evidence_id("list_datasets", name),
            tool="list_datasets",
            claim=f"{name} has the columns {', '.join(columns)}",
            query=f"dataset {name}",
            excerpt="\n".join(f"{column} {kind}" for column, kind in columns.items()),
        )
        for name, columns in schema.items()
    )
    return Look(evidence, schema)
