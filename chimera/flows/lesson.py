"""What is left to do when an incident is over, whoever found that it is."""

from __future__ import annotations

from datetime import datetime

from chimera.domain import Incident
from chimera.domain.base import Value
from chimera.flows.postmortem import postmortem
from chimera.flows.remembering import memory_of
from chimera.platform.store import Store


class Lesson(Value):
    """An incident that is over.

    `over`: since when, where a person said so, whatever the metrics say; none where they say it.
    """

    incident: str
    over: datetime | None = None


async def learn(store: Store, lesson: Lesson) -> Incident:
    """Write the post-mortem, remember what helped, and let go of what is a trouble of its own:
    twice is once."""
    name = lesson.incident
    incident = await store.incident(name)
    orders = await store.orders(incident=name)
    events = await store.events(name)
    await store.save_postmortem(name, postmortem(incident, events, orders))
    dossier = await store.dossier(name)
    if dossier and not incident.merged_into:
        await store.remember(memory_of(incident, dossier, orders))
    if lesson.over:
        # A person's word covers what they could see, however long a running order kept it waiting.
        await store.release_later(name, lesson.over)
    else:
        await store.release_members(name)
    return incident
