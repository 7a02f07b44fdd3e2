"""The store keeps what it is told, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from chimera.domain import (
    Alert,
    Event,
    Incident,
    Misconfigured,
    NotFound,
    Order,
    Phase,
    PolicyDenied,
)
from chimera.platform.store import Member, OrderRecord, Store

NOW = datetime(2026, 1, 1, 3, tzinfo=UTC)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'chimera.db'}")
    yield store
    await store.close()


def incident(number: int = 1, **changes: object) -> Incident:
    fields = {"title": "t", "service": "orders", "began": NOW, "opened": NOW, **changes}
    return Incident.model_validate({"id": f"INC-{number}", **fields})


def order(attempt: int = 1, of: str = "INC-1", **changes: object) -> Order:
    fields = {
        "runbook": "restart_service",
        "parameters": {"service": "orders"},
        "target": "orders",
        "reason": "leak",
        "requested_by": "chimera",
        "created": NOW,
        "expires": NOW + timedelta(hours=1),
        **changes,
    }
    return Order.model_validate(
        {"id": f"{of}/{attempt}", "incident": of, "attempt": attempt, **fields}
    )


async def test_a_signal_told_twice_is_one_row(store: Store) -> None:
    assert await store.put_signal("a", "alert", {"x": 1})
    assert not await store.put_signal("a", "alert", {"x": 2})
    assert [row.body for row in await store.ungrouped()] == [{"x": 1}]


async def test_the_groupers_verdict_is_written_whole(store: Store) -> None:
    await store.put_signal("a", "alert", {})
    (row,) = await store.ungrouped()
    member = Member(
        signal="a",
        kind="alert",
        incident="INC-1",
        service="orders",
        active=True,
        changed=NOW,
        body={},
    )
    await store.grouped([row.id], [member], [incident()], {})
    assert await store.ungrouped() == []
    assert await store.members(active=True) == [member]
    assert await store.incidents(open_only=True) == [incident()]


async def test_numbers_go_up_and_changes_stick(store: Store) -> None:
    assert [await store.next_incident() for _ in range(3)] == ["INC-1", "INC-2", "INC-3"]
    await store.save_incident(incident())
    await store.change_incident("INC-1", phase=Phase.RESOLVED)
    assert (await store.incident("INC-1")).phase is Phase.RESOLVED
    assert await store.incidents(open_only=True) == []
    with pytest.raises(NotFound, match="INC-9"):
        await store.incident("INC-9")


async def test_each_channel_keeps_its_own_thread_and_an_old_row_is_still_read(store: Store) -> None:
    await store.save_incident(incident())
    links = {"slack": "https://slack.example/1", "teams": "https://teams.example/1"}
    await asyncio.gather(
        *(store.change_incident("INC-1", threads={chat: link}) for chat, link in links.items())
    )
    kept = await store.incident("INC-1")
    assert kept.threads == links
    assert kept.thread in links.values()
    before = {**kept.model_dump(mode="json", exclude={"threads"}), "thread": links["slack"]}
    old = type(kept).model_validate(before)
    assert (old.thread, old.threads) == (links["slack"], {"chat": links["slack"]})


async def test_two_askers_never_get_one_number(store: Store) -> None:
    numbers = await asyncio.gather(*(store.next_incident() for _ in range(8)))
    assert len(set(numbers)) == 8


def member(signal: str, of: str | None = "INC-1", **changes: object) -> Member:
    fields = {"kind": "alert", "service": "orders", "active": True, "changed": NOW, "body": {}}
    return Member.model_validate({"signal": signal, "incident": of, **fields, **changes})


async def homes(store: Store) -> dict[str, str | None]:
    return {m.signal: m.incident for m in await store.members()}


async def test_what_joins_a_resolved_incident_stays_loose(store: Store) -> None:
    await store.grouped([], [member("a")], [incident()], {})
    await store.change_incident("INC-1", phase=Phase.RESOLVED, title="as it was")
    # The grouper decided before it could know.
    late = [member("a", active=False), member("b")]
    await store.grouped([], late, [], {"INC-1": {"title": "later"}})
    assert await homes(store) == {"a": "INC-1", "b": None}
    assert (await store.incident("INC-1")).title == "as it was"


async def test_what_is_still_active_is_set_loose_once_its_incident_is_resolved(
    store: Store,
) -> None:
    await store.grouped([], [member("a"), member("b", active=False)], [incident()], {})
    assert await store.release_members("INC-1") == 0
    await store.change_incident("INC-1", phase=Phase.RESOLVED)
    assert await store.release_members("INC-1") == 1
    assert await homes(store) == {"a": None, "b": "INC-1"}
    # A verdict from before it was set loose does not tie it again.
    await store.grouped([], [member("a")], [], {})
    assert await homes(store) == {"a": None, "b": "INC-1"}


async def test_pruning_keeps_what_is_open_active_or_recent(store: Store) -> None:
    await store.put_signal("old", "alert", {})
    (row,) = await store.ungrouped()
    ended: dict[str, Any] = {"active": False}
    members = [
        member("gone", **ended),
        member("nobodys", None, **ended),
        member("active"),
        member("recent", changed=NOW + timedelta(days=2), **ended),
        member("open", "INC-2", **ended),
    ]
    await store.grouped([row.id], members, [incident(), incident(2)], {})
    await store.put_signal("waiting", "alert", {})
    for name in ("INC-1", "INC-2"):
        await store.put("told", name, "x")
    await store.change_incident("INC-1", phase=Phase.RESOLVED)
    await store.prune(NOW + timedelta(days=1))
    assert set(await homes(store)) == {"active", "recent", "open"}
    assert not await store.put_signal("old", "alert", {})  # it came today
    await store.prune(datetime.now(UTC) + timedelta(days=1))
    assert await store.put_signal("old", "alert", {})
    assert not await store.put_signal("waiting", "alert", {})
    assert (await store.get("told", "INC-1"), await store.get("told", "INC-2")) == (None, "x")


FIRING = Alert(fingerprint="f", name="n", service="orders", began=NOW)
ENDED = FIRING.model_copy(update={"ended": NOW + timedelta(minutes=5)})


async def states(store: Store) -> list[tuple[datetime, bool]]:
    """The beginnings of all alerts that came in, and whether the newest word was "firing"."""
    newest: dict[datetime, bool] = {}
    for row in await store.ungrouped():
        alert = Alert.model_validate(row.body)
        newest[alert.began] = alert.ended is None
    return sorted(newest.items())


@pytest.mark.parametrize("told", ["FFEE", "FEFE", "FEEF", "EFFE", "EFEF", "EEFF"])
async def test_an_alert_that_has_ended_stays_so_whatever_comes_late(
    tmp_path: Path, told: str
) -> None:
    # Two Alertmanagers of a pair, each with its own delay, and one of them writes local time.
    elsewhere = timezone(timedelta(hours=2))
    url = f"sqlite+aiosqlite:///{tmp_path / 'chimera.db'}"
    news = 0
    for number, state in enumerate(told):
        alert = FIRING if state == "F" else ENDED
        if number % 2:
            local = {"began": alert.began.astimezone(elsewhere)}
            local |= {"ended": alert.ended.astimezone(elsewhere)} if alert.ended else {}
            alert = alert.model_copy(update=local)
        store = await Store.open(url)  # each finds Chimera restarted
        news += await store.put_alerts([alert])
        last = await states(store)
        await store.close()
    assert last == [(NOW, False)]
    assert news == (2 if told[0] == "F" else 1)
    again = FIRING.model_copy(update={"began": NOW + timedelta(minutes=6)})
    store = await Store.open(url)
    assert await store.put_alerts([ENDED, again, again, FIRING]) == 1
    assert await states(store) == [(NOW, False), (again.began, True)]
    await store.close()


async def test_both_states_of_many_alerts_at_the_same_time_end_them(store: Store) -> None:
    many = [FIRING.model_copy(update={"fingerprint": f"f{n}"}) for n in range(20)]
    over = [alert.model_copy(update={"ended": ENDED.ended}) for alert in reversed(many)]
    await asyncio.gather(*(store.put_alerts(told) for told in (many, over, many, over)))
    last = {row.body["fingerprint"]: row.body["ended"] for row in await store.ungrouped()}
    assert len(last) == len(many)
    assert None not in last.values()


async def test_an_alert_that_timed_out_and_still_fires_long_after_is_news(store: Store) -> None:
    later = datetime.now(UTC) + timedelta(hours=2)
    ended = FIRING.model_copy(update={"ended": NOW + timedelta(hours=3)})
    assert [await store.put_alerts([alert]) for alert in (FIRING, ENDED, FIRING)] == [1, 1, 0]
    told = [FIRING, FIRING, ENDED, ended, ended, FIRING]
    assert [await store.put_alerts([alert], later) for alert in told] == [1, 0, 0, 1, 0, 0]
    await store.prune(later + timedelta(days=1))
    assert await store.get("endings", f"f/{NOW.isoformat()}") is None


async def test_an_event_is_written_once(store: Store) -> None:
    event = Event(incident="INC-1", key="opened", at=NOW, phase=Phase.OPEN, text="first")
    await store.add_event(event)
    await store.add_event(event.model_copy(update={"text": "again"}))
    assert await store.events("INC-1") == [event]


async def test_a_target_is_held_by_one_order_at_a_time(store: Store) -> None:
    calm = timedelta(minutes=2)
    await store.take_lease(order(1), calm, NOW)
    await store.take_lease(order(1), calm, NOW)  # the activity ran twice
    with pytest.raises(PolicyDenied, match="another order"):
        await store.take_lease(order(1, of="INC-2"), calm, NOW)
    await store.mark_changed("INC-1/1", NOW)
    await store.end_lease("INC-1/1", "rolled_back", NOW)
    with pytest.raises(PolicyDenied, match="cools down"):
        await store.take_lease(order(1, of="INC-2"), calm, NOW + timedelta(minutes=1))
    await store.take_lease(order(2, runbook="roll_back_release"), calm, NOW)  # another repair
    # The order that holds its target now counts before it has changed anything.
    spent = await store.spent("default", NOW + timedelta(minutes=1))
    assert (spent.changes, spent.rollbacks) == (2, 1)
    spent = await store.spent("default", NOW + timedelta(minutes=1), besides="INC-1/2")
    assert (spent.changes, spent.rollbacks) == (1, 1)


async def test_two_takers_at_once_and_one_gets_it(store: Store) -> None:
    takers = (store.take_lease(order(1, of=f"INC-{n}"), timedelta(0), NOW) for n in range(5))
    answers = await asyncio.gather(*takers, return_exceptions=True)
    assert [type(a) for a in answers].count(type(None)) == 1
    assert sum(isinstance(a, PolicyDenied) for a in answers) == 4


async def test_orders_pauses_notes_and_postmortems(store: Store) -> None:
    await store.save_order(OrderRecord(order=order()))
    await store.change_order("INC-1/1", state="running")
    assert [r.state for r in await store.orders(incident="INC-1")] == ["running"]
    await store.pause("practice", "ana", "deploy day")
    assert (await store.pauses())["practice"].by == "ana"
    await store.resume("practice", "ana")
    assert await store.pauses() == {}
    assert await store.put_once("slack", "event", "1")
    assert not await store.put_once("slack", "event", "2")
    assert await store.get("slack", "event") == "1"
    await store.save_postmortem("INC-1", "The pool of orders ran dry")
    assert await store.search_postmortems("pool dry") == [("INC-1", "The pool of orders ran dry")]
    assert await store.search_postmortems("100%") == []


async def test_two_processes_may_open_it_at_once(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'new' / 'chimera.db'}"
    stores = await asyncio.gather(*(Store.open(url) for _ in range(4)))
    await asyncio.gather(*(store.close() for store in stores))


async def test_an_unknown_database_is_a_clear_error() -> None:
    with pytest.raises(Misconfigured, match="postgresql\\+asyncpg"):
        await Store.open("oracle://scott:tiger@x/y")
