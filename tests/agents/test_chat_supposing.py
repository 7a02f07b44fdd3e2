"""A cause that a question brings along is read with its effect, and held against what is known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chimera.agents.supervisor import Supervisor
from chimera.agents.understanding.moments import moments_in
from chimera.agents.understanding.supposing import Supposition, supposition_in
from chimera.bench.evaluation.door import WrittenDoor
from chimera.domain import (
    Diagnosis,
    Estate,
    Event,
    Evidence,
    FaultKind,
    Finding,
    Incident,
    Node,
    Order,
    Outcome,
    Phase,
    Principal,
    Severity,
)
from chimera.flows.conversation import Conversation
from chimera.platform.catalog.shelf import Shelf
from chimera.platform.store import OrderRecord, Store
from chimera.runbooks.built import build_runbooks
from tests.agents.test_chat_reading import KNOWN

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
ANA = Principal(id="ana", name="Ana", roles=("operator", "approver"))
ESTATE = Estate(
    environment="production",
    nodes=(
        Node(name="counter", calls=("lending", "mail")),
        Node(name="lending", calls=("fees",)),
        Node(name="fees"),
        Node(name="mail"),
        Node(name="loans", kind="dataset"),
        Node(name="nightly", kind="step", writes=("loans",)),
    ),
)
RUNBOOKS = build_runbooks(None, None, None)  # type: ignore[arg-type]  # only their plans are made


def supposed(text: str) -> Supposition | None:
    return supposition_in(text, KNOWN, Supervisor().intents.vocabulary)


@pytest.mark.parametrize(
    ("text", "cause", "effect"),
    [
        ("the new card-desk release took lending down, right?", "the new card-desk release", "lending"),
        ("did card-desk break lending?", "card-desk", "lending"),
        ("is lending slow because of card-desk?", "card-desk", "lending slow"),
        ("could the deploy of card-desk be why lending hangs?", "the deploy of card-desk", "lending hangs"),
        ("is card-desk to blame for the trouble of lending?", "card-desk", "the trouble of lending"),
        ("why is lending late? is it card-desk again?", "card-desk", "why is lending late"),
        ("somebody cut the pool, that must be what kills lending, no?", "somebody cut the pool", "lending"),
        ("lending is down since the card-desk deploy, isn't it?", "the card-desk deploy", "lending is down"),
        ("did the relase of card-desk brake lending?", "", ""),
        ("did the relase of card-desk break lending?", "the release of card-desk", "lending"),
        ("it was the config, wasn't it?", "the config", ""),
        ("was INC-3 a bad release?", "a bad release", "INC-3"),
    ],
)  # fmt: skip
def test_a_cause_and_its_effect_are_read(text: str, cause: str, effect: str) -> None:
    found = supposed(text)
    assert (found.cause, found.effect) == (cause, effect) if found else not cause


@pytest.mark.parametrize(
    "text",
    [
        "what broke lending?",
        "who is to blame for INC-3?",
        "why is lending slow?",
        "is lending down?",
        "is it fixed?",
        "what breaks if lending goes down?",
        "would a restart of lending break card-desk?",
        "show p99 of lending since the card-desk release",
        "is lending healthy since the release?",
    ],
)
def test_what_supposes_nothing_is_no_supposition(text: str) -> None:
    assert supposed(text) is None


@pytest.mark.parametrize(
    "text", ["did the deploy do any harm?", "any side effects of the release?"]
)
def test_harm_may_be_asked_about_without_an_effect(text: str) -> None:
    found = supposed(text)
    assert found is not None
    assert found.harm


@pytest.mark.parametrize(
    ("text", "earlier", "later"),
    [
        ("latency of lending now vs one hour ago", timedelta(hours=1), timedelta()),
        ("errors two hours ago and now", timedelta(hours=2), timedelta()),
        ("errors at 14:30 vs 15:00", timedelta(hours=1), timedelta(minutes=30)),
        ("traffic in the last 10 minutes versus the 10 minutes before", timedelta(minutes=20), timedelta(minutes=10)),
    ],
)  # fmt: skip
def test_two_moments_are_found_the_earlier_first(
    text: str, earlier: timedelta, later: timedelta
) -> None:
    found = moments_in(text, NOW)
    assert found is not None
    first, second = found
    assert first.since is not None
    assert second.since is not None
    assert abs(first.since - (NOW - earlier)) <= timedelta(minutes=3)
    assert abs(second.since - (NOW - later)) <= timedelta(minutes=5)


def test_one_moment_is_no_comparison() -> None:
    assert moments_in("errors of lending and fees in the last hour", NOW) is None


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Conversation]:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    for one in (incident("INC-7", "lending is slow", "lending", "fees"), over()):
        await store.save_incident(one)
    unknown = incident("INC-8", "loans are late", "nightly", "", services=("nightly", "loans"))
    await store.save_incident(unknown)
    await store.add_event(
        Event(incident="INC-7", key="e", at=NOW, phase=Phase.OPEN, text="votes: real", actor="ben")
    )
    await store.save_order(done("INC-5/1", "ben"))
    shelf = Shelf(one.card for one in RUNBOOKS.values())
    services: dict[type, Any] = {Store: store, Estate: ESTATE, Shelf: shelf}
    yield Conversation(services, WrittenDoor(RUNBOOKS, ESTATE, NOW))
    await store.close()


def incident(
    name: str, title: str, service: str, blamed: str, services: tuple[str, ...] = ()
) -> Incident:
    cited = Evidence(
        id="e", tool="compare_metrics", claim=f"the pool of {blamed} is full", query="q"
    )
    cause = Finding(
        cause=f"the pool of {blamed} ran dry", target=blamed, kind=FaultKind.POOL,
        confidence=0.9, evidence=(cited,),
    )  # fmt: skip
    found = Diagnosis(findings=(cause,) if blamed else (), summary="no signal tells why")
    return Incident(
        id=name, title=title, service=service, services=services or (service,), diagnosis=found,
        severity=Severity.PAGE, began=NOW - timedelta(hours=1), opened=NOW - timedelta(hours=1),
    )  # fmt: skip


def over() -> Incident:
    before = incident("INC-5", "mail was stuck", "mail", "mail")
    return before.model_copy(
        update={"phase": Phase.RESOLVED, "resolved": NOW, "orders": ("INC-5/1",)}
    )


def done(name: str, by: str) -> OrderRecord:
    order = Order(
        id=name, incident="INC-5", attempt=1, runbook="restart_service", target="mail",
        parameters={"service": "mail"}, reason="it hangs", requested_by="chimera", created=NOW,
        expires=NOW + timedelta(hours=1),
    )  # fmt: skip
    outcome = Outcome(order_id=name, status="applied", at=NOW, approved_by=by)
    return OrderRecord(order=order, state="done", outcome=outcome)


@pytest.mark.parametrize(
    ("text", "verdict", "facts"),
    [
        ("is lending slow because of fees?", "Yes:", ("INC-7", "pool of fees")),
        ("is it the pool of fees that slows lending down?", "Yes:", ("INC-7",)),
        ("did mail break lending?", "No:", ("pool of fees", "No way leads from mail to lending")),
        ("is counter to blame for lending?", "No:", ("counter stands on lending",)),
        ("is fees' memory what makes lending slow?", "No:", ("pool of fees",)),
        ("are loans late because nightly hangs?", "I do not know:", ("INC-8", "no cause")),
        ("was mail stuck because of fees?", "No:", ("INC-5", "pool of mail")),
        ("was the trouble of mail the fault of mail?", "Yes:", ("INC-5",)),
    ],
)
async def test_the_answer_begins_with_a_verdict(
    talk: Conversation, text: str, verdict: str, facts: tuple[str, ...]
) -> None:
    reply = await talk.say("t", text, ANA, NOW)
    assert reply.text.startswith(verdict), reply.text
    assert all(fact in reply.text for fact in facts), reply.text


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("resume production", "Production is not paused"),
        ("lift SIL-00000000", "does not hold"),
        ("resolve INC-5", "resolved already"),
        ("approve INC-5/1", "was applied"),
        ("approve the restart of mail", "The last one: INC-5/1"),
    ],
)
async def test_what_is_so_already_is_said_and_not_asked_for(
    talk: Conversation, text: str, fact: str
) -> None:
    reply = await talk.say("t", text, ANA, NOW)
    assert reply.kind == "refused"
    assert fact in reply.text


async def test_a_timeline_tells_what_people_said_and_did(talk: Conversation) -> None:
    reply = await talk.say("t", "what did people say in INC-7?", ANA, NOW)
    assert [row[1:] for row in reply.tables[0].rows] == [("ben", "votes: real")]
    whole = await talk.say("t", "timeline of INC-5", ANA, NOW)
    assert {"ben", "chimera"} == {row[1] for row in whole.tables[0].rows}
