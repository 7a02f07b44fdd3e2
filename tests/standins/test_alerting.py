"""Votes and silences by button, priorities in the head and on the ticket, against the stand-ins."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chimera.bots.inbound import Asked
from chimera.bots.servicenow import ServiceNowChannel
from chimera.bots.slack import SlackChannel
from chimera.domain import FaultKind, NotAllowed, Notice, Order, Principal, Sway, Veto
from tests.clock import just_now
from tests.standins.serving import MemoryNotes, StandIns, standins
from tests.standins.test_slack_inbound import ALICE, answers, office


class Desk:
    """Keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    async def feedback(self, subject: str, useful: bool, who: Principal) -> Sway:
        if "operator" not in who.roles:
            raise NotAllowed(f"{who.id} may not vote")
        self.asked.append((subject, useful, who.id))
        return Sway(signal="cpu", service="web", useful=0, not_useful=1, decades=0.5)

    async def veto(self, incident: str, who: Principal, target: str = "", note: str = "") -> Veto:
        if "operator" not in who.roles:
            raise NotAllowed(f"{who.id} may not veto")
        self.asked.append((incident, target, who.id))
        return Veto(
            incident=incident, target=target, kind=FaultKind.RELEASE, person=who.id, at=just_now()
        )

    async def silence_incident(self, incident: str, lasts: float, who: Principal) -> Order:
        self.asked.append((incident, lasts, who.id))
        return Order(
            id="MAN-1/1",
            incident="MAN-1",
            attempt=1,
            runbook="silence",
            parameters={},
            target="alerts of signal=cpu service=web",
            reason="",
            requested_by=who.id,
            created=just_now(),
            expires=just_now() + timedelta(hours=1),
        )

    async def answer(self, *_: Any) -> None: ...

    async def pause(self, *_: Any) -> None: ...

    async def resume(self, *_: Any) -> None: ...

    async def status(self) -> dict[str, Any]:
        return {
            "paused": [],
            "waiting_orders": [],
            "hushed": ["silenced until noon by bob"],
            "open_incidents": [
                {
                    "id": "INC-1",
                    "priority": "P2",
                    "phase": "open",
                    "title": "slow",
                    "marks": ["flapping: cpu"],
                }
            ],
        }


def opened(**changes: Any) -> Notice:
    fields: dict[str, Any] = {
        "id": "INC-1-1-opened",
        "incident": "INC-1",
        "kind": "opened",
        "title": "web: slow",
        "text": "Symptoms in web",
        "priority": "P2",
        "impact": "P2: web is tier 1; users feel it",
        "marks": ("change freeze until Monday",),
        "signal": "latency",
        "service": "web",
        "cause": "pay",
        "at": just_now(),
        **changes,
    }
    return Notice.model_validate(fields)


@pytest.mark.parametrize(
    ("action", "roles", "said", "asked"),
    [
        ("chimera_useful", ("operator",), "was useful", [("INC-1", True, "ann")]),
        ("chimera_not_useful", ("operator",), "+0.5 decades", [("INC-1", False, "ann")]),
        ("chimera_not_useful", (), "ann may not vote", []),
        (
            "chimera_silence",
            ("operator",),
            "signal=cpu service=web for 1 h",
            [("INC-1", 3600, "ann")],
        ),
        ("chimera_not_the_cause", ("operator",), "not release of pay", [("INC-1", "pay", "ann")]),
        ("chimera_not_the_cause", (), "ann may not veto", []),
    ],
)
async def test_the_head_of_an_incident_takes_an_opinion(
    tmp_path: Path,
    action: str,
    roles: tuple[str, ...],
    said: str,
    asked: list[tuple[Any, ...]],
) -> None:
    desk, notes = Desk(), MemoryNotes()
    inbound = Asked(desk, lambda team, user: Principal(id="ann", roles=roles))
    async with office(tmp_path, inbound, notes) as served:  # type: ignore[arg-type]
        section = served.settings().slack
        assert section
        slack = SlackChannel(section, notes)
        await slack.send(opened())
        message = (await served.ledger("slack", "posted"))[-1]["body"]["message"]
        assert "P2: web is tier 1; users feel it" in str(message["blocks"])
        assert "change freeze until Monday" in str(message["blocks"])
        press = {"user": ALICE, "ts": str(message["ts"]), "action_id": action}
        await served.post("/slack/press", **press, deliveries=2)
        assert said in (await answers(served, 1))[0]
        await served.post("/slack/command", user=ALICE, text="status")
        status = (await answers(served, 2))[1]
        assert "Held back: silenced until noon" in status
        assert "INC-1 P2 (open): slow\n    flapping: cpu" in status
        assert desk.asked == asked
        # An order's own notice knows no priority; the head keeps what it had.
        await slack.send(
            opened(id="2", kind="resolved", signal="", cause="", priority="", impact="", marks=())
        )
        edited = str((await served.ledger("slack", "updated"))[-1]["body"])
        assert "tier 1" in edited
        assert "Silence 1 h" not in edited
        assert "Not useful" in edited
        assert "Not pay" in edited


async def test_the_ticket_has_the_incidents_priority_and_follows_it(tmp_path: Path) -> None:
    async with standins(tmp_path) as served:
        section = served.settings().servicenow
        assert section
        channel = ServiceNowChannel(section, MemoryNotes())
        for priority, weight in (("P2", ("1", "2")), ("P1", ("1", "1")), ("P4", ("2", "3"))):
            await channel.send(opened(id=f"n-{priority}", priority=priority, kind="update"))
            found = await ticket(served)
            assert (found["urgency"], found["impact"]) == weight
        assert found["priority"] == "4"


async def ticket(served: StandIns) -> dict[str, str]:
    """The only incident, as ServiceNow tells it."""
    section = served.settings().servicenow
    assert section
    secret = f"{section.user}:{section.password.reveal()}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(secret).decode()}"}
    url = f"{section.url}/api/now/table/incident"
    async with served.session.get(url, headers=headers) as reply:
        return dict((await reply.json())["result"][0])
