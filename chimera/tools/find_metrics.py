from __future__ import annotations

from datetime import UTC, datetime

from chimera.domain import Evidence, Principal
from chimera.platform.access import MetricNames, near
from chimera.tools.base import Look, evidence_id, tool

MOST = 40


@tool
async def find_metrics(
    words: str = "", at: datetime | None = None, *, who: Principal, names: MetricNames
) -> Look:
    """Names of metrics that hold all the words, or are near them; without words, all there are."""
    known = await names.names(at or datetime.now(UTC))
    wanted = words.lower().split()
    found = tuple(n for n in known if all(word in n.lower() for word in wanted))
    found = found or near(words, known, MOST)
    evidence = Evidence(
        id=evidence_id("find_metrics", words),
        tool="find_metrics",
        claim=f"{len(found)} of {len(known)} metrics are like {words!r}" if words else
        f"there are {len(known)} metrics",
        query=words or "all names",
        excerpt="\n".join(found[:MOST]),
        untrusted=True,
    )  # fmt: skip
    return Look((evidence,), found)
