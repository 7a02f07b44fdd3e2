"""Which anomalies of an incident people get a picture of, and when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from temporalio.client import Client
from temporalio.service import RPCError

from chimera.domain import Incident, Notice, Phase
from chimera.flows.membership import began, felt, harmless
from chimera.flows.said import have_told
from chimera.platform.store import Member, Store
from chimera.platform.store.store import PICTURED

log = structlog.get_logger()

MOST = 3  # pictures of an incident that are sent; the console shows all
REMEMBERED = 1000  # incidents


class Illustrating:
    """Has pictures sent, as notices of their own: words never wait for them."""

    def __init__(self, store: Store, client: Client, task_queue: str) -> None:
        self._store = store
        self._client = client
        self._task_queue = task_queue

        self._known: dict[str, frozenset[str]] = {}  # incident: what was looked at

    async def what_is_new(self, incident: Incident, members: Sequence[Member]) -> None:
        """Send the strongest anomalies that were not sent yet; that fails, it is tried again."""
        if incident.phase is Phase.RESOLVED or incident.merged_into:
            return
        there = [m for m in members if drawable(m)]
        names = frozenset(m.signal for m in there)
        if names <= self._known.get(incident.id, frozenset()):
            return
        sent = json.loads(await self._store.get(PICTURED, incident.id) or "[]")
        fresh = sorted((m for m in there if m.signal not in sent), key=_weight)
        try:
            for member in fresh[: max(MOST - len(sent), 0)]:
                prefix = await self._store.prefix()
                await have_told(self._client, self._task_queue, prefix, notice_of(incident, member))
                sent.append(member.signal)
                await self._store.put(PICTURED, incident.id, json.dumps(sent))
        except RPCError as error:  # the incident's words are more urgent than its pictures
            log.warning("a picture was not sent", incident=incident.id, error=str(error))
            return
        if len(self._known) > REMEMBERED:
            self._known.clear()
        self._known[incident.id] = names | self._known.get(incident.id, frozenset())


def drawable(member: Member) -> bool:
    """Whether a picture says something: an anomaly that goes on and is trouble."""
    return member.kind == "anomaly" and member.active and not harmless(member)


def notice_of(incident: Incident, member: Member) -> Notice:
    """The same anomaly in the same incident is the same notice."""
    name = hashlib.sha256(member.signal.encode()).hexdigest()[:12]
    return Notice(
        id=f"{incident.id}-{name}-picture",
        incident=incident.id,
        kind="picture",
        title=incident.title,
        text="",
        picture=member.signal,
        at=datetime.now(UTC),
    )


def _weight(member: Member) -> tuple[bool, float, datetime]:
    return not felt(member), -float(member.body.get("surprise", 0.0)), began(member)
