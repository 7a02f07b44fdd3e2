"""What one incident taught, from its resolution to the next incident that is like it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chimera.agents.investigator import Investigator
from chimera.domain import (
    Diagnosis,
    Incident,
    NotAllowed,
    NotFound,
    Order,
    Outcome,
    Phase,
    Principal,
)
from chimera.domain import SignalKind as K
from chimera.flows.doubting import Doubting
from chimera.flows.incident_telling import facts
from chimera.flows.lesson import Lesson, learn
from chimera.platform.settings import Settings
from chimera.platform.store import OrderRecord
from chimera.platform.store.store import Store
from tests.agents.library import CARDS, NOW, incident, services
from tests.diagnosis.town import Town

OLA = Principal(id="ola", roles=("operator",))
VI = Principal(id="vi", roles=("viewer",))
EARLIER = timedelta(days=2)


class Desk(Doubting):
    def __init__(self, store: Store) -> None:
        self._store = store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    yield store
    await store.close()


def two_changes(seed: int = 0) -> Town:
    """A release and a setting in one minute: the less invasive repair goes first."""
    town = Town(seed).slow("lending", 0.6).change("lending", "release", 12)
    return town.change("lending", "configuration", 30, "limit")


async def look(
    store: Store, town: Town, name: str = "INC-20", settings: Settings | None = None
) -> Diagnosis:
    parts: dict[type, Any] = {**services(town), Store: store}
    if settings:
        parts[Settings] = settings
    investigator = Investigator(parts, CARDS, keep=store.keep_dossier)
    return await investigator.investigate(now_is(name), now=NOW)


def now_is(name: str) -> Incident:
    return incident("desk").model_copy(update={"id": name})


async def lived(store: Store, name: str, runbook: str, status: str = "applied") -> None:
    """An incident that was investigated, repaired by a runbook on lending, and resolved."""
    diagnosis = await look(store, two_changes(7), name)
    finding = next(f for f in diagnosis.findings if f.runbook == runbook)
    over = now_is(name).model_copy(
        update={"diagnosis": diagnosis, "resolved": NOW - EARLIER, "opened": NOW - EARLIER,
                "began": NOW - EARLIER, "phase": Phase.RESOLVED}
    )  # fmt: skip
    await store.save_incident(over)
    order = Order(
        id=f"{name}/1",
        incident=name,
        attempt=1,
        runbook=runbook,
        parameters=finding.parameters,
        target=finding.target or "",
        reason=finding.cause or "",
        requested_by="chimera",
        created=NOW,
        expires=NOW,
    )
    outcome = Outcome.model_validate(
        {"order_id": order.id, "status": status, "reason": "", "at": NOW}
    )
    await store.save_order(OrderRecord(order=order, outcome=outcome, state="done"))
    for _ in range(2):  # twice is once
        await learn(store, Lesson(incident=name))


async def test_what_repaired_the_last_one_goes_first_among_equals(store: Store) -> None:
    before = await look(store, two_changes())
    assert (before.by_turn[0].runbook, before.like) == ("revert_configuration", ())
    await lived(store, "INC-12", "roll_back_release")
    said = await look(store, two_changes())
    assert said.best is not None
    assert said.best.runbook == said.by_turn[0].runbook == "roll_back_release"
    assert said.like == ("like INC-12, which roll_back_release on lending repaired",)
    assert "This is like INC-12, which roll_back_release on lending repaired." in said.summary
    assert facts(said)["Like"] == said.like[0]
    assert {f.confidence for f in said.findings} == {f.confidence for f in before.findings}
    cited = [e for e in said.best.evidence if e.tool == "like_incidents"]
    assert [e.query for e in cited] == ["incident INC-12"]
    assert all(e.untrusted for e in cited)  # never the only grounds for a change


async def test_it_does_not_outvote_what_was_measured(store: Store) -> None:
    await lived(store, "INC-12", "roll_back_release")
    clear = Town(1).slow("lending", 0.6).change("lending", "configuration", 30, "limit")
    clear.change("lending", "release", 200)
    said = await look(store, clear)
    assert said.best is not None
    assert said.best.runbook == "revert_configuration"


async def test_only_a_proved_repair_is_remembered_as_one(store: Store) -> None:
    await lived(store, "INC-12", "roll_back_release", status="rolled_back")
    (memory,) = await store.memories()
    assert memory.mended == ()
    said = await look(store, two_changes())
    assert (said.by_turn[0].runbook, said.like) == ("revert_configuration", ())


async def test_another_trouble_is_not_like_it(store: Store) -> None:
    await lived(store, "INC-12", "roll_back_release")
    hot = Town(1).paint("shelves", K.CPU, 0.9).slow("shelves", 0.3)
    said = await look(store, hot)
    assert said.like == ()


async def test_a_veto_needs_a_role_and_counts_from_the_next_incident_on(store: Store) -> None:
    await lived(store, "INC-12", "roll_back_release")
    desk = Desk(store)
    with pytest.raises(NotAllowed, match="operator or approver"):
        await desk.veto("INC-12", VI)
    with pytest.raises(NotFound, match="does not blame 'nobody'"):
        await desk.veto("INC-12", OLA, "nobody")
    found = await store.incident("INC-12")
    assert found.diagnosis is not None
    blamed = next(f for f in found.diagnosis.findings if f.runbook == "roll_back_release")
    first = found.diagnosis.model_copy(update={"findings": (blamed,)})
    await store.change_incident("INC-12", diagnosis=first)
    veto = await desk.veto("INC-12", OLA, note="the network was")
    assert (veto.target, veto.kind.value, veto.person) == ("lending", "release", "ola")
    assert "ola says that it was not release of lending" in (await store.events("INC-12"))[-1].text

    parts = {**services(two_changes()), Store: store}
    investigator = Investigator(parts, CARDS)
    earlier, later = (
        now_is(name).model_copy(update={"opened": veto.at + timedelta(seconds=seconds)})
        for name, seconds in (("INC-21", -1), ("INC-22", 1))
    )
    now = await investigator.investigate(earlier, now=NOW)
    assert now.like == ("like INC-12, which roll_back_release on lending repaired",)
    said = await investigator.investigate(later, now=NOW)
    assert said.best is not None
    assert said.best.runbook == "revert_configuration"
    assert said.like == ("like INC-12, of which ola says that it was not release of lending",)
    against = next(f for f in said.findings if f.runbook == "roll_back_release").counter
    assert "INC-12" in " ".join(e.claim for e in against)

    await desk.unveto("INC-12", OLA)
    with pytest.raises(NotFound):
        await desk.unveto("INC-12", OLA)


async def test_memory_can_be_switched_off_and_emptied(store: Store) -> None:
    await lived(store, "INC-12", "roll_back_release")
    off = Settings.model_validate({"memory": {"weighs": False}})
    assert (await look(store, two_changes(), settings=off)).like == ()
    assert (await look(store, two_changes())).like
    await store.forget_limits()
    assert await store.memories() == []
    assert (await look(store, two_changes())).like == ()


async def test_the_dossier_holds_cause_and_symptom_on_one_axis(store: Store) -> None:
    await look(store, two_changes(), "INC-12")
    dossier = await store.dossier("INC-12")
    assert dossier is not None
    assert {e.role for e in dossier.exhibits} >= {"cause"}
    assert len({(e.start, e.step, len(e.values)) for e in dossier.exhibits}) == 1
    assert dossier.signs
    assert {c.kind for c in dossier.changes} == {"release", "configuration"}
    again = Town(3).paint("shelves", K.CPU, 0.9).slow("shelves", 0.3)
    await look(store, again, "INC-12")
    later = await store.dossier("INC-12")
    assert later is not None
    assert later.signs == dossier.signs  # how it showed at first is what it is known by
    assert {s.target for s in later.suspected} == {"lending", "shelves"}
    await look(store, Town(0), "INC-12")  # a look that names nobody leaves it as it is
    assert await store.dossier("INC-12") == later
