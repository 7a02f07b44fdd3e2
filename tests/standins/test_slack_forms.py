"""Home tabs and modals, pressed, filled in and sent by people: real Bolt against the stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from chimera.bots.ordering import Ordering
from chimera.bots.slack_api import SlackApi
from chimera.bots.slack_home import Home
from chimera.domain import NotAllowed
from chimera.platform.governance.outbound import Outbound
from chimera.platform.identity.people import People, Person
from tests.standins.company import ESTATE, PLAN, Affairs, Desk
from tests.standins.serving import SECRETS, MemoryNotes, StandIns, standins
from tests.standins.test_slack_inbound import ALICE, answers, asked_for_approval
from tests.standins.test_slack_socket import connected, until

BOB, GUEST = "U0BOB00001", "U0GUEST001"
TEAM = SECRETS.slack_team
PEOPLE = People(
    (
        Person(id="alice", roles=("operator", "approver"), slack=(f"{TEAM}/{ALICE}",)),
        Person(id="bob", roles=("viewer",), slack=(f"{TEAM}/{BOB}",)),
    )
)


@asynccontextmanager
async def people(
    folder: Path, office: Affairs, desk: Desk, **more: Any
) -> AsyncIterator[tuple[StandIns, MemoryNotes]]:
    notes = MemoryNotes()
    async with standins(folder, **more) as served:
        section = served.settings().slack
        assert section
        home = Home(SlackApi(section), office, office, PEOPLE.by_slack, Outbound())
        ordering = Ordering(office, PEOPLE.by_slack, ESTATE)
        async with connected(served, desk, notes, home=home, ordering=ordering):
            await until(served, lambda s: s["connections"] == 1)
            yield served, notes


async def view(served: StandIns, kind: str, user: str, having: str = "") -> dict[str, Any]:
    """What a person sees, once it says `having`."""
    async with asyncio.timeout(60):
        while True:
            async with served.session.get(f"{served.url}/slack/view/{kind}/{user}") as reply:
                found: dict[str, Any] | None = await reply.json()
            if found is not None and having in str(found["blocks"]):
                return found


async def submit(served: StandIns, user: str, **values: str) -> dict[str, Any]:
    status, became = await served.post("/slack/submit", user=user, values=values)
    assert status == 200, became
    return dict(became)


async def test_the_home_tab_shows_what_is_open_and_waits_to_those_who_are_known(
    tmp_path: Path,
) -> None:
    desk = Desk()
    async with people(tmp_path, Affairs(waiting=30, incidents=40), desk) as (served, _):
        for user in (ALICE, BOB, GUEST):
            await served.post("/slack/home", user=user)
        alice = str((await view(served, "home", ALICE))["blocks"])
        assert "Open incidents: 40" in alice
        assert "and 28 more" in alice
        assert "Restarts every replica of fees" in alice
        assert "https://evil.example" not in alice
        assert "<!channel>" not in alice
        bob = str((await view(served, "home", BOB))["blocks"])
        assert "Waiting for approval: 30" in bob
        assert "chimera_approve" not in bob
        assert "chimera_run" not in bob
        guest = str((await view(served, "home", GUEST))["blocks"])
        assert "I do not know you" in guest
        assert "INC-" not in guest
        page = await served.page("slack")
        assert "Home tab of alice" in page
        press = {"user": ALICE, "ts": "home"}
        await served.post("/slack/press", **press, action_id="chimera_pause")
        await view(served, "home", ALICE, "*paused*")
        plan = (await Affairs().order("MAN-0/1")).plan
        assert plan
        await served.post("/slack/press", **press, action_id="chimera_approve")
        await view(served, "home", ALICE, "thank you")
        await served.post("/slack/press", **press, action_id="chimera_deny")
        drawn = (await view(served, "home", ALICE))["id"]
        await submit(served, ALICE, reason="not while the sale is on")
        assert (await view(served, "home", ALICE))["id"] != drawn, "what was denied waits no more"
        assert desk.asked == [
            ("pause", None, TEAM, ALICE),
            ("MAN-0/1", plan.hash, True, TEAM, ALICE),
            ("MAN-0/1", plan.hash, False, TEAM, ALICE),
        ]


async def test_deny_asks_for_the_reason_and_denies_once(tmp_path: Path) -> None:
    desk = Desk()
    async with people(tmp_path, Affairs(), desk) as (served, notes):
        ts = await asked_for_approval(served, notes)
        await served.post("/slack/press", user=ALICE, ts=ts, action_id="chimera_deny", deliveries=3)
        assert "INC-1/1" in str(await view(served, "modal", ALICE))
        assert desk.asked == []
        became = await submit(served, ALICE, reason="   ")
        assert became["errors"] == {"reason": "Say why, in a few words."}
        desk.refusal = NotAllowed("alice may not approve; ask an approver")
        became = await submit(served, ALICE, reason="the deploy is still running")
        assert became["errors"] == {"reason": "alice may not approve; ask an approver"}
        desk.refusal = None
        _, became = await served.post(
            "/slack/submit",
            user=ALICE, values={"reason": "the deploy is still running"}, deliveries=3,
        )  # fmt: skip
        assert became["became"] == "updated"
        assert desk.asked == [("INC-1/1", PLAN, False, TEAM, ALICE)] * 2
        assert "thank you" in str(await view(served, "modal", ALICE))
        page = await served.page("slack")
        assert "Denied by" in page
        assert "the deploy is still running" in page


async def test_a_form_that_slack_does_not_open_any_more_is_said(tmp_path: Path) -> None:
    desk = Desk()
    async with people(tmp_path, Affairs(), desk, trigger_life=0.0) as (served, notes):
        ts = await asked_for_approval(served, notes)
        await served.post("/slack/press", user=ALICE, ts=ts, action_id="chimera_deny")
        (said,) = await answers(served, 1)
        assert "expired_trigger_id" in said
        assert "press again" in said
        assert desk.asked == []


async def test_an_answer_that_takes_long_is_told_by_message(tmp_path: Path) -> None:
    desk = Desk()
    async with people(tmp_path, Affairs(), desk) as (served, notes):
        ts = await asked_for_approval(served, notes)
        await served.post("/slack/press", user=ALICE, ts=ts, action_id="chimera_deny")
        await view(served, "modal", ALICE)
        desk.gate.clear()
        assert (await submit(served, ALICE, reason="not now"))["became"] == "updated"
        assert "under way" in str(await view(served, "modal", ALICE))
        desk.gate.set()
        async with asyncio.timeout(60):
            while not (told := [m for m in await direct(served) if "thank you" in m["text"]]):
                pass
        assert len(told) == 1


async def direct(served: StandIns) -> list[dict[str, Any]]:
    """What Alice was written to alone."""
    lines = await served.ledger("slack", "posted")
    return [one["body"]["message"] for one in lines if one["body"]["channel"] == "D0ALICE001"]


async def test_a_runbook_is_run_by_form_its_plan_shown_first(tmp_path: Path) -> None:
    office = Affairs()
    async with people(tmp_path, office, Desk()) as (served, _):
        await served.post("/slack/home", user=ALICE)
        await view(served, "home", ALICE, "chimera_run")
        await served.post("/slack/press", user=ALICE, ts="home", action_id="chimera_run")
        await view(served, "modal", ALICE, "Which one?")
        assert (await submit(served, ALICE, runbook="scale_service"))["became"] == "updated"
        form = str(await view(served, "modal", ALICE))
        assert "how many there shall be" in form
        assert "'value': 'fees'" in form, "where it may run is chosen"
        filled = {"service": "fees", "replicas": "many", "reason": "black friday"}
        became = await submit(served, ALICE, **filled)
        assert became["errors"] == {"replicas": "A whole number, for example 2."}
        assert "replicas: A whole number" in await served.page("slack")
        became = await submit(served, ALICE, **filled | {"replicas": "101"})
        assert became["errors"] == {"replicas": "At most 100."}
        assert (await submit(served, ALICE, **filled | {"replicas": "3"}))["became"] == "updated"
        plan = str(await view(served, "modal", ALICE))
        assert "Felt by: orders" in plan
        assert office.placed == [], "the plan is shown first"
        _, became = await served.post("/slack/submit", user=ALICE, values={}, deliveries=3)
        assert [r["status"] for r in became["replies"]] == [200] * 3
        assert "Order MAN-0/1 is placed" in str(await view(served, "modal", ALICE))
        (order,) = office.placed
        assert order.parameters == {"service": "fees", "replicas": "3"}
        assert (order.target, order.requested_by, order.reason) == ("fees", "alice", "black friday")


@pytest.mark.parametrize(("user", "why"), [(BOB, "role operator"), (GUEST, "role operator")])
async def test_who_may_not_run_a_runbook_gets_no_form(tmp_path: Path, user: str, why: str) -> None:
    office = Affairs()
    async with people(tmp_path, office, Desk()) as (served, _):
        await served.post("/slack/command", user=user, text="run restart_service")
        assert why in (await answers(served, 1))[0]
        await served.post("/slack/command", user=ALICE, text="run nonsense")
        assert "nonsense" in (await answers(served, 2))[1]
        assert await served.ledger("slack", "view") == []
