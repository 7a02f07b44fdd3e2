"""Buttons and commands: from the stand-in's signed payload, through HTTP, to the handler."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.routing import Route

from chimera.bots.slack import SlackChannel
from chimera.bots.slack_app import slack_app
from chimera.bots.slack_endpoint import slack_endpoint
from chimera.domain import NotAllowed
from chimera.sandbox.standins.interactions import signature
from tests.standins.company import PLAN, Desk, Port, approval
from tests.standins.serving import SECRETS, MemoryNotes, StandIns, standins

ALICE = "U0ALICE001"


@asynccontextmanager
async def office(folder: Path, desk: Desk, notes: MemoryNotes) -> AsyncIterator[StandIns]:
    """The stand-in, and Chimera's /slack/events on a port of its own."""
    port = Port()
    async with standins(folder, f"{port.url}/slack/events") as running:
        section = running.settings().slack
        assert section
        endpoint = slack_endpoint(slack_app(section, desk, notes))  # type: ignore[arg-type]
        async with port.serving(Route("/slack/events", endpoint.handle, methods=["POST"])):
            yield running


async def asked_for_approval(served: StandIns, notes: MemoryNotes) -> str:
    """Send an approval; the ts of its message."""
    section = served.settings().slack
    assert section
    await SlackChannel(section, notes).send(approval())
    return str((await served.ledger("slack", "posted"))[-1]["body"]["message"]["ts"])


async def answers(served: StandIns, count: int) -> list[str]:
    """What people were told, as soon as there are so many answers."""
    async with asyncio.timeout(60):
        lines: list[dict[str, Any]] = []
        while len(lines) < count:
            lines = await served.ledger("slack", "response")
    return [line["body"]["answer"]["text"] for line in lines]


async def test_a_press_reaches_the_handler_once_though_slack_delivers_it_three_times(
    tmp_path: Path,
) -> None:
    action = "chimera_approve"
    desk, notes = Desk(), MemoryNotes()
    async with office(tmp_path, desk, notes) as served:
        ts = await asked_for_approval(served, notes)
        status, reply = await served.post(
            "/slack/press", user=ALICE, ts=ts, action_id=action, deliveries=3
        )
        assert (status, [r["status"] for r in reply["replies"]]) == (200, [200, 200, 200])
        assert await answers(served, 1) == ["thank you &lt;alice&gt;"]
        # A later command is answered after the repeated presses were looked at.
        await served.post("/slack/command", user=ALICE, text="status")
        assert await answers(served, 2) == ["thank you &lt;alice&gt;", "all is well"]
        status, said = await served.post("/slack/press", user=ALICE, ts=ts, action_id=action)
        assert (status, said) == (409, "the message has no such button (any more)")
        assert "Approved by" in await served.page("slack")
        assert desk.asked == [
            ("INC-1/1", PLAN, True, SECRETS.slack_team, ALICE),
            ("status", SECRETS.slack_team, ALICE),
        ]


async def test_a_press_is_acknowledged_before_the_work_is_done(tmp_path: Path) -> None:
    desk, notes = Desk(), MemoryNotes()
    desk.gate.clear()
    async with office(tmp_path, desk, notes) as served:
        ts = await asked_for_approval(served, notes)
        _, reply = await served.post("/slack/press", user=ALICE, ts=ts, action_id="chimera_approve")
        assert reply["status"] == 200
        assert await served.ledger("slack", "response") == []
        desk.gate.set()
        await answers(served, 1)


async def test_who_may_not_is_told_why_and_the_buttons_stay(tmp_path: Path) -> None:
    desk, notes = Desk(), MemoryNotes()
    desk.refusal = NotAllowed("guest may not approve; ask an approver")
    async with office(tmp_path, desk, notes) as served:
        ts = await asked_for_approval(served, notes)
        press = {"user": "U0GUEST001", "ts": ts, "action_id": "chimera_approve"}
        await served.post("/slack/press", **press)
        assert await answers(served, 1) == ["guest may not approve; ask an approver"]
        status, _ = await served.post("/slack/press", **press)
        assert status == 200, "another press is another answer"
        await answers(served, 2)
        assert len(desk.asked) == 2


async def test_commands_pause_resume_and_tell(tmp_path: Path) -> None:
    desk = Desk()
    who = (SECRETS.slack_team, ALICE)
    async with office(tmp_path, desk, MemoryNotes()) as served:
        for number, text in enumerate(
            ["pause practice", "pause", "resume practice", "status", "drop tables now"], start=1
        ):
            await served.post("/slack/command", user=ALICE, text=text)
            told = await answers(served, number)
        assert desk.asked == [
            ("pause", "practice", *who),
            ("pause", None, *who),
            ("resume", "practice", *who),
            ("status", *who),
        ]
        assert "/chimera pause" in told[-1]


def payload() -> str:
    """A press as an attacker could write it."""
    action = {
        "type": "button",
        "action_id": "chimera_approve",
        "block_id": "b",
        "value": json.dumps({"order": "INC-1/1", "plan": PLAN}),
    }
    body = {
        "type": "block_actions",
        "trigger_id": "1.2",
        "team": {"id": SECRETS.slack_team},
        "user": {"id": ALICE, "team_id": SECRETS.slack_team},
        "actions": [action],
    }
    return urlencode({"payload": json.dumps(body)})


@pytest.mark.parametrize(
    ("name", "secret", "age", "extra"),
    [
        ("signed with another secret", "another", 0.0, ""),
        ("too old", SECRETS.slack_signing_secret, 600.0, ""),
        ("from the future", SECRETS.slack_signing_secret, -600.0, ""),
        ("altered after signing", SECRETS.slack_signing_secret, 0.0, "&more=1"),
        ("a certificate check in disguise", "another", 0.0, "&ssl_check=1"),
    ],
)
async def test_what_slack_did_not_sign_just_now_never_reaches_the_handler(
    tmp_path: Path, name: str, secret: str, age: float, extra: str
) -> None:
    desk, notes = Desk(), MemoryNotes()
    async with office(tmp_path, desk, notes) as served:
        url = served.slack_events
        assert url
        timestamp = str(int(time.time() - age))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(secret, timestamp, payload()),
        }
        async with served.session.post(url, data=payload() + extra, headers=headers) as reply:
            assert reply.status == 401
        bad = {"X-Slack-Request-Timestamp": "yesterday", "X-Slack-Signature": "v0=0"}
        async with served.session.post(url, data=payload(), headers=headers | bad) as reply:
            assert reply.status == 401
        async with served.session.post(url, data=payload()) as reply:
            assert reply.status == 401
        for body in (b"payload={", b"payload=[]", b"\xff\xfe", b""):
            async with served.session.post(url, data=body, headers=headers) as reply:
                assert reply.status == 401
        assert desk.asked == []
        assert notes.kept == {}
