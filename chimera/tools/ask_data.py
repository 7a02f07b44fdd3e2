from __future__ import annotations

from chimera.domain import Evidence, Principal
from chimera.platform.access import Datasets
from chimera.tools.base import Look, evidence_id, tool

SHOWN = 20


@tool
async def ask_data(sql: str, *, who: Principal, datasets: Datasets) -> Look:
    """Ask the estate's datasets one SELECT in DuckDB's SQL. It is parsed and checked first: one
    statement, reads only, known tables and columns; unknown names are refused with near ones. At
    most 200 rows. The statement as it was run is in the evidence."""
    found = await datasets.ask(sql)
    head = " | ".join(found.columns)
    body = "\n".join(" | ".join(str(v) for v in row) for row in found.rows[:SHOWN])
    evidence = Evidence(
        id=evidence_id("ask_data", found.sql),
        tool="ask_data",
        claim=f"{len(found.rows)}{' or more' if found.cut else ''} rows",
        query=found.sql,
        excerpt=f"{head}\n{body}",
        untrusted=True,  # values are somebody's data
    )
    return Look((evidence,), found)
