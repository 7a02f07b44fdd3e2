"""From the inbox to incidents, with a real store and a real Temporal server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker

from chimera.domain import Alert, Anomaly, Estate, Incident, Phase, Refused, Severity, SignalKind
from chimera.flows.grouper import Grouper
from chimera.flows.heralds import ANEW, Heralds
from chimera.flows.marks import Marks
from chimera.flows.membership import summary, symptom
from chimera.flows.schedule import LONGEST
from chimera.flows.watch import WatchWorkflow
from chimera.flows.watching import Looked
from chimera.platform.store import Member
from tests.clock import just_now
from tests.flows.company import PACE, SHOP, Company, company, until


@pytest.fixture
async def shop(client: Client, tmp_path: Path) -> AsyncIterator[Company]:
    async with company(client, tmp_path) as here:
        yield here


def grouper_of(shop: Company) -> Grouper:
    return Grouper(shop.store, shop.client, shop.queue, SHOP, PACE, "shop")


async def tick(shop: Company, blind: bool = False, later: float = 0) -> None:
    at = datetime.now(UTC) + timedelta(seconds=later)
    looked = Looked(at=at, series=10, active=1, blind=blind)
    await ActivityEnvironment().run(grouper_of(shop).group, looked)


def alert(
    n: int,
    service: str = "web",
    ended: bool = False,
    after: float = 0,
    labels: dict[str, str] | None = None,
) -> tuple[str, str, Any]:
    began = just_now() + timedelta(seconds=after)
    body = Alert(
        fingerprint=f"f{n}",
        name="HighLatency",
        service=service,
        labels=labels or {},
        began=began,
        ended=began + timedelta(seconds=5) if ended else None,
    )
    key = f"f{n}:{began.timestamp()}:{'resolved' if ended else 'firing'}"
    return key, "alert", body.model_dump(mode="json")


def anomaly(
    kind: SignalKind, direction: str, name: str = "a", over: bool = False
) -> tuple[str, str, Any]:
    body = Anomaly(
        id=name,
        signal=kind.value,
        kind=kind,
        service="pay",
        query="q",
        began=just_now(),
        seen=just_now(),
        observed=9.0,
        expected=1.0,
        low=0.0,
        high=2.0,
        direction=direction,
        surprise=9.0,
        detector="seasonal",
        over=over,
    )
    return f"{name}:{'over' if over else 'began'}", "anomaly", body.model_dump(mode="json")


async def test_a_storm_of_a_thousand_alerts_is_one_incident(shop: Company) -> None:
    await shop.store.put_signals(alert(n, "web" if n % 2 else "pay") for n in range(1000))
    await tick(shop)
    await tick(shop)
    (incident,) = await shop.store.incidents()
    assert incident.signals == 1000
    assert incident.severity is Severity.PAGE
    assert set(incident.services) == {"web", "pay"}
    await until(lambda: "opened" in shop.inbox.kinds())


async def test_the_same_alert_told_again_changes_nothing(shop: Company) -> None:
    for _ in range(3):
        await shop.store.put_signals([alert(1)])
        await tick(shop)
    (incident,) = await shop.store.incidents()
    assert incident.signals == 1


async def test_an_alert_that_a_pair_dates_differently_is_one_and_ends(shop: Company) -> None:
    await shop.store.put_signals([alert(1), alert(1, after=3)])
    await tick(shop)
    (incident,) = await shop.store.incidents()
    assert incident.signals == 1
    await shop.store.put_signals([alert(1, after=3, ended=True)])
    await tick(shop)
    assert not await shop.store.members(active=True)


async def test_a_flapping_alert_is_one_incident(shop: Company) -> None:
    for round_ in range(4):
        await shop.store.put_signals([alert(1, after=20 * round_)])
        await tick(shop)
        await shop.store.put_signals([alert(1, after=20 * round_, ended=True)])
        await tick(shop)
    (incident,) = await shop.store.incidents()
    assert incident.signals == 4


async def test_what_is_resolved_absorbs_nothing_new(shop: Company) -> None:
    await shop.store.put_signals([alert(1)])
    await tick(shop)
    (first,) = await shop.store.incidents()
    await shop.store.put_signals([alert(1, ended=True)])
    await tick(shop)

    async def resolved() -> bool:
        return (await shop.store.incident(first.id)).phase is Phase.RESOLVED

    await until(resolved)
    await shop.store.put_signals([alert(2)])
    await tick(shop)
    second, before = await shop.store.incidents()
    assert before.signals == 1
    assert second.id != first.id


async def test_more_work_alone_opens_nothing(shop: Company) -> None:
    await shop.store.put_signals([anomaly(SignalKind.TRAFFIC, "up")])
    await tick(shop)
    assert await shop.store.incidents() == []
    await shop.store.put_signals([anomaly(SignalKind.LATENCY, "up", "b")])
    await tick(shop)
    (incident,) = await shop.store.incidents()
    assert incident.signals == 2


async def test_blindness_is_said_and_closes_nothing(shop: Company) -> None:
    await shop.store.put_signals([anomaly(SignalKind.LATENCY, "up")])
    await tick(shop)
    await shop.store.put_signals([anomaly(SignalKind.LATENCY, "up", over=True)])
    await tick(shop, blind=True)
    (incident,) = await shop.store.incidents()

    async def says_so() -> bool:
        return (await shop.store.incident(incident.id)).no_data

    await until(says_so)
    assert (await shop.store.incident(incident.id)).phase is not Phase.RESOLVED


async def test_a_slow_fault_stays_one_incident_while_it_lasts(shop: Company) -> None:
    await shop.store.put_signals(alert(n, after=-3600) for n in range(70))
    await tick(shop)
    await shop.store.put_signals([alert(100, "pay", after=-1200)])
    await tick(shop)
    await shop.store.put_signals([alert(101, "pay")])
    await tick(shop)
    (incident,) = await shop.store.incidents()
    assert incident.signals == 72


async def test_a_signal_that_nobody_can_read_stops_no_other(shop: Company) -> None:
    naive = alert(2)[2] | {"began": "2026-01-01T00:00:00"}
    rows = [("odd", "alert", {"no": "alert"}), ("naive", "alert", naive), alert(1)]
    await shop.store.put_signals(rows)
    await tick(shop)
    (incident,) = await shop.store.incidents()
    assert incident.signals == 1
    assert await shop.store.ungrouped() == []


async def test_an_incident_that_cannot_be_told_stops_no_other(shop: Company) -> None:
    await shop.store.put_signals([alert(1), alert(2, "pay", after=3600)])
    told: list[str] = []

    class Stumbling(Heralds):
        async def tell(
            self, incident: Incident, members: list[Member], looked: Looked, marks: Marks | None
        ) -> None:
            told.append(incident.id)
            if len(told) == 1:
                raise RuntimeError("not this one")

    heralds = Stumbling(shop.store, shop.client, shop.queue, PACE)
    grouper = Grouper(shop.store, shop.client, shop.queue, SHOP, PACE, "shop", heralds=heralds)
    await ActivityEnvironment().run(grouper.group, Looked(at=just_now(), series=1, active=1))
    assert told == ["INC-1", "INC-2"]


async def test_two_attempts_at_once_open_one_incident(shop: Company) -> None:
    await shop.store.put_signals([alert(1)])
    grouper, looked = grouper_of(shop), Looked(at=just_now(), series=1, active=1)
    attempts = (ActivityEnvironment().run(grouper.group, looked) for _ in range(3))
    await asyncio.gather(*attempts)
    assert [i.signals for i in await shop.store.incidents()] == [1]


async def test_a_terminated_workflow_is_started_anew(shop: Company) -> None:
    await shop.store.put_signals([alert(1)])
    await tick(shop)
    (incident,) = await shop.store.incidents()
    handle = shop.client.get_workflow_handle(await shop.store.prefix() + incident.id)
    await handle.terminate("by mistake")
    await tick(shop, later=ANEW)
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    assert (await shop.store.members())[0].incident == incident.id


async def test_alerts_are_grouped_when_detection_fails(shop: Company) -> None:
    @activity.defn(name="detect")
    async def refused() -> Looked:
        raise Refused("the token has expired")

    await shop.store.put_signals([alert(1)])
    queue = f"{shop.queue}-watch"
    activities: list[Any] = [refused, grouper_of(shop).group]
    async with Worker(
        shop.client, task_queue=queue, workflows=[WatchWorkflow], activities=activities
    ):
        looked = await shop.client.execute_workflow(
            WatchWorkflow.run, id=queue, task_queue=queue, execution_timeout=LONGEST
        )
    history = await shop.client.get_workflow_handle(queue).fetch_history()
    limits = [
        e.activity_task_scheduled_event_attributes.schedule_to_close_timeout.ToTimedelta()
        for e in history.events
        if e.HasField("activity_task_scheduled_event_attributes")
    ]
    assert len(limits) == 2
    assert sum(limits, timedelta(0)) < LONGEST  # the next look never waits for a stuck one
    assert looked.blind
    assert "the token has expired" in looked.warnings[0]
    (incident,) = await shop.store.incidents()

    async def says_so() -> bool:
        return (await shop.store.incident(incident.id)).no_data

    await until(says_so)


def member(row: tuple[str, str, Any], **changes: Any) -> Member:
    key, kind, body = row
    fields = {"incident": None, "service": body["service"], "active": True, "changed": just_now()}
    return Member.model_validate({"signal": key, "kind": kind, "body": body | changes, **fields})


def test_the_strongest_symptoms_are_kept() -> None:
    dull = anomaly(SignalKind.CPU, "up")
    many = [member(dull, id=f"{n}", surprise=float(n), symptom=False) for n in range(100)]
    felt = member(anomaly(SignalKind.ERRORS, "up", "felt"), symptom=True, surprise=1.0)
    kept = summary([*many, felt], Estate())["symptoms"]
    assert len(kept) == 60
    assert sum(s.felt for s in kept) == 1


@pytest.mark.parametrize(
    ("labels", "query"),
    [
        ({"service": "web", "instance": "web-0"}, 'service="web"'),
        ({"job": "web", "instance": "web-0"}, 'job="web",instance="web-0"'),
        ({}, ""),
    ],
)
def test_an_alert_is_proved_by_its_own_series(labels: dict[str, str], query: str) -> None:
    asked = symptom(member(alert(1, labels=labels))).query
    wanted = 'alertname="HighLatency",alertstate="firing"'
    assert asked == f"ALERTS{{{wanted}{',' if query else ''}{query}}}"
