from __future__ import annotations

from chimera.domain import Evidence, NotFound, Principal
from chimera.platform.access import Datasets, or_near
from chimera.tools.base import Look, evidence_id, tool


@tool
async def profile_dataset(name: str, *, who: Principal, datasets: Datasets) -> Look:
    """A dataset's columns, types and rows; of each column the share of empty fields, how many
    different values, the least and the greatest. Use for schema and quality."""
    known = datasets.files()
    if name not in known:
        raise NotFound(f"there are no files of a dataset {name!r}{or_near(name, known)}")
    rows, columns = await datasets.profile(name)
    lines = [
        f"{c.name} {c.type}: {c.nulls:.1%} empty, {c.distinct} different, {c.low} to {c.high}"
        for c in columns
    ]
    evidence = Evidence(
        id=evidence_id("profile_dataset", name),
        tool="profile_dataset",
        claim=f"{name} has {rows} rows in {len(known[name])} files and {len(columns)} columns",
        query=f"dataset {name}",
        excerpt="\n".join(lines),
        untrusted=True,  # the least and greatest values are somebody's data
    )
    return Look((evidence,), (rows, columns))
