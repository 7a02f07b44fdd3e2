"""From the inbox to incidents, with a real store and a real Temporal server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from chimera.domain import Alert, Anomaly, Phase, Severity, SignalKind
from chimera.flows.grouper import Grouper
from chimera.flows.watching import Looked
from tests.flows.company import PACE, SHOP, Company, company, until

NOW = datetime.now(UTC)


@pytest.fixture
async def shop(client: Client, tmp_path: Path) -> AsyncIterator[Company]:
    async with company(client, tmp_path) as here:
        yield here


async def tick(shop: Company, blind: bool = False) -> None:
    grouper = Grouper(shop.store, shop.client, shop.queue, SHOP, PACE, "shop")
    looked = Looked(at=datetime.now(UTC), series=10, active=1, blind=blind)
    await ActivityEnvironment().run(grouper.group, looked)


def alert(
    n: int, service: str = "web", ended: bool = False, after: float = 0
) -> tuple[str, str, Any]:
    began = NOW + timedelta(seconds=after)
    body = Alert(
        fingerprint=f"f{n}",
        name="HighLatency",
        service=service,
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
        began=NOW,
        seen=NOW,
        observed=9.0,
        expected=1.0,
        low=0.0,
        high=2.0,
        direction=direction,  # type: ignore[arg-type]
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
