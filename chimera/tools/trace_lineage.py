from __future__ import annotations

from dataclasses import dataclass

from chimera.domain import Estate, Evidence, NotFound, Principal
from chimera.platform.access.similar import or_near
from chimera.tools.base import Look, evidence_id, tool


@dataclass(frozen=True)
class Lineage:
    """Where something comes from, nearest first, and who it reaches, nearest first."""

    name: str
    upstream: tuple[str, ...]
    downstream: tuple[str, ...]


@tool
async def trace_lineage(name: str, *, who: Principal, estate: Estate) -> Look:
    """Everything a dataset, step or service is made from or stands on, and everything that it
    reaches, however far. Use for lineage and blast radius."""
    node = estate.node(name)
    if node is None:
        raise NotFound(
            f"the topology knows no {name!r}{or_near(name, (n.name for n in estate.nodes))}"
        )
    upstream: list[str] = []
    frontier = [name]
    while frontier:
        for other in estate.causes_of(frontier.pop(0)):
            if other not in (*upstream, name):
                upstream.append(other)
                frontier.append(other)
    found = Lineage(name, tuple(upstream), estate.felt_by(name))
    query = f"estate {estate.name}: lineage of {name}"
    evidence = Evidence(
        id=evidence_id("trace_lineage", query),
        tool="trace_lineage",
        claim=f"{name} comes from {', '.join(found.upstream) or 'nothing else'} and reaches "
        f"{', '.join(found.downstream) or 'nothing else'}",
        query=query,
    )
    return Look((evidence,), found)
