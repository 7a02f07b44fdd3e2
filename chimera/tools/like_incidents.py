from __future__ import annotations

from datetime import datetime, timedelta

from chimera.diagnosis.likeness import recalled
from chimera.domain import Evidence, Principal, Recalled
from chimera.platform.settings import Settings
from chimera.platform.store.store import Store
from chimera.tools.base import Look, evidence_id, tool

SHOWN = 5


@tool
async def like_incidents(
    until: datetime,
    signs: dict[str, float] | None = None,
    templates: tuple[str, ...] = (),
    besides: str = "",
    opened: datetime | None = None,
    *,
    who: Principal,
    store: Store,
    settings: Settings,
) -> Look:
    """Resolved incidents that showed the same signs ("node kind direction" to severity) and log
    templates as this one: how alike they are, what was proved to repair them, and which cause a
    person said that it was not. Vetoes count for incidents that `opened` after them."""
    if not settings.memory.weighs:
        return Look(data=())
    vetoes = await store.vetoes()
    found = recalled(
        [memory for memory in await store.memories() if memory.incident != besides],
        [veto for veto in vetoes if opened is None or veto.at < opened],
        signs or {},
        templates,
        until,
        timedelta(days=settings.memory.half_life_days),
    )
    return Look(tuple(shown(one) for one in found[:SHOWN]), found)


def shown(one: Recalled) -> Evidence:
    """A memory as evidence. Its title, and perhaps its log templates, were written by others."""
    query = f"incident {one.incident}"
    notes = [f"{veto.person}: {veto.note}" for veto in one.vetoes if veto.note]
    return Evidence(
        id=evidence_id("like_incidents", query),
        tool="like_incidents",
        claim=f"this is {one.likeness:.0%} {one}",
        query=query,
        ended=one.at,
        excerpt="\n".join([one.title, *(cause.cause for cause in one.mended), *notes]),
        untrusted=True,
    )
