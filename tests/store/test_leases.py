"""How many changes may be under way, and how often one is repeated: on SQLite and on Postgres."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chimera.domain import Order, Outcome, PolicyDenied, TooManyAtOnce
from chimera.platform.store import OrderRecord, Store
from chimera.sandbox.programs import postgres as program
from chimera.sandbox.stack import postgres
from chimera.sandbox.stack.child import Child
from chimera.sandbox.stack.layout import Layout
from chimera.sandbox.stack.ports import free_ports

NOW = datetime(2026, 1, 1, 3, tzinfo=UTC)
CALM = timedelta(0)


@pytest.fixture(params=["sqlite", "postgres"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "sqlite":
        store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'chimera.db'}")
        yield store
        await store.close()
        return
    layout = Layout(
        home=tmp_path,
        ports={"postgres": free_ports(1)[0]},
        secrets={"postgres": secrets.token_urlsafe(16)},
    )
    layout.secrets_folder.mkdir()
    found = await program.find(print)
    data = await postgres.prepare(found, layout, print)
    server = Child(postgres.service(found, data, layout), tmp_path / "postgres.log", print)
    await server.start()
    try:
        store = await Store.open(layout.store_url)
        yield store
        await store.close()
    finally:
        await server.stop()
        shutil.rmtree(data)  # as root it does not lie below `tmp_path`


def order(number: int = 1, attempt: int = 1, **changes: Any) -> Order:
    fields = {
        "id": f"INC-{number}/{attempt}",
        "incident": f"INC-{number}",
        "attempt": attempt,
        "runbook": "restart_service",
        "parameters": {},
        "target": f"service-{number}",
        "environment": "shop",
        "reason": "it leaks",
        "requested_by": "chimera",
        "created": NOW,
        "expires": NOW + timedelta(hours=1),
        **changes,
    }
    return Order.model_validate(fields)


async def test_of_many_that_begin_at_once_only_so_many_do(store: Store) -> None:
    wanted = [order(number) for number in range(1, 9)]
    await asyncio.gather(*(store.ping() for _ in wanted))  # connections are open: a true race
    answers = await asyncio.gather(
        *(store.take_lease(one, CALM, NOW, at_once=2) for one in wanted), return_exceptions=True
    )
    begun = [one for one, no in zip(wanted, answers, strict=True) if no is None]
    refused = [no for no in answers if no is not None]
    assert len(begun) == 2
    assert [type(no) for no in refused] == [TooManyAtOnce] * 6
    assert all(f"{one.id} (restart_service on {one.target})" in str(refused[0]) for one in begun)
    # Another environment has room of its own, and what has begun may ask again.
    await store.take_lease(order(20, environment="bank"), CALM, NOW, at_once=2)
    await store.take_lease(begun[0], CALM, NOW, at_once=2)
    # A busy target is named as such, however busy the environment is.
    again = order(30, target=begun[0].target)
    with pytest.raises(PolicyDenied, match="another order is changing"):
        await store.take_lease(again, CALM, NOW, at_once=2)
    await store.end_lease(begun[0].id, "applied", NOW)
    await store.take_lease(order(40), CALM, NOW, at_once=2)


async def test_an_order_that_was_ended_from_outside_takes_nobodys_room(store: Store) -> None:
    lost = order(1)
    await store.save_order(OrderRecord(order=lost))
    await store.take_lease(lost, CALM, NOW, at_once=1)
    with pytest.raises(TooManyAtOnce):
        await store.take_lease(order(2), CALM, NOW, at_once=1)
    gone = Outcome(order_id=lost.id, status="unverified", at=NOW)
    await store.change_order(lost.id, state="done", outcome=gone)
    await store.take_lease(order(2), CALM, NOW, at_once=1)
    with pytest.raises(PolicyDenied, match="another order"):  # its own target is held on
        await store.take_lease(order(3, target=lost.target), CALM, NOW, at_once=5)


async def test_repetitions_are_chimeras_own_of_the_same_thing_within_a_day(store: Store) -> None:
    async def done(one: Order, at: datetime, changed: bool = True) -> None:
        await store.save_order(OrderRecord(order=one))
        await store.take_lease(one, CALM, at)
        if changed:
            await store.mark_changed(one.id, at)
        await store.end_lease(one.id, "applied", at)

    same: dict[str, Any] = {"target": "pay"}
    await done(order(3, **same), NOW - timedelta(hours=25))
    await done(order(1, **same), NOW - timedelta(hours=23))
    await done(order(2, **same), NOW - timedelta(hours=1))
    await done(order(4, **same, requested_by="bob"), NOW - timedelta(hours=1))
    await done(order(5, **same, runbook="scale_service"), NOW - timedelta(hours=1))
    await done(order(6, **same), NOW - timedelta(minutes=5), changed=False)
    await done(order(7), NOW - timedelta(minutes=5))
    assert await store.repeated(order(9, **same), NOW) == 2
    assert await store.repeated(order(2, **same), NOW) == 1
