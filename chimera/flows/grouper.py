"""The one grouper: signals from the inbox become incidents, and incidents' workflows hear of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from temporalio import activity
from temporalio.client import Client

from chimera.detection.holding import Holds
from chimera.detection.impact import Burning
from chimera.domain import Estate, Event, Incident, Planned, sway
from chimera.domain.alerting import FEEDBACK_LIFE
from chimera.flows.heralds import Heralds
from chimera.flows.illustrating import Illustrating
from chimera.flows.marks import Marks, Returns, shakes
from chimera.flows.membership import weighed
from chimera.flows.moving import Moving
from chimera.flows.pace import Pace
from chimera.flows.placing import Placing, members_of_open
from chimera.flows.said import have_told, news, remark
from chimera.flows.watching import Looked
from chimera.platform.orchestration.temporal import heartbeating
from chimera.platform.settings import Freeze
from chimera.platform.store import Member, Store
from chimera.platform.store.store import TOLD

log = structlog.get_logger()

KEPT = timedelta(days=14)  # what grouping remembers of the past
PRUNED = timedelta(hours=1)  # between two prunings
FLAP_WINDOW = timedelta(minutes=30)  # in which the returns of a signal are counted
APPROVED = timedelta(days=1)  # an order may wait so long before it changes anything


class Grouper:
    """Decides membership; run by one schedule, so there is one at a time."""

    def __init__(
        self,
        store: Store,
        client: Client,
        task_queue: str,
        estate: Estate,
        pace: Pace,
        environment: str,
        planned: Sequence[Planned] = (),
        freezes: Sequence[Freeze] = (),
        burning: Burning | None = None,
        illustrating: Illustrating | None = None,
        heralds: Heralds | None = None,
    ) -> None:
        self._store = store
        self._client = client
        self._task_queue = task_queue
        self._estate = estate
        self._placing = Placing(store, estate, environment)
        self._heralds = heralds or Heralds(store, client, task_queue, pace)
        self._environment = environment
        self._planned = planned
        self._freezes = freezes
        self._burning = burning
        self._illustrating = illustrating
        self._moving = Moving(store, client, task_queue, estate, environment)
        # A retry may begin while the attempt before it has not noticed that it is over.
        self._alone = asyncio.Lock()
        self._pruned: datetime | None = None

    @activity.defn(name="group")
    async def group(self, looked: Looked) -> None:
        """Place what has come in, then tell every incident whose summary changed."""
        async with heartbeating(), self._alone:
            rates = await self._rates()
            await self._moving.all_that_was_asked(rates)
            silences = await self._store.silences(looked.at)
            holds = Holds(looked.at, silences, self._planned)
            await self._placing.place(looked.at, holds, rates)
            open_ones = await self._store.incidents(open_only=True, limit=None)
            theirs = await members_of_open(self._store)
            marks = await self._marks(holds) if open_ones else None
            for incident in reversed(open_ones):
                try:
                    members = list(theirs[incident.id].values())
                    if marks and members:
                        incident = await self._mark(incident, members, marks, rates)
                    await self._heralds.tell(incident, members, looked, marks)
                    if self._illustrating is not None:
                        await self._illustrating.what_is_new(incident, members)
                except Exception as error:  # the others must hear; this one does at the next look
                    log.error(
                        "an incident could not be told", incident=incident.id, error=repr(error)
                    )
            await self._moving.tell_what_is_untold()
            await self._prune(datetime.now(UTC))

    async def _rates(self) -> Mapping[str, float]:
        """Burn rates by node. What cannot be read raises no priority, and stops nothing."""
        if self._burning is None:
            return {}
        try:
            return await self._burning()
        except Exception as error:
            log.warning("burn rates could not be read", error=repr(error))
            return {}

    async def _marks(self, holds: Holds) -> Marks:
        since = holds.at - FLAP_WINDOW
        return Marks(
            holds,
            self._environment,
            tuple(self._freezes),
            sway(await self._store.votes(holds.at - FEEDBACK_LIFE), holds.at),
            Returns.of(
                await self._store.members(changed_since=since),
                shakes(
                    await self._store.orders(since=since - APPROVED, limit=None),
                    self._estate,
                    holds.at,
                ),
            ),
        )

    async def _mark(
        self, incident: Incident, members: list[Member], marks: Marks, rates: Mapping[str, float]
    ) -> Incident:
        """Bring on record what changes without a new signal: priority, silences, windows."""
        priority, why = weighed(members, self._estate, rates, incident.service)
        now = {"priority": priority, "impact": why, "marks": marks.on(incident, members)}
        changed = {k: v for k, v in now.items() if getattr(incident, k) != v}
        if not changed:
            return incident
        heard = await self._store.get(TOLD, incident.id) is not None  # else its opening tells
        if heard and (said := news(incident, incident.model_copy(update=changed))):
            # First: what is on record is not news any more.
            key = f"now-{marks.holds.at.timestamp():.3f}"
            notice = remark(incident.model_copy(update=changed), key, *said)
            line = Event(
                incident=incident.id,
                key=key,
                at=marks.holds.at,
                phase=incident.phase,
                text=": ".join(said),
            )
            await self._store.add_event(line)
            prefix = await self._store.prefix()
            await have_told(self._client, self._task_queue, prefix, notice)
        return await self._store.change_incident(incident.id, **changed)

    async def _prune(self, now: datetime) -> None:
        if self._pruned is None or now - self._pruned >= PRUNED:
            self._pruned = now  # first: when it fails, grouping goes on without it
            await self._store.prune(now - KEPT)
