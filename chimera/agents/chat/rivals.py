"""One signal of several nodes, side by side: "is web slower than search?"."""

from __future__ import annotations

import re
from dataclasses import replace

from chimera.agents.chat.held import LATELY, held, told
from chimera.agents.chat.queries import query_for
from chimera.agents.chat.shape import Ask, Looks, Reply, Table
from chimera.agents.chat.telling import joined, number
from chimera.agents.understanding.times import Span
from chimera.domain import Evidence, Signal

BOTH = re.compile(r"\b(?:or|vs|versus|than|and|compared|against)\b")


def rivals(ask: Ask) -> tuple[str, ...]:
    """The nodes whose signals are held against each other; none where it is one over time."""
    nodes = ask.reading.named.nodes
    both = len(nodes) > 1 and BOTH.search(ask.reading.text.lower())
    return nodes if both and not ask.reading.moments else ()


async def beside(
    ask: Ask, looks: Looks, nodes: tuple[str, ...], signals: tuple[Signal, ...]
) -> Reply | None:
    """The same signal of several nodes, the greatest first."""
    span = Span(ask.now - LATELY, ask.now, said="now")
    if ask.reading.span.since:
        span = Span(ask.reading.span.since, ask.reading.span.until or ask.now)
    found: list[tuple[float, str, str]] = []
    what = ""
    evidence: list[Evidence] = []
    for node in nodes[:4]:
        of_it = replace(ask.reading, named=replace(ask.reading.named, nodes=(node,)))
        query = query_for(replace(ask, reading=of_it), signals)
        if isinstance(query, Reply):
            return None
        what = query.title.removesuffix(f" of {node}")
        one = await held(looks, query, span)
        if isinstance(one, Reply):
            return one
        evidence += one.evidence
        if one.values:
            value = max(one.values.values())
            found.append((value, node, number(value, query.unit)))
    if not found:
        return None
    blind = [node for node in nodes[:4] if node not in {row[1] for row in found}]
    found.sort(reverse=True)
    first = "; ".join(f"{node} {shown}" for _, node, shown in found)
    lines = [f"{what} {told(span, ask.now)}: {first}."]
    if len(found) > 1:
        lines.append(f"{found[0][1]} has the most.")
    if blind:
        lines.append(f"Of {joined(blind)} I see no value.")
    table = Table(columns=("node", what), rows=tuple((node, shown) for _, node, shown in found))
    return Reply(
        text=" ".join(lines),
        tables=(table,),
        evidence=tuple(evidence),
        focus={"node": found[0][1]},
    )
