from __future__ import annotations

from chimera.domain import Estate, Evidence, NotFound, Principal
from chimera.tools.base import Look, evidence_id, tool


@tool
async def walk_topology(name: str, *, who: Principal, estate: Estate) -> Look:
    """What a service, step or dataset depends on, who feels its trouble, and whose it is."""
    node = estate.node(name)
    if node is None:
        near = ", ".join(sorted(n.name for n in estate.nodes)[:20])
        raise NotFound(f"the topology knows no {name!r}; it knows: {near}")
    causes, felt = estate.causes_of(name), estate.felt_by(name)
    rows = {
        "kind": node.kind,
        "owner": node.owner or "nobody is named",
        "tier": str(node.tier),
        "depends on": ", ".join(causes) or "nothing",
        "felt by": ", ".join(felt) or "nobody",
        "runbooks allowed": ", ".join(node.runbooks) or "none",
    }
    query = f"estate {estate.name}: {name}"
    evidence = Evidence(
        id=evidence_id("walk_topology", query),
        tool="walk_topology",
        claim=f"{name} depends on {rows['depends on']}; its trouble is felt by {rows['felt by']}",
        query=query,
        excerpt="\n".join(f"{key}: {value}" for key, value in rows.items()),
        link=next(iter(node.links.values()), ""),
    )
    return Look((evidence,), node)
