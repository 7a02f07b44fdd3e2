"""What is looked at and said is accounted for: in the audit log, and in the record of the run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chimera.agents.investigator import Investigator
from chimera.domain import Estate, Incident, Node, Principal, Unavailable
from chimera.flows.accounting import keeping
from chimera.flows.conversation import Conversation
from chimera.platform.governance.audit import Entry, digest
from chimera.platform.governance.audit_trail import MOST, Trail
from chimera.platform.store import Store
from chimera.tools.list_incidents import list_incidents
from tests.agents.library import CARDS, NOW, incident, services
from tests.diagnosis.town import Town

ANA = Principal(id="ana", name="Ana", roles=("operator",), via="slack")
SAID = "which incidents are open? my password is hunter2"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'store.db'}")
    await store.save_incident(
        Incident(id="INC-7", title="lending is slow", service="lending", began=NOW, opened=NOW)
    )
    yield store
    await store.close()


def talking(store: Store) -> Conversation:
    parts: dict[type, Any] = {
        Store: store,
        Trail: Trail(store.audit),
        Estate: Estate(nodes=(Node(name="lending"),)),
    }
    return Conversation(parts)


async def test_a_turn_leaves_its_messages_its_calls_and_its_record(store: Store) -> None:
    reply = await talking(store).say("slack/C1", SAID, ANA)
    rows = list(reversed(await store.audited()))
    assert [(row.who, row.behalf, row.action) for row in rows] == [
        ("ana", "", "message.heard"),
        *[("chimera", "ana", "tool.called")] * (len(rows) - 3),
        ("chimera", "ana", "message.answered"),
        ("chimera", "ana", "run.recorded"),
    ]
    assert len(rows) > 3
    assert rows[0].details == {"text": digest(SAID), "via": "slack"}
    assert rows[-2].details["text"] == digest(reply.text)
    assert "hunter2" not in "".join(row.model_dump_json() for row in rows)
    (run,) = await store.runs("slack/C1")
    assert (run.who, run.asked, run.kind) == ("ana", digest(SAID), "turn")
    assert [call.tool for call in run.calls] == [r.object for r in rows if "tool" in r.action]
    assert [call.answer for call in run.calls] == [
        row.details["answer"] for row in rows if row.action == "tool.called"
    ]
    assert set(run.used) <= {name for call in run.calls for name in call.evidence}


async def test_a_message_that_is_delivered_again_is_in_the_log_once(store: Store) -> None:
    for _ in range(2):  # without a checkpointer it is answered again
        await talking(store).turn("slack/C1", "help", ANA, mark="m1")
    actions = [row.action for row in await store.audited(action="message")]
    assert sorted(actions) == ["message.answered", "message.heard"]


async def test_an_investigation_leaves_its_plans_and_what_it_left_aside(store: Store) -> None:
    town = Town().slow("shelves", 0.6).change("shelves", "release", 12)
    trail = Trail(store.audit)
    investigator = Investigator(
        {**services(town), Store: store, Trail: trail}, CARDS, record=keeping(store, trail)
    )
    shown = incident("desk")
    said = await investigator.investigate(shown, now=NOW)
    (run,) = await store.runs(shown.id)
    assert len(run.plans) >= 2
    assert [tool for tools in run.plans for tool in tools] == [call.tool for call in run.calls]
    assert said.best is not None
    assert {piece.id for piece in said.best.evidence} <= set(run.used)
    assert set(run.used).isdisjoint(run.ignored)
    assert str(said.best.target) in run.decision
    called = await store.audited(action="tool.called", limit=1000)
    assert len(called) == len(run.calls)
    assert (await store.verify_audit()).broken is None


async def test_looks_are_refused_once_the_log_cannot_be_written(store: Store) -> None:
    async def down(*entries: Entry) -> None:
        raise Unavailable("the database", "answer")

    trail = Trail(down)
    tool = list_incidents.bind({Store: store, Trail: trail, Principal: ANA})
    assert tool is not None
    assert (await tool({})).trouble is None
    for _ in range(MOST):
        with_trouble = await tool({})
    assert with_trouble.trouble is not None
    assert "audit log" in with_trouble.trouble.message


async def test_what_is_said_in_an_incidents_thread_is_in_its_timeline_once(store: Store) -> None:
    for _ in range(2):  # as it may be delivered
        await talking(store).said("INC-7", f"I restart it\n{SAID}", ANA, "slack-1")
    await talking(store).said("INC-9", "who is here?", ANA, "slack-2")
    (line,) = await store.events("INC-7")
    assert (line.actor, line.phase) == ("ana", "open")
    assert line.text.startswith("said: I restart it which incidents are open?")
    assert "hunter2" not in line.text
    assert await store.events("INC-9") == []
